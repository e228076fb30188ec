"""`[[ text =~ word ]]`: POSIX extended regular expressions (XBD 9.4), what is quoted in the word stands for itself.

The C library's own engine matches, as in bash: it finds the longest of the leftmost matches, and takes a time that does
not explode with the text. Python's engine takes its place where the C library cannot be called.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from msh.expand.fields import Segment

    class RegularExpression(Protocol):
        """A compiled expression."""

        def search(self, text: str) -> list[str] | None:
            """The leftmost longest match and its groups, as BASH_REMATCH has them; None without a match."""


class BadExpression(Exception):
    """The text is no regular expression; `[[ ]]` then has status 2."""


def compile_expression(
    segments: Sequence[Segment], *, nocase: bool, by_bytes: bool, locales: tuple[str, str]
) -> RegularExpression:
    """The expression of a word; `locales` are the names for LC_CTYPE and LC_COLLATE. Raises BadExpression."""
    from msh.expand.regular_libc import LibcExpression, engine

    libc = engine()
    if libc is not None:
        return LibcExpression(libc, segments, nocase=nocase, locales=locales, by_bytes=by_bytes)
    from msh.expand.regular_python import PythonExpression

    return PythonExpression(segments, nocase=nocase, by_bytes=by_bytes)
