"""Prompt strings: the backslash escapes of PS1 and PS4, then the expansions of double quotes (`${x@P}`)."""

from __future__ import annotations

import os

from msh.expand.texts import compile_parts
from msh.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.expand.environment import Environment

_FIXED = {"a": "\a", "e": "\x1b", "n": "\n", "r": "\r", "\\": "\\", "[": "", "]": "", "#": "1", "!": "1", "j": "0"}
_TIMES = {"d": "%a %b %d", "t": "%H:%M:%S", "T": "%I:%M:%S", "@": "%I:%M %p", "A": "%H:%M"}


def expand_prompt(text: str, environment: Environment) -> str:
    """A prompt as it is shown."""
    from msh.syntax import parse_quoted

    decoded = decode_prompt(text, environment)
    if "$" not in decoded and "`" not in decoded and "\\" not in decoded:
        return decoded
    return compile_parts(parse_quoted(Source("prompt", decoded)), True)(environment)


def decode_prompt(text: str, environment: Environment) -> str:
    """The backslash escapes; those of job and history numbers are as in a new shell."""
    out: list[str] = []
    at = 0
    while at < len(text):
        character = text[at]
        following = text[at + 1 : at + 2]
        if character != "\\" or not following:
            out.append(character)
            at += 1
        elif following in "01234567":
            digits = next(n for n in (3, 2, 1) if text[at + 1 : at + 1 + n].strip("01234567") == "")
            out.append(chr(int(text[at + 1 : at + 1 + digits], 8) & 0x7F))
            at += 1 + digits
        else:
            out.append(_escape(following, environment))
            at += 2
    return "".join(out)


def _escape(letter: str, environment: Environment) -> str:
    if letter in _FIXED:
        return _FIXED[letter]
    if letter in _TIMES:
        import time

        return time.strftime(_TIMES[letter])
    if letter in "wW":
        return _directory(environment, last=letter == "W")
    if letter in "hH":
        host = environment.get("HOSTNAME") or os.uname().nodename
        return host.partition(".")[0] if letter == "h" else host
    if letter == "u":
        return environment.get("USER") or environment.get("LOGNAME") or ""
    if letter == "$":
        return "#" if os.geteuid() == 0 else "$"
    if letter == "s":
        return (environment.special("0") or "").rpartition("/")[2]
    if letter in "vV":
        return (environment.get("BASH_VERSION") or "5.2").rpartition(".")[0]
    return "\\" + letter


def _directory(environment: Environment, *, last: bool) -> str:
    directory = environment.get("PWD") or ""
    home = environment.get("HOME")
    if home and (directory == home or directory.startswith(home.rstrip("/") + "/")):
        directory = "~" + directory[len(home.rstrip("/")) :]
    return (directory.rpartition("/")[2] or directory) if last else directory
