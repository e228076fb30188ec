"""Which variables a later step reads: a walk backwards over a plan.

Without kills: a variable counts as live from its first use on, whoever sets it in between. That costs a few bytes of
payload, never a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.plan.model import Choose, Each, Region, Repeat, Scope, Switch, Wait
from msh.plan.summary import regions_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msh.plan.model import Step

    Steps = tuple[Step, ...]


def with_live(steps: Steps, ending: Region | None) -> tuple[Steps, Region | None, tuple[str, ...]]:
    """The steps with `live` in their regions, and with no variables named but those that something writes."""
    regions = [*regions_of(steps), *([ending] if ending else [])]
    loops = {step.name for step in _eaches(steps)}
    variables = frozenset(loops.union(*[region.writes for region in regions]))
    if ending is not None:
        ending = _named(ending, variables, frozenset())
    at_end = frozenset(ending.reads) if ending is not None else frozenset()
    done, _ = _Walk(variables, at_end).steps(steps, at_end)
    return done, ending, tuple(sorted(variables))


class _Walk:
    def __init__(self, variables: frozenset[str], at_end: frozenset[str]) -> None:
        self.variables = variables
        self.at_end = at_end  # read when any region ends the script

    def steps(self, steps: Sequence[Step], live: frozenset[str]) -> tuple[Steps, frozenset[str]]:
        """The steps done, and what is live before them."""
        done: list[Step] = []
        for step in reversed(steps):
            step, live = self.step(step, live)
            done.append(step)
        return tuple(reversed(done)), live

    def step(self, step: Step, live: frozenset[str]) -> tuple[Step, frozenset[str]]:
        match step:
            case Region():
                return self.region(step, live)
            case Choose():
                return self.choose(step, live)
            case Switch(branches=branches):
                done = [self.steps(branch, live) for branch in branches]
                before = live.union(*[inner for _, inner in done])
                selector, before = self.region(step.selector, before)
                return step.replace(selector=selector, branches=tuple([branch for branch, _ in done])), before
            case Repeat():
                return self.repeat(step, live)
            case Each():
                return self.each(step, live)
            case Scope(body=body):
                inner, before = self.steps(body, self.at_end)
                return step.replace(body=inner), before | live
            case Wait():
                return step, live

    def region(self, region: Region, live: frozenset[str]) -> tuple[Region, frozenset[str]]:
        region = _named(region, self.variables, live | self.at_end)
        return region, live.union(region.reads, self.at_end)

    def choose(self, step: Choose, live: frozenset[str]) -> tuple[Step, frozenset[str]]:
        then, before = self.steps(step.then or (), live)
        orelse, other = self.steps(step.orelse or (), live)
        test, before = self.steps(step.test, live | before | other)
        done = step.replace(
            test=test,
            then=None if step.then is None else then,
            orelse=None if step.orelse is None else orelse,
        )
        return done, before

    def repeat(self, step: Repeat, live: frozenset[str]) -> tuple[Step, frozenset[str]]:
        live = live.union(*[region.reads for region in regions_of((step,))], self._all_if_unknown(step))
        test, before = self.steps(step.test, live)
        body, inner = self.steps(step.body, before)
        return step.replace(test=test, body=body), before | inner

    def each(self, step: Each, live: frozenset[str]) -> tuple[Step, frozenset[str]]:
        after = live
        if not step.independent:
            after = live.union(*[region.reads for region in regions_of((step,))], self._all_if_unknown(step))
        body, before = self.steps(step.body, after if not step.independent else live)
        before |= live
        if step.items is None:
            return step.replace(body=body), before
        items, before = self.region(step.items, before)
        return step.replace(items=items, body=body), before

    def _all_if_unknown(self, step: Step) -> frozenset[str]:
        return self.variables if any(r.everything for r in regions_of((step,))) else frozenset()


def _named(region: Region, variables: frozenset[str], live: frozenset[str]) -> Region:
    """The region with its variables among those of the plan."""
    if region.everything:
        names = tuple(sorted(variables))
        return region.replace(reads=names, writes=names, live=tuple(sorted(live)) if region.runs else names)
    writes = variables.intersection(region.writes)
    return region.replace(
        reads=tuple(sorted(variables.intersection(region.reads))),
        writes=tuple(sorted(writes)),
        live=tuple(sorted(writes & live)),
    )


def _eaches(steps: Steps) -> list[Each]:
    from msh.plan.summary import steps_of

    return [step for step in steps_of(steps) if isinstance(step, Each)]
