"""The variables of an arithmetic expression."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msh.syntax import nodes as n

if TYPE_CHECKING:
    Names = tuple[set[str], set[str]]  # used, changed

_NAME = re.compile(r"(?<![\w#])[A-Za-z_]\w*")
_CHANGES = re.compile(r"\+\+|--|(?<![=!<>])=(?!=)|<<=|>>=")


def names_in_expression(root: n.Expression) -> Names:
    """Names that an expression uses, and those that it may change."""
    used: set[str] = set()
    changed: set[str] = set()
    stack: list[n.Node] = [root]
    while stack:
        node = stack.pop()
        match node:
            case n.Variable():
                used.add(node.name)
                if node.subscript is not None:
                    _subscript(node.subscript, used, changed)
            case n.Unary():
                if node.operator in ("++", "--") and isinstance(node.operand, n.Variable):
                    changed.add(node.operand.name)
                stack.append(node.operand)
            case n.Binary():
                stack += [node.right, node.left]
            case n.Conditional():
                stack += [node.orelse, node.then, node.test]
            case n.AssignmentExpression():
                changed.add(node.target.name)
                stack += [node.value, node.target]
    return used, changed


def names_in_text(text: str) -> Names:
    """The same for a text that is not parsed as an expression: every name in it is used, and changed if any may be."""
    used = set(_NAME.findall(text))
    return used, used if _CHANGES.search(text) else set()


def _subscript(subscript: n.Subscript, used: set[str], changed: set[str]) -> None:
    for part in subscript.word.parts if not subscript.all else ():
        if isinstance(part, n.Literal):
            more, touched = names_in_text(part.text)
            used |= more
            changed |= touched
