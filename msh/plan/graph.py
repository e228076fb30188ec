"""The order in which a script's steps can run, as boxes and arrows.

A pure function of tree × findings. Boxes are simple commands and decisions; a pipeline's stages are joined by pipes; a
background command is a branch that joins at `wait`; a function is a group of its own, entered from where it is called.
Commands inside words (`$( )`) are part of their step, as they are when it runs.

Every part of a script is drawn to a `Flow`: where it is entered, and the ends from which the next part goes on. An end
is a box and what the arrow that leaves it says (`yes`, `done`). A jump (`break`, `return`, `exit`) has no end: its box
is kept by the loop, function or process that it leaves.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from msh.record import Record
from msh.render import plain
from msh.syntax import nodes as n
from msh.syntax.walk import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from msh.diagnostics import Diagnostic
    from msh.source import Source

    End: TypeAlias = tuple[str, str]  # a box, and the label of the arrow that leaves it
    Statements: TypeAlias = Sequence[n.Statement]

LABEL_WIDTH = 60


class Box(Record):
    """`kind`: step, decision, loop, call, fork, start or end. `group` is the id of the group it is in, "" for none."""

    id: str
    label: str
    kind: str
    group: str = ""
    mapped: bool = True


class Edge(Record):
    """`kind`: next, pipe, background or call."""

    start: str
    end: str
    label: str = ""
    kind: str = "next"


class Group(Record):
    """A function, pipeline or subshell; `parent` is the group around it, "" for none."""

    id: str
    label: str
    parent: str


class Graph(Record):
    """A script's drawing, independent of the language it is written in."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    groups: tuple[Group, ...]


class Flow(Record):
    """Where a part of the script is entered and from where it goes on."""

    entry: str
    ends: tuple[End, ...]


class Condition(Record):
    """A list that decides: the ends on which it was true and false."""

    entry: str
    true: tuple[End, ...]
    false: tuple[End, ...]


def graph_of(script: n.Script, source: Source, findings: Iterable[Diagnostic] = ()) -> Graph:
    """Draw a script; steps that hold a finding with code MSH201 are marked as not mapped."""
    functions = {node.name for node in walk(script) if isinstance(node, n.FunctionDefinition)}
    unmapped = [d.labels[0].start for d in findings if d.code == "MSH201" and d.labels]
    return _Drawer(source, functions, unmapped).draw(script)


class _Loop:
    """A loop that is being drawn: where `continue` goes, and the ends that `break` leaves."""

    def __init__(self, entry: str) -> None:
        self.entry = entry
        self.breaks: list[End] = []


