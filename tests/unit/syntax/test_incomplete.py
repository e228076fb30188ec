"""`incomplete` says exactly whether more text could complete it."""

from __future__ import annotations

import pytest

from msh.diagnostics import MshError
from msh.source import Source
from msh.syntax import parse

#: Constructs as pieces: the text is open after each but the last.
PIECES = [
    ["if a", "; then", " b", "; elif c", "; then d", "; else", " e", "; fi"],
    ["while", " read x", "; do", " a", "\n", "; done"[2:]],
    ["for", " x", " in a b", "\n", "do", " c", "\ndone"],
    ["for ((i=0", "; i<3", "; i++", "))", "; do", " a", "; done"],
    ["case", " x", " in", " a", ") b", ";;", " esac"],
    ["{ a", ";", " b", "\n}"],
    ["(a", "; b", ")"],
    ["f()", " {", " a", "; }"],
    ["function f", " {", " a", "; }"],
    ["echo $(a", " | b", ")"],
    ["echo `a", " b", "`"],
    ["echo 'a", "\nb", "'"],
    ['echo "a', " $x", '"'],
    ["echo $'a", "\\'b", "'"],
    ["echo ${x:", "-a b", "}"],
    ["echo $((1", " + 2", "))"],
    ["((x", "++", "))"],
    ["[[ a", " == b", " &&", " c", " ]]"],
    ["x=(a", "\nb", ")"],
    ["a |", " b"],
    ["a &&", " b"],
    ["a ||", "\n", "b"],
    ["cat <(a", ")"],
    ["echo @(a", "|b", ")"],
    ["a >", " f"],
    ["select x in a", "; do", " b", "; done"],
    ["coproc", " a"],
]


def outcome(text: str, more: bool = False) -> str:
    try:
        parse(Source("t", text), more=more)
    except MshError as error:
        return "incomplete" if error.incomplete else "wrong"
    return "complete"


@pytest.mark.parametrize("pieces", PIECES, ids=lambda pieces: "".join(pieces))
def test_what_is_open_is_incomplete(pieces: list[str]) -> None:
    for count in range(1, len(pieces)):
        assert outcome("".join(pieces[:count])) == "incomplete", pieces[:count]
    assert outcome("".join(pieces)) == "complete"


@pytest.mark.parametrize(
    "text", [")", "fi", "a; done", "}", ";;", "a | | b", "for 1", "{ a; )", "a >\n", "( )", "[[ a b ]]", "${}"]
)
def test_what_is_wrong_is_not_incomplete(text: str) -> None:
    assert outcome(text) == outcome(text + "\n") == outcome(text, more=True) == "wrong"


def test_a_prompt_waits_for_the_end_of_a_here_document() -> None:
    assert outcome("cat <<E\na") == "complete", "as in bash -n"
    assert outcome("cat <<E\na", more=True) == "incomplete"
    assert outcome("cat <<E\na\nE\n", more=True) == "complete"


def test_a_prompt_waits_after_a_backslash() -> None:
    assert outcome("echo a\\\n", more=True) == "incomplete"
    assert outcome("echo a\\\n") == "complete"
    assert outcome("echo a # b\\\n", more=True) == "complete", "no continuation in a comment"
