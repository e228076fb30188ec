"""The smallest program that still does what a random one was found to do.

`reduced(text, differs)` takes parts of the tree away, largest first, for as long as `differs` says that what is left
still shows the fault. A part that cannot go is replaced by one that stands in it: a loop by its body, a word by `x`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msh.diagnostics import MshError
from msh.source import Source
from msh.syntax import nodes, parse, walk

TRIES = 600


def reduced(text: str, differs: Callable[[str], bool], tries: int = TRIES) -> str:
    """`text` made smaller, at most `tries` questions asked."""
    seen = {text}
    while tries > 0:
        for candidate in _smaller(text):
            if candidate in seen:
                continue
            seen.add(candidate)
            tries -= 1
            if tries <= 0 or differs(candidate):
                break
        else:
            return text
        if tries > 0:
            text = candidate
    return text


def _smaller(text: str) -> Iterator[str]:
    """Texts with one part less, the smallest first."""
    script = parse(Source("reduced", text))
    found = set()
    for node in walk(script):
        whole = text[node.start : node.end]
        for instead in _instead(node, text):
            if len(instead) < len(whole):
                found.add(text[: node.start] + instead + text[node.end :])
    for candidate in sorted(found, key=len):
        lines = "\n".join([line for line in candidate.split("\n") if line.strip()]) + "\n"
        if _parses(lines):
            yield lines
        elif _parses(candidate):
            yield candidate


def _instead(node: nodes.Node, text: str) -> Iterator[str]:
    def slice_(part: nodes.Node) -> str:
        return text[part.start : part.end]

    if isinstance(node, (nodes.Statement, nodes.Redirect, nodes.Assignment, nodes.CaseItem)):
        yield ""
        yield ":"
    if isinstance(node, nodes.SimpleCommand):
        for word in node.words[1:]:  # not its name: what is left should still be about the same thing
            yield text[node.start : word.start] + text[word.end : node.end]
            yield f"{text[node.start : word.start]}x{text[word.end : node.end]}"
    if isinstance(node, (nodes.AndOr, nodes.Pipeline)):
        for index, command in enumerate(node.commands):
            yield slice_(command)
            if len(node.commands) > 2:
                between = [slice_(other) for at, other in enumerate(node.commands) if at != index]
                yield (" | " if isinstance(node, nodes.Pipeline) else f" {node.operators[0]} ").join(between)
    for body in _bodies(node):
        if body:
            yield text[body[0].start : body[-1].end]


def _bodies(node: nodes.Node) -> Iterator[tuple[nodes.Statement, ...]]:
    for field in ("body", "condition", "orelse"):
        value = getattr(node, field, None)
        if isinstance(value, tuple):
            yield value
    for part in (*getattr(node, "branches", ()), *getattr(node, "items", ())):
        yield from _bodies(part)


def _parses(text: str) -> bool:
    try:
        parse(Source("reduced", text))
    except MshError:
        return False
    return True
