"""Script × Resolution → `Plan`: a script taken apart into regions and the control flow between them.

One walk over the lists of the script. Statements are gathered into regions (`line.py`) until control flow comes that is
worth steps of its own (`shape.py`); a condition joins the region before it. Where something lives on that only its own
process has, all statements up to its end stay together (`holding.py`). A second walk, backwards, finds which variables
are live (`liveness.py`).

Staying together is always right: one region for the whole script means what the script means. So what is not sure is
not parted, and refused is only what one task cannot be.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from msh.diagnostics import MshError
from msh.plan.closure import Reader
from msh.plan.handlers import handler_facts, has_exit_handler
from msh.plan.holding import Holder
from msh.plan.index import Index
from msh.plan.line import Line, Part
from msh.plan.liveness import with_live
from msh.plan.model import Choose, Each, Plan, Region, Repeat, Scope, Span, Switch, Wait
from msh.plan.polling import polling
from msh.plan.regions import Regions, command_names
from msh.plan.shape import Shape
from msh.plan.summary import inputs_of, regions_of
from msh.plan.waits import is_sleep, whole_seconds
from msh.source import encode
from msh.syntax import nodes as n

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msh.plan.model import Step
    from msh.resolve import Resolution
    from msh.source import Source

DEEPEST = 12  # steps inside one another
MOST_TASKS = 400  # turns of loops inside one another, multiplied


def build_plan(script: n.Script, source: Source, resolution: Resolution, *, finest: bool = False) -> Plan:
    """The plan of a script; with `finest` control flow of builtins is parted too, which costs tasks and means the same.

    Raises MshError with all that cannot be run in parts: what the resolver found, MSH301.
    """
    errors = [found for found in resolution.diagnostics if found.severity == "error"]
    if errors:
        raise MshError(*errors)
    return _Planner(Index(script, source, resolution), finest).plan()


def sketch(script: n.Script, source: Source, resolution: Resolution) -> Plan:
    """The plan of a script whatever speaks against it: for drawings."""
    planner = _Planner(Index(script, source, resolution), finest=False)
    return planner.plan(strict=False)


class _Planner:
    def __init__(self, index: Index, finest: bool) -> None:
        self.index = index
        self.reader = Reader(index)
        self.holder = Holder(self.reader)
        self.shape = Shape(self.reader, self.holder, finest)
        self.regions = Regions(self.reader, self.shape)
        self.depth = 0
        self.tasks = 1  # that run when a region here runs once

    def plan(self, strict: bool = True) -> Plan:
        line = self.line()
        self.statements(line, self.index.script.body, guarded=False)
        steps = line.finish()
        ending = self._exit_region()
        if strict and self.regions.refused:
            raise MshError(*self.regions.refused)
        steps, ending, variables = with_live(steps, ending)
        source = self.index.source
        regions = [*regions_of(steps), *([ending] if ending else [])]
        return Plan(
            source.name,
            source.text,
            hashlib.sha256(encode(source.text)).hexdigest(),
            steps,
            variables=variables,
            inputs=inputs_of(regions),
            commands=tuple(sorted({name for region in regions for name in region.commands})),
            exit=ending,
        )

    def line(self, parts: list[Part] | None = None) -> Line:
        return Line(self.regions, parts)

    # ---- lists -----------------------------------------------------------------------

    def statements(self, line: Line, statements: Sequence[n.Statement], guarded: bool) -> None:
        """Put a list on the line."""
        at = 0
        while at < len(statements):
            reason, end = self.holder.span(statements, at)
            if reason:
                for number, statement in enumerate(statements[at:end]):
                    line.run(Part(statement, guarded, self._kept_by(reason, statement, first=number == 0)))
            else:
                self.command(line, statements[at].command, guarded, statements[at])
            at = end

    def _kept_by(self, reason: str, statement: n.Statement, first: bool) -> tuple[str, ...]:
        return (reason,) if first or self.shape.is_parted(statement.command) else ()

    def body(self, statements: Sequence[n.Statement], guarded: bool) -> tuple[Step, ...]:
        """A list on a line of its own."""
        line = self.line()
        self.statements(line, statements, guarded)
        return line.finish()

    def command(self, line: Line, command: n.Command, guarded: bool, node: n.Statement | n.Command) -> None:
        """Put a command on the line; `node` is what a region runs where it stays in one piece."""
        if isinstance(command, n.BraceGroup):
            self.statements(line, command.body, guarded)
        elif not self.shape.is_parted(command):
            line.run(Part(node, guarded))
        elif self.depth >= DEEPEST:
            line.run(Part(node, guarded, ("native-limit",)))
        else:
            self.depth += 1
            self.parted(line, command, guarded, node)
            self.depth -= 1

    def parted(self, line: Line, command: n.Command, guarded: bool, node: n.Statement | n.Command) -> None:
        match command:
            case n.SimpleCommand() if is_sleep(command, self.index):
                self.wait(line, command, guarded)
            case n.SimpleCommand():
                self.statements(line, self.shape.inlined(command) or (), guarded)
            case n.AndOr():
                self.and_or(line, command, guarded)
            case n.IfClause():
                self.choose(line, command, 0, guarded)
            case n.CaseClause():
                self.case(line, command, guarded)
            case n.Subshell(body=body):
                self.subshell(line, command, body, guarded, node)
            case n.WhileClause():
                self.repeat(line, command, guarded)
            case n.ForClause():
                self.each(line, command, guarded, node)

    # ---- constructs ------------------------------------------------------------------

    def wait(self, line: Line, command: n.SimpleCommand, guarded: bool) -> None:
        seconds = whole_seconds(command)
        if seconds is None:
            line.add(line.deciding("seconds", command, guarded))
        line.add(Wait(seconds, _span(command)))

    def and_or(self, line: Line, command: n.AndOr, guarded: bool) -> None:
        """`a && b || c` is `(a && b) || c`: each operator goes on by what all before it came to."""
        test = self.line(line.take())
        self.command(test, command.commands[0], True, command.commands[0])
        for number, (operator, part) in enumerate(zip(command.operators, command.commands[1:], strict=True), 1):
            last = number == len(command.operators)
            steps = test.finish()
            branch = self.line()
            self.command(branch, part, guarded or not last, part)
            then, orelse = (branch.finish(), None) if operator == "&&" else (None, branch.finish())
            test = self.line() if not last else line
            test.add(Choose(steps, then, orelse, Span(command.start, part.end)))

    def choose(self, line: Line, clause: n.IfClause, number: int, guarded: bool) -> None:
        """The clause from its branch `number` on; what follows `elif` is an `if` in the `else` of the one before."""
        branch = clause.branches[number]
        test = self.line(line.take())
        self.statements(test, branch.condition, guarded=True)
        steps = test.finish()
        then = self.body(branch.body, guarded)
        if number + 1 < len(clause.branches):
            rest = self.line()
            self.choose(rest, clause, number + 1, guarded)
            orelse = rest.finish()
        else:
            orelse = self.body(clause.orelse or (), guarded)
        line.add(Choose(steps, then, orelse, _span(clause)))

    def case(self, line: Line, clause: n.CaseClause, guarded: bool) -> None:
        selector = line.deciding("case", clause, guarded)
        branches = tuple([self.body(item.body, guarded) for item in clause.items])
        line.add(Switch(selector, branches, _span(clause)))

    def subshell(
        self,
        line: Line,
        command: n.Subshell,
        body: Sequence[n.Statement],
        guarded: bool,
        node: n.Statement | n.Command,
    ) -> None:
        line.flush()
        moved = self.regions.moved
        line.add(Scope(self.body(body, guarded), _span(command)))
        self.regions.moved = moved

    def repeat(self, line: Line, clause: n.WhileClause, guarded: bool) -> None:
        line.flush()
        self._turn_again((*clause.condition, *clause.body))
        left = polling(clause, self.reader)
        if left is None:
            test = self.body(clause.condition, guarded=True)
            line.add(Repeat(test, self.body(clause.body, guarded), clause.until, _span(clause)))
            return
        middle = self.line()
        self.statements(middle, left.before, guarded)
        if isinstance(left.test, tuple):
            self.statements(middle, left.test, guarded=True)
        else:
            self.command(middle, left.test, True, left.test)
        line.add(Repeat(middle.finish(), self.body(left.after, guarded), True, _span(clause)))

    def each(self, line: Line, clause: n.ForClause, guarded: bool, node: n.Statement | n.Command) -> None:
        values = self.shape.values(clause)
        free = self.shape.independence.proved(clause, values)
        if self.tasks * self.shape.width(clause) > MOST_TASKS:
            line.run(Part(node, guarded, ("native-limit",)))
        elif values is not None and self.shape.is_spread(clause):
            line.flush()
            self._turn_again(clause.body)
            tasks, self.tasks = self.tasks, self.tasks * len(values)
            body = self.body(clause.body, guarded)
            self.tasks = tasks
            line.add(Each(clause.name, None, values, body, free, _span(clause)))
        else:
            items = line.deciding("items", clause, guarded)
            turn = self.regions.region([], decides="turns", subject=clause, guarded=guarded)
            line.add(Each(clause.name, items, (), (turn,), True, _span(clause)))

    def _turn_again(self, nodes: Sequence[n.Node]) -> None:
        """What a turn does to the directory counts for the next one too."""
        self.regions.moved = self.regions.moved or self.reader.of(*nodes).has("cd", "run-time")

    # ---- the end ---------------------------------------------------------------------

    def _exit_region(self) -> Region | None:
        if not has_exit_handler(self.reader):
            return None
        facts = handler_facts(self.reader, at_exit=True)
        return Region(
            self.regions.names.unique("exit"),
            (),
            reads=tuple(sorted(facts.reads)),
            writes=tuple(sorted(facts.writes)),
            everything=facts.everything or self.index.namerefs,
            files=None,
            outputs=None,
            commands=tuple(sorted(set(command_names(facts.uses)))),
            network=any(use.effects.network != "none" for use in facts.uses),
            label="trap … EXIT",
        )


def _span(node: n.Node) -> Span:
    return Span(node.start, node.end)
