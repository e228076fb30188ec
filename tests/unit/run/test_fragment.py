"""Parts of scripts: what each is asked, and what it answers."""

from __future__ import annotations

import time
from typing import Any

import pytest

from msh.run.fragment import duration
from msh.syntax import nodes, parse
from tests.support.fragments import run

__all__ = ["run"]  # a fixture

# ---- status, conditions, ends -----------------------------------------------------------------


def test_the_status_and_output_of_a_part(run: Any) -> None:
    script = run("echo one; false; echo $?")
    first = script.part("echo one", "false")
    assert (first["rc"], first["exited"], first["stdout"]) == (1, False, "one\n")
    assert script.part("echo $?")["stdout"] == "1\n"


def test_a_status_that_is_given_counts_before_the_state(run: Any) -> None:
    """After `if false; then …; fi` it is 0, whatever the condition has left."""
    script = run("false; echo $?")
    script.part("false")
    assert script.part("echo $?", status=0)["stdout"] == "0\n"


def test_in_a_condition_set_e_does_not_count(run: Any) -> None:
    script = run("set -e; trap 'echo err' ERR; false; true")
    assert script.part("set -e", "trap 'echo err' ERR", "false", guarded=True, ahead=2) | {"snapshot": 0} == {
        **{"rc": 1, "exited": False, "why": "", "variables": {}, "snapshot": 0},
        **{"stdout": "", "stderr": ""},
    }
    ended = script.part("false", "true")
    assert (ended["rc"], ended["exited"], ended["why"], ended["stdout"]) == (1, True, "exit", "err\n")


def test_what_stands_ahead_of_a_condition_counts(run: Any) -> None:
    script = run("set -e; false; true")
    ended = script.part("set -e", "false", "true", guarded=True, ahead=2)
    assert (ended["rc"], ended["exited"]) == (1, True)


@pytest.mark.parametrize(
    ("statement", "status", "why"),
    [
        ("exit 7", 7, "exit"),
        ("echo ${nobody:?gone}", 1, "exit"),
        ("shift nonsense; exit", 1, "exit"),
        ("(exit 3)", 3, ""),
        ("kill -TERM $$", 143, "exit"),
        ("(exit 2); set -n; echo never", 0, "exit"),
    ],
)
def test_how_a_part_ends_the_script(statement: str, status: int, why: str, run: Any) -> None:
    script = run(statement + "\necho never")
    spans = [[s.start, s.end] for s in parse(script.source).body]
    ended = script.part(at=spans[:-1])
    assert (ended["rc"], ended["why"], ended["exited"]) == (status, why, bool(why))


def test_a_failed_expansion_abandons_its_statement_in_every_part(run: Any) -> None:
    """What follows on its line too; then the script goes on with `$?` 1. An `until` has to see a 0 to end."""
    text = "until echo $((1 / 0)); do echo body; done; echo same line\necho next $?"
    script = run(text)
    at = script.at("echo $((1 / 0))", nodes.Statement)
    failed = script.part(at=[at], guarded=True)
    assert (failed["exited"], failed["stdout"]) == (False, "")
    assert "script.sh: line 1: 1 / 0: division by 0" in failed["stderr"]
    assert script.part("echo body")["stdout"] == ""
    again = script.part(at=[at], guarded=True)
    assert (again["rc"], again["stderr"]) == (0, "")
    assert script.part("echo same line")["stdout"] == ""
    assert script.part("echo next $?", status=0)["stdout"] == "next 1\n"


def test_a_failed_expansion_in_the_body_of_a_function_abandons_only_that(run: Any) -> None:
    """Where a call is replaced by the function's statements; those of a function defined before it still run."""
    script = run("g() { echo g $?; }\nf() { echo $((1 / 0)); echo never; }\nf\ng")
    script.part("g() { echo g $?; }", "f() { echo $((1 / 0)); echo never; }")
    script.part("echo $((1 / 0))")
    assert script.part("echo never")["stdout"] == ""
    assert script.part("echo g $?")["stdout"] == "g 1\n"


def test_an_exit_trap_runs_when_asked_for_and_then_only(run: Any) -> None:
    script = run("trap 'echo bye $? $x; exit 9' EXIT; x=1; exit 4")
    started = script.part("trap 'echo bye $? $x; exit 9' EXIT", "x=1")
    assert started["stdout"] == ""
    ended = script.part("exit 4")
    assert (ended["rc"], ended["stdout"]) == (4, "")
    trapped = script.part(at=[], exit={"status": 4})
    assert (trapped["rc"], trapped["stdout"]) == (9, "bye 4 1\n")
    assert script.part(at=[], exit={"status": 4})["stdout"] == ""  # once


