"""Parameters named by data: `${!x}`, namerefs, `unset 'a[$i]'`, subscripts in the value of an arithmetic variable.

As in bash, a subscript found in data has its quotes removed and its parameters expanded. Unlike in bash it runs
nothing: with a command substitution in it, data would become code (`x='a[$(cmd)]'; echo $((x))`), so that is refused
unless the script says `shopt -s eval_unsafe_arith` (the name that Oils has for it).
"""

from __future__ import annotations

import re

from msh.diagnostics import MshError
from msh.expand.environment import ExpansionError
from msh.expand.texts import compile_parts
from msh.source import Source
from msh.syntax.nodes import (
    ArrayLiteral,
    Assignment,
    CommandSubstitution,
    Parameter,
    ProcessSubstitution,
    SimpleCommand,
    Subscript,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.expand.environment import Environment
    from msh.expand.texts import Text
    from msh.syntax.nodes import Node

_plain = re.compile(r"([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!\-])(?:\[(.+)\])?", re.ASCII | re.DOTALL).fullmatch
_has_expansion = re.compile(r"[$`\"'\\]").search
_REMEMBERED = 1000
UNSAFE = "eval_unsafe_arith"
_subscripts: dict[str, Subscript] = {}
_texts: dict[str, Text] = {}


class NotAWord(ExpansionError):
    """A subscript in data that a shell cannot read."""


def parse_reference(text: str, environment: Environment) -> Parameter | None:
    """The parameter that a text names, `x`, `a[i]`, `1`, `@`; None when it names none."""
    found = _plain(text)
    if found is None or (found[2] is not None and not (text[0].isalpha() or text[0] == "_")):
        return None
    subscript = None if found[2] is None else parse_subscript(found[2], environment)
    return Parameter(0, len(text), found[1], True, "", subscript)


def parse_subscript(text: str, environment: Environment) -> Subscript:
    """The subscript that stands in data between brackets; raises ExpansionError for one that would run a command."""
    known = _subscripts.get(text)
    if known is None:
        if len(_subscripts) > _REMEMBERED:
            _subscripts.clear()
        known = _subscripts[text] = _parse_subscript(text, environment)
    return known


def _parse_subscript(text: str, environment: Environment) -> Subscript:
    assignment = _parse_assignment(f"_[{text}]=")
    if assignment is None or assignment.subscript is None:
        raise NotAWord(f"[{text}]: bad array subscript")
    _refuse_commands(assignment.subscript, f"[{text}]: a subscript", environment)
    return assignment.subscript


def parse_list(text: str, environment: Environment) -> ArrayLiteral:
    """The array literal `(…)` that stands in data (`declare -a "x=$list"`); the same rules as for a subscript."""
    assignment = _parse_assignment(f"_={text}")
    if assignment is None or not isinstance(assignment.value, ArrayLiteral):
        raise ExpansionError(f"`{text}': not an array literal")
    _refuse_commands(assignment.value, f"`{text}': a list", environment)
    return assignment.value


def _parse_assignment(text: str) -> Assignment | None:
    from msh.syntax import parse

    try:
        (statement,) = parse(Source("assignment", text)).body
    except (MshError, ValueError):
        return None
    command = statement.command
    if not isinstance(command, SimpleCommand) or len(command.assignments) != 1 or command.words or command.redirects:
        return None
    return command.assignments[0]


def _refuse_commands(node: Node, what: str, environment: Environment) -> None:
    from msh.syntax import walk

    if environment.option(UNSAFE):
        return
    if any(isinstance(part, (CommandSubstitution, ProcessSubstitution)) for part in walk(node)):
        raise ExpansionError(f"{what} that comes from data may not run commands", exits=True)


def expand_subscript(text: str, environment: Environment) -> str:
    """The text of a subscript that stands in data, expanded."""
    if _has_expansion(text) is None:
        return text
    make = _texts.get(text)
    if make is None:
        if len(_texts) > _REMEMBERED:
            _texts.clear()
        make = _texts[text] = compile_parts(parse_subscript(text, environment).word.parts, False)
    return make(environment)


def expand_key(text: str, environment: Environment) -> str:
    """The same where a key may be meant: what is no word, as with a quote that is never closed, stands for itself."""
    try:
        parse_subscript(text, environment)
    except NotAWord:
        return text
    return expand_subscript(text, environment)


def referenced(text: str, environment: Environment) -> str | None:
    """The value of the variable or element that a text names; None when it is unset."""
    from msh.expand.parameters import compile_parameter, getter

    parameter = parse_reference(text, environment)
    if parameter is not None and parameter.subscript is not None and parameter.subscript.all:
        return compile_parameter(parameter, True).text(environment) or None
    return None if parameter is None else getter(parameter)(environment)
