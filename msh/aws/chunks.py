"""Loops that go on in another execution, before a history is full.

    L3-while ─events ≥ limit─▶ L3-while-more: start this machine again, at the loop, and wait for what it comes to
             (that execution)  resume (Choice) ─▶ the loop, once more ─▶ L3-while-rest: its variables, `$?`, state

The execution that goes on has the loop only, on the machine's own level, wherever the loop stands in the script; its
history begins anew, and it goes on in a third one in its turn. So a loop may turn without end, and a machine that waits
for one costs nothing.
"""

from __future__ import annotations

from msh.aws import events
from msh.aws.asl import Choice, Code, Succeed, Task
from msh.aws.flow import Draft, Way
from msh.aws.literals import quoted
from msh.aws.names import LARGE, Frame
from msh.aws.uses import changed_by, read_by, regions_of
from msh.plan.model import Each, Repeat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from msh.aws.asl import Value
    from msh.aws.flow import Flow
    from msh.aws.states import Builder

    LoopStep: TypeAlias = "Repeat | Each"

START = "arn:aws:states:::states:startExecution.sync:2"
FIELDS = ("rc", "state", "exited", "tail")


class Rest:
    """The rest of a loop, to be compiled once more. `needed`: the variables that are read after it."""

    def __init__(self, key: str, step: LoopStep, needed: frozenset[str]) -> None:
        self.key = key
        self.step = step
        self.needed = needed


def go_on(
    builder: Builder, frame: Frame, step: LoopStep, way: Way, after: frozenset[str], kept: Mapping[str, str]
) -> Flow:
    """The Task that starts the machine again. `kept`: the loop's own variables, by the names that `resumed` gives."""
    assert way.owner is not None
    returned = sorted(changed_by((step,)) & after)
    rest = builder.rest(step, way.owner.name, frozenset(returned))
    used = sorted({*read_by((step,)), *changed_by((step,))})
    asked: dict[str, Value] = {
        "resume": rest.key,
        "rc": frame.code("rc"),
        "state": frame.code("state"),
        "loop": {name: Code(f"${variable}") for name, variable in kept.items()},
        "variables": {name: Code(f"${frame.shell(name)}") for name in used},
    }
    builder.most = max(builder.most, len(used))
    arguments: dict[str, Value] = {"StateMachineArn": Code("$states.context.StateMachine.Id"), "Input": asked}
    task = Task(START, arguments, 0, comment=f"the rest of the loop, {builder.text(step.span)}")
    left = builder.add(frame, [way], f"{way.owner.name[:70]}-more", task, step.span).ways[0]
    output = "$states.result.Output"
    left.assign |= {frame.variable(name): Code(f"{output}.{name}") for name in FIELDS}
    left.assign |= {frame.shell(name): Code(f"{output}.v.{name}") for name in returned}
    left.unsettled = any(region.may_exit for region in regions_of((step,)))
    return [left]


def resume(builder: Builder) -> None:
    """The beginning of a machine that may go on in the middle, and the loops where it does."""
    from msh.aws import loops

    level = builder.level
    start = Draft(builder.names.unique("resume"), Choice(), None)
    while builder.rests:
        rest = builder.rests.pop(0)
        frame = Frame(level, 0, builder.plan.variables)
        frame.begun, frame.size = True, LARGE
        way = Way(start, Code(f"$states.input.resume = {quoted(rest.key)}"))
        start.ways.insert(-1, way)
        way.assign |= {name: Code(f"$states.input.{name}") for name in ("rc", "state")}
        way.assign |= {"exited": False, "tail": "", events.counter(level): 0}
        used = {*read_by((rest.step,)), *changed_by((rest.step,))}
        way.assign |= {frame.shell(name): Code(f"$states.input.variables.{name}") for name in sorted(used)}
        if isinstance(rest.step, Repeat):
            left = loops.repeat(builder, frame, rest.step, [way], rest.needed, resumed=True)
        else:
            left = loops.in_order(builder, frame, rest.step, [way], rest.needed, resumed=True)
        output: dict[str, Value] = {name: Code(f"${name}") for name in FIELDS}
        if rest.needed:
            output["v"] = {name: Code(f"${frame.shell(name)}") for name in sorted(rest.needed)}
        done = Draft(f"{rest.key[:70]}-rest", Succeed(output), rest.step.span)
        level.add([*frame.ends, *left], done)
    start.ways[-1].next = level.begin.next
    level.begin.next = start.name
    level.drafts = {start.name: start, **level.drafts}
