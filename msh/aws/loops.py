"""Loops: turns side by side are a Map, turns one after the other are edges that lead back.

    for f in a b; do sort $f > $f.s; done    L1-for (Map over ["a", "b"]): L1-sort (Task)
    while test -e x; do sleep 5; done        L1-test (Task) ─▶ L1-while (Choice) ─▶ L1-sleep (Wait) ─▶ L1-test

A turn of a Map sees the variables as they were before all turns. It ends with an output (`turns.py`), from which the
Map puts together what the machine goes on with. A Map with `MaxConcurrency` 1 would be no loop: its turns cannot see
what the one before has left, and one that ends the script would not keep the next from starting.
"""

from __future__ import annotations

from msh.aws import events, limits, turns
from msh.aws.asl import Code, Map, States, Succeed, Task
from msh.aws.chunks import go_on
from msh.aws.events import Loop
from msh.aws.flow import Draft, Level, Way, assign, connect, copy, is_task
from msh.aws.literals import encoded, quoted
from msh.aws.names import KEY, LARGE, Frame
from msh.aws.uses import changed_by, read_by, regions_of
from msh.plan.model import Region
from msh.source import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.aws.asl import Value
    from msh.aws.flow import Flow
    from msh.aws.states import Builder
    from msh.plan.model import Each, Repeat

WIDEST = 100  # turns of one Map: each has an output and a place in `state`
VALUES = 64 << 10  # bytes of the words of one Map
CONCURRENCY = 40  # turns of an inline Map that run at once
BROKE = "$exists($states.result.Payload.broke)"  # `break` has left the loop
LATER = Code("false")  # until it is known how many events there may be
DESCRIPTORS = 40  # the most that a worker makes of a list


# ---- while, until ------------------------------------------------------------------


def repeat(
    builder: Builder, frame: Frame, step: Repeat, flow: Flow, after: frozenset[str], *, resumed: bool = False
) -> Flow:
    """`while` and `until`. The body's last `$?` is kept, since the test has one of its own.

    `resumed`: the flow comes from an execution that had found the test true.
    """
    needed = frozenset({*after, *read_by((step,))})
    kept, rc = f"kept{builder.next_number()}", frame.variable("rc")
    flow = frame.level.solid(builder.settled(frame, flow))
    assign(flow, {kept: Code("$states.input.loop.kept") if resumed else 0})
    entry = Way(None)
    begun = frame.begun
    left = builder.steps(frame, step.test, [entry] if resumed else [*flow, entry], needed)
    counted = builder.careful or events.counted(step.turns, (*step.test, *step.body))
    ends = Code(f"{frame.code('rc').text} {'=' if step.until else '!='} 0")
    name = f"{builder.line(step.span)}-{'until' if step.until else 'while'}"
    over, *more, on = builder.decision(frame, left, name, step.span, (ends, *((LATER,) if counted else ())))
    over.assign[rc] = Code(f"${kept}")
    left = builder.steps(frame, step.body, [on, *(flow if resumed else [])], needed)
    left = _collected(builder, frame, step, builder.settled(frame, left))
    copy(left, rc, kept)
    connect(left, entry.next, back=True)
    frame.begun = begun or any(regions_of(step.test))
    builder.loops.append(Loop(frame.level, entry, left, step.turns, more[0] if more else None, step.span))
    return [over, *[way for one in more for way in go_on(builder, frame, step, one, after, {"kept": kept})]]


def _collected(builder: Builder, frame: Frame, step: Repeat | Each, flow: Flow) -> Flow:
    """The flow with a state that does not grow from turn to turn."""
    return builder.join(frame, flow, step.span) if frame.size > KEY else flow


# ---- for ---------------------------------------------------------------------------


def each(builder: Builder, frame: Frame, step: Each, flow: Flow, after: frozenset[str]) -> Flow:
    """`for`, over words that the script has or that a region finds out."""
    if step.items is None and not step.values:
        assign(flow, {frame.variable("rc"): 0})
        return flow
    if step.items is not None:
        flow = builder.region(frame, step.items, flow)
    flow = builder.settled(frame, flow)
    return (_side_by_side if step.independent and _few(step, after) else in_order)(builder, frame, step, flow, after)


