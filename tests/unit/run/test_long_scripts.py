"""A long script is read in parts, and means the same: cases are run with parts of one line each."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from msh.diagnostics import MshError
from msh.source import Source
from msh.syntax import parse, same_tree
from msh.syntax.nodes import Script
from msh.syntax.parts import PartLexer, read_parts
from tests.support import cases
from tests.support.cases import Case, Ran

PROGRAM = """\
import sys
import msh.run.reading, msh.syntax.parts
msh.run.reading.LONG = 0
msh.syntax.parts.SIZE = 1
from msh.cli import start
start()
"""
FILES = ("heredocs", "control", "aliases", "line_numbers")
TEXTS = (
    "a\nb; c\n\n# d\ne &&\n\nf\nif g\nthen h\nfi\ni() {\nj\n}\ncase x in\nx) k ;;\nesac\n",
    "cat <<E; b\n1\nE\nc\n",
    "x=$(\na\n)\nb \\\n c\n'd\ne'\n((1 +\n2))\n[[ a &&\nb ]]\nfor i\nin 1\ndo a\ndone\n",
    "whi\\\nle a; do b; done\nc\nd &\\\n& e\n! a |\nb\n",
    "a=(\n1\n2\n)\n\n\n",
    "echo no newline",
)


def run(script: str, directory: Path, *arguments: str) -> Ran:
    (directory / "script.sh").write_text(script)
    return cases.run([sys.executable, "-c", PROGRAM, *arguments, "script.sh"], directory)


@pytest.mark.parametrize("text", TEXTS)
def test_parts_are_the_whole(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("msh.syntax.parts.SIZE", 1)
    source = Source("text", text)
    parts = list(read_parts(source, 0))
    whole = parse(source)
    joined = Script(0, len(text), tuple([statement for part in parts for statement in part.body]))
    assert same_tree(whole, joined)
    assert [statement.start for statement in joined.body] == [statement.start for statement in whole.body]


def test_text_is_cut_only_after_complete_commands() -> None:
    lexer = PartLexer("a &&\nb\nc\n")
    lexer.stop = 1
    lexer.run()
    assert lexer.text[: lexer.pos] == "a &&\nb\n"


@pytest.mark.parametrize(
    "case",
    [pytest.param(c, id=c.id) for c in cases.read_cases("run") if Path(c.id.partition(":")[0]).stem[:-5] in FILES],
)
def test_cases_mean_the_same(case: Case, tmp_path: Path) -> None:
    workspace, _ = cases.make_workspace(case, tmp_path)
    ran = run(case.script, workspace, *cases.arguments(case))
    assert (ran.stdout, ran.status) == (case.stdout, int(case.section("status") or 0))


def test_nothing_runs_when_the_end_is_wrong(tmp_path: Path) -> None:
    ran = run("echo no\n" * 5 + "if\n", tmp_path)
    assert ran.stdout == b"" and b"MSH1" in ran.stderr
    ran = run("echo no\n" * 5 + "gerp x\n", tmp_path)
    assert ran.stdout == b"" and b"MSH201" in ran.stderr and b"script.sh:6:1" in ran.stderr


def test_a_function_may_be_defined_in_a_later_part(tmp_path: Path) -> None:
    ran = run("f() { find -exec gerp; }\ng() { gerp; }\nfind() { gerp; }\ngerp() { echo ok; }\nf; g\n", tmp_path)
    assert (ran.stdout, ran.status) == (b"ok\nok\n", 0)


def test_a_nul_byte_is_refused() -> None:
    with pytest.raises(MshError):
        list(read_parts(Source("text", "a\nb\0"), 0))
