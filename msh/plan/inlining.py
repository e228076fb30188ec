"""Functions whose body may stand in place of a call.

A function has parameters, a scope for `local`, a place among the callers, and an end that `return` jumps to. Where it
uses none of them (or is called with `"$@"`, so that its parameters are the caller's), and is defined once and for all
before anything calls it, its statements mean the same in the caller's place.

An expansion that fails abandons the whole statement of the script that it stands in, which is the call's, not the
definition's. A body in which one may fail is put only in place of the one call of a script's own statement.
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
    if command.assignments or command.redirects or not command.words or index.unsettled:
        return None
    known = [static_text(word) if isinstance(word, n.Word) else None for word in command.words]
    definitions = index.functions.get(known[0] or "", [])
    if len(definitions) != 1 or not index.is_top(definitions[0]):
        return None
    definition = definitions[0]
    if not isinstance(definition.body, n.BraceGroup) or returns(definition.body.body):
        return None
    if reader.is_recursive(definition.name) or definition.end > reader.first_call(definition.name):
        return None
    passed_on = len(command.words) == 2 and _is_all_parameters(command.words[1])
    if not passed_on and None in known:
        return None
    return definition.body.body if _needs_no_scope(command, definition, passed_on, reader) else None


def _needs_no_scope(
    command: n.SimpleCommand, definition: n.FunctionDefinition, passed_on: bool, reader: Reader
) -> bool:
    facts, all_facts = reader.body(definition.name), reader.of(definition.body)
    if facts.has_anywhere("local", "trap", "run-time", "shift") or facts.has("return"):
        return False
    if facts.has_anywhere("parameters") and not passed_on:
        return False
    if all_facts.reads & _OF_CALLS or all_facts.has_anywhere("caller", "run-time"):
        return False
    may_fail = all_facts.has_anywhere("fails") or reader.index.readonly
    return not may_fail or (reader.index.is_top(command) and reader.call_count(definition.name) == 1)


def _is_all_parameters(word: n.Word | n.Assignment) -> bool:
    """`"$@"`"""
    match word:
        case n.Word(parts=(n.DoubleQuoted(parts=(n.Parameter(name="@", operator="", prefix="", subscript=None),)),)):
            return True
    return False