def _few(step: Each, after: frozenset[str]) -> bool:
    """Whether the turns may be one Map: by their number, their events, and what their outputs hold at the least."""
    turns_ = len(step.values) or DESCRIPTORS
    values = sum([len(encode(value)) for value in step.values])
    outputs = turns_ * len({step.name, *changed_by(step.body)} & after)
    dear = turns_ * (events.TURN + events.estimate(step.body)) > events.MANY
    return turns_ <= WIDEST and values <= VALUES and limits.inline(0, outputs) >= limits.SMALLEST and not dear


def _side_by_side(builder: Builder, frame: Frame, step: Each, flow: Flow, after: frozenset[str]) -> Flow:
    """A Map."""
    needed = sorted({step.name, *changed_by(step.body)} & after)
    cut = may_exit = any(region.may_exit for region in regions_of(step.body))
    cut, empty = cut or step.items is not None, step.items is not None
    state = frame.variable("state")
    if frame.level.suffix:  # an item, which the first values of a branch may be, is no longer the input further in
        flow = frame.level.solid(flow)
    before = frame.level.reading(flow, state)
    inner = _turn(builder, frame, step, flow, needed)
    way = _map(builder, frame, step, flow, inner.level)
    way.assign[frame.variable("rc")] = turns.last("rc", cut=cut, empty="0" if empty else "")
    way.assign[state] = turns.state(before.text if isinstance(before, Code) else "null", cut=cut, empty=empty)
    for name in needed:
        variable = frame.shell(name)
        way.assign[variable] = turns.last(f"v.{name}", cut=cut, empty=f"${variable}" if empty else "")
    if may_exit:
        way.assign[frame.variable("exited")] = turns.exited()
        way.assign[frame.variable("tail")] = turns.last("tail", cut=True, empty='""' if empty else "")
        way.unsettled = True
    frame.begun = frame.begun or (not empty and inner.begun)
    count = len(step.values) or DESCRIPTORS
    builder.outputs = max(builder.outputs, count * len(needed))
    frame.size += count * inner.size
    return builder.join(frame, [way], step.span) if frame.size > LARGE else [way]


def _map(builder: Builder, frame: Frame, step: Each, flow: Flow, level: Level) -> Way:
    """The Map itself."""
    items: Value = [encoded(value) for value in step.values]
    if step.items is not None:
        items = frame.code("items")
    state = Map(items, States("", ()), CONCURRENCY, comment=builder.text(step.span))
    draft = Draft(f"{builder.line(step.span)}-for", state, step.span)
    draft.level, draft.turns = level, len(step.values) or DESCRIPTORS
    frame.level.add(flow, draft)
    builder.places[draft.name] = step.span
    return draft.ways[0]


def _turn(builder: Builder, frame: Frame, step: Each, flow: Flow, needed: list[str]) -> Frame:
    """The branch of a Map.

    Where the Map is the first state of all, the variables around it have no values yet: then the branch has its own of
    all that it uses.
    """
    number = builder.next_number()
    level = Level(builder.names, str(number), {})
    used = read_by((step,)) if flow == [frame.level.begin] else set()
    inner = Frame(level, number, {step.name, *changed_by(step.body), *used}, frame)
    for name in ("rc", "state"):
        level.begin.assign[inner.variable(name)] = frame.level.reading(flow, frame.variable(name))
    level.begin.assign |= {inner.variable("exited"): False, inner.variable("tail"): "", events.counter(level): 0}
    level.begin.assign |= {inner.shell(name): value for name, value in frame.reading(flow, inner.own).items()}
    if step.items is None:
        level.begin.assign[inner.shell(step.name)] = Code("$states.input")
    returns = tuple([step.name] if step.items is not None and step.name in needed else [])
    left = _body(builder, inner, step, [level.begin], frozenset(needed), returns, "$states.input")
    _output(builder, inner, step, left, needed)
    return inner


