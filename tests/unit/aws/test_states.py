"""Machines of plans made by hand, run in process beside an interpreter of plans."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from sfnx import testing

from msh.aws import events
from msh.aws.chunks import START
from msh.aws.states import compile_plan
from msh.plan.model import Choose, Each, Plan, Region, Repeat, Scope, Step, Switch, Wait
from tests.support.plans import SPAN, Behaviour, Direct, Worker, plan, region

Outcome = tuple[int, list[Any]]


def direct(whole: Plan, behaviour: Behaviour) -> Outcome:
    """`$?` and the journal, by the interpreter."""
    machine = Direct(whole, behaviour)
    return machine.run(), machine.journal


def by_machine(whole: Plan, behaviour: Behaviour) -> Outcome:
    """`$?` and the journal, by the state machine."""
    worker = Worker(whole, behaviour)
    document = compile_plan(whole).document()

    def task(call: testing.Call) -> object:
        assert isinstance(call.arguments, dict)
        if call.resource == START:
            return {"Output": testing.run(document, call.arguments["Input"], task).output}
        return {"Payload": worker.answer(call.arguments["Payload"])}

    execution = testing.run(document, {"arguments": []}, task)
    if execution.error is None:
        output = execution.output
        assert isinstance(output, dict)
        assert output["rc"] == 0
    else:
        assert execution.error == "msh.Exit", execution
        output = json.loads(execution.cause or "")
    return output["rc"], worker.journal(output["state"])


def agree(whole: Plan, **behaviour: Any) -> Outcome:
    """The outcome, on which both agree."""
    expected = direct(whole, Behaviour(**behaviour))
    assert by_machine(whole, Behaviour(**behaviour)) == expected
    return expected


a, b, c, d = (region(name) for name in "abcd")


@pytest.mark.parametrize(
    ("steps", "script", "ran"),
    [
        pytest.param((a,), {"a": [3]}, "a", id="a status"),
        pytest.param((a, Wait(5, SPAN), b), {"a": [3], "b": [0]}, "a b", id="wait"),
        pytest.param((Choose((a,), (b,), None, SPAN), c), {"a": [0]}, "a b c", id="and"),
        pytest.param((Choose((a,), (b,), None, SPAN), c), {"a": [1]}, "a c", id="and not"),
        pytest.param((Choose((a,), None, (b,), SPAN), c), {"a": [1]}, "a b c", id="or"),
        pytest.param((Choose((a,), (b,), (), SPAN),), {"a": [1]}, "a", id="if without else"),
        pytest.param((Choose((a,), (b,), (c,), SPAN), d), {"a": [1]}, "a c d", id="else"),
        pytest.param((Choose((a,), (b,), (c,), SPAN), Wait(1, SPAN)), {}, "a c", id="wait at the end"),
        pytest.param((Wait(1, SPAN), a), {}, "a", id="wait at the beginning"),
        pytest.param((), {}, "", id="nothing"),
    ],
)
def test_steps(steps: tuple[Step, ...], script: dict[str, list[int]], ran: str) -> None:
    _, journal = agree(plan(*steps), script=script)
    assert " ".join([entry[0] for entry in journal]) == ran


def test_the_status_of_the_script_is_the_last_one() -> None:
    assert agree(plan(a, b), script={"a": [0], "b": [7]})[0] == 7
    assert agree(plan(a, b), script={"a": [1], "b": [0]})[0] == 0


def test_case() -> None:
    selector = region("s", decides="case")
    for index in range(8):
        whole = plan(region(f"x{index}"), selector.replace(name=f"s{index}"), Wait(1, SPAN))
        step = Switch(selector.replace(name=f"s{index}"), ((a,), (), (b,)), SPAN)
        whole = plan(region(f"x{index}"), step, c)
        agree(whole)


def test_exit_ends_the_script_wherever_it_is() -> None:
    out = region("out", may_exit=True)
    for steps in (
        (out, a),
        (out, Wait(1, SPAN), a),
        (Choose((out,), (a,), (b,), SPAN), c),
        (Choose((a,), (out,), (out,), SPAN), c),
        (Repeat((region("test"),), (out, a), False, SPAN), c),
        (Repeat((out,), (a,), False, SPAN), c),
        (Each("i", None, ("1", "2"), (out, a), False, SPAN), c),
        (Each("i", None, ("1", "2"), (out, a), True, SPAN), c),
        (Each("i", None, ("1", "2"), (out,), True, SPAN), c),
    ):
        _, journal = agree(plan(*steps), exits=100)
        assert journal[-1][0] == "out"
        _, journal = agree(plan(*steps, exit=region("trap")), exits=100)
        assert journal[-1][0] == "trap"


def test_a_subshell_keeps_its_variables_and_its_exit() -> None:
    set_x, inner = region("set", writes="x", live="x"), region("inner", writes="x", live="x", may_exit=True)
    use = region("use", reads="x")
    _, journal = agree(plan(set_x, Scope((inner, use), SPAN), use), exits=100)
    assert [entry[0] for entry in journal] == ["set", "inner", "use"]
    agree(plan(set_x, Scope((inner, use), SPAN), use), exits=0)
    agree(plan(Scope((inner, use), SPAN), use), exits=0)


def test_turns_one_after_the_other_see_each_other() -> None:
    body = region("body", reads="i x", writes="x", live="x")
    _, journal = agree(plan(Each("i", None, ("1", "2", "{% $x %}"), (body,), False, SPAN), region("use", reads="i x")))
    assert [dict(entry[2]).get("i") for entry in journal] == ["1", "2", "{% $x %}", "{% $x %}"]


@pytest.mark.parametrize("independent", [True, False])
def test_items(independent: bool) -> None:
    items = region("items", decides="items")
    body = region("body", turns=True, writes="y", live="y", label="beside" if independent else "")
    for index in range(8):
        name = f"items{index}"
        agree(plan(a, Each("i", items.replace(name=name), (), (body,), independent, SPAN), region("z", reads="i y")))


# ---- random plans ------------------------------------------------------------------


class Plans:
    """`Plans(seed).plan`: any steps, to a depth."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.number = 0
        self.shared = ["a", "b", "c"]
        exit_ = region("trap", reads="a b") if self.random.random() < 0.3 else None
        self.plan = plan(*self.steps(3), exit=exit_)

    def steps(self, depth: int, *, readable: list[str] | None = None, beside: bool = False) -> tuple[Step, ...]:
        """`beside`: of turns side by side, which share nothing; `readable` are the variables of their own."""
        found: list[Step] = []
        for _ in range(self.random.randint(1, 3)):
            found.append(self.step(depth, readable, beside))
        return tuple(found)

    def region(self, readable: list[str] | None, beside: bool, prefix: str = "r", **fields: Any) -> Region:
        self.number += 1
        name = f"{prefix}{self.number}"
        names = self.shared if readable is None else readable
        reads = " ".join(sorted({name for name in names if self.random.random() < 0.6}))
        writes = ""
        if readable is None:
            writes = " ".join(sorted({name for name in names if self.random.random() < 0.4}))
        fields = {"may_exit": self.random.random() < 0.2, "network": self.random.random() < 0.1} | fields
        return region(name, reads=reads, writes=writes, live=writes, label="beside" if beside else "", **fields)

    def step(self, depth: int, readable: list[str] | None, beside: bool) -> Step:
        kinds = ["region", "wait"] + (["choose", "switch", "repeat", "each", "items", "scope"] if depth else [])
        match self.random.choice(kinds):
            case "region":
                return self.region(readable, beside)
            case "wait":
                return Wait(self.random.randint(0, 3), SPAN)
            case "choose":
                test = (*self.some(depth, readable, beside), self.region(readable, beside, guarded=True))
                then, orelse = (self.branch(depth, readable, beside) for _ in range(2))
                return Choose(test, then, orelse, SPAN)
            case "switch":
                selector = self.region(readable, beside, decides="case")
                return Switch(selector, tuple([self.branch(depth, readable, beside) or () for _ in range(3)]), SPAN)
            case "repeat":
                until = self.random.random() < 0.5
                test = self.region(readable, beside, "test-until" if until else "test", guarded=True)
                return Repeat((test,), self.steps(depth - 1, readable=readable, beside=beside), until, SPAN)
            case "each":
                return self.each(depth, readable, beside)
            case "items":
                return self.items(readable, beside)
            case _:
                return Scope(self.steps(depth - 1, readable=readable, beside=beside), SPAN)

    def some(self, depth: int, readable: list[str] | None, beside: bool) -> tuple[Step, ...]:
        return self.steps(depth - 1, readable=readable, beside=beside) if self.random.random() < 0.2 else ()

    def branch(self, depth: int, readable: list[str] | None, beside: bool) -> tuple[Step, ...] | None:
        kind = self.random.random()
        return None if kind < 0.2 else () if kind < 0.3 else self.steps(depth - 1, readable=readable, beside=beside)

    def each(self, depth: int, readable: list[str] | None, beside: bool) -> Step:
        self.number += 1
        name = self.random.choice(["a", f"loop{self.number}"]) if readable is None else f"loop{self.number}"
        values = tuple([f"{name}-{index}" for index in range(self.random.randint(0, 3))])
        if readable is not None or self.random.random() < 0.5:
            own = [*(readable or self.shared), name]
            body = self.steps(depth - 1, readable=own, beside=True)
            return Each(name, None, values, body, True, SPAN)
        return Each(name, None, values, self.steps(depth - 1), False, SPAN)

    def items(self, readable: list[str] | None, beside: bool) -> Step:
        self.number += 1
        items = self.region(readable, beside, decides="items")
        own = f"loop{self.number}"  # which the region sets itself
        independent = readable is not None or self.random.random() < 0.5
        names = readable or self.shared
        body = self.region(names if independent else None, independent or beside, turns=True)
        return Each(own, items, (), (body,), independent, SPAN)


