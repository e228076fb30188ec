"""Aliases: a word in the place of a command's name is replaced by text before anything else is seen in it (XCU 2.3.1).

The text of the alias takes the place of the word in the text being read, and reading goes on at its beginning. So it
may hold anything: operators, half a compound command, an open quote, a here-document. An alias is not expanded in its
own text. One whose text ends with a blank makes the word after it eligible too.
"""

from __future__ import annotations

import re

from msh.syntax.edits import Edits
from msh.syntax.lexer import Lexer, blank, descriptor
from msh.syntax.parser import Problem
from msh.syntax.tables import RESERVED
from msh.syntax.words import WORD_END, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from msh.syntax.reader import Open
    from msh.syntax.reading import Aliases

#: How often aliases are expanded, and how many characters that may make, in one complete command: two dozen aliases
#: that each name the next one twice would make gigabytes.
MOST_EXPANSIONS = 10_000
MOST_TEXT = 4 << 20
NOT_RESERVED_AFTER = ("NAME", "FOR", "SELECT", "CASE")
NOT_BETWEEN = frozenset("<>\n")
QUOTES = "'\"\\"
QUOTED = re.compile(f"[{re.escape(QUOTES)}]")


class Expansion:
    """An alias whose text is being read, up to `end`."""

    __slots__ = ("blank", "end", "name")

    def __init__(self, name: str, end: int, blank: bool) -> None:
        self.name, self.end, self.blank = name, end, blank


class Narrow(Exception):
    """The text is too long to be copied for each alias."""


class UnitEnd(Exception):
    """A complete command has ended with its line."""


class AliasLexer(Lexer):
    """A lexer that expands aliases.

    With `unit` it stops after the first line that ends a complete command; with `large` it raises Narrow instead of
    expanding anything.
    """

    def __init__(self, text: str, aliases: Aliases, symbol: str = "script", depth: int = 0) -> None:
        super().__init__(text, symbol, depth)
        self.aliases, self.table = aliases, aliases.table
        self.unit = self.large = False
        self.edits = Edits()
        self.active: list[Expansion] = []
        self.next = -1  # from here on the next word is eligible, since an alias ended there with a blank
        self.expanded = 0
        self.made = 0

    def inner(self, text: str, symbol: str) -> AliasLexer:
        return AliasLexer(text, self.aliases, symbol, self.depth + len(self.open))

    def again(self, text: str) -> AliasLexer:
        lexer = AliasLexer(text, self.aliases, self.start_symbol, self.depth)
        lexer.unit, lexer.large = self.unit, self.large
        lexer.pos = lexer.begin = self.begin
        return lexer

    def run(self) -> tuple[Any, ...]:
        edits = self.edits
        try:
            nodes = super().run()
        except Problem as problem:
            edits.move(problem)
            raise
        finally:
            self.joints = {edits.start(joint) for joint in self.joints if not edits.inside(joint)}
        if self.expanded:
            edits.relocate(nodes)
            edits.relocate(self.comments)
            self.pos = edits.start(self.pos)
        return nodes

    def commands(self, opener: Open | None) -> None:
        try:
            super().commands(opener)
        except UnitEnd:
            if opener:
                raise

    def newline(self) -> None:
        super().newline()
        if self.unit and self.previous == "NEWLINE" and not self.open and not self.edits.inside(self.pos - 1):
            raise UnitEnd

    def plain_word(self, start: int, stop: int, text: str) -> None:
        if self.active:
            self.leave_expansions(start)
        after = self.text[stop]
        if after in WORD_END:
            if self.is_alias(start, stop, text):
                self.expand(start, stop, text, self.table[text])
                return
        elif after not in QUOTES:
            self.next = -1
        super().plain_word(start, stop, text)

    def leave_expansions(self, start: int) -> None:
        """Those that end before `start` are over; the last one tells whether the next word is eligible."""
        active = self.active
        while active and active[-1].end <= start:
            over = active.pop()
            self.next = over.end if over.blank else -1

    def may_be_alias(self, start: int) -> bool:
        """Whether the word here is a command's name, stands where `do` is due, or comes after an alias with a blank."""
        can_shift = self.parser.can_shift
        if can_shift("DECLARATION") or (self.previous in ("SEMI", "NEWLINE") and can_shift("DO")):
            return True
        if self.next < 0:
            return False
        between = self.text[self.next : start].replace("\\\n", " ")
        if not NOT_BETWEEN.isdisjoint(between):
            return False
        return all(QUOTED.search(word) for word in between.split())  # as in bash: quoted words are passed by

    def is_alias(self, start: int, stop: int, text: str) -> bool:
        """Whether this word is expanded; tells the next one whether it is eligible."""
        if not self.may_be_alias(start):
            return False
        passes = (text == "in" and self.parser.can_shift("IN")) or (text == "do" and self.previous == "NAME")
        if self.aliases.posix and text in RESERVED and not self.after_word and self.previous not in NOT_RESERVED_AFTER:
            passes = True  # a reserved word comes before an alias in POSIX's mode
        known = text in self.table and not any(expansion.name == text for expansion in self.active)
        if known and not passes and not (self.text[stop] in "<>" and descriptor(text)):
            return True
        self.next = stop if passes and self.next >= 0 else -1
        return False

    def here_document(self, strip_tabs: bool) -> None:
        self.leave_expansions(start := blank(self.text, self.pos).end())  # type: ignore[union-attr]  # it matches anywhere
        word = plain(self.text, start)
        if word and self.next >= 0 and self.text[word.end()] in WORD_END and self.is_alias(*word.span(), word.group()):
            self.expand(*word.span(), word.group(), self.table[word.group()])
        super().here_document(strip_tabs)

    def expand(self, start: int, stop: int, name: str, value: str) -> None:
        """Put the alias's text in the place of its name."""
        if self.large:
            raise Narrow
        text = self.text
        # What follows must not become one with the last word: `alias e='echo 2'; e>f`.
        glue = " " if text[stop] in "<>(" and value and value[-1] not in WORD_END else ""
        self.expanded += 1
        self.made += len(value)
        if self.expanded > MOST_EXPANSIONS or self.made > MOST_TEXT:
            message = f"aliases make more than {MOST_TEXT >> 20} MiB or {MOST_EXPANSIONS} words of this command"
            raise Problem("MSH116", message, start, stop)
        self.text = text[:start] + value + glue + text[stop:]
        self.edits.replace(start, stop, len(value) + len(glue))
        longer = len(value) + len(glue) - (stop - start)
        for expansion in self.active:
            expansion.end = max(expansion.end, stop) + longer
        self.active.append(Expansion(name, start + len(value), value.endswith((" ", "\t"))))
        self.double_closed.clear()
        self.glob_closed.clear()
        self.pos = start
