"""Every node knows its true place."""

from __future__ import annotations

from pathlib import Path

import pytest

from msh.diagnostics import MshError
from msh.source import Source, decode
from msh.syntax import nodes as n
from msh.syntax import parse, walk
from tests.support.cases import DIRECTORY, read_cases
from tests.support.spans import span_errors

CASES = [case for area in sorted(path.name for path in DIRECTORY.iterdir()) for case in read_cases(area)]
EXAMPLES = sorted((Path(__file__).parents[3] / "examples").rglob("*.sh"))


@pytest.mark.parametrize("text", [case.script for case in CASES] + [decode(path.read_bytes()) for path in EXAMPLES])
def test_spans_nest_in_order(text: str) -> None:
    try:
        script = parse(Source("t", text))
    except MshError:
        return
    assert span_errors(script, text) == []


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("a; if b; then c; fi &", n.IfClause, "if b; then c; fi"),
        ("! a | b", n.Pipeline, "! a | b"),
        ("time -p { a; } > f", n.Pipeline, "time -p { a; } > f"),
        ("case x in (a) b;; esac", n.CaseItem, "(a) b;;"),
        ("echo `a \\`b c\\``", n.CommandSubstitution, "`a \\`b c\\``"),
        ("cat <<-E\n\tx $(\ty) z\n\tE\n", n.CommandSubstitution, "$(\ty)"),
        ('e "${x:-$(a b)}"', n.Parameter, "${x:-$(a b)}"),
        ("x\\\ny=1 z", n.Assignment, "x\\\ny=1"),
        ("f() { a; } >f", n.Redirected, "{ a; } >f"),
        ("a 2>&1", n.Redirect, "2>&1"),
        ("a[1 + 2]+=3", n.Subscript, "[1 + 2]"),
        ("((a ? b : c))", n.Conditional, "a ? b : c"),
        ("a; b & c", n.Statement, "a;"),
    ],
)
def test_a_span_is_the_text_of_its_node(text: str, kind: type[n.Node], expected: str) -> None:
    node = next(node for node in walk(parse(Source("t", text))) if type(node) is kind)
    assert text[node.start : node.end] == expected


def test_the_inner_of_nested_backquotes_has_its_place() -> None:
    text = "echo `a \\`b 'c'\\``"
    quoted = next(node for node in walk(parse(Source("t", text))) if isinstance(node, n.SingleQuoted))
    assert text[quoted.start : quoted.end] == "'c'"


def test_comments_are_kept_in_order() -> None:
    text = "#! a\nb # c\nx=`d # e` # f\ncat <<E # g\n$(h # i\n)\nE\nj=( # k\n)\n"
    script = parse(Source("t", text))
    assert [comment.text.strip() for comment in script.comments] == ["! a", "c", "e", "f", "g", "i", "k"]
    assert all(text[comment.start] == "#" for comment in script.comments)
