"""States while they are being joined: drafts, and the ways out of them that nothing follows yet.

A part of a script is entered by some ways and left by others; a *flow* is a list of such ways. A way may carry
assignments, which become those of the state (or of the rule of a Choice) that it leaves, so giving a variable a value
between two states costs no state. What a machine or a branch begins with is a way too, with the first values of all
its variables: the first state takes them over, or a Pass does when that state cannot.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msh.aws.asl import Choice, Code, Fail, Map, Pass, Rule, States, Succeed, Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TypeAlias

    from msh.aws.asl import State, Value
    from msh.plan.model import Span

    Flow: TypeAlias = "list[Way]"

NAME_LENGTH = 80
VARIABLE = re.compile(r"\$([A-Za-z_]\w*)")


class Way:
    """A way out of a state. `owner` is None where a machine or branch begins.

    `unsettled`: the region before may have ended the script, and nobody has looked yet. `back` closes a loop.
    """

    def __init__(self, owner: Draft | None, condition: Code | None = None) -> None:
        self.owner = owner
        self.condition = condition
        self.assign: dict[str, Value] = {}
        self.next = ""
        self.unsettled = False
        self.back = False

    def value(self, variable: str) -> Value:
        """What a variable holds after this way, as its state can say it."""
        return self.assign.get(variable, Code(f"${variable}"))


class Draft:
    """A state whose followers are not known yet; `level` is the inner level of a Map, `turns` the most it has."""

    def __init__(self, name: str, state: State, span: Span | None, conditions: Sequence[Code | None] = (None,)) -> None:
        self.name = name
        self.state = state
        self.span = span
        self.level: Level | None = None
        self.turns = 0
        self.ways = [] if isinstance(state, Succeed | Fail) else [Way(self, condition) for condition in conditions]

    def finished(self) -> State:
        """The state as it stays."""
        state, ways = self.state, self.ways
        if isinstance(state, Succeed | Fail):
            return state
        if isinstance(state, Choice):
            rules = tuple([Rule(way.condition, way.next, way.assign) for way in ways if way.condition is not None])
            return state.replace(rules=rules, default=ways[-1].next, assign=ways[-1].assign)
        if isinstance(state, Map) and self.level is not None:
            state = state.replace(branch=self.level.finished())
        return state.replace(next=ways[0].next, assign=ways[0].assign)


class Names:
    """Names of states, unique in the whole machine."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def unique(self, wanted: str) -> str:
        """The name, cut and numbered where it has to be."""
        name, number = wanted[:NAME_LENGTH], 1
        while name in self.taken:
            number += 1
            suffix = f"-{number}"
            name = wanted[: NAME_LENGTH - len(suffix)] + suffix
        self.taken.add(name)
        return name


class Level:
    """The states of the machine or of one branch. `suffix` is that of its own variables.

    `limit` is the number of events after which its loops go on in another execution.
    """

    def __init__(self, names: Names, suffix: str, first: Mapping[str, Value]) -> None:
        self.names = names
        self.suffix = suffix
        self.drafts: dict[str, Draft] = {}
        self.begin = Way(None)
        self.begin.assign |= first
        self.limit = 0

    def add(self, flow: Flow, draft: Draft) -> Draft:
        """Let the flow lead to a new state."""
        draft.name = self.names.unique(draft.name)
        self.drafts[draft.name] = draft
        if flow == [self.begin] and draft.ways and not isinstance(draft.state, Choice):
            draft.ways[0].assign |= self.begin.assign
        connect(flow, draft.name)
        return draft

    def solid(self, flow: Flow) -> Flow:
        """The flow, entered by a state of its own where it is the beginning: what follows is entered again, or cannot
        give variables their first values."""
        return list(self.add(flow, Draft("start", Pass(), None)).ways) if flow == [self.begin] else flow

    def every(self) -> Iterator[Draft]:
        """The states of this level and of those in it."""
        for draft in self.drafts.values():
            yield draft
            if draft.level is not None:
                yield from draft.level.every()

    def reading(self, flow: Flow, variable: str) -> Value:
        """What a variable holds for the state that the flow is to enter."""
        return self.begin.value(variable) if flow == [self.begin] else Code(f"${variable}")

    def finished(self) -> States:
        """All states; the machine starts at what the beginning leads to."""
        return States(self.begin.next, tuple([(name, draft.finished()) for name, draft in self.drafts.items()]))


def connect(flow: Iterable[Way], name: str, *, back: bool = False) -> None:
    """Let all ways lead to a state."""
    for way in flow:
        way.next, way.back = name, back


def assign(flow: Iterable[Way], values: Mapping[str, Value]) -> None:
    """Give variables values on all ways."""
    for way in flow:
        way.assign |= values


def copy(flow: Iterable[Way], source: str, target: str) -> None:
    """Give a variable the value that another has after each way."""
    for way in flow:
        way.assign[target] = way.value(source)


def is_task(flow: Flow) -> bool:
    """Whether the flow is what one Task leaves."""
    return len(flow) == 1 and flow[0].owner is not None and isinstance(flow[0].owner.state, Task)


def prune(level: Level) -> None:
    """Drop the assignments of variables that no expression reads."""
    texts = {code.text for draft in level.every() for code in _codes(draft)}
    used = {name for text in texts for name in VARIABLE.findall(text)}
    for draft in level.every():
        for way in draft.ways:
            for name in [name for name in way.assign if name not in used]:
                del way.assign[name]


def _codes(draft: Draft) -> Iterator[Code]:
    """The expressions of a state, but for those of inner levels."""
    waiting: list[object] = [getattr(draft.state, field) for field in draft.state.__match_args__ if field != "branch"]
    waiting += [value for way in draft.ways for value in (way.condition, *way.assign.values())]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Code):
            yield value
        elif isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, list | tuple):
            waiting += value
