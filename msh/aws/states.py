"""A plan as a state machine: each region one Task, control flow as Choice, Map, Wait and edges that lead back.

    if sort x; then sleep 5; fi        L1-sort (Task) ─▶ L1-if (Choice) ─$rc = 0─▶ L1-sleep (Wait) ─▶ end

Every part is joined to a flow (`flow.py`): the ways that lead to it go in, those that leave it come back. After a
region that can end the script (`exit`, `set -e`) somebody has to look whether it has; its way is marked, and the next
Choice asks first. Only where no Choice follows does the question cost a state.

A subshell costs none either: what it changes has names of its own for its extent (`names.py`).
"""

from __future__ import annotations

from msh.aws import chunks, events, limits, requests
from msh.aws.asl import Choice, Code, Fail, Pass, States, Succeed, Task, Wait, definition
from msh.aws.flow import Draft, Level, Names, assign, copy, prune
from msh.aws.names import KEY, Frame
from msh.aws.uses import changed_by, later, read_by
from msh.plan import model
from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from msh.aws.asl import JSON, Value
    from msh.aws.chunks import Rest
    from msh.aws.events import Loop
    from msh.aws.flow import Flow
    from msh.aws.requests import Target
    from msh.plan.model import Each, Plan, Region, Repeat, Span, Step

YEAR = 31_536_000  # seconds; no execution lasts longer


class Machine(Record):
    """A compiled plan. `places`: where in the script each state has its origin.

    `events` is the most that a run leaves in its history, `too_large` are the loops of which no turn has room there.
    `nested`: it starts itself, for which its role needs the permission.
    """

    states: States
    remark: str
    places: Mapping[str, Span]
    events: int
    too_large: tuple[Span, ...] = ()
    nested: bool = False

    def document(self) -> dict[str, JSON]:
        """The definition."""
        return definition(self.states, self.remark)


def state_machine(plan: Plan, target: Target | None = None) -> dict[str, JSON]:
    """The definition of a plan's machine."""
    return compile_plan(plan, target).document()


def compile_plan(plan: Plan, target: Target | None = None) -> Machine:
    """The machine of a plan. Should its loops together be too large, all of them count as they run."""
    machine = _compile(plan, target or requests.Target(), careful=False)
    return machine if machine.events <= events.BUDGET else _compile(plan, target or requests.Target(), careful=True)


def _compile(plan: Plan, target: Target, *, careful: bool) -> Machine:
    builder = Builder(plan, target, careful)
    level = builder.level
    frame = Frame(level, 0, plan.variables)
    after = frozenset(plan.exit.reads if plan.exit is not None else ())
    builder.finish(frame, builder.steps(frame, plan.steps, [level.begin], after))
    nested = bool(builder.rests)
    if nested:
        chunks.resume(builder)
    weight = events.weigh(level, builder.loops)
    builder.refer()
    prune(level)
    remark = f"{plan.name}, script {plan.sha256}"
    return Machine(
        level.finished(), remark, builder.places, weight.events, tuple(dict.fromkeys(weight.too_large)), nested
    )


