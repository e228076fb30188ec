"""`[[ expression ]]`: words are neither split nor globbed; `==` and `=~` match patterns."""

from __future__ import annotations

from msh.expand.environment import IndexedArray
from msh.run.tests import NUMBERS, files, unary
from msh.syntax.nodes import (
    ConditionBinary,
    ConditionGroup,
    ConditionLogical,
    ConditionNot,
    ConditionUnary,
    ConditionWord,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.shell import Shell
    from msh.syntax.nodes import ConditionExpression


def evaluate(sh: Shell, node: ConditionExpression, *, negated: bool = False) -> bool:
    """The value of a condition; `&&` and `||` stop as early as they can. `negated`: `!` stands before it."""
    match node:
        case ConditionUnary():
            operand = sh.text(node.operand)
            if "xtrace" in sh.options:
                _trace(sh, negated, node.operator, operand)
            return unary(sh, node.operator, operand)
        case ConditionBinary():
            return _binary(sh, node, negated)
        case ConditionLogical():
            test = all if node.operator == "&&" else any
            return test(evaluate(sh, operand) for operand in node.operands)
        case ConditionNot():
            return not evaluate(sh, node.operand, negated=True)
        case ConditionGroup():
            return evaluate(sh, node.operand)
        case ConditionWord():
            text = sh.text(node.word)
            if "xtrace" in sh.options:
                _trace(sh, negated, "-n", text)
            return text != ""


def _trace(sh: Shell, negated: bool, *words: str) -> None:
    from msh.run.tracing import trace_condition

    trace_condition(sh, *(("!",) if negated else ()), *words)


def _shown(sh: Shell, node: ConditionBinary) -> str:
    """The right side as `set -x` shows it: what is quoted in a pattern has backslashes. Nothing is run for that."""
    from msh.expand.words import compile_segments
    from msh.syntax import print_word, walk
    from msh.syntax.nodes import CommandSubstitution

    if any(type(part) is CommandSubstitution for part in walk(node.right)):
        return print_word(node.right)
    if node.operator not in ("=", "==", "!="):
        return sh.text(node.right)
    segments = compile_segments(node.right)(sh)
    return "".join(["".join([f"\\{c}" for c in text]) if quoted else text for text, quoted in segments])


def _binary(sh: Shell, node: ConditionBinary, negated: bool) -> bool:
    left, operator = sh.text(node.left), node.operator
    if "xtrace" in sh.options:
        _trace(sh, negated, left, operator, _shown(sh, node))
    if operator in ("=", "==", "!="):
        return sh.matches(node.right, left) != (operator == "!=")
    if operator == "=~":
        return _regex(sh, node, left)
    right = sh.text(node.right)
    if operator in NUMBERS:
        return NUMBERS[operator](sh.evaluate(left), sh.evaluate(right))
    if operator == "<":
        return left < right
    if operator == ">":
        return left > right
    return files(sh, operator, left, right)


def _regex(sh: Shell, node: ConditionBinary, left: str) -> bool:
    """`=~` sets BASH_REMATCH, also to nothing when it does not match."""
    groups = sh.regex_groups(node.right, left)
    sh.variables.set_array("BASH_REMATCH", IndexedArray(enumerate(groups or ())))
    return groups is not None
