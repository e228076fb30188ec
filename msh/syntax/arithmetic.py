"""Expressions: the text of `$(( ))` to a tree, by arithmetic.lark."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.syntax.nodes import Expression, WordPart


def expression_of(parts: tuple[WordPart, ...], start: int, end: int) -> Expression | None:
    """The tree of an arithmetic text; None if it can be parsed only after expansion, or not at all."""
    return None
