"""`bash -n` and msh agree on which texts are scripts."""

from __future__ import annotations

import subprocess
import textwrap

import pytest

from msh.diagnostics import MshError
from msh.source import Source
from msh.syntax import parse
from tests.support.cases import DIRECTORY, Case, read_cases

#: Where they do not, by decision (docs/decisions/0002-parser.md): found by bash only when it comes to it.
LATER_IN_BASH = ("MSH108", "MSH111", "MSH113")
ONLY_MSH_LOOKS = (
    "an unknown parameter operator",
    "a mistake inside of",
    "a mistake after escapes inside of backquotes",
    "a bracket that its line does not close",  # which bash looks for in all that follows
)

CASES = [case for area in sorted(path.name for path in DIRECTORY.iterdir()) for case in read_cases(area)]

TEXTS = (
    textwrap.dedent(
        r"""
    ! (a)
    !(a)
    ! ! a
    time -p ls
    time -- ls
    coproc a b
    f() a
    f() if a; then b; fi
    function f
    1a() { x; }
    a=( [1]=b [c d]=e )
    a[1 + 2]=b
    echo a=(1)
    eval a=(1)
    [[ a =~ a|b ]]
    [[ a < b ]]
    for ((i=0;i<3;i++)) { a; }
    for i in; do a; done
    for i in a b; { c; }
    for i in a & do b; done
    select x; do b; done
    case x in esac
    case in in in) a;; esac
    case x in if) a;; esac
    case x in a) b ;; ;; esac
    case x in a|) c;; esac
    { (a) }
    { a }
    ( (a) )
    ()
    ((a); b)
    echo $((a) | b)
    echo `a
    echo ${x:1:2} ${x: -1} ${x/#a/b} ${x,,[a]} ${!x*} ${#?} ${##} ${#-x} ${!#}
    echo $(case x in a) b;; esac)
    echo $(# comment )
    a <<E && b
    a > > f
    a {fd}> f
    a <(b
    a<(b)
    >f
    a & & b
    if() { x; }
    echo if then fi
    a() { b; } c
    (a) b
    x=(a;b)
    x=(<(a))
    a=b(c)
    a b()
    let a=(1)
    a | time b
    a >& b
    echo {a}>b
    function a b
    if a; else b; fi
    for x in a; done
    { a; )
    "$(a"
    echo "a'b" 'c"d'
    ]]
    in
    """
    )
    .strip()
    .splitlines()
)


def agree(text: str) -> None:
    # bash -n says yes to a wrong `[[ ]]`, but prints that it is one
    given = subprocess.run(
        ["bash", "-O", "extglob", "-n"], input=text.encode("utf-8", "surrogateescape"), capture_output=True
    )
    try:
        parse(Source("t", text))
    except MshError as error:
        if error.diagnostics[0].code in LATER_IN_BASH:
            return
        assert given.returncode != 0, f"only msh refuses it: {error}"
    else:
        assert given.returncode == 0, f"only bash refuses it: {given.stderr.decode(errors='replace')}"


@pytest.mark.parametrize("text", TEXTS)
def test_texts(text: str) -> None:
    agree(text + "\n")


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case.id) for case in CASES if not case.name.startswith(ONLY_MSH_LOOKS)]
)
def test_cases(case: Case) -> None:
    agree(case.script)