class _Drawer:
    def __init__(self, source: Source, functions: set[str], unmapped: Sequence[int]) -> None:
        self.source = source
        self.functions = functions
        self.unmapped = unmapped
        self.boxes: list[Box] = []
        self.edges: list[Edge] = []
        self.groups: list[Group] = []
        self.group = ""  # what is being drawn is in it
        self.entries: dict[str, str] = {}  # of functions
        self.calls: list[tuple[str, str]] = []  # box, function
        self.loops: list[_Loop] = []
        self.exits: list[End] = []  # that leave the process being drawn
        self.returns: list[End] = []  # that leave the function being drawn, or the script
        self.pending: list[End] = []  # of background commands that nothing has waited for

    def draw(self, script: n.Script) -> Graph:
        start = self.box("start", "start")
        ends = self.branch(script.body, ((start, ""),))
        finish = self.box("end", "end")
        self.join((*ends, *self.exits, *self.returns, *self.pending), finish)
        calls = [(box, self.entries[name]) for box, name in self.calls if name in self.entries]
        self.edges += [Edge(box, entry, kind="call") for box, entry in calls]
        edges = sorted(self.edges, key=lambda edge: int(edge.start[1:]))
        return Graph(tuple(self.boxes), tuple(edges), tuple(self.groups))

    # ---- lists -------------------------------------------------------------------

    def sequence(self, statements: Statements) -> Flow | None:
        """None when there is nothing to draw (an empty list, function definitions alone)."""
        whole: Flow | None = None
        for statement in statements:
            background = statement.background
            flow = self.background(statement.command) if background else self.command(statement.command)
            if flow is not None:
                if whole is not None:
                    self.join(whole.ends, flow.entry)
                whole = Flow(whole.entry if whole else flow.entry, flow.ends)
        return whole

    def branch(self, statements: Statements, ends: tuple[End, ...]) -> tuple[End, ...]:
        """Draw a list entered from `ends`; where it ends."""
        flow = self.sequence(statements)
        if flow is None:
            return ends
        self.join(ends, flow.entry)
        return flow.ends

    def command(self, command: n.Command) -> Flow | None:
        match command:
            case n.SimpleCommand():
                return self.simple(command)
            case n.ArithmeticCommand() | n.ConditionalCommand():
                return self.flow(self.box(self.text(command), "step", command))
            case n.Pipeline(commands=(only,), negated=negated):
                return self.negated(only) if negated else self.command(only)
            case n.Pipeline(commands=stages):
                return self.within("pipeline", lambda: self.pipeline(stages))
            case n.AndOr():
                return self.and_or(command)
            case n.BraceGroup(body=body):
                return self.sequence(body)
            case n.Subshell(body=body):
                return self.within("subshell", lambda: self.process(n.BraceGroup(0, 0, body)))
            case n.Redirected(command=inner, redirects=redirects):
                label = self.slice(redirects[0].start, redirects[-1].end)
                return self.within(label, lambda: self.command(inner))
            case n.IfClause():
                return self.if_clause(command)
            case n.WhileClause():
                return self.while_clause(command)
            case n.ForClause() | n.ForArithmetic() | n.SelectClause():
                return self.for_clause(command)
            case n.CaseClause():
                return self.case_clause(command)
            case n.Coprocess(command=inner):
                return self.background(inner)
            case n.FunctionDefinition():
                self.function(command)
                return None

    def simple(self, command: n.SimpleCommand) -> Flow:
        name = _name(command)
        box = self.box(self.text(command), "call" if name in self.functions else "step", command)
        if name in self.functions:
            self.calls.append((box, name))
        if name == "wait":
            self.join(self.pending, box)
            self.pending = []
        return Flow(box, ()) if self.jump(name, command, box) else self.flow(box)

    def jump(self, name: str, command: n.SimpleCommand, box: str) -> bool:
        """Whether the command leaves the list it is in; remembers where it goes."""
        if name == "return":
            self.returns.append((box, ""))
            return True
        if name == "exit" or (name == "exec" and len(command.words) > 1):
            self.exits.append((box, ""))
            return True
        if name in ("break", "continue") and self.loops:
            loop = self.loops[-min(_count(command), len(self.loops))]
            if name == "break":
                loop.breaks.append((box, ""))
            else:
                self.join(((box, ""),), loop.entry)
            return True
        return False

    def negated(self, command: n.Command) -> Flow | None:
        """What leaves it says the opposite of the command's own status, so the `!` has to be seen."""
        if not isinstance(command, n.SimpleCommand):
            return self.within("!", lambda: self.command(command))
        flow = self.simple(command)
        self.boxes[-1] = self.boxes[-1].replace(label=f"! {self.boxes[-1].label}")
        return flow

    def pipeline(self, stages: Sequence[n.Command]) -> Flow | None:
        flows = [flow for stage in stages if (flow := self.process(stage))]
        for left, right in pairwise(flows):
            self.edges += [Edge(box, right.entry, kind="pipe") for box in dict.fromkeys([box for box, _ in left.ends])]
        return Flow(flows[0].entry, flows[-1].ends) if flows else None

    def and_or(self, command: n.AndOr) -> Flow | None:
        """After each command, `ok` goes on behind the next `&&`, `failed` behind the next `||`."""
        flows = [self.command(part) for part in command.commands]
        ends: list[End] = []
        for i, flow in enumerate(flows):
            rest = list(enumerate(command.operators[i:], i + 1))
            for operator, label in (("&&", "ok"), ("||", "failed")) if rest and flow else ():
                target = next((flows[j] for j, found in rest if found == operator), None)
                leaving = _labelled(flow.ends, label) if flow else ()
                if target:
                    self.join(leaving, target.entry)
                else:
                    ends += leaving
            if not rest and flow:
                ends += flow.ends
        first = next((flow for flow in flows if flow), None)
        return Flow(first.entry, tuple(ends)) if first else None

    # ---- compound commands -------------------------------------------------------

    def if_clause(self, command: n.IfClause) -> Flow:
        conditions: list[Condition] = []
        ends: list[End] = []
        for part in command.branches:
            condition = self.condition(part.condition)
            if conditions:
                self.join(conditions[-1].false, condition.entry)
            conditions.append(condition)
            ends += self.branch(part.body, condition.true)
        ends += self.branch(command.orelse or (), conditions[-1].false)
        return Flow(conditions[0].entry, tuple(ends))

    def while_clause(self, command: n.WhileClause) -> Flow:
        condition = self.condition(command.condition)
        goes_on, leaves = (condition.false, condition.true) if command.until else (condition.true, condition.false)
        return self.loop(condition.entry, command.body, goes_on, leaves)

    def for_clause(self, command: n.ForClause | n.ForArithmetic | n.SelectClause) -> Flow:
        header = self.slice(command.start, command.body[0].start).removesuffix("do").removesuffix("{").rstrip("; ")
        box = self.box(header, "loop")
        return self.loop(box, command.body, ((box, "each"),), ((box, "done"),))

    def loop(self, entry: str, body: Statements, goes_on: tuple[End, ...], leaves: tuple[End, ...]) -> Flow:
        loop = _Loop(entry)
        self.loops.append(loop)
        self.join(self.branch(body, goes_on), entry)
        self.loops.pop()
        return Flow(entry, (*leaves, *loop.breaks))

    def case_clause(self, command: n.CaseClause) -> Flow:
        box = self.box(f"case {self.text(command.word)}", "decision")
        ends: list[End] = []
        falling: tuple[End, ...] = ()
        for item in command.items:
            patterns = [self.text(pattern) for pattern in item.patterns]
            left = self.branch(item.body, ((box, " | ".join(patterns)), *falling))
            falling = () if item.terminator == ";;" else left
            ends += left if item.terminator == ";;" else ()
        if not any(self.text(pattern) == "*" for item in command.items for pattern in item.patterns):
            ends.append((box, "no match"))
        return Flow(box, (*ends, *falling))

    def condition(self, statements: Statements) -> Condition:
        """The last command decides."""
        ahead = self.sequence(statements[:-1])
        last = statements[-1].command
        if isinstance(last, n.SimpleCommand | n.ConditionalCommand | n.ArithmeticCommand):
            box = self.box(self.text(last), "decision", last)
            if isinstance(last, n.SimpleCommand) and _name(last) in self.functions:
                self.calls.append((box, _name(last)))
            flow = self.flow(box)
        else:
            flow = self.command(last) or self.flow(self.box(self.text(last), "decision"))
        if ahead:
            self.join(ahead.ends, flow.entry)
        return Condition(ahead.entry if ahead else flow.entry, _labelled(flow.ends, "yes"), _labelled(flow.ends, "no"))

    def background(self, command: n.Command) -> Flow:
        """A fork from which the script goes on at once, while the command runs."""
        fork = self.box("&", "fork")
        flow = self.process(command)
        if flow:
            self.edges.append(Edge(fork, flow.entry, kind="background"))
            self.pending += flow.ends
        return self.flow(fork)

    def function(self, command: n.FunctionDefinition) -> None:
        loops, self.loops = self.loops, []
        returns, self.returns = self.returns, []  # to where it was called, which is not drawn
        flow = self.within(f"{plain(command.name)}()", lambda: self.command(command.body))
        self.loops, self.returns = loops, returns
        if flow:
            self.entries[command.name] = flow.entry

    # ---- parts -----------------------------------------------------------------

    def process(self, command: n.Command) -> Flow | None:
        """Draw what runs in a process of its own: `exit` ends only it, and no loop around it can be left."""
        loops, self.loops = self.loops, []
        exits, self.exits = self.exits, []
        flow = self.command(command)
        ends = tuple(self.exits)
        self.loops, self.exits = loops, exits
        return Flow(flow.entry, (*flow.ends, *ends)) if flow else None

    def within(self, label: str, draw: Callable[[], Flow | None]) -> Flow | None:
        parent = self.group
        self.group = f"g{len(self.groups)}"
        self.groups.append(Group(self.group, label, parent))
        flow = draw()
        self.group = parent
        return flow

    def box(self, label: str, kind: str, node: n.Node | None = None) -> str:
        mapped = node is None or not any(node.start <= offset < node.end for offset in self.unmapped)
        self.boxes.append(Box(f"n{len(self.boxes)}", label, kind, self.group, mapped))
        return self.boxes[-1].id

    def flow(self, box: str) -> Flow:
        return Flow(box, ((box, ""),))

    def join(self, ends: Iterable[End], entry: str) -> None:
        self.edges += [Edge(box, entry, label) for box, label in dict.fromkeys(ends)]

    def text(self, node: n.Node) -> str:
        return self.slice(node.start, node.end)

    def slice(self, start: int, end: int) -> str:
        """A piece of the script on one line, cut when it is long."""
        text = plain(" ".join(self.source.text[start:end].replace("\\\n", " ").split()))
        return text if len(text) <= LABEL_WIDTH else text[: LABEL_WIDTH - 1] + "…"


def _labelled(ends: tuple[End, ...], label: str) -> tuple[End, ...]:
    return tuple([(box, f"{said}, {label}" if said else label) for box, said in ends])


def _name(command: n.SimpleCommand) -> str:
    """The command's name when it is one plain word, else empty."""
    match command.words[:1]:
        case (n.Word(parts=(n.Literal(text=text),)),):
            return text
    return ""


def _count(command: n.SimpleCommand) -> int:
    """How many loops `break N` leaves."""
    match command.words[1:2]:
        case (n.Word(parts=(n.Literal(text=text),)),) if text.isdigit():
            return max(1, int(text[:9]))
    return 1