@pytest.mark.parametrize("seed", range(150))
def test_random_plans(seed: int) -> None:
    """The machine of any plan does what the plan says."""
    agree(Plans(seed).plan, exits=20)


@pytest.mark.parametrize("seed", range(150, 250))
def test_random_plans_in_many_executions(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """So does one whose every loop goes on in other executions, after about a turn each."""
    whole = Plans(seed).plan
    monkeypatch.setattr(events, "BUDGET", 1)
    agree(whole, exits=20)


def executions(whole: Plan, behaviour: Behaviour) -> list[int]:
    """How many states each execution of a run has entered, in the order in which they end."""
    worker, document, entered = Worker(whole, behaviour), compile_plan(whole).document(), []

    def run(given: object) -> testing.Execution:
        execution = testing.run(document, given, task)
        entered.append(len(execution.states))
        return execution

    def task(call: testing.Call) -> object:
        assert isinstance(call.arguments, dict)
        if call.resource == START:
            return {"Output": run(call.arguments["Input"]).output}
        return {"Payload": worker.answer(call.arguments["Payload"])}

    run({"arguments": []})
    return entered


def test_a_long_loop_goes_on_in_other_executions(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = plan(Repeat((region("test"),), (a, Wait(5, SPAN)), False, SPAN), b)
    monkeypatch.setattr(events, "BUDGET", 100)
    entered = executions(whole, Behaviour(turns=40))
    assert len(entered) > 4
    assert max(entered) * 5 < 2 * 100 + 100  # a state leaves 2 to 5 events
    agree(whole, turns=40)


def test_a_short_loop_stays_in_its_execution() -> None:
    whole = plan(Each("i", None, ("1", "2", "3"), (a, Wait(5, SPAN)), False, SPAN), b)
    assert executions(whole, Behaviour()) == [1 + 4 + 3 * 2 + 1 + 2]
    assert not compile_plan(whole).nested
