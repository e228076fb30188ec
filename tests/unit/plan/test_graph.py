"""Drawings of plans: which region can follow which, and that a label can be nothing but a label."""

from __future__ import annotations

import re

import pytest

from msh.plan.build import sketch
from msh.plan.drawing import dot, mermaid
from msh.plan.graph import Graph, graph_of
from msh.resolve import resolve
from msh.source import Source
from msh.syntax import parse
from tests.unit.plan.test_build import CATALOG


def draw(text: str) -> Graph:
    source = Source("a.sh", text)
    script = parse(source)
    resolution = resolve(script, source, CATALOG)
    unmapped = [found.labels[0].start for found in resolution.diagnostics]
    return graph_of(sketch(script, source, resolution), script, unmapped)


def arrows(graph: Graph) -> set[str]:
    """`a; b -> c`, `a -yes-> b`"""
    label = {box.id: "; ".join(box.lines) for box in graph.boxes}
    shown = [f"-{edge.label}->" if edge.label else "->" for edge in graph.edges]
    return {f"{label[e.start]} {arrow} {label[e.end]}" for e, arrow in zip(graph.edges, shown, strict=True)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "start -> end", id="nothing"),
        pytest.param("ls; sort a | uniq", "start -> ls; sort a | uniq, ls; sort a | uniq -> end", id="sequence"),
        pytest.param("ls && id", "start -> ls, ls -yes-> id, ls -no-> end, id -> end", id="and"),
        pytest.param(
            "if ls; then id; elif w; then ps; else df; fi; du",
            "start -> ls, ls -yes-> id, ls -no-> w, w -yes-> ps, w -no-> df, id -> du, ps -> du, df -> du, du -> end",
            id="elif else",
        ),
        pytest.param("id; if ls; then w; fi", "start -> id, id -> ls, ls -yes-> w, ls -no-> end, w -> end", id="ahead"),
        pytest.param(
            "until ls; do sleep 5; done", "start -> ls, ls -no-> sleep 5, sleep 5 -> ls, ls -yes-> end", id="until"
        ),
        pytest.param(
            'for x in a b; do wc "$x"; done',
            'start -> for x in a b; side by side, for x in a b; side by side -each-> wc "$x", '
            'wc "$x" -> for x in a b; side by side, for x in a b; side by side -done-> end',
            id="for",
        ),
        pytest.param(
            'for x in *.c; do wc "$x"; done',
            'start -> for x in *.c; side by side, for x in *.c; side by side -each-> wc "$x", '
            'wc "$x" -> for x in *.c; side by side, for x in *.c; side by side -done-> end',
            id="for items",
        ),
        pytest.param(
            "case $x in a|b) ls ;; *) id ;; esac",
            "start -> case $x, case $x -a | b-> ls, case $x -*-> id, ls -> end, id -> end",
            id="case",
        ),
        pytest.param(
            "case $x in a) ls ;; esac",
            "start -> case $x, case $x -a-> ls, case $x -no match-> end, ls -> end",
            id="no *",
        ),
        pytest.param(
            "trap 'ls' EXIT; id",
            "start -> trap 'ls' EXIT; id, trap 'ls' EXIT; id -> trap … EXIT, trap … EXIT -> end",
            id="trap",
        ),
    ],
)
def test_what_follows_what(text: str, expected: str) -> None:
    assert arrows(draw(text)) == set(expected.split(", "))


def test_a_subshell_is_a_group() -> None:
    graph = draw("(sleep 5; ls)\nid\n")
    assert [(g.label, g.parent) for g in graph.groups] == [("subshell", "")]
    assert {b.lines[0]: b.group for b in graph.boxes} == {"start": "", "sleep 5": "g0", "ls": "g0", "id": "", "end": ""}


def test_what_is_not_mapped_is_marked() -> None:
    graph = draw("ls; gerp | sort\nif id; then w; fi")
    assert [box.lines for box in graph.boxes if not box.mapped] == [("ls", "gerp | sort")]
    assert "class n1 unmapped" in mermaid(graph)
    assert 'n1 [label="ls\\ngerp | sort" shape=box color=red]' in dot(graph)


HOSTILE = ['"];x["', "end", "`$(reboot)`", "<script>", "%%{init}%%", "#quot;", "\\", "\x1b[2J", "|x|", "a\nb", "$$x$$"]


@pytest.mark.parametrize("text", HOSTILE)
def test_labels_stay_labels(text: str) -> None:
    quoted = "'" + text + "'"
    graph = draw(
        f"(case {quoted} in {quoted}) ls {quoted};; esac); id {quoted}; ls\nfor x in {quoted} b; do wc $x; done"
    )
    line = r'[^"`<>|\[\]{}]*'
    node = rf'n\d+(\["|\{{"|\{{\{{"|\(\["){line}(<br>{line})*("\]|"\}}|"\}}\}}|"\]\))'
    line = rf'flowchart TD|{node}|subgraph g\d+\["[^"]*"\]|end|n\d+ -->(\|"[^"|]*"\|)? n\d+'
    for shown in mermaid(graph).splitlines():
        assert re.fullmatch(line, shown.strip()), shown
        assert shown.isprintable()
    string = r'"([^"\\]|\\["\\n])*"'
    for shown in dot(graph).splitlines()[2:-1]:
        shape = rf"n\d+ \[label={string} shape=\w+\]|n\d+ -> n\d+( \[label={string}\])?"
        assert re.fullmatch(rf"{shape}|subgraph cluster_g\d+ {{|label={string}|}}", shown.strip()), shown


def test_long_commands_are_cut() -> None:
    (box,) = [box for box in draw("echo " + "x" * 1000 + "\n").boxes if box.kind == "step"]
    assert box.lines == ("echo " + "x" * 54 + "…",)


def test_long_regions_are_cut() -> None:
    (box,) = [box for box in draw("ls\n" * 9).boxes if box.kind == "step"]
    assert box.lines == (*["ls"] * 6, "… 3 more")
