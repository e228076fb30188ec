"""A tree as text, for cases: one node a line, its plain fields beside it, its children indented below.

A word of one literal is shown as its text in quotes. Spans are left out; unit tests check those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.syntax.nodes import Literal, Node, Word

if TYPE_CHECKING:
    from collections.abc import Iterator


def tree_text(node: Node) -> str:
    """The tree below a node; of a script its statements."""
    return "".join([line + "\n" for child in _children(node) for line in _lines(*child, indent="")])


def _lines(field: str, node: Node, indent: str) -> Iterator[str]:
    match node:
        case Word(parts=(Literal(text=text),)):
            yield f"{indent}{field}: {text!r}"
        case _:
            plain = "".join([f" {name}={value!r}" for name, value in _plain(node)])
            yield f"{indent}{field}: {type(node).__name__}{plain}"
            for child_field, child in _children(node):
                yield from _lines(child_field, child, indent + "  ")


def _fields(node: Node) -> list[tuple[str, object]]:
    return [(name, getattr(node, name)) for name in type(node).__match_args__ if name not in ("start", "end")]


def _plain(node: Node) -> Iterator[tuple[str, object]]:
    """Fields that hold no nodes and are not at their default."""
    for name, value in _fields(node):
        default = type(node)._defaults.get(name, ())
        is_tree = isinstance(value, Node) or (isinstance(value, tuple) and any(isinstance(v, Node) for v in value))
        if not is_tree and value != default and value is not None:
            yield name, value


def _children(node: Node) -> Iterator[tuple[str, Node]]:
    for name, value in _fields(node):
        if isinstance(value, Node):
            yield name, value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Node):
                    yield name, item
