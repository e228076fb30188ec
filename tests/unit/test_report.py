"""Findings for machines: the shape that other programs rely on."""

from __future__ import annotations

import json

from msh.diagnostics import Diagnostic, Label
from msh.report import RECORD_FIELDS, as_github, as_json, as_sarif
from msh.source import Source

SOURCE = Source("scripts/a b.sh", "if x; then\n  gerp 日本\n")
FOUND = [
    Diagnostic("MSH201", "`gerp` is not in the catalog", SOURCE, (Label(13, 17, "here"),), "did you mean `grep`?"),
    Diagnostic("MSH104", "expected `fi`", SOURCE, (Label(21, 21), Label(0, 2, "opened here")), severity="warning"),
    Diagnostic("MSH461", "no place: 100% of it,\nso", severity="note"),
]


def test_json() -> None:
    document = json.loads(as_json(FOUND))
    assert document["version"] == 1
    first, second, third = document["findings"]
    assert tuple(first) == RECORD_FIELDS
    start, end = {"line": 2, "column": 3, "offset": 13}, {"line": 2, "column": 7, "offset": 17}
    assert (first["file"], first["range"]) == ("scripts/a b.sh", {"start": start, "end": end})
    assert first["labels"] == [{"range": {"start": start, "end": end}, "text": "here"}]
    assert (first["code"], first["severity"], first["help"]) == ("MSH201", "error", "did you mean `grep`?")
    assert [label["text"] for label in second["labels"]] == ["", "opened here"]
    assert (third["file"], third["range"], third["labels"], third["help"]) == (None, None, [], None)


def test_json_takes_any_bytes() -> None:
    source = Source("caf\udce9.sh", "\udcff\x1b")
    text = as_json([Diagnostic("MSH201", "`\udcff\x1b`", source, (Label(0, 2),))])
    assert text.isascii()
    assert json.loads(text)["findings"][0]["message"] == "`\udcff\x1b`"


def test_github() -> None:
    assert as_github(FOUND).splitlines() == [
        "::error file=scripts/a b.sh,line=2,endLine=2,title=MSH201,col=3,endColumn=7"
        "::`gerp` is not in the catalog (did you mean `grep`?)",
        "::warning file=scripts/a b.sh,line=3,endLine=3,title=MSH104,col=1,endColumn=1::expected `fi`",
        "::notice title=MSH461::no place: 100%25 of it,\\nso",
    ]


def test_a_name_cannot_become_a_workflow_command() -> None:
    source = Source("a,line=1::b\n::set-env name=x::y", "gerp")
    (line,) = as_github([Diagnostic("MSH201", "a\n::stop-commands::x", source, (Label(0, 4),))]).splitlines()
    properties, message = line.removeprefix("::error ").split("::", 1)
    assert properties.startswith("file=a%2Cline=1%3A%3Ab\\n%3A%3Aset-env name=x%3A%3Ay,line=1,")
    assert message == "a\\n::stop-commands::x"


def test_sarif_is_what_the_standard_asks_for() -> None:
    """The properties that SARIF 2.1.0 (3.13, 3.14, 3.19, 3.27, 3.30) requires, and that references are in bounds."""
    document = json.loads(as_sarif(FOUND))
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "msh"
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    assert [rule["id"] for rule in driver["rules"]] == ["MSH104", "MSH201", "MSH461"]
    for result, diagnostic in zip(run["results"], FOUND, strict=True):
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == diagnostic.code
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        for location in result.get("locations", []) + result.get("relatedLocations", []):
            region = location["physicalLocation"]["region"]
            assert all(value >= 1 for value in region.values())
            assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
            assert location["physicalLocation"]["artifactLocation"]["uri"] == "scripts/a%20b.sh"
    assert "locations" not in run["results"][2]


def test_no_findings() -> None:
    assert json.loads(as_json([])) == {"version": 1, "findings": []}
    assert as_github([]) == ""
    assert json.loads(as_sarif([]))["runs"][0]["results"] == []
