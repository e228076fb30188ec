"""The escapes of `$'…'` (bash's manual, "ANSI-C Quoting")."""

from __future__ import annotations

import re

from msh.source import beyond_unicode

quoted_ansi = re.compile(r"\$'(?:[^'\\]|\\.)*'", re.S).match
_escape = re.compile(
    r"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|x\{([0-9a-fA-F]*)\}?|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|c(\\\\|.)|(.))",
    re.S,
)
_LETTERS = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "E": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    "'": "'",
    '"': '"',
    "?": "?",
}


def decode(text: str) -> str:
    r"""The value of `text`, the inside of `$'…'`. As in bash, everything from a NUL (`\0`) on is lost.

    Bytes given as `\x80` that are not UTF-8 by themselves become surrogate escapes; side by side they may make a
    character.
    """
    if "\\" not in text:
        return text
    data = bytearray()
    done = 0
    for match in _escape.finditer(text):
        data += text[done : match.start()].encode("utf-8", "surrogateescape")
        done = match.end()
        value = _value(match)
        if value == b"\0":
            return data.decode("utf-8", "surrogateescape")
        data += value
    data += text[done:].encode("utf-8", "surrogateescape")
    return data.decode("utf-8", "surrogateescape")


def _value(match: re.Match[str]) -> bytes:
    octal, hexadecimal, braced, small, large, control, other = match.groups()
    if octal:
        return bytes([int(octal, 8) & 0xFF])
    if hexadecimal or braced is not None:
        return bytes([int(hexadecimal or braced or "0", 16) & 0xFF])
    if small or large:
        number = int(small or large, 16)
        return chr(number).encode("utf-8", "surrogatepass") if number < 0x110000 else beyond_unicode(number)
    if control:
        return bytes([0x7F if control == "?" else ord(control[0]) & 0x1F])
    return _LETTERS.get(other, "\\" + other).encode("utf-8", "surrogateescape")
