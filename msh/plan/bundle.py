"""What a target of `msh compile` is given, and what it makes: values, so that only the verb touches files.

A target is a module with `compile_script(job: Job) -> Bundle`; `msh/cli/compile.py` names them. It raises `MshError`
with *all* that it refuses, never only the first, and then nothing is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from msh.catalog import Catalog, CommandSpec
    from msh.config import Settings
    from msh.diagnostics import Diagnostic
    from msh.resolve import Resolution
    from msh.source import Source
    from msh.syntax.nodes import Script


class Job(Record):
    """A script to compile; it was resolved, and nothing in it is unmapped.

    `options` are those of the command line that are the target's own, by their flag (`--worker`), a flag without a
    value as "". `directory` is where msh was started. `specs` are the catalog entries that resolving it has used
    (`pins.py`).
    """

    script: Script
    source: Source
    resolution: Resolution
    catalog: Catalog
    settings: Settings
    directory: str
    options: Mapping[str, str]
    specs: tuple[CommandSpec, ...] = ()


class Bundle(Record):
    """`files`: their names in the output directory and their bytes, in the order to list them.

    `shape` counts what was made (`states`, `tasks`, …), in the order to print it. `notes` do not keep it from being
    written. `report` is a text to print besides, `facts` the same for JSON; both may be empty.
    """

    files: Mapping[str, bytes]
    shape: Mapping[str, int]
    notes: tuple[Diagnostic, ...] = ()
    report: str = ""
    facts: Mapping[str, object] = {}
