"""A plan as boxes and arrows.

A pure function of plan × tree. A region is a box with its statements; what it decides is a diamond behind it, so a
condition that joined the statements before it stands apart from them here. Every step is drawn to a `Flow`: where it is
entered, and the ends from which the next one goes on. An end is a box and what the arrow that leaves it says (`yes`,
`done`). Where a region may end the script is not drawn: nearly every one may.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from msh.plan.model import Choose, Each, Region, Repeat, Scope, Switch, Wait
from msh.record import Record
from msh.render import plain
from msh.syntax import nodes as n
from msh.syntax.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

    from msh.plan.model import Plan, Span, Step

    End: TypeAlias = tuple[str, str]  # a box, and the label of the arrow that leaves it

LABEL_WIDTH = 60
LABEL_LINES = 6  # of a region's statements


class Box(Record):
    """`kind`: step, decision, loop, wait, start or end. `group` is the id of the group it is in, "" for none.

    `lines` are shown one below the other.
    """

    id: str
    lines: tuple[str, ...]
    kind: str
    group: str = ""
    mapped: bool = True


class Edge(Record):
    """An arrow."""

    start: str
    end: str
    label: str = ""


class Group(Record):
    """A subshell, or the turns of a loop; `parent` is the group around it, "" for none."""

    id: str
    label: str
    parent: str


class Graph(Record):
    """A plan's drawing, independent of the language it is written in."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    groups: tuple[Group, ...]


class Flow(Record):
    """Where a part of the plan is entered and from where it goes on."""

    entry: str
    ends: tuple[End, ...]


def graph_of(plan: Plan, script: n.Script, unmapped: Iterable[int] = ()) -> Graph:
    """Draw a plan of this tree; regions that hold one of the offsets `unmapped` are marked."""
    return _Drawer(plan, script, list(unmapped)).draw()


