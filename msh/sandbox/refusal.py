"""What msh says when something is outside the grants: the path, who wanted it, and the flag that would grant it."""

from __future__ import annotations

from msh.diagnostics import Diagnostic, MshError
from msh.record import Record

WANTS = {"read": "read", "list": "list", "write": "write", "entries": "change names in"}


class Denial(Record):
    """What no flag grants: a path with all below it, altogether or only changes to it; `words` say why."""

    path: str
    altogether: bool
    words: str

    def covers(self, kind: str, path: str) -> bool:
        """Whether it is why this is refused."""
        inside = path == self.path or path.startswith(f"{self.path.rstrip('/')}/")
        return inside and (self.altogether or kind in ("write", "entries"))


def refused(step: str, path: str, kind: str, target: str, link: str = "", denials: tuple[Denial, ...] = ()) -> MshError:
    """MSH401. `step` is the command's name, empty for the script's own redirections and tests.

    `target` is where the path leads in the run's tree, `link` the symbolic link that led out of the grants, if one did.
    `denials` are not to be granted.
    """
    who = f"`{step}` may not" if step else "the script may not"
    message = f"{who} {WANTS[kind]} `{shown(path)}`"
    if link:
        message += f", which the symbolic link `{shown(link)}` leads to `{shown(target)}`"
    flag = "--allow-read" if kind in ("read", "list") else "--allow-write"
    help_ = f"`{flag} {quoted(target)}` would grant it"
    for denial in denials:
        if denial.covers(kind, target):
            help_ = denial.words
    return MshError(Diagnostic("MSH401", message, help=help_))


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
