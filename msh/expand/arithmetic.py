"""Arithmetic: `$(( ))` over 64-bit integers, with the rules of C (POSIX XCU 2.6.4) and of bash's expr.c.

An expression tree becomes a function of the environment once. Text that is known only at run time (the value
of a variable, a text whose expansions may complete a token) is parsed then, and what it compiled to is remembered.
"""

from __future__ import annotations

import re

from msh.expand.arrays import element_getter, element_key, without_single_quotes
from msh.expand.environment import ExpansionError
from msh.expand.words import compile_parts
from msh.syntax.nodes import (
    AssignmentExpression,
    Binary,
    Conditional,
    Escaped,
    Literal,
    Number,
    Operand,
    SingleQuoted,
    Unary,
    Variable,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from msh.expand.environment import Environment
    from msh.syntax.nodes import Arithmetic, Expression, Subscript, WordPart

    Evaluate: TypeAlias = Callable[[Environment], int]

_MAXIMUM = 2**63 - 1
_MINIMUM = -(2**63)
_DEPTH = 1024  # of variables whose values are expressions of variables; bash's MAX_EXPR_RECURSION_LEVEL
_REMEMBERED = 4096
_LONG = 32  # operators in a row
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@_"


def wrap(value: int) -> int:
    """A value as 64 bits keep it."""
    return value if _MINIMUM <= value <= _MAXIMUM else (value + 2**63) % 2**64 - 2**63


class _Fault(Exception):
    """What went wrong, and where in the text it did."""

    def __init__(self, reason: str, node: Expression) -> None:
        super().__init__(reason)
        self.reason = reason
        self.node = node


# ---- entry points -----------------------------------------------------------------


def compile_arithmetic(node: Arithmetic) -> Evaluate:
    """The inside of `$((…))`, `((…))`: a function that gives its value, raising ExpansionError."""
    parts = without_single_quotes(node.parts)
    if parts is not node.parts:
        node = node.replace(parts=parts, expression=None)
    expansions = [part for part in parts if not isinstance(part, (Literal, Escaped, SingleQuoted))]
    if not expansions:
        return _compile_static(node)
    expression = node.expression
    operands = _operands(expression) if expression is not None else []
    if expression is None or [id(operand.part) for operand in operands] != [id(part) for part in expansions]:
        text = compile_parts(node.parts, True)
        return lambda environment: evaluate_text(text(environment), environment)
    return _compile_with_operands(node, expression, operands)


def _compile_static(node: Arithmetic) -> Evaluate:
    text = "".join([part.text for part in node.parts])  # type: ignore[union-attr]
    expression = node.expression
    if expression is None:
        return lambda environment: evaluate_text(text, environment)
    compiled = _compile(expression, {})
    start = node.parts[0].start if node.parts else 0

    def value(environment: Environment) -> int:
        try:
            return compiled(environment)
        except _Fault as fault:
            raise _error(fault, text, start) from None
        except RecursionError:
            raise _too_deep(text) from None

    return value


def _compile_with_operands(node: Arithmetic, expression: Expression, operands: list[Operand]) -> Evaluate:
    """All operands are expanded first, as bash does; when each is a number, the tree can be used as it is."""
    values: dict[int, int] = {}
    compiled = _compile(expression, values)
    texts = [(id(operand.part), compile_parts([operand.part], True)) for operand in operands]

    def value(environment: Environment) -> int:
        expanded = [(key, text(environment)) for key, text in texts]
        for key, text in expanded:
            if not (text.isascii() and text.isdigit() and (text[0] != "0" or text == "0") and len(text) < 19):
                return evaluate_text(_whole_text(node.parts, dict(expanded)), environment)
            values[key] = int(text)
        try:
            return compiled(environment)
        except _Fault as fault:
            raise _error(fault, _whole_text(node.parts, dict(expanded)), None) from None

    return value


def _whole_text(parts: tuple[WordPart, ...], expanded: dict[int, str]) -> str:
    texts = []
    for part in parts:
        known = expanded.get(id(part))
        texts.append(part.text if known is None else known)  # type: ignore[union-attr]
    return "".join(texts)


def _operands(expression: Expression) -> list[Operand]:
    """The expansions that are whole operands, from left to right."""
    found: list[Operand] = []
    pending: list[Expression] = [expression]
    while pending:
        node = pending.pop()
        if isinstance(node, Operand):
            found.append(node)
        elif isinstance(node, Binary):
            pending += [node.right, node.left]
        elif isinstance(node, Unary):
            pending.append(node.operand)
        elif isinstance(node, Conditional):
            pending += [node.orelse, node.then, node.test]
        elif isinstance(node, AssignmentExpression):
            pending.append(node.value)
    return found


_remembered: dict[str, Evaluate] = {}
_depth = 0


def evaluate_text(text: str, environment: Environment) -> int:
    """The value of a text as an expression; empty is 0."""
    compiled = _remembered.get(text)
    if compiled is None:
        compiled = _compile_text(text)
        if len(_remembered) >= _REMEMBERED:
            _remembered.clear()
        _remembered[text] = compiled
    global _depth
    _depth += 1
    try:
        if _depth > _DEPTH:
            raise _too_deep(text)
        return compiled(environment)
    except _Fault as fault:
        raise _error(fault, text, 0) from None
    except RecursionError:
        raise _too_deep(text) from None
    finally:
        _depth -= 1


def _too_deep(text: str) -> ExpansionError:
    return ExpansionError(f'{text}: expression recursion level exceeded (error token is "{text}")')


def _compile_text(text: str) -> Evaluate:
    bare = text.strip(" \t\n")
    if not bare:
        return lambda _: 0
    if bare.isascii() and bare.isdigit():
        return _compile_number(Number(0, len(bare), bare))
    from msh.diagnostics import MshError
    from msh.syntax import parse_arithmetic

    try:
        expression = parse_arithmetic(text)
    except MshError as error:
        diagnostic = error.diagnostics[0]
        start = diagnostic.labels[0].start if diagnostic.labels else 0
        message = f'{text.lstrip()}: {_syntax_error(text, start)} (error token is "{text[start:]}")'

        def fail(_: Environment) -> int:
            raise ExpansionError(message)

        return fail
    return _compile(expression, {})


def _syntax_error(text: str, at: int) -> str:
    """What is wrong at an unexpected token, in bash's words."""
    before = text[:at].rstrip(" \t\n")[-1:]
    operand = before.isalnum() or before in ("_", ")", "]")
    if operand and _assigns(text, at):
        return "attempted assignment to non-variable"
    return "syntax error in expression" if operand else "syntax error: operand expected"


_assigns = re.compile(r"(?:[-+*/%&^|]|<<|>>)?=(?!=)").match


def _error(fault: _Fault, text: str, start: int | None) -> ExpansionError:
    token = "" if start is None else f' (error token is "{text[fault.node.start - start :]}")'
    return ExpansionError(f"{text.lstrip()}: {fault.reason}{token}", fault.node)


# ---- the tree -----------------------------------------------------------------------


def _compile(node: Expression, values: dict[int, int]) -> Evaluate:
    """`values` holds what the operands of this run expanded to, by the identity of their part."""
    if isinstance(node, Number):
        return _compile_number(node)
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
        test, then, orelse = (_compile(part, values) for part in (node.test, node.then, node.orelse))
        return lambda environment: then(environment) if test(environment) else orelse(environment)
    return _compile_assignment(node, values)


def _compile_number(node: Number) -> Evaluate:
    try:
        value = number(node.text)
    except ValueError as error:
        reason = str(error)

        def fail(_: Environment) -> int:
            raise _Fault(reason, node)

        return fail
    return lambda _: value


def number(text: str) -> int:
    """The value of a constant: decimal, `0` octal, `0x` hexadecimal, `base#digits`; ValueError in bash's words."""
    base, digits = 10, text
    if "#" in text:
        prefix, _, digits = text.partition("#")
        if prefix[:1] == "0":
            raise ValueError("invalid number")
        base = number(prefix)
        if not 2 <= base <= 64:
            raise ValueError("invalid arithmetic base")
        if not digits:
            raise ValueError("invalid integer constant")
    elif text[:2] in ("0x", "0X"):
        base, digits = 16, text[2:]
    elif text[0] == "0":
        base = 8
    if base <= 36:
        digits = digits.lower()
    value = 0
    for digit in digits:
        weight = _DIGITS.find(digit)
        if not 0 <= weight < base:
            raise ValueError("value too great for base")
        value = value * base + weight
    return wrap(value)


def _integer(value: str, environment: Environment) -> int:
    """The value of a variable: a number, or an expression of its own."""
    if value.isascii() and value.isdigit() and len(value) < 19 and (value[0] != "0" or value == "0"):
        return int(value)
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
    return element_getter(name, _subscript(node.subscript))


_unexpanded = re.compile(r"[$`\"\\]").search


def _subscript(node: Subscript) -> Subscript:
    """A subscript of an expression that was parsed at run time may have expansions in it yet."""
    parts = node.word.parts
    if len(parts) == 1 and isinstance(parts[0], Literal) and _unexpanded(parts[0].text):
        from msh.expand.references import parse_subscript

        return parse_subscript(parts[0].text)
    return node


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
    operand = _compile(node.operand, values)
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
    subscript = None if target.subscript is None else _subscript(target.subscript)

    def update(environment: Environment, change: Callable[[int], int]) -> tuple[int, int]:
        if subscript is None:
            text = environment.get(name)
        else:
            key = element_key(name, subscript, environment)
            whole = environment.value(name)
            text = whole.get(key) if isinstance(whole, dict) else whole if key == 0 else None  # type: ignore[arg-type]
        old = _unset(target, environment) if text is None else _integer(text, environment)
        new = wrap(change(old))
        if subscript is None:
            environment.assign(name, str(new))
        else:
            environment.assign_element(name, key, str(new))
        return old, new

    return update


def _compile_assignment(node: AssignmentExpression, values: dict[int, int]) -> Evaluate:
    value = _compile(node.value, values)
    name = node.target.name
    subscript = None if node.target.subscript is None else _subscript(node.target.subscript)
    if node.operator != "=":
        operator = _OPERATORS[node.operator[:-1]]
        update = _update(node.target)

        def combine(environment: Environment) -> int:
            return update(environment, lambda old: _apply(operator, old, value(environment), node.value))[1]

        return combine
    if subscript is None:

        def assign(environment: Environment) -> int:
            result = value(environment)
            environment.assign(name, str(result))
            return result

        return assign

    def assign_element(environment: Environment) -> int:
        key = element_key(name, subscript, environment)
        result = value(environment)
        environment.assign_element(name, key, str(result))
        return result

    return assign_element


def _apply(operator: Callable[[int, int], int], left: int, right: int, node: Expression) -> int:
    try:
        return operator(left, right)
    except ValueError as error:
        raise _Fault(str(error), node) from None


def _compile_binary(node: Binary, values: dict[int, int]) -> Evaluate:
    chain = _left_chain(node)
    first = _compile(chain[-1].left, values)
    rights = [(binary, _compile(binary.right, values)) for binary in reversed(chain)]
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
                result = _apply(_OPERATORS[kind], result, right(environment), binary.right)
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
            return value if _MINIMUM <= value <= _MAXIMUM else wrap(value)

        return add
    operator = _OPERATORS[kind]
    operand = node.right
    if kind == "**":
        while isinstance(operand, Unary):
            operand = operand.operand
    if kind in ("/", "%", "**"):
        return lambda environment: _apply(operator, left(environment), right(environment), operand)
    return lambda environment: operator(left(environment), right(environment))


def _divide(left: int, right: int) -> int:
    if right == 0:
        raise ValueError("division by 0")
    quotient = abs(left) // abs(right)
    return wrap(quotient if (left < 0) == (right < 0) else -quotient)


def _remainder(left: int, right: int) -> int:
    if right == 0:
        raise ValueError("division by 0")
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


def _power(left: int, right: int) -> int:
    if right < 0:
        raise ValueError("exponent less than 0")
    return wrap(pow(left, right, 2**64))


_OPERATORS: dict[str, Callable[[int, int], int]] = {
    "+": lambda left, right: wrap(left + right),
    "-": lambda left, right: wrap(left - right),
    "*": lambda left, right: wrap(left * right),
    "/": _divide,
    "%": _remainder,
    "**": _power,
    "<<": lambda left, right: wrap(left << (right & 63)),  # as the processor shifts: by the low six bits
    ">>": lambda left, right: left >> (right & 63),
    "<": lambda left, right: int(left < right),
    "<=": lambda left, right: int(left <= right),
    ">": lambda left, right: int(left > right),
    ">=": lambda left, right: int(left >= right),
    "==": lambda left, right: int(left == right),
    "!=": lambda left, right: int(left != right),
    "&": lambda left, right: left & right,
    "|": lambda left, right: left | right,
    "^": lambda left, right: left ^ right,
    ",": lambda _, right: right,
}
