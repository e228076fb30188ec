"""Costs: the worked examples of the design, then estimates of plans."""

from __future__ import annotations

import json

import pytest

from msh.aws import costs
from msh.aws.estimate import Estimate, estimate, estimate_facts, estimate_text
from msh.aws.prices import load_prices
from msh.diagnostics import MshError
from msh.plan.model import Choose, Each, Plan, Region, Repeat, Scope, Span, Step, Switch, Wait

PRICES = load_prices("us-east-1")
FULL = 1769  # MB that are one vCPU
NOWHERE = Span(0, 0)
TASK = Region("a", (NOWHERE,), seconds=2.0, may_exit=False)


def test_a_step_shorter_than_a_transition() -> None:
    second = costs.task(PRICES, 1, FULL) - PRICES.lambda_request
    assert second == pytest.approx(2.88e-5, rel=0.01)
    assert second / PRICES.transition == pytest.approx(1.15, rel=0.01)
    assert PRICES.transition / second == pytest.approx(0.9, rel=0.05)
    assert PRICES.transition / (PRICES.lambda_gb_second * 128 / 1024) == pytest.approx(12, rel=0.01)


def test_one_fused_pipeline_against_a_task_a_command() -> None:
    size, between = 2**30, 4
    handing = costs.boundary(PRICES, size, FULL, days=0)  # the example leaves storage out
    apart = 5 * (PRICES.transition + costs.task(PRICES, 2, FULL)) + between * handing
    fused = PRICES.transition + costs.task(PRICES, 10, FULL)
    assert apart == pytest.approx(6.5e-3, rel=0.05)
    assert fused == pytest.approx(3.1e-4, rel=0.05)
    assert apart / fused == pytest.approx(21, rel=0.06)


def test_one_boundary_of_a_gigabyte() -> None:
    requests = 130 * PRICES.put + 128 * PRICES.get
    waiting = costs.boundary(PRICES, 2**30, FULL, days=0) - requests
    assert requests == pytest.approx(7e-4, rel=0.01)
    assert waiting == pytest.approx(8.2e-4, rel=0.02)


def test_a_thousand_chunks() -> None:
    compute = 1000 * costs.task(PRICES, 10, FULL)
    standard = 1000 * PRICES.transition
    express = 1000 * costs.express_child(PRICES, 10)
    storage = 1000 * (PRICES.put + PRICES.get)
    assert compute == pytest.approx(0.288, rel=0.01)
    assert storage == pytest.approx(0.0054, rel=0.01)
    assert express == pytest.approx(0.0114, rel=0.01)
    assert 0.30 <= compute + storage + express <= compute + storage + standard <= 0.32


def test_fargate_against_lambda() -> None:
    hour = costs.fargate(PRICES, 3600, 1, 2)
    function = PRICES.lambda_gb_second * (FULL / 1024) * 3600
    assert hour == pytest.approx(0.0494, rel=0.01)
    assert function == pytest.approx(0.104, rel=0.01)
    assert function / hour == pytest.approx(2.1, rel=0.01)
    assert costs.fargate(PRICES, 1, 1, 2) / (function / 3600) == pytest.approx(29, rel=0.02)


def of(*steps: Step) -> Estimate:
    return estimate(Plan("a.sh", "", "", steps), PRICES, FULL, 512)


def low_transitions(found: Estimate) -> float:
    line = next(line for line in found.lines if line.name == "state transitions")
    return round(line.low / PRICES.transition, 6)


def high_transitions(found: Estimate) -> float:
    line = next(line for line in found.lines if line.name == "state transitions")
    return round(line.high / PRICES.transition, 6)


@pytest.mark.parametrize(
    ("steps", "low", "high"),
    [
        pytest.param((TASK,), 3, 3.01, id="one region"),
        pytest.param((TASK.replace(may_exit=True),), 3, 4.01, id="it may exit"),
        pytest.param((Wait(5, NOWHERE),), 3, 3, id="wait"),
        pytest.param((Choose((TASK,), (TASK,), None, NOWHERE),), 4, 5.02, id="if"),
        pytest.param((Switch(TASK, ((TASK,), (TASK, TASK)), NOWHERE),), 4, 6.03, id="case"),
        pytest.param((Repeat((TASK,), (TASK,), False, NOWHERE),), 7, 34.21, id="while"),
        pytest.param((Repeat((TASK,), (TASK,), False, NOWHERE, 3),), 13, 13.07, id="bounded"),
        pytest.param((Each("x", None, ("1", "2"), (TASK,), True, NOWHERE),), 7, 7.02, id="for over words"),
        pytest.param((Each("x", TASK, (), (TASK,), True, NOWHERE),), 6, 45.41, id="for over data"),
        pytest.param((Scope((TASK, TASK), NOWHERE),), 4, 4.02, id="scope"),
    ],
)
def test_transitions(steps: tuple[Step, ...], low: float, high: float) -> None:
    assert (low_transitions(of(*steps)), high_transitions(of(*steps))) == (low, high)


def test_a_region_of_known_time() -> None:
    found = of(TASK)
    lines = {line.name: line for line in found.lines}
    assert lines["Lambda"].low == pytest.approx(costs.task(PRICES, 2, FULL))
    assert lines["Lambda"].high == pytest.approx(1.01 * costs.task(PRICES, 4, FULL, start=1))
    assert found.low == pytest.approx(sum(line.low for line in found.lines))
    assert found.low < found.high


def test_what_is_printed() -> None:
    text = estimate_text(of(TASK, TASK.replace(seconds=0.0)))
    first, *rest = text.splitlines()
    assert first.startswith("one run: $0.000") and first.endswith("most of it Lambda and state transitions")
    assert any("1 s each for 1 of 2 regions" in line for line in rest)
    assert rest[-1].startswith(f"prices: us-east-1, {PRICES.date}, list prices without free tiers; unverified: ")


def test_the_same_for_programs() -> None:
    facts = json.loads(json.dumps(estimate_facts(of(TASK))))
    assert facts["dominating"] == ["Lambda", "state transitions"]
    assert facts["prices"]["date"] == "2026-11-22"
    assert facts["low"] == pytest.approx(sum(line["low"] for line in facts["lines"]))


def test_a_region_without_a_table() -> None:
    with pytest.raises(MshError) as caught:
        load_prices("eu-west-9")
    assert caught.value.diagnostics[0].code == "MSH334"
