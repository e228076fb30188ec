"""Builtins on variables and parameters: unset, shift, let."""

from __future__ import annotations

from msh.expand.environment import ExpansionError, SubscriptFault
from msh.run.assignables import take_apart
from msh.run.builtins.declarations import each, parse_letters
from msh.run.control import RefusedAssignment, ShellError
from msh.run.variable import AssignmentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell


def unset(sh: Shell, argv: list[str]) -> int:
    minus, _, operands = parse_letters(argv, "fvn")
    if {"f", "v"} <= minus:
        raise ShellError("unset: cannot simultaneously unset a function and a variable")

    def act(operand: str) -> None:
        if "f" in minus:
            unset_function(sh, operand)
            return
        try:
            _unset(sh, operand, minus)
        except AssignmentError as error:
            raise ShellError(f"unset: {error}") from None

    return each(sh, operands, act)


def _unset(sh: Shell, operand: str, minus: set[str]) -> None:
    parts = take_apart(operand)
    if parts is None or parts.value is not None:
        if not minus:
            unset_function(sh, operand)  # nothing else can have this name
            return
        raise ShellError(f"unset: `{operand}': not a valid identifier")
    if parts.subscript is not None:
        sh.unset_element(parts.name, parts.subscript)
    elif "n" in minus:
        if "n" in sh.attributes(parts.name) or sh.reference(parts.name) is not None:
            sh.variables.unset(parts.name, follow=False)
    elif not minus and not sh.variables.exists(parts.name):
        unset_function(sh, operand)
    elif (target := sh.reference(parts.name)) and target.endswith("]"):
        _unset(sh, target, minus)
    else:
        sh.variables.unset(parts.name, reveal="localvar_unset" not in sh.options)


def unset_function(sh: Shell, name: str) -> None:
    function = sh.functions.get(name)
    if function is not None and function.readonly:
        raise ShellError(f"unset: {name}: cannot unset: readonly function")
    sh.functions.pop(name, None)


def shift(sh: Shell, argv: list[str]) -> int:
    operands = argv[2:] if argv[1:2] == ["--"] else argv[1:]
    if len(operands) > 1:
        raise ExpansionError("shift: too many arguments")
    try:
        count = int(operands[0]) if operands else 1
    except ValueError:
        raise ShellError(f"shift: {operands[0]}: numeric argument required") from None
    if count < 0:
        raise ShellError(f"shift: {operands[0]}: shift count out of range")
    if count > len(sh.positional):
        if "posix" in sh.options:
            sh.complain(": ".join([*argv[:1], *operands, "shift count out of range"]))
        return 1
    del sh.positional[:count]
    return 0


def let(sh: Shell, argv: list[str]) -> int:
    operands = argv[2:] if argv[1:2] == ["--"] else argv[1:]
    if not operands:
        raise ShellError("let: expression expected")
    value = 0
    for expression in operands:
        try:
            value = sh.evaluate(expression)
        except ExpansionError as error:
            if error.exits or isinstance(error, SubscriptFault):
                raise
            if isinstance(error, RefusedAssignment):
                raise ShellError(error.message) from None
            raise ShellError(f"let: {error.message}") from None
    return 0 if value else 1


BUILTINS: dict[str, Builtin] = {
    "unset": unset,
    "shift": shift,
    "let": let,
}