class Builder:
    """Makes states of steps; `names` and `number` are used up by the whole machine.

    `careful`: every loop counts its events as it runs. `loops` has inner ones first. `rests` are still to be compiled.
    """

    def __init__(self, plan: Plan, target: Target, careful: bool) -> None:
        self.plan = plan
        self.target = target
        self.careful = careful
        self.loops: list[Loop] = []
        self.rests: list[Rest] = []
        self.payloads: list[dict[str, Value]] = []
        self.most = self.outputs = 0  # variables in one payload, and in the outputs of one Map
        self.known: dict[tuple[int, frozenset[str]], Rest] = {}
        self.names = Names()
        self.number = 0
        self.places: dict[str, Span] = {}
        first: dict[str, Value] = {"rc": 0, "state": None, "exited": False, "tail": "", "events": 0}
        first |= dict.fromkeys(Frame(Level(self.names, "", {}), 0, plan.variables).own.values())
        self.level = Level(self.names, "", first)

    # ---- steps ---------------------------------------------------------------------

    def steps(self, frame: Frame, steps: tuple[Step, ...], flow: Flow, after: frozenset[str]) -> Flow:
        """The ways that leave a list of steps; `after` are the variables that are read afterwards."""
        needs = list(later(steps, after))
        for step, needed in zip(steps, reversed(needs), strict=True):
            flow = self.step(frame, step, flow, needed)
        return flow

    def step(self, frame: Frame, step: Step, flow: Flow, after: frozenset[str]) -> Flow:
        from msh.aws import loops

        match step:
            case model.Region():
                return self.region(frame, step, flow)
            case model.Choose():
                return self.choose(frame, step, flow, after)
            case model.Switch():
                return self.switch(frame, step, flow, after)
            case model.Wait():
                return self.wait(frame, step, flow)
            case model.Scope():
                return self.scope(frame, step, flow)
            case model.Repeat():
                return loops.repeat(self, frame, step, flow, after)
            case model.Each():
                return loops.each(self, frame, step, flow, after)

    def region(self, frame: Frame, region: Region, flow: Flow, returns: tuple[str, ...] = (), turns: str = "") -> Flow:
        """One Task; `returns` are variables to return besides the live ones, `turns` says which turns it runs."""
        flow = self.settled(frame, flow)
        returned = tuple(sorted({*region.live, *returns}))
        situation = requests.Situation(
            state=frame.level.reading(flow, frame.variable("state")),
            status=frame.level.reading(flow, frame.variable("rc")),
            variables=frame.reading(flow, sorted({*region.reads, *returned})),
            first=not frame.begun,
        )
        arguments = requests.request(region, self.plan.sha256, self.target, situation, returned, turns)
        self.sent(len(situation.variables), arguments["Payload"])
        retry = () if region.network else (requests.RETRY,)
        task = Task(requests.INVOKE, arguments, self.target.seconds, retry, comment=self.remark(region))
        way = self.add(frame, flow, region.name, task, _span(region)).ways[0]
        way.assign |= {frame.variable(name): requests.answer(name) for name in ("rc", "state", "tail")}
        way.assign |= {frame.shell(name): requests.answer(f"variables.{name}") for name in returned}
        if region.decides:
            field = {"case": "choice"}.get(region.decides, region.decides)
            otherwise = {"choice": "-1", "items": "[]", "seconds": "0"}[field]
            way.assign[frame.variable(field)] = requests.decided(field, otherwise)
        if region.may_exit:
            way.assign[frame.variable("exited")] = requests.answer("exited")
            way.unsettled = True
        frame.begun, frame.size = True, KEY
        return [way]

    def join(self, frame: Frame, flow: Flow, span: Span) -> Flow:
        """A Task that runs nothing and makes one commit of all that has happened, where `state` has grown large."""
        region = model.Region(f"{self.line(span)}-join", (), files=())
        fields = ("state", "rc")
        state, rc = (frame.level.reading(flow, frame.variable(name)) for name in fields)
        situation = requests.Situation(state, rc, {}, not frame.begun)
        arguments = requests.request(region, self.plan.sha256, self.target, situation, ())
        task = Task(
            requests.INVOKE, arguments, self.target.seconds, (requests.RETRY,), comment="one commit of all turns"
        )
        way = self.add(frame, flow, region.name, task, span).ways[0]
        way.assign[frame.variable("state")] = requests.answer("state")
        way.unsettled = any(one.unsettled for one in flow)
        frame.size = KEY
        return [way]

    def choose(self, frame: Frame, step: model.Choose, flow: Flow, after: frozenset[str]) -> Flow:
        branches = [*(step.then or ()), *(step.orelse or ())]
        flow = self.steps(frame, step.test, flow, frozenset({*after, *read_by(branches)}))
        kind = "or" if step.then is None else "and" if step.orelse is None else "if"
        true = Code(f"{frame.code('rc').text} = 0")
        left = self.decision(frame, flow, f"{self.line(step.span)}-{kind}", step.span, (true,))
        for way, branch in zip(left, (step.then, step.orelse), strict=True):
            if branch == ():
                way.assign[frame.variable("rc")] = 0
        return self.branches(frame, left, (step.then or (), step.orelse or ()), after)

    def branches(self, frame: Frame, flow: Flow, branches: Sequence[tuple[Step, ...]], after: frozenset[str]) -> Flow:
        """Branches, each entered by one way."""
        begun, size = frame.begun, frame.size
        ways: Flow = []
        largest = size
        for way, branch in zip(flow, branches, strict=True):
            frame.begun, frame.size = begun, size
            ways += self.steps(frame, branch, [way], after)
            largest = max(largest, frame.size)
        frame.begun, frame.size = begun, largest
        return ways

    def switch(self, frame: Frame, step: model.Switch, flow: Flow, after: frozenset[str]) -> Flow:
        flow = self.region(frame, step.selector, flow)
        taken = [index for index, branch in enumerate(step.branches) if branch]
        if not taken:
            flow = self.settled(frame, flow)
            assign(flow, {frame.variable("rc"): 0})
            return flow
        conditions = tuple([Code(f"{frame.code('choice').text} = {index}") for index in taken])
        left = self.decision(frame, flow, f"{self.line(step.span)}-case", step.span, conditions)
        left[-1].assign[frame.variable("rc")] = 0
        return [*left[-1:], *self.branches(frame, left[:-1], [step.branches[index] for index in taken], after)]

    def wait(self, frame: Frame, step: model.Wait, flow: Flow) -> Flow:
        flow = self.settled(frame, flow)
        found = frame.level.reading(flow, frame.variable("seconds"))
        seconds = step.seconds
        if seconds is None:
            assert isinstance(found, Code)
            wait = Wait(Code(f"$min([{found.text}, {YEAR}])"))
        else:
            wait = Wait(seconds)
        name = f"{self.line(step.span)}-sleep"
        draft = self.add(frame, flow, name, wait.replace(comment=self.text(step.span)), step.span)
        if seconds is not None:
            draft.ways[0].assign[frame.variable("rc")] = 0
        return list(draft.ways)

    def scope(self, frame: Frame, step: model.Scope, flow: Flow) -> Flow:
        """A subshell: the states are the machine's, the variables that it changes are its own."""
        flow = self.settled(frame, flow)
        inner = Frame(frame.level, self.next_number(), changed_by(step.body), frame)
        base, state = f"base{self.number}", frame.variable("state")
        for name in inner.own:
            copy(flow, frame.shell(name), inner.shell(name))
        copy(flow, state, base)
        flow = self.steps(inner, step.body, flow, frozenset())
        for way in (*inner.ends, *flow):
            way.assign[state] = {"base": way.value(base), "within": way.value(state)}
            if way.unsettled or way in inner.ends:
                way.assign[frame.variable("exited")] = False
            way.unsettled = False
        frame.size += inner.size
        return [*inner.ends, *flow]

    # ---- the end -------------------------------------------------------------------

    def finish(self, frame: Frame, flow: Flow) -> None:
        """The EXIT trap, and what the execution leaves: success is `$?` 0."""
        flow = frame.level.solid([*frame.ends, *flow])
        region = self.plan.exit
        if region is not None:
            situation = requests.Situation(
                Code("$state"), Code("$rc"), frame.reading(flow, region.reads), not frame.begun
            )
            arguments = requests.ending(region, self.plan.sha256, self.target, situation)
            retry = () if region.network else (requests.RETRY,)
            task = Task(requests.INVOKE, arguments, self.target.seconds, retry, comment=self.remark(region))
            flow = list(self.add(frame, flow, region.name, task, _span(region)).ways)
            flow[0].assign |= {name: requests.answer(name) for name in ("rc", "state", "tail")}
        left = self.add(frame, flow, "end", Choice(), None, (Code("$rc = 0"), None)).ways
        fields: dict[str, Value] = {name: Code(f"${name}") for name in ("rc", "state", "tail")}
        self.add(frame, left[:1], "succeed", Succeed(fields), None)
        cause = ", ".join([f'"{name}": ${name}' for name in fields])
        self.add(frame, left[1:], "fail", Fail("msh.Exit", Code(f"$string({{{cause}}})")), None)

    # ---- states --------------------------------------------------------------------

    def add(
        self,
        frame: Frame,
        flow: Flow,
        name: str,
        state: Task | Choice | Pass | Wait | Succeed | Fail,
        span: Span | None,
        conditions: tuple[Code | None, ...] = (None,),
    ) -> Draft:
        """A new state that the flow leads to."""
        draft = frame.level.add(flow, Draft(name, state, span, conditions))
        if span is not None:
            self.places[draft.name] = span
        return draft

    def decision(self, frame: Frame, flow: Flow, name: str, span: Span, conditions: tuple[Code, ...]) -> Flow:
        """A Choice: a way for each condition, and the one for none of them. It settles the flow."""
        flow = frame.level.solid(flow)
        asked = (frame.code("exited"),) if any(way.unsettled for way in flow) else ()
        ways = self.add(frame, flow, name, Choice(), span, (*asked, *conditions, None)).ways
        frame.ends += ways[: len(asked)]
        return ways[len(asked) :]

    def settled(self, frame: Frame, flow: Flow) -> Flow:
        """The flow with no way on which the script may have ended."""
        unsettled = [way for way in flow if way.unsettled]
        if not unsettled:
            return flow
        owner = unsettled[0].owner
        assert owner is not None
        ways = self.add(
            frame, unsettled, f"{owner.name[:60]}-exited", Choice(), owner.span, (frame.code("exited"), None)
        ).ways
        frame.ends.append(ways[0])
        return [*[way for way in flow if not way.unsettled], ways[1]]

    def next_number(self) -> int:
        """A number that no other branch or subshell has."""
        self.number += 1
        return self.number

    def rest(self, step: Repeat | Each, key: str, needed: frozenset[str]) -> Rest:
        """The rest of a loop, which is compiled once for all places where it is needed."""
        found = self.known.get((id(step), needed))
        if found is None:
            found = self.known[id(step), needed] = chunks.Rest(key, step, needed)
            self.rests.append(found)
        return found

    def sent(self, variables: int, payload: Value) -> None:
        """Remember how many variables a payload has, and where it may be told what travels by reference."""
        self.most = max(self.most, variables)
        assert isinstance(payload, dict)
        self.payloads.append(payload)

    def refer(self) -> None:
        """Say in every payload from which size on a variable travels by reference, where it is not the usual one."""
        size = limits.inline(self.most, self.outputs)
        if size < limits.INLINE:
            for payload in self.payloads:
                payload["inline"] = max(size, limits.SMALLEST)

    # ---- words ---------------------------------------------------------------------

    def line(self, span: Span) -> str:
        """`L12`: where in the script a state has its origin."""
        return f"L{self.plan.text.count(chr(10), 0, span.start) + 1}"

    def text(self, span: Span) -> str:
        """The text of a node, and its line."""
        line = self.plan.text.count("\n", 0, span.start) + 1
        return f"line {line}: {self.plan.text[span.start : span.end]}"

    def remark(self, region: Region) -> str:
        span = _span(region)
        if span is None:
            return region.label
        line = self.plan.text.count("\n", 0, span.start) + 1
        return f"line {line}: {region.label or self.plan.text[span.start : span.end]}"


def _span(region: Region) -> Span | None:
    return region.runs[0] if region.runs else region.subject
