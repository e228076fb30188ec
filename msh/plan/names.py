"""Names of regions, for people: `L12-sort`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msh.render import plain
from msh.syntax import nodes as n

if TYPE_CHECKING:
    from msh.source import Source
    from msh.syntax.nodes import Node

LONGEST = 60
_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")


class Names:
    """Gives each region of a plan a name of its own."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.taken: set[str] = set()

    def name(self, node: Node) -> str:
        """From the line of a node and the command it begins with."""
        word = _UNFIT.sub("-", _first_word(node, self.source)).strip("-")
        line = self.source.position(node.start)[0]
        return self.unique(f"L{line}-{word}" if word else f"L{line}")

    def unique(self, wanted: str) -> str:
        """A name that no other region has: the same, or with a number."""
        wanted = wanted[: LONGEST - 6].rstrip("-")
        name, number = wanted, 2
        while name in self.taken:
            name, number = f"{wanted}-{number}", number + 1
        self.taken.add(name)
        return name

    def label(self, node: Node) -> str:
        """The first line of a node's text, cut when it is long."""
        text = plain(" ".join(self.source.text[node.start : node.end].split("\n", 1)[0].split()))
        return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _first_word(node: Node, source: Source) -> str:
    """`sort` of `LC_ALL=C sort x | uniq`, `if` of a clause, `x` of `x=1`."""
    while True:
        match node:
            case n.Statement(command=inner) | n.Redirected(command=inner):
                node = inner
            case n.AndOr(commands=(first, *_)) | n.Pipeline(commands=(first, *_)):
                node = first
            case n.SimpleCommand(words=(first, *_)):
                return source.text[first.start : first.end].rpartition("/")[2][:30]
            case n.SimpleCommand(assignments=(first, *_)):
                return first.name[:30]
            case _:
                return source.text[node.start : node.end].split(None, 1)[0][:30]
