"""What a script is read with and what became of it: small, because every run has it. `units.py` makes more of it."""

from __future__ import annotations

from msh.record import Record
from msh.syntax.parse import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from msh.source import Source
    from msh.syntax.nodes import Script

NO_ALIASES: Mapping[str, str] = {}


class Aliases(Record):
    """What a text is read with: `names` to their texts, whether they are `on` at all, whether POSIX's rules hold."""

    names: Mapping[str, str] = NO_ALIASES
    on: bool = False
    posix: bool = False

    @property
    def table(self) -> Mapping[str, str]:
        """The aliases that are expanded."""
        return self.names if self.on else NO_ALIASES


OFF = Aliases()


class Reading(Record):
    """A script as far as it can be read beforehand.

    `tables` tells the aliases that its units were read with: (offset, table), each from its offset on. From `unsure` on
    (-1: never) the aliases may be others than those, because of the command at `cause`; `rest` is where reading had to
    stop because of that (-1: it came to the end). With `part` the rest is known to be right, and is read again where
    the run comes to it, because the text is long. `after` are the aliases at the end, `defined` the names that were
    ever one.
    """

    script: Script
    tables: tuple[tuple[int, Mapping[str, str]], ...] = ()
    unsure: int = -1
    cause: tuple[int, int] = (0, 0)
    rest: int = -1
    part: bool = False
    after: Aliases = OFF
    defined: frozenset[str] = frozenset()

    def table(self, offset: int) -> Mapping[str, str]:
        """The aliases that the unit at this offset was read with."""
        found = NO_ALIASES
        for start, table in self.tables:
            if start > offset:
                break
            found = table
        return found

    @property
    def plain(self) -> bool:
        """Whether no alias can make a difference."""
        return self.unsure < 0 and not any(table for _, table in self.tables)

    def until(self, offset: int) -> Reading:
        """The part before `offset`; the rest is not read."""
        body = tuple([statement for statement in self.script.body if statement.start < offset])
        return self.replace(script=self.script.replace(body=body), rest=offset)


def read(source: Source, aliases: Aliases = OFF, begin: int = 0) -> Reading:
    """A script with the aliases that it seems to define, from an offset on. Raises MshError."""
    if begin or may_have_aliases(source.text, aliases):
        from msh.syntax.units import read_script

        return read_script(source, aliases, begin)
    return Reading(parse(source))


def may_have_aliases(text: str, aliases: Aliases) -> bool:
    """Whether reading the text unit by unit could make a difference; quick, and true rather too often."""
    if aliases.on:
        return bool(aliases.names) or any(word in text for word in ("alias", "eval", "source", ". "))
    return "alias" in text and ("expand_aliases" in text or "posix" in text)
