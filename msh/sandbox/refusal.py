"""What msh says when something is outside the grants: the path, who wanted it, and the flag that would grant it."""

from __future__ import annotations

from msh.diagnostics import Diagnostic, MshError

WANTS = {"read": "read", "list": "list", "write": "write", "entries": "change names in"}


def refused(step: str, path: str, kind: str, target: str, link: str = "") -> MshError:
    """MSH401. `step` is the command's name, empty for the script's own redirections and tests.

    `target` is where the path leads in the run's tree, `link` the symbolic link that led out of the grants, if one did.
    """
    who = f"`{step}` may not" if step else "the script may not"
    message = f"{who} {WANTS[kind]} `{shown(path)}`"
    if link:
        message += f", which the symbolic link `{shown(link)}` leads to `{shown(target)}`"
    flag = "--allow-read" if kind in ("read", "list") else "--allow-write"
    return MshError(Diagnostic("MSH401", message, help=f"`{flag} {quoted(target)}` would grant it"))


def not_a_file(step: str, path: str, what: str) -> MshError:
    """MSH402: a device or a socket."""
    who = f"`{step}` may not" if step else "the script may not"
    message = f"{who} open `{shown(path)}`: it is {what}"
    return MshError(Diagnostic("MSH402", message, help="files, directories and FIFOs can be granted, nothing else"))


def shown(text: str) -> str:
    """A name on one line of a terminal: control characters, line ends and odd bytes escaped."""
    if text.isprintable():
        return text
    return "".join([one if one.isprintable() else _escaped(one) for one in text])


def _escaped(one: str) -> str:
    code = ord(one)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return one.encode("unicode_escape").decode("ascii")


def quoted(path: str) -> str:
    """A path as it can be typed after a flag."""
    text = shown(path)
    if text != path:
        return f"$'{text}'"
    plain = all(one.isalnum() or one in "/._-+,:@%=~" for one in path)
    return path if plain else "'" + path.replace("'", "'\\''") + "'"
