"""Arithmetic: `$(( ))` over 64-bit integers, with the rules of C (POSIX XCU 2.6.4) and of bash's expr.c.

An expression tree becomes a function of the environment once. Text that is known only at run time (the value
of a variable, a text whose expansions may complete a token) is parsed then, and what it compiled to is remembered.
"""

from __future__ import annotations

from operator import is_not

from msh.expand.arrays import without_single_quotes
from msh.expand.environment import ArithmeticFault, ExpansionError
from msh.expand.expressions import Fault, compile_expression, compile_number
from msh.expand.texts import compile_parts
from msh.syntax.nodes import (
    AssignmentExpression,
    Binary,
    Conditional,
    DoubleQuoted,
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
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from msh.expand.environment import Environment
    from msh.expand.texts import Text
    from msh.syntax.nodes import Arithmetic, Expression, WordPart

    Evaluate: TypeAlias = Callable[[Environment], int]

_DEPTH = 1024  # of variables whose values are expressions of variables; bash's MAX_EXPR_RECURSION_LEVEL
_REMEMBERED = 4096


def compile_arithmetic(node: Arithmetic) -> Evaluate:
    """The inside of `$((…))`, `((…))`: a function that gives its value, raising ArithmeticFault."""
    parts = _flat(without_single_quotes(node.parts))
    if len(parts) != len(node.parts) or any(map(is_not, parts, node.parts)):
        quotes = any(isinstance(part, SingleQuoted) for part in node.parts)
        node = node.replace(parts=parts, expression=None if quotes else node.expression)
    expansions = [part for part in parts if not isinstance(part, (Literal, Escaped, SingleQuoted))]
    if not expansions:
        return _compile_static(node)
    expression = node.expression
    operands, inner = _operands(expression) if expression is not None else ([], [])
    found = {id(operand.part) for operand in operands} | {id(part) for part in inner}
    if expression is None or found != {id(part) for part in expansions}:
        text = _within(node.parts)
        return lambda environment: evaluate_text(text(environment), environment)
    return _compile_with_operands(node, expression, operands)


def _flat(parts: tuple[WordPart, ...]) -> tuple[WordPart, ...]:
    """Parts without double quotes, which mean nothing where all is as in double quotes."""
    if not any(isinstance(part, DoubleQuoted) for part in parts):
        return parts
    return tuple([inner for part in parts for inner in (part.parts if isinstance(part, DoubleQuoted) else (part,))])


def _compile_static(node: Arithmetic) -> Evaluate:
    text = "".join([part.text for part in node.parts])  # type: ignore[union-attr]  # none is an expansion
    expression = node.expression
    if expression is None:
        return lambda environment: evaluate_text(text, environment)
    compiled = compile_expression(expression, {})
    start = node.parts[0].start if node.parts else 0

    def value(environment: Environment) -> int:
        try:
            return compiled(environment)
        except Fault as fault:
            raise _error(fault, text, start) from None
        except RecursionError:
            raise _too_deep(text) from None

    return value


def _compile_with_operands(node: Arithmetic, expression: Expression, operands: list[Operand]) -> Evaluate:
    """All operands are expanded first, as bash does; when each is a number, the tree can be used as it is.

    A subscript is expanded when its element is looked up, and not parsed again: a key may hold any character.
    """
    values: dict[int, int] = {}
    compiled = compile_expression(expression, values)
    texts = [(id(operand.part), _within([operand.part])) for operand in operands]

    def value(environment: Environment) -> int:
        expanded = [(key, text(environment)) for key, text in texts]
        for key, text in expanded:
            if not (text.isascii() and text.isdigit() and (text[0] != "0" or text == "0") and len(text) < 19):
                return evaluate_text(_whole_text(node.parts, dict(expanded), environment), environment)
            values[key] = int(text)
        try:
            return compiled(environment)
        except Fault as fault:
            raise _error(fault, _whole_text(node.parts, dict(expanded), environment), None) from None

    return value


def _whole_text(parts: tuple[WordPart, ...], expanded: dict[int, str], environment: Environment) -> str:
    texts = []
    for part in parts:
        known = expanded.get(id(part))
        texts.append(_within([part])(environment) if known is None else known)
    return "".join(texts)


def _within(parts: Sequence[WordPart]) -> Text:
    """Expansions inside of an expression, whose failure is not a fault of the expression."""
    text = compile_parts(parts, True)

    def expanded(environment: Environment) -> str:
        try:
            return text(environment)
        except ExpansionError as error:
            error.abandons = True
            raise

    return expanded


def _operands(expression: Expression) -> tuple[list[Operand], list[WordPart]]:
    """The expansions that are whole operands, from left to right, and those that stand in subscripts."""
    found: list[Operand] = []
    inner: list[WordPart] = []
    pending: list[Expression] = [expression]
    while pending:
        node = pending.pop()
        if isinstance(node, Operand):
            found.append(node)
        elif isinstance(node, Variable):
            inner += node.subscript.word.parts if node.subscript is not None else ()
        elif isinstance(node, Binary):
            pending += [node.right, node.left]
        elif isinstance(node, Unary):
            pending.append(node.operand)
        elif isinstance(node, Conditional):
            pending += [node.orelse, node.then, node.test]
        elif isinstance(node, AssignmentExpression):
            pending += [node.value, node.target]
    return found, [part for part in inner if not isinstance(part, (Literal, Escaped, SingleQuoted))]


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
    except Fault as fault:
        raise _error(fault, text, 0) from None
    except RecursionError:
        raise _too_deep(text) from None
    finally:
        _depth -= 1


def _too_deep(text: str) -> ArithmeticFault:
    return ArithmeticFault(f'{text}: expression recursion level exceeded (error token is "{text}")')


def _compile_text(text: str) -> Evaluate:
    bare = text.strip(" \t\n")
    if not bare:
        return lambda _: 0
    if bare.isascii() and bare.isdigit():
        return compile_number(Number(0, len(bare), bare))
    from msh.diagnostics import MshError
    from msh.syntax import parse_arithmetic

    try:
        expression = parse_arithmetic(text)
    except MshError:
        return _compile_mistaken(text)
    return compile_expression(expression, {})


def _compile_mistaken(text: str) -> Evaluate:
    """As in bash, what stands before the mistake is evaluated first."""
    from msh.expand.mistakes import mistake_in
    from msh.syntax.arithmetic import MISSING, begun_arithmetic

    mistake = mistake_in(text)
    message = f'{text[: mistake.end].lstrip()}: {mistake.reason} (error token is "{text[mistake.at : mistake.end]}")'
    begun = compile_expression(begun_arithmetic(text), {})

    def fail(environment: Environment) -> int:
        try:
            begun(environment)
        except Fault as fault:
            if not (isinstance(fault.node, Number) and fault.node.text == MISSING):
                raise
        raise ArithmeticFault(message)

    return fail


def _error(fault: Fault, text: str, start: int | None) -> ArithmeticFault:
    if start is not None and fault.cut:
        text = text[: fault.node.end - start]  # bash cuts the text off where a constant ends
    token = "" if start is None else f' (error token is "{text[fault.node.start - start :]}")'
    return ArithmeticFault(f"{text.lstrip()}: {fault.reason}{token}", fault.node)
