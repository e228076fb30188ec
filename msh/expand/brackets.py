"""Bracket expressions and character classes of patterns, as regular expressions (POSIX XBD 9.3.5)."""

from __future__ import annotations

import re
import unicodedata

_ASCII_CLASSES = {
    "alpha": "A-Za-z",
    "digit": "0-9",
    "alnum": "A-Za-z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": " \\t-\\r",
    "blank": " \\t",
    "punct": "!-/:-@\\[-`{-~",
    "cntrl": "\\x00-\\x1f\\x7f",
    "graph": "!-~",
    "print": " -~",
    "xdigit": "0-9A-Fa-f",
    "ascii": "\\x00-\\x7f",
    "word": "A-Za-z0-9_",
}
_BEYOND_ASCII = {  # Unicode's general categories that add to a class; what is not listed adds nothing
    "alpha": ("L", "Nd", "Nl"),
    "alnum": ("L", "Nd", "Nl"),
    "word": ("L", "Nd", "Nl"),
    "upper": ("Lu", "Lt"),
    "lower": ("Ll",),
    "space": ("Zs", "Zl", "Zp"),
    "blank": ("Zs",),
    "punct": ("P", "S", "M", "No", "Cf"),
    "cntrl": ("Cc", "Zl", "Zp"),
    "graph": ("L", "N", "P", "S", "M", "Cf"),
    "print": ("L", "N", "P", "S", "M", "Cf", "Zs"),
}
_NO_BREAK = "\u00a0\u2007\u202f"  # glibc counts these as punctuation, not as space
_SCANNED = 0x3400  # classes are made of the scripts below; above are ideographs, which are letters
_ranges: dict[str, str] = {}


def class_ranges(name: str, *, by_bytes: bool) -> str | None:
    """The inside of `[…]` for a class; None when there is no such class. By bytes, only ASCII has classes."""
    ascii_part = _ASCII_CLASSES.get(name)
    if ascii_part is None or by_bytes or name not in _BEYOND_ASCII:
        return ascii_part
    if name not in _ranges:
        _ranges[name] = ascii_part + _scan(name)
    return _ranges[name]


def _scan(name: str) -> str:
    """The code points beyond ASCII of a class as ranges."""
    categories = _BEYOND_ASCII[name]
    ranges = []
    first = None
    for point in range(0x80, _SCANNED + 1):
        character = chr(point)
        member = unicodedata.category(character).startswith(categories)
        if character in _NO_BREAK:
            member = name in ("punct", "graph", "print")
        if member and point < _SCANNED:
            first = point if first is None else first
        elif first is not None:
            ranges.append(f"{chr(first)}-{chr(point - 1)}")
            first = None
    if name in ("alpha", "alnum", "word", "graph", "print"):
        ranges.append("\u3400-\ud7ff\U00010000-\U0003ffff")
    return "".join(ranges)


def parse_bracket(text: str, quoted: bytearray, start: int, *, nocase: bool, by_bytes: bool) -> tuple[str, int] | None:
    """The bracket expression at `start`: its regular expression and where it ends; None when it never closes.

    `quoted` tells for each character whether it stands for itself. Classes keep to their case under `nocase`.
    """
    at = start + 1
    negated = text[at : at + 1] in ("!", "^") and not quoted[at]
    if negated:
        at += 1
    items: list[str] = []
    classes: list[str] = items if not nocase else []
    first = True
    while at < len(text):
        if text[at] == "]" and not quoted[at] and not first:
            return _source(items, [] if classes is items else classes, negated), at + 1
        first = False
        at = _item(text, quoted, at, items, classes, by_bytes)
    return None


def _source(items: list[str], classes: list[str], negated: bool) -> str:
    if classes:
        either = f"(?-i:[{''.join(classes)}])" + (f"|[{''.join(items)}]" if items else "")
        return f"(?!{either})." if negated else f"(?:{either})"
    if not items:
        return "." if negated else "(?!)"
    return f"[{'^' if negated else ''}{''.join(items)}]"


def _item(text: str, quoted: bytearray, at: int, items: list[str], classes: list[str], by_bytes: bool) -> int:
    """One class, equivalence, range or character; gives where it ends."""
    if text[at] == "[" and not quoted[at] and text[at + 1 : at + 2] in (":", "="):
        kind = text[at + 1]
        end = text.find(kind + "]", at + 2)
        if end > at + 1:
            name = text[at + 2 : end]
            ranges = class_ranges(name, by_bytes=by_bytes) if kind == ":" else re.escape(name)
            if ranges:
                (classes if kind == ":" else items).append(ranges)
            return end + 2
    low, at = _character(text, quoted, at)
    if text[at : at + 1] == "-" and not quoted[at] and at + 1 < len(text) and (text[at + 1] != "]" or quoted[at + 1]):
        high, at = _character(text, quoted, at + 1)
        if low is not None and high is not None and low <= high:
            items.append(f"{re.escape(low)}-{re.escape(high)}")
        return at
    if low is not None:
        items.append(re.escape(low))
    return at


def _character(text: str, quoted: bytearray, at: int) -> tuple[str | None, int]:
    """One character, None for a collating symbol that does not exist, which matches nothing; and where it ends."""
    if not quoted[at]:
        if text[at] == "\\" and at + 1 < len(text):
            return text[at + 1], at + 2
        if text.startswith("[.", at):
            end = text.find(".]", at + 2)
            if end > at + 2:
                from msh.expand.collating import collating_symbol

                return collating_symbol(text[at + 2 : end]), end + 2
    return text[at], at + 1
