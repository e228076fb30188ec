"""Jumps out of the middle of what is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.syntax import nodes as n
from msh.syntax import static_text
from msh.syntax.walk import children

if TYPE_CHECKING:
    from collections.abc import Sequence

_APART = (n.FunctionDefinition, n.Subshell, n.CommandSubstitution, n.ProcessSubstitution, n.Coprocess)
_LOOPS = (n.ForClause, n.WhileClause, n.ForArithmetic, n.SelectClause)


def leaves(body: Sequence[n.Statement], but_continue: bool = False) -> bool:
    """Whether a turn of a loop with this body may end by `break`, `continue` (unless `but_continue`) or `return`.

    Jumps that stay in loops further inside do not count. A text of `eval` may hold any.
    """
    stack: list[tuple[n.Node, int]] = [(statement, 0) for statement in body]
    while stack:
        node, depth = stack.pop()
        if isinstance(node, _APART) or (isinstance(node, n.Statement) and node.background):
            continue
        if isinstance(node, n.Pipeline) and len(node.commands) > 1:
            continue
        if isinstance(node, n.SimpleCommand) and _jumps(node, depth, but_continue):
            return True
        inside = depth + isinstance(node, _LOOPS)
        stack += [(child, inside) for child in children(node) if not isinstance(child, n.Word)]
    return False


def returns(body: Sequence[n.Statement]) -> bool:
    """Whether a function's body has a `return`."""
    stack: list[n.Node] = list(body)
    while stack:
        node = stack.pop()
        if isinstance(node, n.SimpleCommand) and _name(node) in ("return", "eval", "command", "builtin", None):
            return True
        if not isinstance(node, _APART):
            stack += [child for child in children(node) if not isinstance(child, n.Word)]
    return False


def _jumps(node: n.SimpleCommand, depth: int, but_continue: bool) -> bool:
    name = _name(node)
    if name in ("return", "eval", "command", "builtin"):
        return True
    if name == "continue" and but_continue and depth == 0 and len(node.words) == 1:
        return False
    if name not in ("break", "continue"):
        return False
    levels = static_text(node.words[1]) if len(node.words) > 1 and isinstance(node.words[1], n.Word) else "1"
    return levels is None or not levels.isdigit() or int(levels) > depth


def _name(node: n.SimpleCommand) -> str | None:
    """The name that a command is called by; "" for one without words."""
    first = node.words[0] if node.words else None
    return static_text(first) if isinstance(first, n.Word) else ""
