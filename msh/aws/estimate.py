"""`msh compile --estimate`: what one run may cost, from its plan.

Two runs are counted. *Low*: all workers warm, the expected times, the cheapest branch, one turn where data decides.
*High*: every worker cold, twice the times, the dearest branch, `TURNS` turns, and `RETRIES` of the tasks run again.
Neither is a bound: a loop may turn more often, and a command may take longer.
"""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING

from msh.aws import costs
from msh.plan.model import Choose, Each, Region, Repeat, Scope, Switch, Wait
from msh.plan.summary import regions_of
from msh.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from msh.aws.prices import Prices
    from msh.plan.model import Plan, Step

SECONDS = 1.0  # of a region that nobody knows the time of
TURNS = 10  # of a loop whose turns the data decides
TASKS = 40  # of an `Each` whose words are known only at run time: the most there are
START = 1.0  # seconds of a cold start
RETRIES = 0.01
HANDED = 1 << 20  # bytes that one task hands to the next
LOGGED = 1024  # bytes of log a task
DAYS = 30.0
ENDS = 2  # transitions: the last choice, by the status, and the end


class Count(Record):
    """Of one run: states entered, tasks, and the seconds of all tasks together."""

    transitions: float = 0
    tasks: float = 0
    seconds: float = 0


class Line(Record):
    """A part of the cost, in US dollars."""

    name: str
    low: float
    high: float


class Estimate(Record):
    """`lines` are sorted, the dearest first."""

    low: float
    high: float
    lines: tuple[Line, ...]
    assumptions: tuple[str, ...]
    prices: Prices


def estimate(plan: Plan, prices: Prices, memory: int, disk: int) -> Estimate:
    """What one run of a plan may cost."""
    low = _add(_steps(plan.steps, high=False), Count(transitions=ENDS))
    high = _add(_steps(plan.steps, high=True), Count(transitions=ENDS))
    if plan.exit is not None:
        low, high = _add(low, _region(plan.exit, high=False)), _add(high, _region(plan.exit, high=True))
    costs_low, costs_high = _costs(low, prices, memory, disk), _costs(_dear(high), prices, memory, disk, START)
    found = [Line(name, costs_low[name], costs_high[name]) for name in costs_low]
    lines = tuple(sorted(found, key=lambda line: -line.high))
    total_low, total_high = sum(costs_low.values()), sum(costs_high.values())
    return Estimate(total_low, total_high, lines, _assumptions(plan, low, high, memory, disk), prices)


def estimate_text(found: Estimate) -> str:
    """For a person."""
    width = max([len(line.name) for line in found.lines])
    rows = [f"  {line.name:<{width}}  {_range(line.low, line.high)}" for line in found.lines]
    dear = " and ".join([line.name for line in found.lines[:2]])
    head = f"one run: {_range(found.low, found.high)}, most of it {dear}"
    notes = [f"  {assumption}" for assumption in found.assumptions]
    doubtful = f"; unverified: {', '.join(_unverified(found.prices))}" if _unverified(found.prices) else ""
    table = f"prices: {found.prices.region}, {found.prices.date}, list prices without free tiers{doubtful}"
    return "\n".join([head, *rows, "assumed:", *notes, table]) + "\n"


def estimate_facts(found: Estimate) -> dict[str, object]:
    """For a program."""
    lines = [{"name": line.name, "low": line.low, "high": line.high} for line in found.lines]
    return {
        "currency": "USD",
        "low": found.low,
        "high": found.high,
        "lines": lines,
        "dominating": [line.name for line in found.lines[:2]],
        "assumptions": list(found.assumptions),
        "prices": {
            "region": found.prices.region,
            "date": found.prices.date,
            "unverified": _unverified(found.prices),
        },
    }


def _unverified(prices: Prices) -> list[str]:
    """Of the prices that an estimate uses."""
    return [name for name in prices.unverified if not name.startswith(("fargate", "express"))]


# ---- counting ----------------------------------------------------------------------


def _steps(steps: Iterable[Step], *, high: bool) -> Count:
    total = Count()
    for step in steps:
        total = _add(total, _step(step, high=high))
    return total


