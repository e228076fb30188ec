"""Text inside of text: backquotes and the bodies of here-documents, from which backslashes or tabs are first taken out.

The clean text is parsed by a lexer of its own; then the offsets of the new nodes are put right, in place: nobody has
seen these nodes yet.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from msh.syntax.nodes import CommandSubstitution, Node
from msh.syntax.parser import Problem
from msh.syntax.walk import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from msh.syntax.reader import Reader


class Offsets:
    """Where the characters of a clean text stand in the text that it comes from.

    `cuts[i]` is an offset in the clean text before which, in total, `removed[i]` characters were taken out.
    """

    def __init__(self, base: int) -> None:
        self.base = base
        self.cuts: list[int] = []
        self.removed: list[int] = []

    def cut(self, at: int, count: int) -> None:
        """`count` characters are missing before the clean text's offset `at`; called in order."""
        self.cuts.append(at)
        self.removed.append(count + (self.removed[-1] if self.removed else 0))

    def start(self, offset: int) -> int:
        index = bisect_right(self.cuts, offset)
        return self.base + offset + (self.removed[index - 1] if index else 0)

    def end(self, offset: int) -> int:
        """As `start`, for an offset after the last character that is meant."""
        return self.start(offset - 1) + 1 if offset else self.base

    def move(self, problem: Problem) -> None:
        empty = problem.start == problem.end
        problem.start = self.start(problem.start)
        problem.end = problem.start if empty else self.end(problem.end)
        if problem.opened:
            problem.opened = self.start(problem.opened[0]), self.end(problem.opened[1])

    def relocate(self, nodes: Iterable[Node]) -> None:
        set_start, set_end = Node.__dict__["start"].__set__, Node.__dict__["end"].__set__
        for top in nodes:
            for node in walk(top):
                start = self.start(node.start)
                set_end(node, self.end(node.end) if node.end > node.start else start)
                set_start(node, start)


def parse_embedded(outer: Reader, text: str, offsets: Offsets, symbol: str, end: str) -> tuple[Any, ...]:
    """The value of a clean text; its comments go to the outer lexer's. `end` is what messages call its end."""
    lexer = outer.inner(text, symbol)
    try:
        nodes: tuple[Any, ...] = lexer.run()
    except Problem as problem:
        offsets.move(problem)
        problem.message = problem.message.replace("end of input", end)
        problem.incomplete = False
        raise
    finally:
        outer.joints.update([offsets.start(joint) for joint in lexer.joints])
    offsets.relocate(nodes)
    offsets.relocate(lexer.comments)
    outer.comments += lexer.comments
    return nodes


def backquoted(outer: Reader, start: int, end: int, quoted: bool) -> CommandSubstitution:
    """The backquotes at this span. A backslash there quotes `$`, a backquote, itself, and `"` inside double quotes.

    One before a newline takes that away, also where single quotes would keep both.
    """
    raw = outer.text[start + 1 : end - 1]
    offsets = Offsets(start + 1)
    pieces: list[str] = []
    done = length = 0
    for match in re.finditer(r'\\([$`\\"\n])' if quoted else r"\\([$`\\\n])", raw) if "\\" in raw else ():
        pieces.append(raw[done : match.start()])
        length += match.start() - done
        done = match.end()
        if match[1] == "\n":
            offsets.cut(length, 2)
            continue
        offsets.cut(length, 1)
        pieces.append(match[1])
        length += 1
    pieces.append(raw[done:])
    body = parse_embedded(outer, "".join(pieces), offsets, "script", "the closing backquote")
    return CommandSubstitution(start, end, body, True)
