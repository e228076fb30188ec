"""Line continuations inside of a token: `i\\<newline>f`, `&\\<newline>&`, `$\\<newline>x`.

POSIX (XCU 2.2.1) removes them before it looks for tokens. They cannot be removed beforehand, because in single quotes,
comments and quoted here-documents they are no continuations, and only the lexer knows these. So the lexer notes those
that it meets inside of a token; if there are any, they are cut out and the text is read again, and in the end the
offsets are put right. Such texts are rare, so nobody else pays.
"""

from __future__ import annotations

from msh.syntax.embedded import Offsets
from msh.syntax.parser import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from msh.syntax.lexer import Lexer

#: A text that is wrong right after each of its continuations would be read once for each.
PASSES = 12


def read_again(text: str, first: Lexer) -> tuple[tuple[Any, ...], Lexer]:
    """The nodes of a text in which `first` met such continuations, and a lexer with its comments and where it came to.

    Raises Problem.
    """
    cuts: set[int] = set()
    lexer, offsets = first, Offsets(0)
    for _ in range(PASSES):
        cuts.update([offsets.start(joint) for joint in lexer.joints])
        clean, offsets = _cut(text, sorted(cuts))
        lexer = first.again(clean)
        problem = None
        try:
            nodes = lexer.run()
        except Problem as found:
            problem = found
        if not lexer.joints:
            break
    if problem:
        offsets.move(problem)
        raise problem
    offsets.relocate(nodes)
    offsets.relocate(lexer.comments)
    lexer.pos = offsets.start(lexer.pos)
    return nodes, lexer


def _cut(text: str, cuts: list[int]) -> tuple[str, Offsets]:
    offsets, pieces, done, length = Offsets(0), [], 0, 0
    for cut in cuts:
        pieces.append(text[done:cut])
        length += cut - done
        done = cut + 2
        offsets.cut(length, 2)
    pieces.append(text[done:])
    return "".join(pieces), offsets
