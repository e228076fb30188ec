"""Every case in parts: what `tests/cases/run` and `machine` print in one piece, their parts print too.

Each part runs in a process of its own, with only JSON files and the workspace between two (`tests/support/parts.py`).
A sample runs always, all with MSH_SLOW.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from msh.diagnostics import MshError
from msh.source import Source
from msh.syntax import nodes, walk
from msh.syntax.reading import read
from tests.support import cases
from tests.support.cases import Case

#: Cases of which the parts do something else, each for its reason. A machine keeps such statements together.
UNNOTED = "attributes that change nothing, such as `-t`, are not written down"
DIFFERENT = {
    "command exec keeps redirections": "a here-document that a descriptor keeps open stays in its part",
    "wait for a process substitution": "it ends with its part",
    "complete keeps what it is told": "what `complete` was told stays in its part",
    "letters of attributes in the order of bash": UNNOTED,
    "functions have attributes too, and under extdebug a place": UNNOTED,
    "eval goes on with the lines of its script and belongs to its text": "a function of an `eval` is of a file `eval`",
    "the traps of signals and of EXIT have lines of their own": "BASH_COMMAND of an EXIT trap is empty in a later part",
    "a signal that ends the shell by default does so also when it is SIGPIPE": "it ends its part, not all",
}
ALL = "MSH_SLOW" in os.environ
SAMPLE = 8  # one of so many cases of the interpreter


def divisible(case: Case) -> bool:
    """Whether there is anything to be done in parts; aliases, which POSIX's mode has, may stand in the way.

    What runs in the background ends with its part.
    """
    if "--posix" in cases.arguments(case):
        return False
    try:
        reading = read(Source("case.sh", case.script))
    except MshError:
        return False
    script = reading.script
    if not reading.plain or any(isinstance(node, nodes.Coprocess) or _in_background(node) for node in walk(script)):
        return False
    return len(script.body) > 1 or any(isinstance(node, nodes.AndOr) for node in walk(script))


def _in_background(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Statement) and node.background


def chosen() -> list[Case]:
    """The cases to run: all that state machines are for, and some of the others."""
    run = [case for case in cases.read_cases("run") if divisible(case)]
    return [*cases.read_cases("machine"), *cases.sample(run, SAMPLE)]


def ran(case: Case, directory: Path, *, deep: bool, seconds: float = 60) -> tuple[str, bytes, str]:
    """Status, standard output and standard error of the case in parts."""
    workspace, script = cases.make_workspace(case, directory)
    options = ["--deep"] if deep else []
    argv = [sys.executable, "-m", "tests.support.parts", *options, *cases.arguments(case), str(script)]
    found = cases.run(argv, workspace, case.section("stdin"), seconds)
    return str(found.status), found.stdout, found.stderr.decode(errors="replace")


@pytest.mark.parametrize("deep", [False, True] if ALL else [True], ids=lambda deep: "deep" if deep else "flat")
@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in chosen() if case.name not in DIFFERENT])
def test_parts_do_what_the_whole_does(case: Case, deep: bool, tmp_path: Path) -> None:
    """The same bytes, status, and words on standard error."""
    status, out, errors = ran(case, tmp_path, deep=deep)
    assert (status, out) == (case.section("status") or "0", case.stdout), errors
    for words in case.section("stderr-contains").splitlines():
        assert words in errors


if ALL:

    @pytest.mark.parametrize("name", DIFFERENT)
    def test_an_exception_is_one(name: str, tmp_path: Path) -> None:
        """Each of them does differ, or has no end."""
        [case] = [case for case in cases.read_cases("run") if case.name == name]
        status, out, _ = ran(case, tmp_path, deep=False, seconds=5)
        assert (status, out) != (case.section("status") or "0", case.stdout)


def test_the_exceptions_are_cases() -> None:
    """A case that has gone or got another name is none."""
    assert DIFFERENT.keys() <= {case.name for case in cases.read_cases("run")}
