"""What an end was, from all that is known of it; never from the status alone."""

from __future__ import annotations

import pytest

from msh.sandbox.limits.verdict import Evidence, explain, judge
from msh.sandbox.policy import Outcome

NOTHING = Evidence()


@pytest.mark.parametrize(
    ("status", "evidence", "kind", "seen"),
    [
        (0, NOTHING, "exit", 0),
        (1, NOTHING, "exit", 1),
        (137, NOTHING, "signal", 137),
        (255, NOTHING, "exit", 255),
        (137, Evidence("timeout"), "timeout", 124),
        (137, Evidence("cpu"), "cpu", 137),
        (0, Evidence("output"), "output", 137),
        (137, Evidence(killed=1), "oom", 137),
        (1, Evidence(killed=1), "oom", 1),
        (0, Evidence(killed=1), "oom", 137),
        (2, Evidence(refused=3), "pids", 2),
        (0, Evidence(refused=3), "exit", 0),
        (139, Evidence(refused=3), "signal", 139),
        (1, Evidence(full=True), "disk", 1),
        (0, Evidence(full=True), "exit", 0),
        (153, Evidence(own=frozenset(["disk"])), "disk", 153),
        (153, NOTHING, "signal", 153),
        (152, Evidence(own=frozenset(["cpu"])), "cpu", 152),
        (152, NOTHING, "signal", 152),
        (1, Evidence(untold=frozenset(["memory"])), "exit", 1),
    ],
)
def test_kinds(status: int, evidence: Evidence, kind: str, seen: int) -> None:
    outcome = judge(status, evidence)
    assert (outcome.kind, outcome.status) == (kind, seen)


@pytest.mark.parametrize(
    ("kind", "own", "run", "code", "words"),
    [
        ("oom", {"memory": 4 << 20}, {}, "MSH431", "`x` used more memory than its 4m and was ended"),
        ("timeout", {"time": 1.5}, {"time": 9}, "MSH432", "`x` took longer than its 1.5s and was ended"),
        ("cpu", {}, {"cpu": 1}, "MSH433", "`x` used more processor time than the run's 1s and was ended"),
        ("pids", {"pids": 9}, {"pids": 5}, "MSH434", "`x` wanted more processes than the run's 5 and failed"),
        ("disk", {}, {"disk": 10 << 20}, "MSH435", "`x` wrote more than the run's 10m and failed"),
        ("output", {"output": 1 << 10}, {}, "MSH436", "`x` printed more than its 1k and was ended"),
    ],
)
def test_words(kind: str, own: dict[str, float], run: dict[str, float], code: str, words: str) -> None:
    said = explain(Outcome(kind, 1), "`x`", own, run)
    assert said is not None
    assert (said.code, said.message) == (code, words)


def test_what_cannot_be_told_is_named() -> None:
    outcome = judge(1, Evidence(untold=frozenset(["memory", "pids"])))
    said = explain(outcome, "`x`", {}, {})
    assert said is not None
    assert (said.code, said.severity) == ("MSH438", "note")
    assert said.help == "whether a limit of memory or pids had a part in it cannot be told without cgroups"
    assert explain(Outcome("exit", 1), "`x`", {"memory": 9 << 20}, {}) is None
