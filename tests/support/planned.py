"""A script run by its plan, each region in a process of its own: `python -m tests.support.planned [--finest] SCRIPT`.

A machine on the smallest scale (see `parts.py`): it walks the steps of the plan as a target would, gives a region the
variables that it reads, and keeps of those it changes only the live ones. Turns that are said to be independent all
start from the state before the loop.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msh.catalog import load_catalog
from msh.cli.options import RUN_OPTIONS, parse_options
from msh.cli.run import shell_options
from msh.config import load_settings
from msh.plan.build import build_plan
from msh.plan.model import Choose, Each, Region, Repeat, Scope, Switch, Wait
from msh.resolve import resolve
from msh.run.resources import Resources
from msh.source import Source, decode
from tests.support.parts import Exited, Machine

if TYPE_CHECKING:
    from msh.plan.model import Plan, Span, Step


class Planned(Machine):
    """One execution of a plan."""

    def carry_out(self, plan: Plan) -> int:
        """All of it; the status."""
        self.plan = plan
        self.values: dict[str, Any] = dict.fromkeys(plan.variables)
        self.variables = {}
        self.state: Any = None
        with contextlib.suppress(Exited):
            self.steps(plan.steps)
        if plan.exit is not None:
            self.run_region(plan.exit, {"exit": {"status": self.status}})
        return self.status

    def steps(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self.step(step)

    def step(self, step: Step) -> dict[str, Any]:
        match step:
            case Region():
                return self.run_region(step)
            case Choose(test=test, then=then, orelse=orelse):
                self.steps(test)
                branch = then if self.status == 0 else orelse
                self.steps(branch or ())
                self.status = 0 if branch == () else self.status
            case Switch(selector=selector, branches=branches):
                choice = self.step(selector)["choice"]
                if choice >= 0:
                    self.steps(branches[choice])
                if choice < 0 or not branches[choice]:
                    self.status = 0
            case Repeat():
                self.repeat(step)
            case Each(independent=True):
                self.side_by_side(step)
            case Each():
                self.in_order(step)
            case Wait(seconds=seconds):
                time.sleep((self.seconds if seconds is None else seconds) / 100)
                self.status = self.status if seconds is None else 0
            case Scope(body=body):
                self.scope(body)
        return {}

    def run_region(self, region: Region, more: dict[str, Any] | None = None) -> dict[str, Any]:
        request: dict[str, Any] = {"at": [_pair(run) for run in region.runs], "guarded": region.guarded}
        request["ahead"] = region.ahead
        if region.decides and region.subject:
            request["decide"] = {"kind": region.decides, "at": _pair(region.subject)}
        self.variables = {name: self.values[name] for name in {*region.reads, *region.live}}
        try:
            outcome: dict[str, Any] = self.part(request | (more or {}))
        finally:  # also when the script ends here
            self.values |= {name: self.variables[name] for name in region.live}
            others = {name: value for name, value in self.variables.items() if value is not None}
            self.state = {**self.state, "others": self.state["others"] | others}
        self.seconds = outcome.get("seconds", 0)
        return outcome

    def repeat(self, step: Repeat) -> None:
        kept = 0
        while True:
            self.steps(step.test)
            if (self.status == 0) == step.until:
                break
            self.steps(step.body)
            kept = self.status
        self.status = kept

    def in_order(self, step: Each) -> None:
        for value in step.values:
            self.values[step.name] = value
            self.steps(step.body)

    def side_by_side(self, step: Each) -> None:
        values = list(step.values)
        if step.items is not None:
            values = self.step(step.items)["items"]
        if not values:
            self.status = 0
        before, state = dict(self.values), self.state
        for value in values:
            self.values = dict(before)
            self.state = self.state if self.state is None else {**state, "stdin": self.state["stdin"]}
            if step.items is None:
                self.values[step.name] = value
                self.steps(step.body)
                continue
            (region,) = step.body
            turns = {"at": _pair(region.subject), "values": [value]}
            self.values[step.name] = value
            if self.run_region(region, {"turns": turns}).get("broke"):
                break

    def scope(self, body: Sequence[Step]) -> None:
        values, state = dict(self.values), self.state
        with contextlib.suppress(Exited):
            self.steps(body)
        after = self.state
        self.values = values
        if state is not None:
            self.state = {**state, "stdin": after["stdin"]}


def _pair(span: Span) -> list[int]:
    return [span.start, span.end]


def main(arguments: list[str]) -> int:
    """The command line, as that of `parts`."""
    finest = arguments[:1] == ["--finest"]
    given = parse_options(arguments[finest:], RUN_OPTIONS, operands_last=True)
    settings = load_settings(given.settings(), {}, os.getcwd()).replace(options=shell_options(given))
    name, *rest = given.operands
    with open(name, "rb") as file:
        source = Source(name, decode(file.read()), name)
    with tempfile.TemporaryDirectory() as directory:
        with open(f"{directory}/stdin", "wb") as file:
            file.write(sys.stdin.buffer.read())
        resources = Resources(settings, os.getcwd())
        try:
            machine = Planned(source, rest, resources, directory)
            catalog = load_catalog(settings, os.getcwd())
            resolution = resolve(machine.script, source, catalog)
            plan = build_plan(machine.script, source, resolution, finest=finest)
            resources.prepare_fork()
            return machine.carry_out(plan)
        finally:
            resources.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
