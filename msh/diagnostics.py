"""What msh says about a script, as data; `render.py` prints it.

A diagnostic has a code. Codes go by stage: 1xx syntax, 2xx commands (unmapped, wrong use, catalog, trust), 3xx not
possible on this target, 4xx sandbox and run, 5xx AWS. The page `docs/diagnostics/CODE.md` is a code's definition: its
title, cause and cure; a test holds that every code used has a page and a case.
"""

from __future__ import annotations

from msh.record import Record
from msh.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


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


# Codes of what stops a run that is not a syntax or usage error: a script that cannot be read or is not a shell
# script, and whatever the policy or a backend refuses.
NOT_FOUND = ("MSH201", "MSH202", "MSH204", "MSH206", "MSH207", "MSH403", "MSH462")
NOT_RUNNABLE = ("MSH463", "MSH464")
FAILED = ("MSH430",)  # as when a file cannot be read or written
REFUSED = ("MSH40", "MSH41", "MSH42", "MSH44", "MSH45")


def exit_status(diagnostics: Iterable[Diagnostic]) -> int:
    """What msh exits with when these stopped it: 127 not found, 126 found but may not run, else 2."""
    codes = {d.code for d in diagnostics if d.severity == "error"}
    if codes.intersection(NOT_FOUND):
        return 127
    if codes.issubset(FAILED) and codes:
        return 1
    refused = any(code in NOT_RUNNABLE or code[:5] in REFUSED for code in codes)
    return 126 if refused else 2
