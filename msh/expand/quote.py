"""Text quoted so that a shell reads it back: `printf %q`, `${x@Q}`, `declare -p`, `set -x`."""

from __future__ import annotations

import re

_needs_ansi = re.compile(r"[\x00-\x1f\x7f-\x9f\udc80-\udcff]").search
_special = re.compile(r"[^A-Za-z0-9_@%+=:./\-~#\xa0-\U0010ffff]|^#|(?:^|(?<=[=:]))~")
_in_double_quotes = re.compile(r'([$`"\\])')
_meta = re.compile(r"[][ \t\n'\"\\|&;()<>!{}*?^$`]|(?:^|[=:])~|^#").search
_NAMED = {"\a": "\\a", "\b": "\\b", "\x1b": "\\E", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}


def quote(text: str) -> str:
    """As `printf %q` does: backslashes; `$'…'` when there are control characters or stray bytes."""
    if not text:
        return "''"
    if _needs_ansi(text):
        return quote_ansi(text)
    return _special.sub(r"\\\g<0>", text)


def quote_single(text: str) -> str:
    """As `trap -p` and `alias` do, and `${x@Q}` for text without control characters."""
    if text == "'":
        return "\\'"
    return "'" + text.replace("'", "'\\''") + "'"


def quote_minimal(text: str) -> str:
    """As `set -x` shows words and `set` values: quoted only if needed."""
    if not text:
        return "''"
    if _meta(text):
        return quote_single(text)
    return quote_ansi(text) if _needs_ansi(text) else text


def quote_readable(text: str) -> str:
    """As `${x@Q}` does: always quoted, `$'…'` for what is not printable."""
    return quote_ansi(text) if _needs_ansi(text) else quote_single(text)


def quote_double(text: str) -> str:
    """In double quotes."""
    return '"' + _in_double_quotes.sub(r"\\\1", text) + '"'


def ansi_or_double(text: str) -> str:
    """As `declare -p` prints values."""
    return quote_ansi(text) if _needs_ansi(text) else quote_double(text)


def quote_ansi(text: str) -> str:
    """`$'…'`."""
    out = []
    for character in text:
        if character in _NAMED:
            out.append(_NAMED[character])
        elif character in "\\'":
            out.append("\\" + character)
        elif _needs_ansi(character):
            out += [f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogateescape")]
        else:
            out.append(character)
    return "$'" + "".join(out) + "'"
