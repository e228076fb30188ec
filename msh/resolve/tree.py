"""The simple commands of a tree, and the functions it defines."""

from __future__ import annotations

from msh.catalog.layers import SYSTEM
from msh.syntax.nodes import (
    Arithmetic,
    Assignment,
    CommandSubstitution,
    DoubleQuoted,
    Escaped,
    FunctionDefinition,
    Literal,
    Parameter,
    ProcessSubstitution,
    SimpleCommand,
    SingleQuoted,
    Word,
)
from msh.syntax.walk import children

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.syntax.nodes import Node, WordPart


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


def extends_path(command: SimpleCommand) -> bool:
    """Whether a command gives PATH a directory that is not the system's, where scripts may lie."""
    for part in (*command.assignments, *command.words):
        if type(part) is Assignment and part.name == "PATH" and isinstance(part.value, Word):
            text = _directories(part.value.parts)
            return text is None or any(each.rstrip("/") not in SYSTEM for each in text.split(":") if each)
    return False


def _directories(parts: tuple[WordPart, ...]) -> str | None:
    """The text of a value of PATH without what it was before; None when it is not known."""
    found = ""
    for part in parts:
        if isinstance(part, Literal | Escaped | SingleQuoted):
            found += part.text
        elif isinstance(part, DoubleQuoted):
            inner = _directories(part.parts)
            if inner is None:
                return None
            found += inner
        elif not (isinstance(part, Parameter) and part.name == "PATH"):
            return None
    return found