def _step(step: Step, *, high: bool) -> Count:
    match step:
        case Region():
            return _region(step, high=high)
        case Wait():
            return Count(transitions=1)
        case Scope(body=body):
            return _steps(body, high=high)
        case Choose(test=test, then=then, orelse=orelse):
            return _add(_steps(test, high=high), Count(transitions=1), _branch((then or (), orelse or ()), high=high))
        case Switch(selector=selector, branches=branches):
            return _add(_region(selector, high=high), Count(transitions=1), _branch((*branches, ()), high=high))
        case Repeat(test=test, body=body, turns=turns):
            turn = _add(_steps(test, high=high), _steps(body, high=high), Count(transitions=1))
            return _add(_times(turn, turns or (TURNS if high else 1)), _steps(test, high=high), Count(transitions=1))
        case Each():
            return _each(step, high=high)


def _region(region: Region, *, high: bool) -> Count:
    """After a region that may end the script somebody asks whether it has: often a choice that is there anyway."""
    return Count(2 if region.may_exit and high else 1, 1, region.seconds or SECONDS)


def _each(step: Each, *, high: bool) -> Count:
    body = _steps(step.body, high=high)
    if step.items is None:
        return _add(_times(_add(body, Count(transitions=1)), len(step.values)), Count(transitions=1))
    return _add(_region(step.items, high=high), _times(body, TASKS if high else 1), Count(transitions=2))


def _branch(branches: Sequence[Sequence[Step]], *, high: bool) -> Count:
    """The dearest branch, or the cheapest."""
    counts = [_steps(branch, high=high) for branch in branches]
    return (max if high else min)(counts, key=lambda count: (count.transitions + count.seconds, count.tasks))


def _add(*counts: Count) -> Count:
    return Count(
        sum([count.transitions for count in counts]),
        sum([count.tasks for count in counts]),
        sum([count.seconds for count in counts]),
    )


def _times(count: Count, number: float) -> Count:
    return Count(count.transitions * number, count.tasks * number, count.seconds * number)


def _dear(count: Count) -> Count:
    """Twice the time, and some tasks run again: each retry is one more transition."""
    again = count.tasks * RETRIES
    return Count(count.transitions + again, count.tasks + again, count.seconds * 2 * (1 + RETRIES))


# ---- money -------------------------------------------------------------------------


def _costs(count: Count, prices: Prices, memory: int, disk: int, start: float = 0.0) -> dict[str, float]:
    """By the names of lines. Every task reads what the one before it has left, and leaves its own."""
    each = count.seconds / count.tasks if count.tasks else 0.0
    return {
        "state transitions": prices.transition * count.transitions,
        "Lambda": count.tasks * costs.task(prices, each, memory, disk, start),
        "S3": count.tasks * (prices.put + prices.get + costs.boundary(prices, HANDED, memory, DAYS)),
        "logs": prices.log_gb * count.tasks * LOGGED / 2**30,
    }


def _assumptions(plan: Plan, low: Count, high: Count, memory: int, disk: int) -> tuple[str, ...]:
    regions = list(regions_of(plan.steps))
    unknown = len([region for region in regions if not region.seconds])
    return (
        f"tasks have {memory:,} MB of memory and {disk:,} MB of disk",
        f"low: {low.tasks:g} tasks, {low.transitions:g} transitions, warm; loops turn once, the cheapest branches",
        f"high: {high.tasks:g} tasks, {high.transitions:g} transitions, all cold ({START:g} s), twice the time,"
        f" {RETRIES:.0%} retried; loops turn {TURNS} times, `for` over words not known yet has {TASKS} tasks",
        f"{SECONDS:g} s each for {unknown} of {len(regions)} regions, because nobody knows their time",
        f"a task hands on {HANDED >> 20} MiB, kept {DAYS:g} days, at {costs.BANDWIDTH / 1e6:g} MB/s (unverified)",
    )


def _range(low: float, high: float) -> str:
    return f"${_dollars(low)} to ${_dollars(high)}"


def _dollars(value: float) -> str:
    """Two figures that count: 0.00031, 0.30, 12.50."""
    places = 2 if value <= 0 else max(2, 1 - floor(log10(value)))
    return f"{value:,.{places}f}"
