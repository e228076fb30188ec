"""Plans made by hand, and what they mean: an interpreter of plans beside which their machines are tried.

No script is run. What a region does is made up by `Behaviour` from its name, how often it has run, and the values that
it reads. `Direct` runs the steps one after the other, as the comments of `msh/plan/model.py` say; `Worker` answers the
tasks of a state machine. Both keep a journal of what every region saw; the journals have to be the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from msh.aws.uses import regions_of
from msh.plan.model import Choose, Each, Plan, Region, Repeat, Scope, Span, Step, Switch, Wait

SPAN = Span(0, 4)
Entry = tuple[str, int, tuple[tuple[str, Any], ...], tuple[str, ...]]  # region, `$?`, what it reads, the turns it runs


def region(name: str, **fields: Any) -> Region:
    """A region that can not end the script, unless it says so."""
    given = {"may_exit": False, "label": name} | fields
    for field in ("reads", "writes", "live"):
        given[field] = tuple(str(given.get(field, "")).split())
    return Region(name, (SPAN,), **{"subject": SPAN} | given)


def plan(*steps: Step, **fields: Any) -> Plan:
    """A plan of steps, all variables of which are named."""
    regions = [*regions_of(steps), *([fields["exit"]] if fields.get("exit") else [])]
    names = {name for one in regions for name in (*one.reads, *one.writes, *one.live)}
    names |= {step.name for step in every_step(steps) if isinstance(step, Each)}
    return Plan("script.sh", "true\n", "0" * 64, steps, tuple(sorted(names)), **fields)


def every_step(steps: Sequence[Step]) -> list[Step]:
    """Steps and those in them."""
    found: list[Step] = []
    for step in steps:
        found.append(step)
        for inner in inner_steps(step):
            found += every_step(inner)
    return found


def inner_steps(step: Step) -> list[Sequence[Step]]:
    """The lists of steps in a step."""
    match step:
        case Choose(test=test, then=then, orelse=orelse):
            return [test, then or (), orelse or ()]
        case Switch(branches=branches):
            return list(branches)
        case Repeat(test=test, body=body):
            return [test, body]
        case Each(body=body) | Scope(body=body):
            return [body]
    return []


class Behaviour:
    """What regions do; the same for the same region, count and values. `script` says otherwise for some, in order."""

    def __init__(self, script: Mapping[str, Sequence[int]] | None = None, turns: int = 3, exits: int = 30) -> None:
        self.script = script or {}
        self.turns = turns
        self.exits = exits

    def number(self, *of: object) -> int:
        return int.from_bytes(hashlib.sha256(repr(of).encode()).digest()[:4])

    def rc(self, one: Region, count: int, seen: object) -> int:
        if one.name in self.script:
            given = self.script[one.name]
            return given[min(count, len(given) - 1)]
        if one.name.startswith("test"):  # of a loop: it comes to its end
            until = one.name.startswith("test-until")
            return int((count % (self.turns + 1) < self.turns) == until)
        return self.number("rc", one.name, count, seen) % 3

    def exited(self, one: Region, count: int, seen: object) -> bool:
        return one.may_exit and self.number("exit", one.name, count, seen) % 100 < self.exits

    def written(self, one: Region, name: str, count: int, seen: object) -> str:
        return f"{one.name}:{name}:{self.number(name, count, seen) % 97}"

    def choice(self, one: Region, count: int, seen: object) -> int:
        return self.number("choice", one.name, count, seen) % 4 - 1

    def items(self, one: Region, count: int, seen: object) -> list[str]:
        return [f"i{index}" for index in range(self.number("items", one.name, count, seen) % 4)]


class Ended(Exception):
    """The script, or its subshell, has ended."""


class Direct:
    """Runs a plan step by step."""

    def __init__(self, whole: Plan, behaviour: Behaviour) -> None:
        self.plan = whole
        self.behaviour = behaviour
        self.status = 0
        self.values: dict[str, Any] = {}
        self.journal: list[Entry] = []
        self.seen: list[str] = []  # the regions that the running turn knows of
        self.decided: Any = None

    def run(self) -> int:
        with contextlib.suppress(Ended):
            self.steps(self.plan.steps)
        if self.plan.exit is not None:
            self.region(self.plan.exit)
        return self.status

    def steps(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self.step(step)

    def step(self, step: Step) -> None:
        match step:
            case Region():
                self.region(step)
            case Choose(test=test, then=then, orelse=orelse):
                self.steps(test)
                branch = then if self.status == 0 else orelse
                if branch == ():
                    self.status = 0
                self.steps(branch or ())
            case Switch(selector=selector, branches=branches):
                self.region(selector)
                taken = branches[self.decided] if 0 <= self.decided < len(branches) else ()
                if taken:
                    self.steps(taken)
                else:
                    self.status = 0
            case Repeat():
                self.repeat(step)
            case Each():
                self.each(step)
            case Wait(seconds=seconds):
                self.status = self.status if seconds is None else 0
            case Scope(body=body):
                self.scope(body)

    def repeat(self, step: Repeat) -> None:
        kept = 0
        while True:
            self.steps(step.test)
            if (self.status == 0) == step.until:
                break
            self.steps(step.body)
            kept = self.status
        self.status = kept

    def each(self, step: Each) -> None:
        values: Sequence[str] = step.values
        if step.items is not None:
            self.region(step.items)
            values = self.decided
        if not values:
            self.status = 0
        known = list(self.seen)
        after = list(self.seen)
        try:
            for value in values:
                if step.independent:
                    self.seen = list(known)
                if step.items is None:
                    self.values[step.name] = value
                    self.steps(step.body)
                else:
                    (one,) = step.body
                    assert isinstance(one, Region)
                    self.region(one, (value,), step.name)
                if step.independent:
                    after += self.seen[len(known) :]
                    self.seen = list(known)
        finally:
            if step.independent:
                self.seen = after + self.seen[len(known) :]

    def scope(self, body: Sequence[Step]) -> None:
        values = dict(self.values)
        with contextlib.suppress(Ended):
            self.steps(body)
        self.values = values

    def region(self, one: Region, turns: tuple[str, ...] = (), variable: str = "") -> None:
        self.status, exited, written, self.decided, entry = act(
            self.behaviour, one, self.status, self.values, self.seen, turns, variable
        )
        self.seen.append(one.name)
        self.journal.append(entry)
        self.values |= written
        if exited and one is not self.plan.exit:
            raise Ended


def act(
    behaviour: Behaviour,
    one: Region,
    status: int,
    values: Mapping[str, Any],
    known: Sequence[str],
    turns: tuple[str, ...],
    variable: str = "",
) -> tuple[int, bool, dict[str, Any], Any, Entry]:
    """What a region does: `$?`, whether it ends the script, what it writes, what it decides; and what it saw."""
    count = known.count(one.name)
    read = {name: values.get(name) for name in one.reads}
    seen = (tuple(sorted(read.items(), key=lambda item: item[0])), turns)
    # The first region of a turn that runs beside others cannot know what the turn before it has left in `$?`.
    shown = -1 if one.label == "beside" else status
    entry = (one.name, shown, *seen)
    exited = behaviour.exited(one, count, seen)
    written: dict[str, Any] = {name: behaviour.written(one, name, count, seen) for name in one.writes}
    if variable and turns:
        written[variable] = turns[-1]
    decided: Any = None
    if one.decides == "case":
        decided = behaviour.choice(one, count, seen)
    elif one.decides == "items":
        decided = behaviour.items(one, count, seen)
    elif one.decides == "seconds":
        decided = 1
    return behaviour.rc(one, count, seen), exited, written, decided, entry


class Worker:
    """Answers the tasks of a machine as the worker does, with commits in memory."""

    def __init__(self, whole: Plan, behaviour: Behaviour) -> None:
        self.plan = whole
        self.behaviour = behaviour
        self.regions = {one.name: one for one in regions_of(whole.steps)}
        if whole.exit is not None:
            self.regions[whole.exit.name] = whole.exit
        self.loops = {loop.body[0].name: loop.name for loop in self.item_loops()}
        self.commits: dict[str, dict[str, Any]] = {}
        self.keys = itertools.count(1)

    def item_loops(self) -> list[Each]:
        return [step for step in every_step(self.plan.steps) if isinstance(step, Each) and step.items and step.body]

    def answer(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """One invocation."""
        state = payload["state"]
        if payload["at"] == [] and "exit" not in payload:
            key = f"run/join/{next(self.keys)}/commit.json"
            self.commits[key] = {"parents": state, "entry": None, "values": self.values(state)}
            return {"rc": payload["status"], "state": key, "exited": False, "tail": "", "variables": {}}
        one = self.regions[payload["region"]]
        assert (state is not None) or payload["input"] == {"arguments": []}, "the first region needs the input"
        values = self.values(state) | {name: value for name, value in payload["variables"].items() if value is not None}
        turns = tuple(payload["turns"]["values"]) if "turns" in payload else ()
        status = payload["exit"]["status"] if "exit" in payload else payload["status"]
        rc, exited, written, decided, entry = act(
            self.behaviour, one, status, values, self.names(state), turns, self.loops.get(one.name, "")
        )
        values |= written
        key = f"run/{one.name}/{next(self.keys)}/commit.json"
        self.commits[key] = {"parents": state, "entry": entry, "values": values}
        result: dict[str, Any] = {"rc": rc, "state": key, "exited": exited, "tail": f"{one.name}\n"}
        result["variables"] = {name: values.get(name) for name in payload["returns"]}
        if not exited and one.decides == "case":
            result["choice"] = decided
        if not exited and one.decides == "items":
            result["items"] = [{"from": index, "to": index + 1, "values": [item]} for index, item in enumerate(decided)]
        if not exited and one.decides == "seconds":
            result["seconds"] = decided
        return result

    def values(self, state: Any) -> dict[str, Any]:
        """All variables at a state."""
        if state is None:
            return {}
        if isinstance(state, str):
            return dict(self.commits[state]["values"])
        begin = found = self.values(state["base"])
        for turn in state.get("turns", []):
            found = found | {name: value for name, value in self.values(turn).items() if begin.get(name) != value}
        return found

    def journal(self, state: Any, base: Any = None) -> list[Entry]:
        """What has run, in program order."""
        if state == base:
            return []
        if isinstance(state, str):
            commit = self.commits[state]
            entries = [] if commit["entry"] is None else [commit["entry"]]
            return [*self.journal(commit["parents"], base), *entries]
        inner = state["turns"] if "turns" in state else [state["within"]]
        found = self.journal(state["base"], base)
        return found + [entry for turn in inner for entry in self.journal(turn, state["base"])]

    def names(self, state: Any) -> list[str]:
        return [entry[0] for entry in self.journal(state)]
