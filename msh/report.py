"""Diagnostics for machines: JSON, GitHub workflow commands, SARIF 2.1.0.

`RECORD_FIELDS` is the schema of one JSON finding; fields are only ever added.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING
from urllib.parse import quote

from msh import __version__
from msh.render import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msh.diagnostics import Diagnostic, Label
    from msh.source import Source

    Json = dict[str, object]

RECORD_FIELDS = ("code", "severity", "message", "file", "range", "labels", "help")
LEVELS = {"error": "error", "warning": "warning", "note": "note"}
GITHUB_KINDS = {"error": "error", "warning": "warning", "note": "notice"}
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_json(diagnostics: Sequence[Diagnostic]) -> str:
    """One object with the list of findings. Bytes that are not UTF-8 come out as lone surrogates, escaped."""
    return json.dumps({"version": 1, "findings": [finding(d) for d in diagnostics]}, indent=2) + "\n"


def finding(diagnostic: Diagnostic) -> Json:
    """A diagnostic as plain values; lines and columns count from 1, `offset` is in characters."""
    source, labels = diagnostic.source, diagnostic.labels
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "file": source.name if source else None,
        "range": _range(source, labels[0]) if source and labels else None,
        "labels": [{"range": _range(source, label), "text": label.text} for label in labels] if source else [],
        "help": diagnostic.help or None,
    }


def _range(source: Source, label: Label) -> Json:
    return {"start": _place(source, label.start), "end": _place(source, label.end)}


def _place(source: Source, offset: int) -> Json:
    line, column = source.position(offset)
    return {"line": line, "column": column, "offset": offset}


def as_github(diagnostics: Sequence[Diagnostic]) -> str:
    """One `::error file=…,line=…::message` line a finding: GitHub shows them beside the lines of a pull request."""
    return "".join([_github_line(diagnostic) + "\n" for diagnostic in diagnostics])


def _github_line(diagnostic: Diagnostic) -> str:
    properties = {"title": diagnostic.code}
    if diagnostic.source and diagnostic.labels:
        label = diagnostic.labels[0]
        (line, column), (end_line, end_column) = [diagnostic.source.position(o) for o in (label.start, label.end)]
        properties = {"file": plain(diagnostic.source.name), "line": str(line), "endLine": str(end_line)} | properties
        if line == end_line:  # GitHub takes columns for one line only
            properties |= {"col": str(column), "endColumn": str(end_column)}
    message = plain(diagnostic.message) + (f" ({plain(diagnostic.help)})" if diagnostic.help else "")
    shown = ",".join([f"{key}={_github_escaped(value, ':,')}" for key, value in properties.items()])
    return f"::{GITHUB_KINDS[diagnostic.severity]} {shown}::{_github_escaped(message, '')}"


def _github_escaped(text: str, more: str) -> str:
    """Percent-escapes, as the runner reads them; `%` first, since the others bring more of it."""
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def as_sarif(diagnostics: Sequence[Diagnostic]) -> str:
    """SARIF 2.1.0, as code scanning services read it."""
    codes = sorted({d.code for d in diagnostics})
    driver: Json = {"name": "msh", "semanticVersion": __version__, "rules": [{"id": code} for code in codes]}
    run: Json = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(d, codes) for d in diagnostics],
    }
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _sarif_result(diagnostic: Diagnostic, codes: list[str]) -> Json:
    text = plain(diagnostic.message) + (f"; {plain(diagnostic.help)}" if diagnostic.help else "")
    result: Json = {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": LEVELS[diagnostic.severity],
        "message": {"text": text},
    }
    if diagnostic.source and diagnostic.labels:
        source, (first, *further) = diagnostic.source, diagnostic.labels
        result["locations"] = [_sarif_location(source, first)]
        if further:
            result["relatedLocations"] = [_sarif_location(source, label) for label in further]
    return result


def _sarif_location(source: Source, label: Label) -> Json:
    (line, column), (end_line, end_column) = source.position(label.start), source.position(label.end)
    region: Json = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
    uri = quote(os.fsencode(source.name.replace(os.sep, "/")))  # a relative reference, as the results are to be found
    location: Json = {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}
    return location | ({"message": {"text": plain(label.text)}} if label.text else {})


WRITERS = {"json": as_json, "github": as_github, "sarif": as_sarif}
