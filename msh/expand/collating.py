"""Collating symbols of bracket expressions, `[.x.]`: characters, and POSIX's names of characters (XBD 6.1)."""

from __future__ import annotations

_NAMES = (
    "NUL SOH STX ETX EOT ENQ ACK alert backspace tab newline vertical-tab form-feed carriage-return SO SI "
    "DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC IS4 IS3 IS2 IS1 "
    "space exclamation-mark quotation-mark number-sign dollar-sign percent-sign ampersand apostrophe "
    "left-parenthesis right-parenthesis asterisk plus-sign comma hyphen period slash "
    "zero one two three four five six seven eight nine "
    "colon semicolon less-than-sign equals-sign greater-than-sign question-mark commercial-at"
).split(" ")
_OTHERS = {
    "ESC": 0x1B,
    "hyphen-minus": 0x2D,
    "full-stop": 0x2E,
    "solidus": 0x2F,
    "left-square-bracket": 0x5B,
    "backslash": 0x5C,
    "reverse-solidus": 0x5C,
    "right-square-bracket": 0x5D,
    "circumflex": 0x5E,
    "circumflex-accent": 0x5E,
    "underscore": 0x5F,
    "low-line": 0x5F,
    "grave-accent": 0x60,
    "left-brace": 0x7B,
    "left-curly-bracket": 0x7B,
    "vertical-line": 0x7C,
    "right-brace": 0x7D,
    "right-curly-bracket": 0x7D,
    "tilde": 0x7E,
    "DEL": 0x7F,
}


def collating_symbol(name: str) -> str | None:
    """The character; None when there is none of this name."""
    if len(name) == 1:
        return name
    if name in _OTHERS:
        return chr(_OTHERS[name])
    return chr(_NAMES.index(name)) if name in _NAMES else None
