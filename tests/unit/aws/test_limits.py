"""The limits of Step Functions: what is refused, at which place, and what is kept within them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from msh.aws import limits
from msh.aws.asl import Map, Task
from msh.aws.defects import defects
from msh.aws.events import BUDGET
from msh.aws.names import LARGE
from msh.aws.states import Machine, compile_plan
from msh.plan.model import Choose, Each, Plan, Repeat, Scope, Span, Step, Wait
from msh.source import Source
from tests.support.plans import SPAN, plan, region
from tests.unit.aws.test_states import Plans

a, b, c = (region(name, reads="x", writes="y", live="y") for name in "abc")
HERE = Span(2, 4)


def refused(whole: Plan) -> list[tuple[str, int]]:
    """The codes and places of what is refused; -1 for the whole script."""
    machine = compile_plan(whole)
    found = limits.refusals(machine, machine.document(), Source("script.sh", whole.text))
    return [(one.code, one.labels[0].start if one.labels else -1) for one in found]


def tasks(machine: Machine) -> list[Task]:
    return [state for _, state in limits.every_state(machine.states) if isinstance(state, Task)]


def test_an_ordinary_plan_is_not_refused() -> None:
    assert refused(plan(a, Choose((b,), (Wait(5, SPAN),), None, SPAN), Repeat((b,), (c,), False, SPAN))) == []


def test_a_definition_of_more_than_a_megabyte() -> None:
    """MSH320"""
    assert refused(plan(Each("x", None, ("word" * 300,) * 900, (a,), False, SPAN), a)) == [("MSH320", -1)]


def test_a_wait_of_more_than_a_year() -> None:
    """MSH321"""
    assert refused(plan(a, Wait(limits.YEAR + 1, HERE))) == [("MSH321", 2)]
    assert refused(plan(a, Wait(limits.YEAR, HERE))) == []


def test_more_events_than_a_history_holds() -> None:
    """MSH322"""
    many: tuple[Step, ...] = tuple([Choose((region(f"r{index}"),), (), None, SPAN) for index in range(3000)])
    assert ("MSH322", -1) in refused(plan(*many))
    assert ("MSH322", 2) in refused(plan(Repeat((region("test"),), many, False, HERE)))
    assert compile_plan(plan(Repeat((region("test"),), many[:100], False, HERE))).events <= BUDGET


def test_more_variables_than_a_request_holds() -> None:
    """MSH323"""
    wide = " ".join([f"v{index}" for index in range(1000)])
    assert refused(plan(region("wide", reads=wide))) == [("MSH323", 0)]
    assert refused(plan(region("files", files=tuple([f"{'d' * 100}/{index}" for index in range(900)])))) == [
        ("MSH323", 0)
    ]


def test_many_variables_travel_by_reference_earlier() -> None:
    names = " ".join([f"v{index}" for index in range(100)])
    for task in tasks(compile_plan(plan(region("set", writes=names, live=names), region("use", reads=names)))):
        payload = task.arguments["Payload"]
        assert isinstance(payload, dict)
        assert payload["inline"] == limits.VARIABLES // 100
    (task,) = tasks(compile_plan(plan(region("few", reads="x"))))
    assert "inline" not in task.arguments["Payload"]  # type: ignore[operator]


def test_what_turns_side_by_side_leave_fits() -> None:
    body = region("body", writes="y z", live="y z")
    whole = plan(Each("i", None, tuple("abcdefghij" * 4), (body,), True, SPAN), region("use", reads="i y z"))
    payload = tasks(compile_plan(whole))[0].arguments["Payload"]
    assert isinstance(payload, dict)
    assert payload["inline"] == limits.OUTPUTS // (40 * 3)


def kinds(machine: Machine) -> list[str]:
    return [type(state).__name__ for _, state in limits.every_state(machine.states)]


def test_turns_that_no_map_has_room_for_run_one_after_the_other() -> None:
    for values in (("v",) * 101, ("long" * 5000,) * 4):
        machine = compile_plan(plan(Each("i", None, values, (a,), True, SPAN), a))
        assert "Map" not in kinds(machine)
    assert "Map" in kinds(compile_plan(plan(Each("i", None, ("v",) * 100, (a,), True, SPAN), a)))


def test_a_state_that_grows_is_made_one_commit() -> None:
    turn = Each("i", None, ("v",) * 30, (region("r"),), True, SPAN)
    other = Each("i", None, ("v",) * 30, (region("s"),), True, SPAN)
    names = [name for name, _ in limits.every_state(compile_plan(plan(turn, other)).states)]
    assert [name for name in names if "join" in name] == ["L1-join"]
    names = [name for name, _ in limits.every_state(compile_plan(plan(turn)).states)]
    assert not [name for name in names if "join" in name]
    loop = Each("j", None, ("a", "b"), (turn,), False, SPAN)
    assert "L1-join" in [name for name, _ in limits.every_state(compile_plan(plan(loop)).states)]
    assert 30 * 256 < LARGE < 60 * 256


def test_names_are_short_and_unique() -> None:
    long = region("r" * 60, may_exit=True)
    steps = [long.replace(name=long.name[:-1] + str(index)) for index in range(3)]
    machine = compile_plan(plan(*steps, *[Wait(1, SPAN) for _ in range(12)]))
    assert defects(machine.document()) == []
    variable = "v" * 200
    machine = compile_plan(plan(region("r", writes=variable, live=variable), region("s", reads=variable)))
    assert defects(machine.document()) == []


# ---- defects -----------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(60))
def test_no_machine_has_a_defect(seed: int) -> None:
    """No state reads a variable that some path to it has not assigned, among others."""
    assert defects(compile_plan(Plans(seed).plan).document()) == []


def test_no_machine_of_many_executions_has_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("msh.aws.events.BUDGET", 1)
    for seed in range(60, 120):
        assert defects(compile_plan(Plans(seed).plan).document()) == []


WHOLE = plan(
    region("L1-a", writes="x", live="x", may_exit=True),
    Choose((region("L2-t", reads="x"),), (Wait(5, SPAN),), None, SPAN),
    Each("i", None, ("1", "2"), (region("L3-b", reads="i x"), Wait(1, SPAN)), True, SPAN),
    Scope((region("L4-c", reads="x"), Wait(1, SPAN)), SPAN),
)

Edit = Callable[[dict[str, Any]], None]


def within(document: dict[str, Any]) -> dict[str, Any]:
    states: dict[str, Any] = document["States"]["L1-for"]["ItemProcessor"]["States"]
    return states


FAULTS: dict[str, tuple[Edit, str]] = {
    "no such state": (lambda d: d["States"]["L2-t"].update(Next="gone"), "no state ['gone']"),
    "no such start": (lambda d: d.update(StartAt="gone"), "no state gone"),
    "never entered": (lambda d: d["States"].update(alone={"Type": "Succeed", "Output": 1}), "no state leads to it"),
    "a name of signs": (lambda d: d["States"].update({"a b": {"Type": "Succeed"}}), "a b: no name for a state"),
    "a long name": (lambda d: d["States"].update({"n" * 81: {"Type": "Succeed"}}), "no name for a state"),
    "a name twice": (lambda d: within(d).update(end={"Type": "Succeed"}), "end: another state has this name"),
    "not assigned": (lambda d: d["States"]["L1-a"]["Assign"].pop("v_x"), "$v_x may not have been assigned"),
    "assigned on one path": (
        lambda d: d["States"]["L1-sleep"].update(Assign={}, Seconds="{% $late %}"),
        "$late may not have been assigned",
    ),
    "assigned around": (
        lambda d: within(d)["L1-sleep-2"].update(Assign={"v_x": 1}),
        "L1-sleep-2: $v_x is assigned around this branch",
    ),
    "neither Next nor End": (lambda d: d["States"]["L2-t"].pop("Next"), "has not one of Next and End"),
    "both": (lambda d: d["States"]["L2-t"].update(End=True), "has not one of Next and End"),
    "no rule": (lambda d: d["States"]["end"].update(Choices=[]), "it has no rule"),
    "a long wait": (lambda d: d["States"]["L1-sleep"].update(Seconds=10**8), "it waits 100000000 seconds"),
    "too many at once": (lambda d: d["States"]["L1-for"].update(MaxConcurrency=41), "it runs 41 turns at once"),
    "half an expression": (lambda d: d["States"]["succeed"].update(Output="{% $rc"), "is half an expression"),
    "a substitution": (lambda d: d["States"]["succeed"].update(Output="a ${x}"), "substitution by accident"),
    "one in code": (lambda d: d["States"]["succeed"].update(Output='{% "${x}" %}'), "holds a substitution"),
    "a long variable": (lambda d: d["States"]["L2-t"]["Assign"].update({"v" * 81: 1}), "longer than 80"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault: str) -> None:
    document = compile_plan(WHOLE).document()
    assert defects(document) == []
    edit, words = FAULTS[fault]
    wrong = copy.deepcopy(document)
    edit(wrong)
    assert any(words in word for word in defects(wrong)), defects(wrong)


def test_text_in_code_is_not_a_variable() -> None:
    document: dict[str, Any] = copy.deepcopy(compile_plan(WHOLE).document())
    document["States"]["succeed"]["Output"] = (
        '{% ($own := "$not \\" $not"; $map([1], function($v, $i) { $own & $v })) %}'
    )
    assert defects(document) == []


def test_map_is_the_only_state_with_a_branch() -> None:
    assert [name for name, state in limits.every_state(compile_plan(WHOLE).states) if isinstance(state, Map)] == [
        "L1-for"
    ]
