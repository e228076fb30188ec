"""`msh catalog stub SCRIPT`: entries to fill in for the commands that a script calls and nobody mapped."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

from msh.catalog.layers import SYSTEM, is_program
from msh.cli.script import read_file
from msh.render import plain
from msh.resolve import resolve_reading
from msh.syntax.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.catalog import Catalog
    from msh.diagnostics import Diagnostic
    from msh.source import Source

HEADER = """\
# What these commands touch is for you to say (docs/catalog.md): as they stand they get no files and no network.
# operands = "read" lets the files be read that are named, "write" written; files = "workspace" is all of the workspace.
"""
UNMAPPED = ("MSH201", "MSH207")
SHOWN = 3  # of the lines that call a command


def stubs(paths: tuple[str, ...], catalog: Catalog) -> str:
    """A catalog file for what these scripts lack; empty when they lack nothing. Raises MshError."""
    calls: dict[str, list[tuple[Source, Diagnostic]]] = {}
    for path in paths:
        source = read_file(path)
        resolution = resolve_reading(read(source), source, catalog)
        for found in (*resolution.diagnostics, *resolution.dynamic):
            if found.code in UNMAPPED and found.labels:
                calls.setdefault(_name(found), []).append((source, found))
    written = ["".join([f"{line}\n" for line in _entry(name, found)]) for name, found in sorted(calls.items())]
    return "\n".join([HEADER, *written]) if written else ""


def _name(found: Diagnostic) -> str:
    """The name as the message has it: in the text it may be quoted."""
    return found.message.split("`")[1]


def _entry(name: str, calls: list[tuple[Source, Diagnostic]]) -> Iterator[str]:
    for source, found in calls[:SHOWN]:
        start = found.labels[0].start
        number, begin = source.text.count("\n", 0, start) + 1, source.text.rfind("\n", 0, start) + 1
        line = source.text[begin:].partition("\n")[0].strip()
        yield f"# {plain(source.name)}:{number}: {plain(line)}"
    if len(calls) > SHOWN:
        yield f"# … and {len(calls) - SHOWN} more"
    help_ = calls[0][1].help
    if help_.startswith("did you mean"):
        yield f"# {plain(help_)}"
    if not any(is_program(os.path.join(directory, name)) for directory in SYSTEM):
        yield "# not installed here: calling it is `command not found`, 127"
    yield f"[{name if re.fullmatch('[A-Za-z0-9_-]+', name) else json.dumps(name)}]"
    yield f"run = {{ host = {json.dumps(name)} }}"
    yield 'operands = "text"'
