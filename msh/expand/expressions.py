"""Expression trees as functions of the environment: variables, assignments, operators, with short circuits."""

from __future__ import annotations

import re

from msh.expand.arrays import element_getter, element_key
from msh.expand.environment import ExpansionError, NoElement
from msh.expand.integers import MAXIMUM, MINIMUM, OPERATORS, number, wrap
from msh.syntax.nodes import AssignmentExpression, Binary, Conditional, Literal, Number, Operand, Unary, Variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from msh.expand.environment import Environment
    from msh.syntax.nodes import Expression, Subscript

    Evaluate: TypeAlias = Callable[[Environment], int]

_LONG = 32  # operators in a row


class Fault(Exception):
    """What went wrong, and where in the text it did; `cut` when the text is shown only as far as there."""

    def __init__(self, reason: str, node: Expression, *, cut: bool = False) -> None:
        super().__init__(reason)
        self.cut = cut
        self.reason = reason
        self.node = node


def compile_expression(node: Expression, values: dict[int, int]) -> Evaluate:
    """`values` holds what the operands of this run expanded to, by the identity of their part."""
    if isinstance(node, Number):
        return compile_number(node)
    if isinstance(node, Variable):
        return _compile_variable(node)
    if isinstance(node, Operand):
        key = id(node.part)
        return lambda _: values[key]
    if isinstance(node, Unary):
        return _compile_unary(node, values)
    if isinstance(node, Binary):
        return _compile_binary(node, values)
    if isinstance(node, Conditional):
        test, then, orelse = (compile_expression(part, values) for part in (node.test, node.then, node.orelse))
        return lambda environment: then(environment) if test(environment) else orelse(environment)
    return _compile_assignment(node, values)


def compile_number(node: Number) -> Evaluate:
    try:
        value = number(node.text)
    except ValueError as error:
        reason = str(error)

        def fail(_: Environment) -> int:
            raise Fault(reason, node, cut=True)

        return fail
    return lambda _: value


def _integer(value: str, environment: Environment) -> int:
    """The value of a variable: a number, or an expression of its own."""
    if value.isascii() and value.isdigit() and len(value) < 19 and (value[0] != "0" or value == "0"):
        return int(value)
    from msh.expand.arithmetic import evaluate_text  # which compiles by this module

    return evaluate_text(value, environment)


def _compile_variable(node: Variable) -> Evaluate:
    get = _getter(node)

    def value(environment: Environment) -> int:
        text = get(environment)
        if text is None:
            return _unset(node, environment)
        return _integer(text, environment)

    return value


def _getter(node: Variable) -> Callable[[Environment], str | None]:
    name = node.name
    if node.subscript is None:
        return lambda environment: environment.get(name)
    text = _unread(node.subscript)
    if text is None:
        return element_getter(name, node.subscript)
    from msh.expand.references import parse_subscript

    return lambda environment: element_getter(name, parse_subscript(text, environment))(environment)


_unexpanded = re.compile(r"[$`\"\\]").search


def _unread(node: Subscript) -> str | None:
    """The text of a subscript that may have expansions in it yet: of an expression that was parsed at run time."""
    parts = node.word.parts
    if len(parts) == 1 and isinstance(parts[0], Literal) and _unexpanded(parts[0].text):
        return parts[0].text
    return None


def _key_of(target: Variable) -> Callable[[Environment], int | str]:
    """The key that a target's subscript means when it is assigned to."""
    name, subscript = target.name, target.subscript
    assert subscript is not None
    text = _unread(subscript)
    if text is None:
        return lambda environment: element_key(name, subscript, environment)
    from msh.expand.references import parse_subscript

    return lambda environment: element_key(name, parse_subscript(text, environment), environment)


def _unset(node: Variable, environment: Environment) -> int:
    """An element that is missing in an array that is set counts as 0 even under `set -u`, as in bash."""
    missing = node.subscript is not None and environment.value(node.name) is not None
    if environment.option("nounset") and not missing:
        raise ExpansionError(f"{node.name}: unbound variable", node, exits=True)
    return 0


def _compile_unary(node: Unary, values: dict[int, int]) -> Evaluate:
    if node.operator in ("++", "--"):
        assert isinstance(node.operand, Variable)
        change = 1 if node.operator == "++" else -1
        update = _update(node.operand)
        if node.postfix:
            return lambda environment: update(environment, lambda old: old + change)[0]
        return lambda environment: update(environment, lambda old: old + change)[1]
    operand = compile_expression(node.operand, values)
    if node.operator == "!":
        return lambda environment: 0 if operand(environment) else 1
    if node.operator == "~":
        return lambda environment: ~operand(environment)
    if node.operator == "-":
        return lambda environment: wrap(-operand(environment))
    return operand


