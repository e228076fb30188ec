"""What msh says about a script, as data; `render.py` prints it.

A diagnostic has a code. Codes go by stage: 1xx syntax, 2xx commands (unmapped, wrong use, catalog, trust), 3xx not
possible on this target, 4xx sandbox and run, 5xx AWS. The page `docs/diagnostics/CODE.md` is a code's definition: its
title, cause and cure; a test holds that every code used has a page and a case.
"""

from __future__ import annotations

from msh.record import Record
from msh.source import Source


class Label(Record):
    """A span of the source and what to say about it."""

    start: int
    end: int
    text: str = ""


class Diagnostic(Record):
    """One finding. `message` is one sentence: lower case, no final stop, names in backquotes.

    `labels[0]` is the place; further labels show where something was opened. `incomplete` says that more text could
    still make the script right (an open quote, `if` without `fi`): an interactive prompt then asks for another line.
    """

    code: str
    message: str
    source: Source | None = None
    labels: tuple[Label, ...] = ()
    help: str = ""
    severity: str = "error"  # error | warning | note
    incomplete: bool = False


class MshError(Exception):
    """The one exception that a stage raises for what a user wrote or asked for."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(*[d.message for d in diagnostics])
        self.diagnostics = diagnostics

    @property
    def incomplete(self) -> bool:
        """Whether more input could mend it."""
        return any(d.incomplete for d in self.diagnostics)
