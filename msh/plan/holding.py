"""What binds a statement to those after it: something of it lives on that no other process could take over.

A background command lives until a `wait`, an open descriptor until it is closed, and a text that nobody knows may have
made either. Such a statement stays in one region with all that follow, to the `wait` or the end of its list. Where the
list ends while something is still held, the statement around it holds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.syntax import nodes as n
from msh.syntax import static_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msh.plan.closure import Reader

    Statements = Sequence[n.Statement]

#: Marks that hold, and the reason that they give.
_HOLDING = {"background": "background", "descriptor": "descriptor", "run-time": "run-time"}


class Holder:
    """Answers for one script; every answer is found once."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._held: dict[int, frozenset[str]] = {}

    def held(self, statement: n.Statement) -> frozenset[str]:
        """Marks of what is still there when a statement has ended."""
        if id(statement) not in self._held:
            facts = self.reader.of(statement)
            marks = facts.marks.intersection(_HOLDING) | facts.inner.intersection(("background",))
            self._held[id(statement)] = marks and self._of_command(statement, marks)
        return self._held[id(statement)]

    def span(self, statements: Statements, at: int) -> tuple[str, int]:
        """The reason why the statement at `at` stays with those after it, "" for none, and the end of what stays."""
        marks = self.held(statements[at])
        if not marks:
            return "", at + 1
        reason = next(reason for mark, reason in _HOLDING.items() if mark in marks)
        return reason, self._end(statements, at)[0]

    def _end(self, statements: Statements, at: int) -> tuple[int, frozenset[str]]:
        """Where everything that is held from `at` on is let go, and what is not."""
        held: set[str] = set()
        open_descriptors: set[int] = set()
        jobs = 0.0
        for number in range(at, len(statements)):
            statement = statements[number]
            marks = self.held(statement)
            opened, closed = _descriptors(statement)
            if "descriptor" in marks and opened is None:
                open_descriptors.add(-1)
            open_descriptors |= opened or set()
            open_descriptors -= closed
            jobs += (1 if statement.background else float("inf")) if "background" in marks else 0
            waited = _waits(statement)
            jobs = 0.0 if waited is None else max(0.0, jobs - waited)
            held |= marks & {"run-time"}
            if not held and not open_descriptors and not jobs:
                return self._last_mention(statements, number + 1), frozenset()
        left = held | ({"descriptor"} if open_descriptors else set()) | ({"background"} if jobs else set())
        return len(statements), frozenset(left)

    def _last_mention(self, statements: Statements, end: int) -> int:
        """`$!` and `wait $pid` know only processes of their own region."""
        for number in range(len(statements) - 1, end - 1, -1):
            if self.reader.of(statements[number]).has_anywhere("last-job", "jobs"):
                return number + 1
        return end

    def _of_command(self, statement: n.Statement, marks: frozenset[str]) -> frozenset[str]:
        """What is held, less what lists inside let go."""
        if statement.background:
            return marks
        command = statement.command
        lists = _lists(command)
        if not lists:
            return marks
        left: frozenset[str] = frozenset()
        for statements in lists:
            for number, inner in enumerate(statements):
                if self.held(inner):
                    left |= self._end(statements, number)[1]
                    break
        return left


def _lists(command: n.Command) -> list[tuple[n.Statement, ...]]:
    """The lists of a compound command that runs in this shell, when nothing else in it can hold."""
    match command:
        case n.BraceGroup(body=body):
            return [body]
        case n.Subshell(body=body):
            return [body]
        case n.IfClause(branches=branches, orelse=orelse):
            found = [part for branch in branches for part in (branch.condition, branch.body)]
            return [*found, *([orelse] if orelse is not None else [])]
        case n.WhileClause(condition=condition, body=body):
            return [condition, body]
        case n.ForClause(body=body) | n.ForArithmetic(body=body):
            return [body]
        case n.CaseClause(items=items):
            return [item.body for item in items if item.body]
    return []


def _descriptors(statement: n.Statement) -> tuple[set[int] | None, set[int]]:
    """The descriptors that a bare `exec` opens (None: not known which) and closes."""
    command = statement.command
    if not isinstance(command, n.SimpleCommand) or len(command.words) != 1:
        return None, set()
    opened: set[int] = set()
    closed: set[int] = set()
    for redirect in command.redirects:
        number = redirect.fd if redirect.fd is not None else int(redirect.operator[0] != "<")
        target = static_text(redirect.target) if isinstance(redirect.target, n.Word) else ""
        if redirect.variable is not None or (redirect.operator in ("<&", ">&") and target is None):
            return None, set()
        if redirect.operator in ("<&", ">&") and target == "-":
            closed.add(number)
        else:
            opened |= {number, *([2] if redirect.operator[0] == "&" else [])}
    return opened, closed


def _waits(statement: n.Statement) -> float | None:
    """How many background commands a statement waits for; None for all."""
    command = statement.command
    if not isinstance(command, n.SimpleCommand) or not command.words or statement.background:
        return 0
    first = command.words[0]
    if not isinstance(first, n.Word) or static_text(first) != "wait":
        return 0
    operands = [word for word in command.words[1:] if isinstance(word, n.Word)]
    if not operands:
        return None
    text = static_text(operands[0])
    return 0 if text is not None and text.startswith("-") else len(operands)
