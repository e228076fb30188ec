"""A node found again by its span: what runs a part of a script names it by offsets."""

from __future__ import annotations

from msh.syntax.walk import children

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from msh.syntax.nodes import Node, Script

    N = TypeVar("N", bound=Node)


def locate(script: Script, start: int, end: int, kind: type[N] | tuple[type[N], ...]) -> N:
    """The outermost node of a kind with exactly this span. Raises ValueError when there is none.

    Only nodes around the span are visited, so the cost is that of the nesting and not of the text.
    """
    stack: list[Node] = [script]
    while stack:
        node = stack.pop()
        if node.start == start and node.end == end and isinstance(node, kind):
            return node
        stack += [child for child in reversed(children(node)) if child.start <= start and end <= child.end]
    kinds = kind if isinstance(kind, tuple) else (kind,)
    raise ValueError(f"no {' or '.join([one.__name__ for one in kinds])} at {start}-{end}")
