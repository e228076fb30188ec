"""Functions whose body may stand in place of a call.

A function has parameters, a scope for `local`, and an end that `return` jumps to. Where it uses none of them, and is
defined once and for all before the call, its statements mean the same in the caller's place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.plan.jumps import returns
from msh.syntax import nodes as n
from msh.syntax import static_text

if TYPE_CHECKING:
    from msh.plan.closure import Reader

_OF_CALLS = frozenset(("FUNCNAME", "BASH_LINENO", "BASH_SOURCE", "BASH_ARGV", "BASH_ARGC"))


def inlined_body(command: n.SimpleCommand, reader: Reader) -> tuple[n.Statement, ...] | None:
    """The statements that a call runs; None when it is no call, or its function needs a scope."""
    index = reader.index
    if command.assignments or command.redirects or not command.words:
        return None
    known = [static_text(word) if isinstance(word, n.Word) else None for word in command.words]
    definitions = index.functions.get(known[0] or "", [])
    if len(definitions) != 1 or index.unsettled:
        return None
    definition = definitions[0]
    # A failed expansion abandons the statement of the script it stands in: of the call, not of the definition.
    if not index.is_top(definition) or not index.is_top(command) or definition.end > command.start:
        return None
    if not isinstance(definition.body, n.BraceGroup) or returns(definition.body.body):
        return None
    if None in known or reader.is_recursive(definition.name):
        return None
    facts = reader.body(definition.name)
    if facts.has_anywhere("local", "parameters", "trap", "run-time") or facts.reads & _OF_CALLS:
        return None
    return definition.body.body
