"""Scripts that cannot be taken apart because aliases change how they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.diagnostics import Diagnostic, Label, MshError
from msh.syntax.reading import read

if TYPE_CHECKING:
    from msh.source import Source
    from msh.syntax.nodes import Script
    from msh.syntax.reading import Reading


def read_plain(source: Source) -> Script:
    """The tree of a script in which no alias counts. Raises MshError (MSH304)."""
    reading = read(source)
    found = refused_aliases(reading, source)
    if found:
        raise MshError(*found)
    return reading.script


def refused_aliases(reading: Reading, source: Source) -> tuple[Diagnostic, ...]:
    """MSH304: a part of a script is found by its place in the text, which the words of an alias do not have."""
    if reading.plain:
        return ()
    begin = next((offset for offset, table in reading.tables if table), reading.unsure)
    before = [statement for statement in reading.script.body if statement.end <= begin]
    labels = (Label(before[-1].start, before[-1].end),) if before else ()
    message = "a script that uses aliases cannot be taken apart"
    return (Diagnostic("MSH304", message, source, labels, 'make the alias a function: `ll() { ls -l "$@"; }`'),)
