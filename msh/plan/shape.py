"""Which control flow becomes steps of its own, and why the rest stays in a region.

The rule: a list or clause is parted when at least one of its parts after the condition starts a step (an external
command, a wait), and nothing of `REASONS` speaks against it. Parting `[ -f x ] || exit 1` would only cost tasks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from msh.plan.independence import Independence
from msh.plan.jumps import leaves
from msh.plan.polling import polling
from msh.plan.waits import is_sleep
from msh.resolve.words import arguments_of
from msh.syntax import nodes as n
from msh.syntax import static_text
from msh.syntax.walk import children

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from msh.plan.closure import Reader
    from msh.plan.holding import Holder

    Statements = Sequence[n.Statement]

MOST_VALUES = 40  # of a `for` whose turns are steps of their own
LONGEST_LIST = 30  # commands of an and-or list, which nest in the plan
PARTED = ""  # the reason of what is parted: none


class Shape:
    """Answers for one script; every answer is found once. `finest`: builtins are worth a task too (for tests)."""

    def __init__(self, reader: Reader, holder: Holder, finest: bool = False) -> None:
        self.reader = reader
        self.finest = finest
        self.holder = holder
        self.index = reader.index
        self.independence = Independence(reader)
        self._reasons: dict[int, str] = {}

    # ---- questions -----------------------------------------------------------------

    def starts_step(self, *nodes: n.Node) -> bool:
        """Whether anything in these nodes may start an external command."""
        facts = self.reader.of(*nodes)
        return bool(facts.uses) or facts.has_anywhere("task") or self.finest

    def reason(self, command: n.Command) -> str:
        """Why a command with control flow stays in one piece; PARTED when it does not, or when it has none."""
        if id(command) not in self._reasons:
            self._reasons[id(command)] = self._reason(command)
        return self._reasons[id(command)]

    def parts(self, statements: Statements) -> bool:
        """Whether a list has steps besides one region."""
        at = 0
        while at < len(statements):
            reason, end = self.holder.span(statements, at)
            if not reason and self.is_parted(statements[at].command):
                return True
            at = end
        return False

    def is_parted(self, command: n.Command) -> bool:
        """Whether a command that stands in no held span becomes more than a part of a region."""
        if is_sleep(command, self.index):
            return True
        match command:
            case n.SimpleCommand():
                body = self.inlined(command)
                return body is not None and self.parts(body)
            case n.BraceGroup(body=body):
                return self.parts(body)
            case n.AndOr() | n.IfClause() | n.CaseClause() | n.ForClause() | n.WhileClause():
                return self.reason(command) == PARTED
            case n.Subshell(body=body):
                return self.parts(body) and self.reason(command) == PARTED
        return False

    def waits(self, statements: Statements) -> bool:
        """Whether a list that is parted waits between its regions."""
        return any(self._waits(statement.command) for statement in statements if not statement.background)

    def inlined(self, command: n.SimpleCommand) -> tuple[n.Statement, ...] | None:
        """The body of the function that a command calls, when it may stand in place of the call."""
        from msh.plan.inlining import inlined_body

        return inlined_body(command, self.reader)

    def values(self, node: n.ForClause) -> tuple[str, ...] | None:
        """The words of a loop when all are known."""
        found = [value for word in node.words or () for value in arguments_of(word)]
        known = tuple([value for value in found if isinstance(value, str)])
        return known if node.words is not None and len(known) == len(found) else None

    def is_spread(self, node: n.ForClause) -> bool:
        """Whether each turn of a parted loop is steps of its own, not a share of a list that a region takes.

        The target sets the variable then, to a plain text: it must not have attributes, as an inherited one has.
        """
        values = self.values(node)
        plain = node.name not in self.index.declared and not node.name.isupper()
        return plain and values is not None and len(values) <= MOST_VALUES and not leaves(node.body)

    def width(self, node: n.ForClause) -> int:
        """The most tasks that a parted loop may be at once."""
        values = self.values(node)
        return len(values) if values is not None and self.is_spread(node) else MOST_VALUES

    def kept(self, node: n.Node) -> tuple[str, ...]:
        """Why a node that stays in one piece holds control flow, in the order of the text."""
        return tuple(dict.fromkeys(self._kept(node)))

    # ---- each construct -------------------------------------------------------------

    def _reason(self, command: n.Command) -> str:
        match command:
            case n.AndOr(commands=commands):
                return self._of_parts(commands[1:], "native-limit" if len(commands) > LONGEST_LIST else PARTED)
            case n.IfClause(branches=branches, orelse=orelse):
                bodies = [statement for branch in branches for statement in branch.body]
                later = [statement for branch in branches[1:] for statement in branch.condition]
                limit = "native-limit" if len(branches) > LONGEST_LIST else PARTED
                return self._of_parts([*bodies, *later, *(orelse or ())], limit)
            case n.CaseClause(items=items):
                falls = any(item.terminator != ";;" for item in items)
                return self._of_parts([s for item in items for s in item.body], "native-limit" if falls else PARTED)
            case n.ForClause():
                return self._of_for(command)
            case n.WhileClause():
                return self._of_while(command)
            case n.ForArithmetic(body=body):
                return self._of_parts(body, "carried-state")
            case n.SelectClause(body=body):
                return self._of_parts(body, "shared-input")
            case n.Subshell(body=body):
                return self._of_subshell(body)
            case n.Redirected(command=inner, redirects=redirects):
                reads = any(redirect.operator[0] == "<" for redirect in redirects)
                return self._of_parts([inner], "shared-input" if reads else "shared-output")
        return PARTED

    def _of_parts(self, parts: Sequence[n.Node], reason: str) -> str:
        return reason if self.starts_step(*parts) else "no-task"

    def _of_subshell(self, body: Statements) -> str:
        if not self.starts_step(*body):
            return "no-task"
        if self.reader.of(*body).has_anywhere("trap"):
            return "jump"
        return "errexit" if self.index.errexit else PARTED

    def _of_while(self, node: n.WhileClause) -> str:
        turn = (*node.condition, *node.body)
        if not self.starts_step(*turn):
            return "no-task"
        if leaves(turn):
            return PARTED if polling(node, self.reader) else "jump"
        if self.waits(node.condition) or self.waits(node.body):
            return PARTED
        facts = self.reader.of(*turn)
        carried = facts.everything or not facts.reads.isdisjoint(facts.writes)
        return "carried-state" if carried else "unbounded-loop"

    def _of_for(self, node: n.ForClause) -> str:
        if not self.starts_step(*node.body):
            return "no-task"
        values = self.values(node)
        if values == ():
            return "no-task"
        if leaves(node.body, but_continue=True):
            return "jump"
        if self.independence.proved(node, values):
            return PARTED
        if self.is_spread(node) and self.waits(node.body):
            return PARTED
        return "carried-state"

    def _waits(self, command: n.Command) -> bool:
        if is_sleep(command, self.index):
            return True
        match command:
            case n.BraceGroup(body=body):
                return self.waits(body)
            case n.AndOr(commands=commands) if self.reason(command) == PARTED:
                return any(self._waits(part) for part in commands)
            case n.IfClause() | n.CaseClause() | n.WhileClause() if self.reason(command) == PARTED:
                return any(self.waits(statements) for statements in lists(command))
        return False

    def _kept(self, node: n.Node) -> Iterator[str]:
        match node:
            case n.Statement(command=inner, background=background):
                yield from ["background"] if background and _flows(inner) else self._kept(inner)
            case n.Pipeline(commands=(only,)):
                yield from self._kept(only)
            case n.Pipeline(commands=stages):
                yield from ["pipeline-stage"] if any(map(_flows, stages)) else self._substituted(stages)
            case n.BraceGroup(body=body):
                for statement in body:
                    yield from self._kept(statement)
            case n.SimpleCommand():
                yield from self._call(command=node)
            case _ if _flows(node):
                yield self.reason(cast("n.Command", node)) or ("carried-state" if _is_loop(node) else "native-limit")
            case _:
                yield from self._substituted([node])

    def _call(self, command: n.SimpleCommand) -> Iterator[str]:
        first = command.words[0] if command.words else None
        name = static_text(first) if isinstance(first, n.Word) else None
        if name in self.index.functions:
            reached = sorted(self.reader.reached([name]))
            bodies = [definition.body for called in reached for definition in self.index.functions[called]]
            if any(_flows(inner) for body in bodies for inner in _commands(body)):
                if not self.starts_step(*bodies):
                    yield "no-task"
                else:
                    yield "recursion" if self.reader.is_recursive(name) else "function-scope"
        yield from self._substituted([command])

    def _substituted(self, nodes: Sequence[n.Node]) -> Iterator[str]:
        stack = list(nodes)
        while stack:
            node = stack.pop()
            if isinstance(node, (n.CommandSubstitution, n.ProcessSubstitution)):
                if any(_flows(statement.command) for statement in node.body):
                    yield "substitution"
                    return
            elif not isinstance(node, n.FunctionDefinition):
                stack += node.parts if isinstance(node, n.Arithmetic) else children(node)


def lists(command: n.IfClause | n.CaseClause | n.WhileClause) -> list[tuple[n.Statement, ...]]:
    """The lists that a clause may run."""
    match command:
        case n.IfClause(branches=branches, orelse=orelse):
            found = [part for branch in branches for part in (branch.condition, branch.body)]
            return [*found, *([orelse] if orelse is not None else [])]
        case n.CaseClause(items=items):
            return [item.body for item in items]
        case n.WhileClause(condition=condition, body=body):
            return [condition, body]


def _is_loop(node: n.Node) -> bool:
    return isinstance(node, (n.ForClause, n.WhileClause, n.ForArithmetic, n.SelectClause))


_FLOW = (n.AndOr, n.IfClause, n.CaseClause, n.ForClause, n.WhileClause, n.ForArithmetic, n.SelectClause)


def _flows(node: n.Node) -> bool:
    """Whether a command is control flow, or holds some besides in words and functions."""
    if isinstance(node, _FLOW):
        return True
    return any(_flows(inner) for inner in _commands(node))


def _commands(node: n.Node) -> list[n.Command]:
    match node:
        case n.BraceGroup(body=body) | n.Subshell(body=body):
            return [statement.command for statement in body]
        case n.Redirected(command=inner) | n.Coprocess(command=inner):
            return [inner]
        case n.Pipeline(commands=commands) | n.AndOr(commands=commands):
            return list(commands)
        case n.IfClause() | n.CaseClause() | n.WhileClause():
            return [statement.command for statements in lists(node) for statement in statements]
        case n.ForClause(body=body) | n.ForArithmetic(body=body) | n.SelectClause(body=body):
            return [statement.command for statement in body]
    return []
