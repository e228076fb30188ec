"""Catalog files: TOML text to layers, with the place of every fault. Imported only when such a file exists."""

from __future__ import annotations

import os
import re
import tomllib
from typing import Any

from msh.catalog.layers import DirectoryLayer, TableLayer
from msh.catalog.validate import Fault, faults_of_entry, faults_of_path
from msh.diagnostics import Diagnostic, Label, MshError
from msh.source import Source, decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from msh.catalog.layers import Layer

_HEADER = re.compile(r"""\s*\[{1,2}((?:"[^"]*"|'[^']*'|[^\[\]"'])+)\]{1,2}""")
_KEY = re.compile(r"\s*((?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
_PART = re.compile(r"[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'")


def layers_of(path: str, data: bytes) -> list[Layer]:
    """The layers of a catalog file: its entries, then its directories. Raises MshError (MSH220 to MSH222)."""
    source = Source(path, decode(data), path)
    tables = _parse(source)
    directories = tables.pop("path", [])
    if not isinstance(directories, list):  # a command named `path`
        tables["path"], directories = directories, []
    faults = [fault for name, table in tables.items() for fault in faults_of_entry(name, table)]
    faults += [fault for number, table in enumerate(directories) for fault in faults_of_path(number, table)]
    if faults:
        raise MshError(*[_diagnostic(source, fault) for fault in faults])
    lines = {name: source.position(key_span(source.text, (name,))[0])[0] for name in tables}
    layers: list[Layer] = [_directory_layer(path, table) for table in directories]
    return [*layers, TableLayer(path, tables, lines)]


def command_table(path: str, data: bytes) -> dict[str, Any]:
    """The entry of a command file. Raises MshError (MSH220 to MSH222)."""
    source = Source(path, decode(data), path)
    table = _parse(source)
    name = os.path.basename(path)
    faults = faults_of_entry(name, table)
    if faults:
        raise MshError(*[_diagnostic(source, fault.replace(keys=fault.keys[1:])) for fault in faults])
    return table


def key_span(text: str, keys: Sequence[str]) -> tuple[int, int]:
    """Where a key is set in a TOML text: the line that goes furthest along `keys`. Values are not looked into."""
    best, best_depth = (0, 0), 0
    header: tuple[str, ...] = ()
    offset = 0
    for line in text.split("\n"):
        here = header
        if match := _HEADER.match(line):
            here = header = _parts(match[1])
        elif match := _KEY.match(line):
            here = header + _parts(match[1])
        depth = 0
        while depth < min(len(here), len(keys)) and here[depth] == keys[depth]:
            depth += 1
        if match and depth > best_depth:
            best, best_depth = (offset + match.start(1), offset + match.end(1)), depth
        offset += len(line) + 1
    return best


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple([part.strip("\"'") for part in _PART.findall(dotted)])


def _parse(source: Source) -> dict[str, Any]:
    try:
        return tomllib.loads(source.text)
    except RecursionError:
        raise MshError(Diagnostic("MSH220", "this is not a catalog: it is nested too deeply", source)) from None
    except ValueError as error:  # also a number of thousands of digits
        match = re.search(r"at line (\d+), column (\d+)", str(error))
        offset = len(source.text)
        if match:
            lines = source.text.split("\n")
            offset = sum(len(line) + 1 for line in lines[: int(match[1]) - 1]) + int(match[2]) - 1
        words = re.sub(r" \(at .*\)$", "", str(error))
        words = words[:1].lower() + words[1:]
        label = Label(min(offset, len(source.text)), min(offset + 1, len(source.text)))
        raise MshError(Diagnostic("MSH220", f"this is not TOML: {words}", source, (label,))) from None


def _diagnostic(source: Source, fault: Fault) -> Diagnostic:
    return Diagnostic(fault.code, fault.message, source, (Label(*key_span(source.text, fault.keys)),), fault.help)


def _directory_layer(path: str, table: dict[str, Any]) -> DirectoryLayer:
    directory = os.path.realpath(
        os.path.join(os.path.dirname(os.path.abspath(path)), os.path.expanduser(table["directory"]))
    )
    entry = {key: value for key, value in table.items() if key != "directory"}
    return DirectoryLayer(directory, entry, f"{path} [[path]]")
