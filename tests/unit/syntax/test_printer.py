"""Printing: the layout, and that nothing is lost."""

from __future__ import annotations

import pytest

from msh.diagnostics import MshError
from msh.source import Source
from msh.syntax import nodes as n
from msh.syntax import parse, print_command, print_script, print_word, same_tree, walk
from tests.support.cases import Case, read_cases

UNTIDY = """\
#!/bin/sh
# head


if a; then # why
  b   # trailing
  # inside
else # else c
  # before c
  c;d
  # end c
fi
f ()  { x; }
function g {
# only
  cat <<E | sort |
hello $x
E
   uniq   # z
}
case $x in  # cc
  # first
  a|b) foo ;; # t1
  (c) bar
     baz ;;
  (esac) ;;
  # last
esac
arr=(
  a b  # one
  # two
  c
)
x=$(
  # comment
  ls | wc
  y
)
cmd --long \\
   --other   >f 2>&1   <<<w
while read -r a; do echo $a; done<f
for i in a b; do
  (cd x&&ls)&
done
a && # c1
  b ||
  # c2
  c
for ((i=0; i<3; i++)) { echo; }
"""

TIDY = """\
#!/bin/sh
# head

if a; then # why
    b # trailing
    # inside
else # else c
    # before c
    c
    d
    # end c
fi
f() { x; }
function g() {
    # only
    cat <<E | sort |
hello $x
E
        uniq # z
}
case $x in # cc
    # first
    a | b) foo ;; # t1
    c)
        bar
        baz
        ;;
    (esac) ;;
    # last
esac
arr=(
    a b # one
    # two
    c
)
x=$(
    # comment
    ls | wc
    y
)
cmd --long \\
    --other > f 2>&1 <<< w
while read -r a; do echo $a; done < f
for i in a b; do
    (cd x && ls) &
done
a && # c1
    b ||
    # c2
    c
for ((i=0; i<3; i++)); do echo; done
"""


def test_the_layout() -> None:
    source = Source("t", UNTIDY)
    assert print_script(parse(source), source) == TIDY


def test_a_tidy_script_stays_as_it_is() -> None:
    source = Source("t", TIDY)
    assert print_script(parse(source), source) == TIDY


TEXTS = [case.script for area in ("parse", "resolve", "run") for case in read_cases(area)] + [UNTIDY]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("with_source", [True, False])
def test_what_is_printed_is_the_same_tree(text: str, with_source: bool) -> None:
    source = Source("t", text)
    try:
        script = parse(source)
    except MshError:
        return
    printed = Source("printed", print_script(script, source if with_source else None))
    again = parse(printed)
    assert same_tree(script, again), printed.text
    assert [c.text.rstrip() for c in again.comments] == [c.text.rstrip() for c in script.comments]
    if with_source:
        assert print_script(again, printed) == printed.text


@pytest.mark.parametrize(
    "text",
    [
        "f() {\n    echo $(\n        a\n        b\n    )\n}",
        "f() {\n    cat <<E > x\na\nE\n}",
        "g() {\n    (a; b) | c &\n}",
        "h() {\n    if a; then\n        b\n    elif c; then\n        d\n    fi\n} > x",
        "i() {\n    [[ -f x && ! ( a == b ) ]]\n}",
        "j() {\n    coproc n {\n        a\n    }\n}",
    ],
)
def test_print_command(text: str) -> None:
    script = parse(Source("t", text))
    assert same_tree(script, parse(Source("t", print_command(script.body[0]))))


@pytest.mark.parametrize(
    "word",
    [
        "a",
        "'a b'",
        '"a $x"',
        "\\a",
        "$'a\\n\\x01\\'\\\\'",
        "${x:-a b}",
        "$(a; b)",
        "`a \\`b\\``",
        "$((1 + x))",
        "@(a|b c)",
        "<(a)",
    ],
)
def test_print_word(word: str) -> None:
    command = parse(Source("t", f"c {word}")).body[0].command
    assert isinstance(command, n.SimpleCommand)
    printed = command.words[1]
    assert isinstance(printed, n.Word)
    assert print_word(printed) == word


@pytest.mark.parametrize("delimiter", ["'E'", "\\E", '"it\'s"', "\\'\\$E", "E\\'\\\"x'y'", "-", '"a b"'])
def test_delimiters(delimiter: str) -> None:
    script = parse(Source("t", f"cat << {delimiter}\n$x"))
    printed = print_script(script)
    assert same_tree(script, parse(Source("t", printed))), printed


def test_a_subshell_in_a_substitution_does_not_become_arithmetic() -> None:
    for text in ("echo $( (a) | b)", "( (a); b)", "x=`(a)`"):
        script = parse(Source("t", text))
        assert same_tree(script, parse(Source("t", print_script(script)))), print_script(script)
        assert any(isinstance(node, n.Subshell) for node in walk(script))


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in read_cases("run")])
def test_a_function_as_bash_shows_it_is_the_same_function(case: Case) -> None:
    from msh.syntax.bash_printer import print_function

    try:
        script = parse(Source("x", case.script))
    except MshError:
        return
    for node in walk(script):
        # bash shows `a=b ()` as well, and does not read it again
        if isinstance(node, n.FunctionDefinition) and "=" not in node.name:
            text = print_function(node)
            [again] = parse(Source("y", text)).body
            assert isinstance(again.command, n.FunctionDefinition)
            assert print_function(again.command) == text
