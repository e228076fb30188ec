"""A long script read in parts, each some complete commands with their lines: the tree of all of it would be too large.

A tree takes up to a hundred times the memory of its text.
"""

from __future__ import annotations

from msh.syntax.lexer import Lexer
from msh.syntax.nodes import Script
from msh.syntax.parse import refuse_nul, run_lexer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.source import Source
    from msh.syntax.reader import Open

SIZE = 1 << 16  # characters of a part, at least


class PartEnd(Exception):
    """The part is long enough, and a complete command has ended with its line."""


class PartLexer(Lexer):
    """A lexer that stops at the end of the first complete command that ends with its line at or after `stop`."""

    stop = 0

    def again(self, text: str) -> PartLexer:
        lexer = PartLexer(text, self.start_symbol, self.depth)
        lexer.pos = lexer.begin = self.begin
        lexer.stop = self.stop
        return lexer

    def commands(self, opener: Open | None) -> None:
        try:
            super().commands(opener)
        except PartEnd:
            if opener:
                raise

    def newline(self) -> None:
        super().newline()
        if self.pos >= self.stop and self.previous == "NEWLINE" and not self.open and self.parser.can_shift("$END"):
            raise PartEnd


def read_part(source: Source, begin: int) -> tuple[Script, int]:
    """The commands from `begin` on, without comments, and where the next part begins. Raises MshError."""
    lexer = PartLexer(source.text)
    lexer.pos = lexer.begin = begin
    lexer.stop = begin + SIZE
    body, read = run_lexer(source, lexer)
    return Script(begin, read.pos, body), read.pos


def read_parts(source: Source, begin: int) -> Iterator[Script]:
    """All parts from `begin` on. Raises MshError."""
    refuse_nul(source)
    while begin < len(source.text):
        script, begin = read_part(source, begin)
        yield script
