"""Scripts with aliases, read as a shell reads them: complete command by complete command.

An alias counts from the line after the one that defines it. So such a text is read in *units*, each the lines of one
complete command, and what the commands of a unit do to the aliases (`follow.py`) is the state that the next is read
with. That is a forecast: `alias` may stand behind a condition, its words may be known only at run time. A run checks it
after each unit, and reads what follows again when it was wrong (`msh/run/reading.py`).
"""

from __future__ import annotations

from msh.diagnostics import Label, MshError
from msh.syntax.aliases import AliasLexer, Narrow
from msh.syntax.follow import Follower
from msh.syntax.lexer import Lexer
from msh.syntax.nodes import Script
from msh.syntax.parse import refuse_nul, run_lexer
from msh.syntax.reading import Reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from msh.source import Source
    from msh.syntax.nodes import Comment, Statement
    from msh.syntax.reading import Aliases

#: Characters of a long text that are looked at for one unit with aliases in it, at first: each alias copies them.
WINDOW = 1 << 16


def read_script(source: Source, aliases: Aliases, begin: int = 0) -> Reading:
    """Read a script from an offset on. Raises MshError, as `parse`, for what is wrong whatever the aliases are."""
    refuse_nul(source)
    return _Units(source, aliases, begin).read()


class _Units:
    """A script on its way."""

    def __init__(self, source: Source, aliases: Aliases, begin: int) -> None:
        self.source, self.begin, self.pos = source, begin, begin
        self.text = source.text + "\0"
        self.follower = Follower(aliases)
        self.body: list[Statement] = []
        self.comments: list[Comment] = []
        self.tables: list[tuple[int, Mapping[str, str]]] = []
        self.unsure = self.rest = -1
        self.cause = (0, 0)

    def read(self) -> Reading:
        end = len(self.source.text)
        try:
            while self.pos < end:
                table = self.follower.aliases.table
                if not self.tables or self.tables[-1][1] != table:
                    self.tables.append((self.pos, table))
                self.next_unit()
        except MshError:
            if self.unsure < 0:
                raise
            self.rest = self.unsure
        comments = sorted(self.comments, key=lambda comment: comment.start)
        script = Script(self.begin, end, tuple(self.body), tuple(comments))
        after, defined = self.follower.aliases, frozenset(self.follower.defined)
        reading = Reading(script, tuple(self.tables), self.unsure, self.cause, after=after, defined=defined)
        return reading.until(self.rest) if self.rest >= 0 else reading

    def next_unit(self) -> None:
        """The next complete command with its lines, or all that is left when there can be no aliases in it."""
        aliases = self.follower.aliases
        plain = not aliases.on and self.text.find("alias", self.pos) < 0
        lexer = Lexer(self.text) if plain else _unit_lexer(self.text, aliases, len(self.text) > WINDOW)
        lexer.pos = lexer.begin = self.pos
        try:
            nodes, lexer = run_lexer(self.source, lexer)
            self.pos = lexer.pos
        except Narrow:
            nodes, lexer = self.through_window(aliases)
        self.body += nodes
        self.comments += lexer.comments
        for statement in nodes:
            if self.follower.statement(statement) and self.unsure < 0:
                self.unsure, self.cause = self.pos, (statement.start, statement.end)

    def through_window(self, aliases: Aliases) -> tuple[tuple[Statement, ...], Lexer]:
        """A unit of a long text that has aliases in it."""
        from msh.syntax.embedded import Offsets

        size, length = WINDOW >> 1, len(self.source.text)
        while True:
            size <<= 1
            stop = self.pos + size
            stop = length if stop >= length else self.source.text.find("\n", stop) + 1 or length
            text = self.source.text[self.pos : stop]
            try:
                nodes, lexer = run_lexer(self.source.replace(text=text), _unit_lexer(text, aliases))
            except MshError as error:
                if stop < length:
                    continue
                raise self.moved(error) from None
            if lexer.pos < len(text) or stop == length:
                break
        offsets = Offsets(self.pos)
        offsets.relocate(nodes)
        offsets.relocate(lexer.comments)
        self.pos += min(lexer.pos, len(text))
        return nodes, lexer

    def moved(self, error: MshError) -> MshError:
        """What was found in the window, at its place in the text."""
        found = []
        for diagnostic in error.diagnostics:
            labels = [Label(label.start + self.pos, label.end + self.pos, label.text) for label in diagnostic.labels]
            found.append(diagnostic.replace(source=self.source, labels=tuple(labels)))
        return MshError(*found)


def _unit_lexer(text: str, aliases: Aliases, large: bool = False) -> AliasLexer:
    lexer = AliasLexer(text, aliases)
    lexer.unit, lexer.large = True, large
    return lexer