def test_background_commands_end_with_their_part(run: Any) -> None:
    """With their output; `wait` knows their status in any later part."""
    script = run("{ sleep 0.2; echo late; exit 3; } & wait $!; echo $?; wait 1; echo $?")
    first = script.part(at=[script.at("{ sleep 0.2; echo late; exit 3; } &", nodes.Statement)])
    assert first["stdout"] == "late\n"
    assert script.part("wait $!", "echo $?")["stdout"] == "3\n"
    assert (
        script.part("wait 1", at=[script.at("wait 1"), script.at("echo $?", nodes.Statement, 1)])["stdout"] == "127\n"
    )


def test_a_text_that_names_unmapped_commands_does_not_run(run: Any) -> None:
    assert "`gerpx` is not in the catalog" in run("echo one; gerpx").part("echo one")["raised"]


@pytest.mark.parametrize(
    "request_",
    [
        {"at": [[0, 3]]},
        {"at": [[0, 8]], "decide": {"kind": "case", "at": [0, 8]}},
        {"decide": {"kind": "what", "at": [0, 8]}},
        {"variables": {"x": 5}},
        {"state": {"version": 99}},
    ],
)
def test_a_request_that_does_not_fit_is_refused(request_: Any, run: Any) -> None:
    assert "ValueError" in run("echo one").part(**{"at": []} | request_)["raised"]


# ---- what is decided --------------------------------------------------------------------------


def test_a_case_says_which_item_it_takes(run: Any) -> None:
    """Its word and patterns have their effects once, up to the one that matches."""
    text = "case $((n += 1)) in $((n + 1))) ;; ${m:=1} | 7) : ;; ${k:=1}) : ;; esac; echo $n $m ${k-none}"
    script = run(text)
    span = script.at(text.partition("; echo")[0], nodes.CaseClause)
    found = script.part(at=[], decide={"kind": "case", "at": span}, returns=["n", "m"])
    assert (found["choice"], found["variables"]) == (1, {"n": "1", "m": "1"})
    assert script.part("echo $n $m ${k-none}")["stdout"] == "1 1 none\n"


def test_a_case_that_takes_none(run: Any) -> None:
    script = run("case x in y) ;; esac")
    assert script.part(at=[], decide={"kind": "case", "at": [0, 20]})["choice"] == -1


def test_the_items_of_a_for(run: Any) -> None:
    """Globs, splitting, quotes, and bytes that are no text."""
    text = "touch b a; for x in * 'c d' $(printf '1 2') $'\\xff' ''; do echo; done"
    script = run(text)
    span = script.at(text.partition("; ")[2], nodes.ForClause)
    found = script.part("touch b a", decide={"kind": "items", "at": span})
    assert found["items"] == ["a", "b", "c d", "1", "2", {"base64": "/w=="}, ""]


def test_the_items_of_a_for_without_words(run: Any) -> None:
    script = run("for x; do echo; done")
    found = script.part(at=[], decide={"kind": "items", "at": [0, 20]}, input={"arguments": ["a b", ""]})
    assert found["items"] == ["a b", ""]


def test_a_decision_that_is_not_reached_is_none(run: Any) -> None:
    """Whoever asked gets one all the same."""
    script = run("exit 3; case x in x) ;; esac; for x in a; do :; done; sleep 9")
    for kind, name, text, expected in (
        ("case", "choice", "case x in x) ;; esac", -1),
        ("items", "items", "for x in a; do :; done", []),
        ("seconds", "seconds", "sleep 9", 0),
    ):
        found = script.part("exit 3", decide={"kind": kind, "at": script.at(text)})
        assert (found["exited"], found[name]) == (True, expected)


def test_turns_of_a_for(run: Any) -> None:
    """`break` and `continue` within them, the variable afterwards, the status of the last."""
    body = 'for x in a; do case $x in 2) continue ;; 4) break ;; esac; echo "<$x>"; (exit 5); done'
    script = run(body)
    span = [0, len(body)]
    first = script.part(at=[], turns={"at": span, "values": ["1", "2", {"base64": "/w=="}]}, returns=["x"])
    assert (first["stdout"], first["rc"]) == ("<1>\n<\udcff>\n", 5)
    assert "broke" not in first
    assert first["variables"] == {"x": {"value": {"base64": "/w=="}, "attributes": ""}}
    second = script.part(at=[], turns={"at": span, "values": ["3", "4"]}, returns=["x"])
    assert (second["stdout"], second["rc"], second["broke"], second["variables"]) == ("<3>\n", 0, True, {"x": "4"})
    assert script.part(at=[], turns={"at": span, "values": []})["rc"] == 0


