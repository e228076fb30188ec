"""Drawings: which step can follow which, and that a label can be nothing but a label."""

from __future__ import annotations

import re

import pytest

from msh.diagnostics import Diagnostic, Label
from msh.plan.drawing import dot, mermaid
from msh.plan.graph import Graph, graph_of
from msh.source import Source
from msh.syntax import parse


def draw(text: str) -> Graph:
    source = Source("a.sh", text)
    return graph_of(parse(source), source)


def arrows(graph: Graph) -> set[str]:
    """`a -> b`, `a -yes-> b`, `a =pipe=> b`"""
    label = {box.id: box.label for box in graph.boxes}
    kinds = {"pipe": "=pipe=>", "background": "-&->", "call": "-call->"}
    shown = [kinds.get(e.kind) or (f"-{e.label}->" if e.label else "->") for e in graph.edges]
    return {f"{label[e.start]} {arrow} {label[e.end]}" for e, arrow in zip(graph.edges, shown, strict=True)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "start -> end", id="nothing"),
        pytest.param("a; b", "start -> a, a -> b, b -> end", id="sequence"),
        pytest.param("a | b | c", "start -> a, a =pipe=> b, b =pipe=> c, c -> end", id="pipeline"),
        pytest.param("a && b", "start -> a, a -ok-> b, a -failed-> end, b -> end", id="and"),
        pytest.param(
            "a && b || c",
            "start -> a, a -ok-> b, a -failed-> c, b -ok-> end, b -failed-> c, c -> end",
            id="and or",
        ),
        pytest.param(
            "a || b && c", "start -> a, a -failed-> b, a -ok-> c, b -ok-> c, b -failed-> end, c -> end", id="or and"
        ),
        pytest.param("! a", "start -> ! a, ! a -> end", id="not"),
        pytest.param("if a; then b; fi", "start -> a, a -yes-> b, a -no-> end, b -> end", id="if"),
        pytest.param(
            "if a; then b; elif c; then d; else e; fi; f",
            "start -> a, a -yes-> b, a -no-> c, c -yes-> d, c -no-> e, b -> f, d -> f, e -> f, f -> end",
            id="elif else",
        ),
        pytest.param("while a; do b; done", "start -> a, a -yes-> b, b -> a, a -no-> end", id="while"),
        pytest.param("until a; do b; done", "start -> a, a -no-> b, b -> a, a -yes-> end", id="until"),
        pytest.param(
            "for x in 1 2; do a; break; done; b",
            "start -> for x in 1 2, for x in 1 2 -each-> a, a -> break, break -> b, for x in 1 2 -done-> b, b -> end",
            id="for break",
        ),
        pytest.param(
            "while a; do for x in 1; do continue 2; done; done",
            "start -> a, a -yes-> for x in 1, for x in 1 -each-> continue 2, continue 2 -> a, for x in 1 -done-> a, "
            "a -no-> end",
            id="continue 2",
        ),
        pytest.param(
            "case $x in a|b) p ;; c) q ;& *) r ;; esac",
            "start -> case $x, case $x -a | b-> p, case $x -c-> q, case $x -*-> r, q -> r, p -> end, r -> end",
            id="case",
        ),
        pytest.param(
            "case $x in a) p ;; esac", "start -> case $x, case $x -a-> p, case $x -no match-> end, p -> end", id="no *"
        ),
        pytest.param(
            "a & b; wait; c", "start -> &, & -&-> a, & -> b, b -> wait, a -> wait, wait -> c, c -> end", id="&"
        ),
        pytest.param("a & b", "start -> &, & -&-> a, & -> b, a -> end, b -> end", id="& without wait"),
        pytest.param("exit 3; a", "start -> exit 3, exit 3 -> end, a -> end", id="exit"),
        pytest.param("(exit 3); a", "start -> exit 3, exit 3 -> a, a -> end", id="exit of a subshell"),
        pytest.param("exec a; b", "start -> exec a, exec a -> end, b -> end", id="exec"),
        pytest.param("f() { a; }; f; b", "start -> f, f -call-> a, f -> b, b -> end", id="function"),
        pytest.param(
            "f() { if a; then return; fi; exit; }; f",
            "start -> f, f -call-> a, a -yes-> return, a -no-> exit, exit -> end, f -> end",
            id="return and exit",
        ),
        pytest.param("{ a; b; } > x", "start -> a, a -> b, b -> end", id="redirected"),
    ],
)
def test_what_follows_what(text: str, expected: str) -> None:
    assert arrows(draw(text)) == set(expected.split(", "))


def test_groups() -> None:
    graph = draw("f() { (a) > x; }\nb | c\n")
    assert [(g.label, g.parent) for g in graph.groups] == [
        ("f()", ""),
        ("> x", "g0"),
        ("subshell", "g1"),
        ("pipeline", ""),
    ]
    assert {b.label: b.group for b in graph.boxes if b.kind == "step"} == {"a": "g2", "b": "g3", "c": "g3"}


def test_what_is_not_mapped_is_marked() -> None:
    source = Source("a.sh", "a; gerp | b")
    finding = Diagnostic("MSH201", "m", source, (Label(3, 7),))
    graph = graph_of(parse(source), source, [finding])
    assert [box.label for box in graph.boxes if not box.mapped] == ["gerp"]
    assert "class n2 unmapped" in mermaid(graph)
    assert 'n2 [label="gerp" shape=box color=red]' in dot(graph)


HOSTILE = ['"];x["', "end", "`$(reboot)`", "<script>", "%%{init}%%", "#quot;", "\\", "\x1b[2J", "|x|", "a\nb", "$$x$$"]


@pytest.mark.parametrize("text", HOSTILE)
def test_labels_stay_labels(text: str) -> None:
    quoted = "'" + text + "'"
    graph = draw(f"f() {{ case {quoted} in {quoted}) a {quoted};; esac; }}; b {quoted}")
    node = r'n\d+(\["|\{"|\{\{"|\[\["|\(\("|\(\[")[^"`<>|\[\]{}]*("\]|"\}|"\}\}|"\]\]|"\)\)|"\]\))'
    line = rf'flowchart TD|{node}|subgraph g\d+\["[^"]*"\]|end|n\d+ (-->|==>|-\.->)(\|"[^"|]*"\|)? n\d+'
    for shown in mermaid(graph).splitlines():
        assert re.fullmatch(line, shown.strip()), shown
        assert shown.isprintable()
    string = r'"([^"\\]|\\["\\])*"'
    for shown in dot(graph).splitlines()[2:-1]:
        shape = rf"n\d+ \[label={string} shape=\w+\]|n\d+ -> n\d+ \[style=\w+( label={string})?\]"
        assert re.fullmatch(rf"{shape}|subgraph cluster_g\d+ {{|label={string}|}}", shown.strip()), shown


def test_long_commands_are_cut() -> None:
    (box,) = [box for box in draw("echo " + "x" * 1000 + "\n").boxes if box.kind == "step"]
    assert box.label == "echo " + "x" * 54 + "…"
