"""Variables whose value from before a list is used in it, and those that it sets in any case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.syntax import nodes as n
from msh.syntax import static_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msh.plan.closure import Reader

    Names = frozenset[str]

_NONE: Names = frozenset()


class Exposure:
    """A forward walk: a name that is used before it is certainly set is exposed."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def of(self, statements: Sequence[n.Statement]) -> tuple[Names, Names]:
        """The names that may be used before they are set, and those that are set in any case."""
        return self._list(statements, _NONE)

    def _list(self, statements: Sequence[n.Statement], known: Names) -> tuple[Names, Names]:
        """Exposed names, and what is set after it."""
        exposed = _NONE
        for statement in statements:
            if statement.background:
                exposed |= self.reader.of(statement).reads - known
                continue
            more, known = self._command(statement.command, known)
            exposed |= more
        return exposed, known

    def _command(self, command: n.Command, known: Names) -> tuple[Names, Names]:
        match command:
            case n.SimpleCommand(words=()):
                return self._assignments(command, known)
            case n.SimpleCommand() if (declared := declarations(command)) is not None:
                exposed = self.reader.of(command).reads - known
                return exposed, known.union([one.name for one in declared if not one.append and not one.subscript])
            case n.BraceGroup(body=body):
                return self._list(body, known)
            case n.Subshell(body=body):
                return self._list(body, known)[0], known
            case n.AndOr(commands=commands):
                return self._and_or(commands, known)
            case n.IfClause():
                return self._if(command, known)
        return self.reader.of(command).reads - known, known

    def _assignments(self, command: n.SimpleCommand, known: Names) -> tuple[Names, Names]:
        exposed = self.reader.of(*command.redirects).reads - known if command.redirects else _NONE
        for assignment in command.assignments:
            exposed |= self.reader.of(assignment).reads - known
            if assignment.subscript is None and not assignment.append:
                known |= {assignment.name}
        return exposed, known

    def _and_or(self, commands: Sequence[n.Command], known: Names) -> tuple[Names, Names]:
        exposed, after = self._command(commands[0], known)
        reached = after
        for command in commands[1:]:
            # Which of the earlier ones have run is not known, but the first.
            more, _ = self._command(command, after)
            exposed |= more
        return exposed, reached

    def _if(self, node: n.IfClause, known: Names) -> tuple[Names, Names]:
        exposed = _NONE
        ends: list[Names] = []
        for branch in node.branches:
            more, known = self._list(branch.condition, known)
            inner, end = self._list(branch.body, known)
            exposed |= more | inner
            ends.append(end)
        more, end = self._list(node.orelse or (), known)
        return exposed | more, end.intersection(*ends)


def declarations(command: n.SimpleCommand) -> list[n.Assignment] | None:
    """`local x=1 y=2`: what is assigned; None for what is no declaration."""
    first = command.words[0] if command.words else None
    if not isinstance(first, n.Word) or static_text(first) not in ("local", "declare", "typeset"):
        return None
    return [word for word in command.words[1:] if isinstance(word, n.Assignment)]
