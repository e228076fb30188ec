"""`[[ expression ]]`: words are neither split nor globbed; `==` and `=~` match patterns."""

from __future__ import annotations

from msh.expand.environment import ExpansionError, IndexedArray, SubscriptFault
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

ARRAY = frozenset("a")


def evaluate(sh: Shell, node: ConditionExpression, *, negated: bool = False) -> int:
    """The status of a condition: 0 when it holds, 1, or 2 for what is no regular expression.

    `&&` and `||` stop as early as they can. `negated`: `!` stands before it.
    """
    match node:
        case ConditionUnary():
            operand = sh.operand(node.operand)
            if "xtrace" in sh.options:
                _trace(sh, negated, node.operator, operand)
            return 0 if unary(sh, node.operator, operand) else 1
        case ConditionBinary():
            return _binary(sh, node, negated)
        case ConditionLogical():
            status = 0
            for operand_node in node.operands:
                status = evaluate(sh, operand_node)
                if (status == 0) != (node.operator == "&&"):
                    break
            return status
        case ConditionNot():
            return 0 if evaluate(sh, node.operand, negated=True) else 1
        case ConditionGroup():
            return evaluate(sh, node.operand)
        case ConditionWord():
            text = sh.operand(node.word)
            if "xtrace" in sh.options:
                _trace(sh, negated, "-n", text)
            return 0 if text else 1


def _trace(sh: Shell, negated: bool, *words: str) -> None:
    from msh.run.tracing import trace_condition

    trace_condition(sh, *(("!",) if negated else ()), *words)


def _shown(sh: Shell, node: ConditionBinary) -> str:
    """The right side as `set -x` shows it: what is quoted in a pattern has backslashes. Nothing is run for that."""
    from msh.expand.texts import compile_segments
    from msh.syntax import print_word, walk
    from msh.syntax.nodes import CommandSubstitution

    if any(type(part) is CommandSubstitution for part in walk(node.right)):
        return print_word(node.right)
    if node.operator not in ("=", "==", "!="):
        return sh.operand(node.right)
    segments = compile_segments(node.right, assigns=True)(sh)
    return "".join(["".join([f"\\{c}" for c in text]) if quoted else text for text, quoted in segments])


def _binary(sh: Shell, node: ConditionBinary, negated: bool) -> int:
    left = sh.operand(node.left)
    if "xtrace" in sh.options:
        _trace(sh, negated, left, node.operator, _shown(sh, node))
    if node.operator == "=~":
        return _regex(sh, node, left)
    return 0 if _holds(sh, node, left) else 1


def _holds(sh: Shell, node: ConditionBinary, left: str) -> bool:
    operator = node.operator
    if operator in ("=", "==", "!="):
        return sh.matches(node.right, left) != (operator == "!=")
    right = sh.operand(node.right)
    if operator in NUMBERS:
        return _compare(sh, operator, left, right)
    if operator == "<":
        return left < right
    if operator == ">":
        return left > right
    return files(sh, operator, left, right)


def _compare(sh: Shell, operator: str, left: str, right: str) -> bool:
    """Both sides are expressions; one without a value makes the condition false."""
    try:
        return NUMBERS[operator](sh.evaluate(left), sh.evaluate(right))
    except ExpansionError as error:
        if error.exits or isinstance(error, SubscriptFault):
            raise
        sh.complain(f"[[: {error.message}")
        return False


def _regex(sh: Shell, node: ConditionBinary, left: str) -> int:
    """`=~` sets BASH_REMATCH, also to nothing when it does not match; a bad expression leaves it."""
    try:
        groups = sh.regex_groups(node.right, left)
    except ExpansionError as error:
        if error.status != 2:
            raise
        sh.complain(error.message)
        return 2
    found = sh.variables.declare("BASH_REMATCH", ARRAY)  # set as well where it is readonly
    found.value = IndexedArray(enumerate(groups or ()))
    return 0 if groups is not None else 1
