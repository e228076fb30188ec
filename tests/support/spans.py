"""What must hold of the offsets of every tree."""

from __future__ import annotations

import re
from itertools import pairwise

from msh.syntax.nodes import HereDocument, Literal, Node, Script
from msh.syntax.walk import children, walk


def span_errors(script: Script, text: str) -> list[str]:
    """Where a child does not lie in its parent, brothers overlap or are out of order, or a literal is not its text.

    The body of a here-document comes after the command that it belongs to. In backquotes and `<<-` bodies, backslashes
    and tabs were taken out of the text, so literals are compared without them.
    """
    found = []
    for node in walk(script):
        if isinstance(node, Literal) and bare(node.text) != bare(text[node.start : node.end]):
            found.append(f"{node} is not {text[node.start : node.end]!r}")
        if not 0 <= node.start <= node.end <= len(text):
            found.append(f"{node} is not in the text")
        for child in children(node):
            if not isinstance(child, HereDocument) and not node.start <= child.start <= child.end <= node.end:
                found.append(f"{type(child).__name__} {child.start}-{child.end} is not in {describe(node)}")
        for field in type(node).__match_args__:
            value = getattr(node, field)
            if isinstance(value, tuple) and all(isinstance(item, Node) for item in value):
                for before, after in pairwise(value):
                    if before.end > after.start:
                        found.append(f"{describe(before)} overlaps {describe(after)}")
    return found


def describe(node: Node) -> str:
    return f"{type(node).__name__} {node.start}-{node.end}"


def bare(text: str) -> str:
    """Without what may not be in both; a here-document that ends with the text gets a newline that is not there."""
    return re.sub(r"[\\\t]", "", text.replace("\\\n", "")).removesuffix("\n")
