"""What a character is: a code point under a UTF-8 locale, a byte under C or POSIX.

Text is decoded with surrogate escapes, so a byte that is not UTF-8 is one character in both.
"""

from __future__ import annotations

from msh.source import decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.expand.environment import Environment


def locale_of(category: str, environment: Environment) -> str:
    """The locale's name for a category (`LC_CTYPE`, `LC_COLLATE`): POSIX XBD 8.2."""
    return environment.get("LC_ALL") or environment.get(category) or environment.get("LANG") or "C"


def by_bytes(environment: Environment) -> bool:
    """Whether characters are bytes."""
    _, dot, codeset = locale_of("LC_CTYPE", environment).partition(".")
    return not dot or codeset.partition("@")[0].lower().replace("-", "") != "utf8"


def count(text: str, environment: Environment) -> int:
    """`${#x}`."""
    return len(text) if text.isascii() or not by_bytes(environment) else len(encode(text))


def to_units(text: str, environment: Environment) -> str:
    """A text in which one code point is one character of the locale; `from_units` turns it back."""
    if text.isascii() or not by_bytes(environment):
        return text
    return encode(text).decode("latin-1")


def from_units(text: str, environment: Environment) -> str:
    """The text that `to_units` took apart, or a piece of it."""
    if text.isascii() or not by_bytes(environment):
        return text
    return decode(text.encode("latin-1"))
