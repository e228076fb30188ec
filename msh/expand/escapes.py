r"""Backslash escapes as `echo -e`, `printf %b`, the format of printf and `$'…'` read them.

They differ in few points, which are the fields of `Dialect`: `\c`, quotes, and whether octal needs a leading 0.
"""

from __future__ import annotations

import re

from msh.record import Record
from msh.source import beyond_unicode, decode, encode

_SIMPLE = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\",
}  # fmt: skip
_OCTAL = "01234567"
_HEXADECIMAL = "0123456789abcdefABCDEF"


class Dialect(Record):
    r"""`stop`: `\c` ends all output; `control`: `\cx` is control-x; `zero`: octal is `\0nnn`, up to four digits."""

    stop: bool = False
    control: bool = False
    zero: bool = False
    plain_octal: bool = True
    quotes: str = ""


ECHO = Dialect(stop=True, zero=True, plain_octal=False)
PRINTF_B = Dialect(stop=True, zero=True, quotes="")
PRINTF_FORMAT = Dialect(quotes="\"'?")
ANSI = Dialect(control=True, quotes="\"'?")


def decode_escapes(text: str, dialect: Dialect) -> tuple[bytes, bool]:
    """The bytes that a text stands for, and whether `\\c` ended it."""
    if "\\" not in text:
        return encode(text), False
    out = bytearray()
    at = 0
    while True:
        slash = text.find("\\", at)
        if slash < 0 or slash + 1 >= len(text):
            out += encode(text[at:])
            return bytes(out), False
        out += encode(text[at:slash])
        character = text[slash + 1]
        if character == "c" and dialect.stop:
            return bytes(out), True
        decoded, at = _decode(text, slash + 1, dialect)
        out += decoded


def _decode(text: str, at: int, dialect: Dialect) -> tuple[bytes, int]:
    """The escape whose character after the backslash is at `at`."""
    character = text[at]
    if character in _SIMPLE:
        return encode(_SIMPLE[character]), at + 1
    if character in dialect.quotes:
        return encode(character), at + 1
    if character == "c" and dialect.control and at + 1 < len(text):
        return bytes([ord(text[at + 1].upper()) & 0x1F if text[at + 1] != "?" else 0x7F]), at + 2
    if character in _OCTAL and (dialect.plain_octal or character == "0"):
        return _octal(text, at, dialect)
    if character in "xuU":
        return _hexadecimal(text, at)
    return b"\\" + encode(character), at + 1


def _octal(text: str, at: int, dialect: Dialect) -> tuple[bytes, int]:
    limit = 4 if dialect.zero and text[at] == "0" else 3
    end = _digits(text, at, limit, _OCTAL)
    return bytes([int(text[at:end], 8) & 0xFF]), end


def _hexadecimal(text: str, at: int) -> tuple[bytes, int]:
    kind = text[at]
    end = _digits(text, at + 1, {"x": 2, "u": 4, "U": 8}[kind], _HEXADECIMAL)
    if end == at + 1:
        return f"\\{kind}".encode(), end
    value = int(text[at + 1 : end], 16)
    if kind == "x":
        return bytes([value]), end
    if value > 0x10FFFF or 0xD800 <= value <= 0xDFFF:
        return beyond_unicode(value), end
    return chr(value).encode("utf-8"), end


def _digits(text: str, start: int, limit: int, digits: str) -> int:
    end = start
    while end < len(text) and end - start < limit and text[end] in digits:
        end += 1
    return end


def missing_digits(text: str) -> list[str]:
    r"""The escapes `\x`, `\u` and `\U` that no digit follows, which stand for themselves."""
    return [found[1] for found in re.finditer(r"\\(?:([xuU])(?![0-9a-fA-F])|.)", text, re.DOTALL) if found[1]]


def decode_echo(text: str) -> tuple[str, bool]:
    r"""An operand of `echo -e`, and whether `\c` ended all output."""
    data, stopped = decode_escapes(text, ECHO)
    return decode(data), stopped


def decode_b(text: str) -> tuple[str, bool]:
    r"""An operand of printf's `%b`, and whether `\c` ended all output."""
    data, stopped = decode_escapes(text, PRINTF_B)
    return decode(data), stopped


def decode_format(text: str) -> str:
    """Text of printf's format between directives."""
    return decode(decode_escapes(text, PRINTF_FORMAT)[0])


def decode_ansi(text: str) -> str:
    """The value of `$'text'`, cut at a NUL byte as bash's strings are."""
    return decode(decode_escapes(text, ANSI)[0].partition(b"\0")[0])
