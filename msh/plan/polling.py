"""`while true; do a; test && break; sleep 5; done` as a loop that is left at its test.

A `break` leaves a loop in the middle; but where nothing else does, and the condition is none, the middle is the test:
`until a; test; do sleep 5; done`. What follows the test ends with a wait, so `$?` is 0 after both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.plan.jumps import leaves
from msh.plan.waits import is_sleep
from msh.record import Record
from msh.syntax import nodes as n
from msh.syntax import static_text

if TYPE_CHECKING:
    from msh.plan.closure import Reader


class Polling(Record):
    """A loop apart: the statements before its test, the list whose `$?` ends it when it is 0, those after it."""

    before: tuple[n.Statement, ...]
    test: tuple[n.Statement, ...] | n.Command
    after: tuple[n.Statement, ...]


def polling(node: n.WhileClause, reader: Reader) -> Polling | None:
    """The loop, when it is of this form."""
    if not _is_endless(node):
        return None
    at = next((number for number, statement in enumerate(node.body) if leaves([statement])), None)
    if at is None or node.body[at].background:
        return None
    test = _test(node.body[at].command)
    before, after = node.body[:at], node.body[at + 1 :]
    if test is None or not after or leaves(after):
        return None
    facts = reader.of(*node.body)
    # After a failed expansion the statement does not go on, and a machine would test for ever.
    if facts.everything or facts.has_anywhere("fails") or reader.index.readonly:
        return None
    if after[-1].background or not is_sleep(after[-1].command, reader.index):
        return None
    if isinstance(test, tuple) and reader.of(after[0]).has_anywhere("status"):
        return None  # an `if` whose branch is not taken sets `$?` to 0
    return Polling((*node.condition, *before), test, after)


def _is_endless(node: n.WhileClause) -> bool:
    """`while true`, `while :`, `until false`"""
    command = node.condition[0].command
    if len(node.condition) > 1 or node.condition[0].background or not isinstance(command, n.SimpleCommand):
        return False
    return _name(command) in (("false",) if node.until else ("true", ":"))


def _test(command: n.Command) -> tuple[n.Statement, ...] | n.Command | None:
    """`test` of `test && break` and of `if test; then break; fi`."""
    match command:
        case n.AndOr(commands=(test, n.SimpleCommand() as last), operators=("&&",)) if _name(last) == "break":
            return None if leaves([n.Statement(test.start, test.end, test)]) else test
        case n.IfClause(
            branches=(n.IfBranch(condition=condition, body=(n.Statement(command=n.SimpleCommand() as last),)),),
            orelse=None,
        ) if _name(last) == "break":
            return None if leaves(condition) else condition
    return None


def _name(command: n.SimpleCommand) -> str | None:
    """The name of a command that is nothing but its name."""
    first = command.words[0] if len(command.words) == 1 else None
    plain = not command.assignments and not command.redirects
    return static_text(first) if plain and isinstance(first, n.Word) else None