class _Drawer:
    def __init__(self, plan: Plan, script: n.Script, unmapped: Sequence[int]) -> None:
        self.plan = plan
        self.unmapped = unmapped
        self.clauses = {(node.start, node.end): node for node in walk(script) if isinstance(node, n.CaseClause)}
        self.boxes: list[Box] = []
        self.edges: list[Edge] = []
        self.groups: list[Group] = []
        self.group = ""  # what is being drawn is in it

    def draw(self) -> Graph:
        start = self.box("start", ("start",))
        ends = self.branch(self.plan.steps, ((start, ""),))
        if self.plan.exit is not None:
            last = self.box("step", (self.plan.exit.label,))
            self.join(ends, last)
            ends = ((last, ""),)
        self.join(ends, self.box("end", ("end",)))
        edges = sorted(self.edges, key=lambda edge: int(edge.start[1:]))
        return Graph(tuple(self.boxes), tuple(edges), tuple(self.groups))

    # ---- steps -------------------------------------------------------------------

    def sequence(self, steps: Sequence[Step]) -> Flow | None:
        """None when there is nothing to draw."""
        whole: Flow | None = None
        for step in steps:
            flow = self.step(step)
            if whole is not None:
                self.join(whole.ends, flow.entry)
            whole = Flow(whole.entry if whole else flow.entry, flow.ends)
        return whole

    def branch(self, steps: Sequence[Step], ends: tuple[End, ...]) -> tuple[End, ...]:
        """Draw steps entered from `ends`; where they end."""
        flow = self.sequence(steps)
        if flow is None:
            return ends
        self.join(ends, flow.entry)
        return flow.ends

    def step(self, step: Step) -> Flow:
        match step:
            case Region():
                return self.region(step)
            case Choose():
                return self.choose(step)
            case Switch():
                return self.switch(step)
            case Repeat():
                return self.repeat(step)
            case Each():
                return self.each(step)
            case Wait(span=span):
                return self.single("wait", self.text(span))
            case Scope(body=body):
                return self.within("subshell", body)

    def region(self, region: Region) -> Flow:
        return self.runs(region.runs, region) or self.single("step", region.label)

    def runs(self, runs: Sequence[Span], region: Region) -> Flow | None:
        """A box with some of a region's statements."""
        if not runs:
            return None
        lines = [self.text(run) for run in runs[:LABEL_LINES]]
        lines += [f"… {len(runs) - LABEL_LINES} more"] if len(runs) > LABEL_LINES else []
        box = self.box("step", tuple(lines), runs)
        return Flow(box, ((box, ""),))

    def choose(self, step: Choose) -> Flow:
        flow, decision = self.decision(step.test)
        ends = self.branch(step.then or (), ((decision, "yes"),))
        ends += self.branch(step.orelse or (), ((decision, "no"),))
        return Flow(flow.entry, ends)

    def decision(self, test: Sequence[Step]) -> tuple[Flow, str]:
        """What decides by its `$?`: a diamond with the last statement, all before it as ever."""
        last = test[-1]
        if isinstance(last, Region) and last.runs:
            before = self.sequence(test[:-1])
            ahead = self.runs(last.runs[:-1], last)
            diamond = self.box("decision", (self.text(last.runs[-1]),), last.runs[-1:])
            return self.chain([before, ahead, Flow(diamond, ((diamond, ""),))]), diamond
        before = self.sequence(test)
        diamond = self.box("decision", ("$? = 0",))
        return self.chain([before, Flow(diamond, ((diamond, ""),))]), diamond

    def switch(self, step: Switch) -> Flow:
        ahead = self.runs(step.selector.runs, step.selector)
        clause = self.clauses[(step.span.start, step.span.end)]
        diamond = self.box("decision", (f"case {self.slice(clause.word.start, clause.word.end)}",), (step.span,))
        ends: tuple[End, ...] = ()
        for item, branch in zip(clause.items, step.branches, strict=True):
            patterns = " | ".join([self.slice(pattern.start, pattern.end) for pattern in item.patterns])
            ends += self.branch(branch, ((diamond, patterns),))
        if not any(self.slice(pattern.start, pattern.end) == "*" for item in clause.items for pattern in item.patterns):
            ends += ((diamond, "no match"),)
        return Flow(self.chain([ahead, Flow(diamond, ())]).entry, ends)

    def repeat(self, step: Repeat) -> Flow:
        flow, decision = self.decision(step.test)
        on, off = ("no", "yes") if step.until else ("yes", "no")
        self.join(self.branch(step.body, ((decision, on),)), flow.entry)
        return Flow(flow.entry, ((decision, off),))

    def each(self, step: Each) -> Flow:
        ahead = self.runs(step.items.runs, step.items) if step.items is not None else None
        kind = "side by side" if step.independent else "in turn"
        box = self.box("loop", (self.header(step.span), kind))
        if step.items is None:
            ends = self.branch(step.body, ((box, "each"),))
        else:
            body = self.single("step", self.body_of(step.span), (step.span,))
            self.join(((box, "each"),), body.entry)
            ends = body.ends
        self.join(ends, box)
        return Flow(self.chain([ahead, Flow(box, ())]).entry, ((box, "done"),))

    # ---- parts -------------------------------------------------------------------

    def single(self, kind: str, label: str, spans: Sequence[Span] = ()) -> Flow:
        box = self.box(kind, (label,), spans)
        return Flow(box, ((box, ""),))

    def within(self, label: str, body: Sequence[Step]) -> Flow:
        parent = self.group
        self.group = f"g{len(self.groups)}"
        self.groups.append(Group(self.group, label, parent))
        flow = self.sequence(body) or self.single("step", label)
        self.group = parent
        return flow

    def chain(self, flows: Sequence[Flow | None]) -> Flow:
        """Flows one after the other; the last one is there."""
        there = [flow for flow in flows if flow is not None]
        for first, second in itertools.pairwise(there):
            self.join(first.ends, second.entry)
        return Flow(there[0].entry, there[-1].ends)

    def box(self, kind: str, lines: tuple[str, ...], spans: Sequence[Span] = ()) -> str:
        mapped = not any(span.start <= offset < span.end for span in spans for offset in self.unmapped)
        self.boxes.append(Box(f"n{len(self.boxes)}", lines, kind, self.group, mapped))
        return self.boxes[-1].id

    def join(self, ends: Iterable[End], entry: str) -> None:
        self.edges += [Edge(box, entry, label) for box, label in dict.fromkeys(ends)]

    # ---- text --------------------------------------------------------------------

    def text(self, span: Span) -> str:
        return self.slice(span.start, span.end)

    def header(self, span: Span) -> str:
        """`for x in a b` of a whole loop."""
        head, _, _ = self.plan.text[span.start : span.end].partition("\n")
        return self.shown(head.partition("; do")[0].removesuffix("do").rstrip("; "))

    def body_of(self, span: Span) -> str:
        """What a loop does in each turn."""
        _, _, body = self.plan.text[span.start : span.end].partition("do")
        return self.shown(body.removesuffix("done").strip().rstrip(";"))

    def slice(self, start: int, end: int) -> str:
        return self.shown(self.plan.text[start:end].rstrip().removesuffix(";"))

    def shown(self, text: str) -> str:
        """On one line, cut when it is long."""
        text = plain(" ".join(text.replace("\\\n", " ").split()))
        return text if len(text) <= LABEL_WIDTH else text[: LABEL_WIDTH - 1] + "…"
