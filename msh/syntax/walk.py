"""Every node of a tree, without recursion."""

from __future__ import annotations

from msh.syntax.nodes import Node, Operand, Variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, parents before children, in the order of the fields."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack += reversed(children(node))


def children(node: Node) -> list[Node]:
    """The nodes directly below one, in the order of the fields.

    Operands of an expression have none: what they hold is among the parts of their `Arithmetic` and is visited there.
    To visit it twice at each level would take exponential time on nested arithmetic.
    """
    if isinstance(node, (Operand, Variable)):
        return []
    found: list[Node] = []
    fields: tuple[str, ...] = node.__match_args__
    for field in fields[2:]:
        value = getattr(node, field)
        if type(value) is tuple:
            found += [item for item in value if isinstance(item, Node)]
        elif isinstance(value, Node):
            found.append(value)
    return found