def test_a_loop_over_a_readonly_variable_fails(run: Any) -> None:
    script = run("readonly x=1; for x in a; do echo never; done")
    span = script.at("for x in a; do echo never; done", nodes.ForClause)
    found = script.part("readonly x=1", turns={"at": span, "values": ["a", "b"]})
    assert (found["rc"], found["broke"], found["stdout"]) == (1, True, "")
    assert found["stderr"].count("readonly variable") == 1


@pytest.mark.parametrize(
    ("command", "seconds", "status"),
    [
        ("sleep 5", 5, 0),
        ("sleep 1m 2 0.5s", 62, 0),
        ("sleep $n", 90, 0),
        ("sleep 0", 0, 0),
        ("sleep -- 1h", 3600, 0),
        ("sleep", 0, 1),
        ("sleep 1x", 0, 1),
        ("sleep -5", 0, 1),
    ],
)
def test_the_seconds_of_a_sleep(command: str, seconds: int, status: int, run: Any) -> None:
    """They are waited for elsewhere; what `sleep` does not take is left to it."""
    began = time.monotonic()
    script = run(f"n=90; {command}")
    found = script.part("n=90", decide={"kind": "seconds", "at": script.at(command, nodes.Statement)})
    assert (found["seconds"], found["rc"]) == (seconds, status)
    assert bool(status) == ("sleep: " in found["stderr"])
    assert time.monotonic() - began < 20


def test_a_fraction_of_a_second_is_slept_here(run: Any) -> None:
    began = time.monotonic()
    assert run("sleep 2.5").part(at=[], decide={"kind": "seconds", "at": [0, 9]})["seconds"] == 2
    assert time.monotonic() - began >= 0.5


def test_a_function_named_sleep_is_called(run: Any) -> None:
    script = run('sleep() { echo "mine $1"; }; sleep 100')
    at = script.at("sleep 100", nodes.Statement)
    found = script.part('sleep() { echo "mine $1"; }', decide={"kind": "seconds", "at": at})
    assert (found["stdout"], found["seconds"]) == ("mine 100\n", 0)


def test_a_wrong_sleep_ends_the_script_under_set_e(run: Any) -> None:
    script = run("set -e; sleep x")
    found = script.part("set -e", decide={"kind": "seconds", "at": script.at("sleep x", nodes.Statement)})
    assert (found["rc"], found["exited"], found["seconds"]) == (1, True, 0)


@pytest.mark.parametrize("operands", [["1e3"], ["inf"], ["0x10"], ["١"], ["."], [""], ["s"], ["1", "--help"], ["1e9d"]])
def test_durations_that_are_left_to_sleep(operands: list[str]) -> None:
    assert duration(operands) is None


# ---- variables ----------------------------------------------------------------------------------


def test_variables_that_are_asked_for(run: Any) -> None:
    script = run("x=1; y=(a b); export z=2; unset w")
    found = script.part("x=1", "y=(a b)", "export z=2", returns=["x", "y", "z", "w", "RANDOM"])
    assert found["variables"] == {
        **{"x": "1", "w": None, "RANDOM": None},
        "y": {"value": [[0, "a"], [1, "b"]], "attributes": "a"},
        "z": {"value": "2", "attributes": "x"},
    }


def test_variables_that_are_given_count_before_the_state(run: Any) -> None:
    """And null means that the state knows."""
    script = run('x=old y=kept; echo "$x $y ${z-none}"')
    script.part("x=old y=kept")
    found = script.part('echo "$x $y ${z-none}"', variables={"x": "new", "y": None, "z": None})
    assert found["stdout"] == "new kept none\n"


def test_an_unset_variable_stays_unset(run: Any) -> None:
    script = run("x=1; unset x; echo ${x-none}")
    script.part("x=1")
    assert script.part("unset x", returns=["x"])["variables"] == {"x": None}
    assert script.part("echo ${x-none}", variables={"x": None})["stdout"] == "none\n"


def test_what_a_script_is_started_with(run: Any) -> None:
    script = run('echo "$0 $1 $# $FOO $-"; env', options=("errexit",))
    given = {"arguments": ["a b", {"base64": "/w=="}], "environment": {"FOO": "bar"}}
    found = script.part('echo "$0 $1 $# $FOO $-"', "env", input=given)
    first, *rest = found["stdout"].splitlines()
    assert first == "script.sh a b 2 bar ehB"
    assert "FOO=bar" in rest
