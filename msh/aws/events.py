"""How many events a run of a machine can leave in its history, of which Step Functions allows 25,000.

The worst run of a machine without loops is the longest path through it. A loop whose turns are few counts with all of
them. Any other loop counts while it runs: each turn adds what it costs to a variable, and where that comes near the
limit the rest of the loop goes on in another execution, with a history of its own (`chunks.py`). One counter serves all
loops of a level, nested ones too, so the sum is what is bounded.

Retries are not in these figures: the reserve is for them.
"""

from __future__ import annotations

from msh.aws.asl import Code, Fail, Map, Task
from msh.plan import model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from msh.aws.flow import Draft, Level, Way
    from msh.plan.model import Span, Step

LIMIT = 25_000  # what Step Functions allows
BUDGET = 20_000  # the rest is for retries
FEW = 1_000  # events of a loop that is not counted as it runs
MANY = 8_000  # events of turns side by side, beyond which they run one after the other
ENDS = 2  # of an execution: ExecutionStarted, ExecutionSucceeded or ExecutionFailed

STATE = 2  # Entered, Exited
TASK = 5  # with TaskScheduled, TaskStarted, TaskSucceeded
NESTED = 6  # with TaskSubmitted
MAP = 4  # with MapStateStarted, MapStateSucceeded
TURN = 2  # MapIterationStarted, MapIterationSucceeded
TURNS = 40  # of a loop over words that only the run knows


class Loop:
    """A loop in a machine. `entry` leads to its first state, `backs` lead there again.

    `turns` is the most there are, 0 for any number. `more` is taken where the loop is to go on elsewhere; None when the
    loop is not counted.
    """

    def __init__(
        self, level: Level, entry: Way, backs: Sequence[Way], turns: int, more: Way | None, span: Span
    ) -> None:
        self.level = level
        self.entry = entry
        self.backs = backs
        self.turns = turns
        self.more = more
        self.span = span


class Weight:
    """What `weigh` finds: the worst case of the whole machine, and the loops that are too large for any history."""

    def __init__(self) -> None:
        self.events = 0
        self.too_large: list[Span] = []


def weigh(level: Level, loops: Sequence[Loop]) -> Weight:
    """Count a machine's events, and give its counted loops their limits. `loops` has inner loops before outer ones."""
    weight = Weight()
    weight.events = ENDS + _level(level, loops, BUDGET - ENDS, weight)
    return weight


def _level(level: Level, loops: Sequence[Loop], budget: int, weight: Weight) -> int:
    own = [loop for loop in loops if loop.level is level]
    costs = {name: _cost(draft, loops, budget, weight) for name, draft in level.drafts.items()}
    order = _in_order(level)
    dearest = 0
    for loop in own:
        reached = _longest(level, order, costs, loop.entry.next)
        turn = max([reached.get(way.owner.name, 0) for way in loop.backs if way.owner is not None], default=0)
        if loop.more is None:
            costs[loop.entry.next] += max(loop.turns - 1, 0) * turn
        else:
            dearest = max(dearest, turn)
            for way in loop.backs:
                way.assign[counter(level)] = Code(f"${counter(level)} + {turn}")
    fixed = max(_longest(level, order, costs, level.begin.next).values(), default=0)
    counted = [loop for loop in own if loop.more is not None]
    if not counted:
        return fixed
    limit = budget - fixed - dearest
    if limit < 1 and not level.suffix:
        weight.too_large += [loop.span for loop in counted]
    limit = max(limit, 1)
    for loop in counted:
        assert loop.more is not None
        loop.more.condition = Code(f"${counter(level)} >= {limit}")
    return fixed + limit + dearest


def counter(level: Level) -> str:
    """The variable that counts the events of a level's loops."""
    return f"events{level.suffix}"


def _cost(draft: Draft, loops: Sequence[Loop], budget: int, weight: Weight) -> int:
    state = draft.state
    if isinstance(state, Map) and draft.level is not None:
        share = budget // (4 * draft.turns)
        return MAP + draft.turns * (TURN + _level(draft.level, loops, share, weight))
    if isinstance(state, Task):
        return NESTED if state.resource.endswith(".sync:2") else TASK
    return 1 if isinstance(state, Fail) else STATE


def _in_order(level: Level) -> list[str]:
    """The states, each after those that lead to it but for the ways back."""
    waiting = dict.fromkeys(level.drafts, 0)
    for draft in level.drafts.values():
        for name in _next(draft):
            waiting[name] += 1
    ready = [name for name, count in waiting.items() if not count]
    order = []
    while ready:
        name = ready.pop()
        order.append(name)
        for follower in _next(level.drafts[name]):
            waiting[follower] -= 1
            if not waiting[follower]:
                ready.append(follower)
    if len(order) != len(level.drafts):
        raise ValueError("a way back is not marked as one")
    return order


def _next(draft: Draft) -> list[str]:
    return [way.next for way in draft.ways if way.next and not way.back]


def _longest(level: Level, order: Sequence[str], costs: Mapping[str, int], start: str) -> dict[str, int]:
    """For each state that can be reached from one, what the dearest path to its end costs."""
    reached = {start: costs[start]}
    for name in order:
        if name in reached:
            for follower in _next(level.drafts[name]):
                reached[follower] = max(reached.get(follower, 0), reached[name] + costs[follower])
    return reached


# ---- before the states are there ---------------------------------------------------


def estimate(steps: Sequence[Step]) -> int:
    """About how many events steps can leave; a loop of any number of turns counts with one."""
    return sum([_estimate(step) for step in steps])


def _estimate(step: Step) -> int:
    match step:
        case model.Region(may_exit=may_exit):
            return TASK + (STATE if may_exit else 0)
        case model.Choose(test=test, then=then, orelse=orelse):
            return STATE + estimate(test) + max(estimate(then or ()), estimate(orelse or ()))
        case model.Switch(selector=selector, branches=branches):
            return STATE + _estimate(selector) + max([estimate(branch) for branch in branches], default=0)
        case model.Repeat(test=test, body=body, turns=turns):
            return max(turns, 1) * (STATE + estimate(test) + estimate(body)) + NESTED
        case model.Each(items=items, values=values, body=body):
            turns = TURNS if items is not None else len(values)
            return MAP + (TASK if items is not None else 0) + turns * (TURN + estimate(body))
        case model.Wait():
            return STATE
        case model.Scope(body=body):
            return estimate(body)


def counted(turns: int, body: Sequence[Step]) -> bool:
    """Whether a loop has to count as it runs."""
    return turns == 0 or turns * (estimate(body) + STATE) > FEW
