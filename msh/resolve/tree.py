"""The simple commands of a tree, and the functions it defines."""

from __future__ import annotations

from msh.syntax.nodes import Arithmetic, CommandSubstitution, FunctionDefinition, ProcessSubstitution, SimpleCommand
from msh.syntax.walk import children

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.syntax.nodes import Node


def commands(root: Node) -> Iterator[tuple[SimpleCommand, str]]:
    """Every simple command below a node with its context, in the order of the text.

    An arithmetic text holds its expansions twice, as parts and in its expression. Only the parts are followed:
    following both would take time exponential in the nesting.
    """
    stack: list[tuple[Node, str]] = [(root, "")]
    while stack:
        node, context = stack.pop()
        if isinstance(node, SimpleCommand):
            yield node, context
        elif isinstance(node, FunctionDefinition):
            context = f"function {node.name}"
        elif isinstance(node, CommandSubstitution | ProcessSubstitution):
            context = "substitution"
        below = list(node.parts) if isinstance(node, Arithmetic) else children(node)
        stack += [(child, context) for child in reversed(below)]


def defined_functions(root: Node) -> set[str]:
    """The names of all functions defined anywhere below a node."""
    names: set[str] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, FunctionDefinition):
            names.add(node.name)
        stack += list(node.parts) if isinstance(node, Arithmetic) else children(node)
    return names