def _output(builder: Builder, frame: Frame, step: Each, flow: Flow, needed: list[str]) -> None:
    """The end of a turn. Where it is one Task, the output is the Task's own, and no variable is needed."""
    level = frame.level
    alone = is_task(flow) and len(level.drafts) == 1
    may_exit = any(region.may_exit for region in regions_of(step.body))

    def value(variable: str) -> Value:
        return flow[0].value(variable) if alone else Code(f"${variable}")

    fields = ("rc", "state", *(("exited", "tail") if may_exit else ()))
    output: dict[str, Value] = {name: value(frame.variable(name)) for name in fields}
    if may_exit:
        output["tail"] = turns.tail(output["tail"])
    if step.items is not None:
        output["broke"] = Code(BROKE)
    if needed:
        output["v"] = {name: value(frame.shell(name)) for name in needed}
    if alone:
        draft = next(iter(level.drafts.values()))
        assert isinstance(draft.state, Task)
        draft.state = draft.state.replace(output=output)
        flow[0].assign.clear()
    else:
        name = f"{builder.line(step.span)}-turn"
        level.add([*frame.ends, *level.solid(flow)], Draft(name, Succeed(output), step.span))


def in_order(
    builder: Builder, frame: Frame, step: Each, flow: Flow, after: frozenset[str], *, resumed: bool = False
) -> Flow:
    """Turns one after the other: a counter, and a Choice that each turn comes back to."""
    number = builder.next_number()
    index, broke, items = f"index{number}", f"broke{number}", f"items{number}"
    flow = frame.level.solid(flow)
    own = {"index": index} if step.items is None else {"index": index, "broke": broke, "items": items}
    if resumed:
        assign(flow, {variable: Code(f"$states.input.loop.{name}") for name, variable in own.items()})
    else:
        assign(flow, {index: 0, broke: False})
        copy(flow, frame.variable("items"), items)
    entry = Way(None)
    left, *more, on = _next_turn(builder, frame, step, [*flow, entry], index, items, broke)
    returns = (step.name,) if step.items is not None and step.name in after else ()
    needed = frozenset({*after, *read_by(step.body)})
    ends = _body(builder, frame, step, [on], needed, returns, f"${items}[${index} - 1]")
    if step.items is not None:
        assign(ends, {broke: Code(BROKE)})
    ends = _collected(builder, frame, step, builder.settled(frame, ends))
    connect(ends, entry.next, back=True)
    turns_ = len(step.values) or DESCRIPTORS
    builder.loops.append(Loop(frame.level, entry, ends, turns_, more[0] if more else None, step.span))
    return [left, *[way for one in more for way in go_on(builder, frame, step, one, after, own)]]


def _next_turn(builder: Builder, frame: Frame, step: Each, flow: Flow, index: str, items: str, broke: str) -> Flow:
    """The ways after the last turn, elsewhere when there are too many events, and on to the next turn."""
    over = Code(f"${index} >= {len(step.values)}")
    if step.items is not None:
        over = Code(f"${index} >= $count(${items}) or ${broke}")
    counted = builder.careful or events.counted(len(step.values) or DESCRIPTORS, step.body)
    name, rc = f"{builder.line(step.span)}-for", frame.variable("rc")
    left, *more, on = builder.decision(frame, flow, name, step.span, (over, *((LATER,) if counted else ())))
    on.assign[index] = Code(f"${index} + 1")
    if step.items is None:
        on.assign[frame.shell(step.name)] = Code(f"{_list(step.values)}[${index}]")
    else:
        left.assign[rc] = Code(f"${index} = 0 ? 0 : ${rc}")
    return [left, *more, on]


def _body(
    builder: Builder,
    frame: Frame,
    step: Each,
    flow: Flow,
    after: frozenset[str],
    returns: tuple[str, ...],
    turn: str,
) -> Flow:
    """What a turn does; where a region runs several, `turn` says which."""
    if step.items is None:
        return builder.steps(frame, step.body, flow, after)
    (region,) = step.body
    if not isinstance(region, Region):
        raise ValueError("the body of a loop over items is one region")
    return builder.region(frame, region, flow, returns, turn)


def _list(values: tuple[str, ...]) -> str:
    """An array of values in an expression."""
    return "[" + ", ".join([_value(encoded(value)) for value in values]) + "]"


def _value(value: Value) -> str:
    if isinstance(value, str):
        return quoted(value)
    assert isinstance(value, dict)
    return "{" + ", ".join([f"{quoted(key)}: {_value(inner)}" for key, inner in value.items()]) + "}"