def _update(target: Variable) -> Callable[[Environment, Callable[[int], int]], tuple[int, int]]:
    """Assigns what a function makes of the old value; gives both. The subscript is evaluated once."""
    name = target.name
    make_key = None if target.subscript is None else _key_of(target)

    def update(environment: Environment, change: Callable[[int], int]) -> tuple[int, int]:
        if make_key is None:
            text = environment.get(name)
        else:
            try:
                key = make_key(environment)
            except NoElement as error:
                environment.warn(error.message)
                return 0, wrap(change(0))
            whole = environment.value(name)
            text = whole.get(key) if isinstance(whole, dict) else whole if key == 0 else None  # type: ignore[arg-type]
        old = _unset(target, environment) if text is None else _integer(text, environment)
        new = wrap(change(old))
        if make_key is None:
            environment.assign(name, str(new))
        else:
            environment.assign_element(name, key, str(new))
        return old, new

    return update


def _compile_assignment(node: AssignmentExpression, values: dict[int, int]) -> Evaluate:
    value = compile_expression(node.value, values)
    name = node.target.name
    if node.operator != "=":
        operator = OPERATORS[node.operator[:-1]]
        update = _update(node.target)

        def combine(environment: Environment) -> int:
            return update(environment, lambda old: _apply(operator, old, value(environment), node.value))[1]

        return combine
    if node.target.subscript is None:

        def assign(environment: Environment) -> int:
            result = value(environment)
            environment.assign(name, str(result))
            return result

        return assign
    make_key = _key_of(node.target)

    def assign_element(environment: Environment) -> int:
        result = value(environment)  # before the subscript: `a[n] = ++n`
        try:
            key = make_key(environment)
        except NoElement as error:
            environment.warn(error.message)  # and the value is lost, as in bash
        else:
            environment.assign_element(name, key, str(result))
        return result

    return assign_element


def _apply(operator: Callable[[int, int], int], left: int, right: int, node: Expression) -> int:
    try:
        return operator(left, right)
    except ValueError as error:
        raise Fault(str(error), node) from None


def _compile_binary(node: Binary, values: dict[int, int]) -> Evaluate:
    chain = _left_chain(node)
    first = compile_expression(chain[-1].left, values)
    rights = [(binary, compile_expression(binary.right, values)) for binary in reversed(chain)]
    if len(chain) > _LONG:
        return _long_chain(first, rights)
    for binary, right in rights:
        first = _binary(binary, first, right)
    return first


def _long_chain(first: Evaluate, rights: list[tuple[Binary, Evaluate]]) -> Evaluate:
    """A chain of any length without a call within a call for each operator."""

    def value(environment: Environment) -> int:
        result = first(environment)
        for binary, right in rights:
            kind = binary.operator
            if kind in ("&&", "||"):
                decided = bool(result) == (kind == "||")
                result = int(bool(result) if decided else bool(right(environment)))
            else:
                result = _apply(OPERATORS[kind], result, right(environment), binary.right)
        return result

    return value


def _left_chain(node: Binary) -> list[Binary]:
    """`a + b + c …` leans to the left: compiled without a call for each level."""
    chain = [node]
    while isinstance(chain[-1].left, Binary):
        chain.append(chain[-1].left)
    return chain


def _binary(node: Binary, left: Evaluate, right: Evaluate) -> Evaluate:
    kind = node.operator
    if kind == "&&":
        return lambda environment: 1 if left(environment) and right(environment) else 0
    if kind == "||":
        return lambda environment: 1 if left(environment) or right(environment) else 0
    if kind == "<":
        return lambda environment: 1 if left(environment) < right(environment) else 0
    if kind == "+":

        def add(environment: Environment) -> int:
            value = left(environment) + right(environment)
            return value if MINIMUM <= value <= MAXIMUM else wrap(value)

        return add
    operator = OPERATORS[kind]
    operand = node.right
    if kind == "**":
        while isinstance(operand, Unary):
            operand = operand.operand
    if kind in ("/", "%", "**"):
        return lambda environment: _apply(operator, left(environment), right(environment), operand)
    return lambda environment: operator(left(environment), right(environment))
