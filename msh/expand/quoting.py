"""Text quoted so that a shell reads it back: `printf %q`, `${x@Q}`, `declare -p`."""

from __future__ import annotations

import re

_needs_ansi = re.compile(r"[\x00-\x1f\x7f-\x9f\udc80-\udcff]").search
_special = re.compile(r"[^A-Za-z0-9_@%+=:./\-\x80-\U0010ffff]")
_in_double_quotes = re.compile(r'([$`"\\])')
_NAMED = {"\a": "\\a", "\b": "\\b", "\x1b": "\\E", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}


def quote(text: str) -> str:
    """As `printf %q` does: backslashes; `$'…'` when there are control characters or stray bytes."""
    if not text:
        return "''"
    if _needs_ansi(text):
        return ansi_quote(text)
    quoted = _special.sub(lambda found: "\\" + found[0], text)
    # `~` and `#` count only where a word begins
    quoted = quoted.replace("\\~", "~").replace("\\#", "#")
    return "\\" + quoted if quoted[0] in "~#" else quoted


def single_quote(text: str) -> str:
    """As `${x@Q}` does."""
    if _needs_ansi(text):
        return ansi_quote(text)
    return "'" + text.replace("'", "'\\''") + "'"


def double_quote(text: str) -> str:
    """As `declare -p` prints the elements of arrays."""
    if _needs_ansi(text):
        return ansi_quote(text)
    return '"' + _in_double_quotes.sub(r"\\\1", text) + '"'


def ansi_quote(text: str) -> str:
    """`$'…'`."""
    out = []
    for character in text:
        if character in _NAMED:
            out.append(_NAMED[character])
        elif character in "\\'":
            out.append("\\" + character)
        elif character < " " or "\x7f" <= character <= "\x9f" or "\udc80" <= character <= "\udcff":
            out += [f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogateescape")]
        else:
            out.append(character)
    return "$'" + "".join(out) + "'"
