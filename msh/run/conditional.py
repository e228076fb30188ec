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


def evaluate(sh: Shell, node: ConditionExpression) -> bool:
    """The value of a condition; `&&` and `||` stop as early as they can."""
    match node:
        case ConditionUnary():
            return unary(sh, node.operator, sh.text(node.operand))
        case ConditionBinary():
            return _binary(sh, node)
        case ConditionLogical():
            test = all if node.operator == "&&" else any
            return test(evaluate(sh, operand) for operand in node.operands)
        case ConditionNot():
            return not evaluate(sh, node.operand)
        case ConditionGroup():
            return evaluate(sh, node.operand)
        case ConditionWord():
            return sh.text(node.word) != ""


def _binary(sh: Shell, node: ConditionBinary) -> bool:
    left, operator = sh.text(node.left), node.operator
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
