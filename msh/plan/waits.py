"""`sleep` as a step of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.syntax import static_text
from msh.syntax.nodes import SimpleCommand, Word

if TYPE_CHECKING:
    from msh.plan.index import Index
    from msh.syntax.nodes import Node

LONGEST = 99_999_999  # seconds; beyond, and `infinity`, the command itself is run
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def is_sleep(node: Node, index: Index) -> bool:
    """Whether a command does nothing but wait for a time."""
    if not isinstance(node, SimpleCommand) or node.assignments or node.redirects or len(node.words) < 2:
        return False
    first = node.words[0]
    if not isinstance(first, Word) or static_text(first) != "sleep" or "sleep" in index.functions:
        return False
    if not any(use.command is node and use.spec.name == "sleep" for use in index.uses_of(node)):
        return False
    known = [static_text(word) if isinstance(word, Word) else None for word in node.words[1:]]
    return None in known or 1 <= (seconds_of(known) or 0) <= LONGEST


def whole_seconds(node: SimpleCommand) -> int | None:
    """How long it waits, when that is known and there is no fraction in it."""
    known = [static_text(word) if isinstance(word, Word) else None for word in node.words[1:]]
    seconds = None if None in known else seconds_of(known)
    return int(seconds) if seconds is not None and seconds == int(seconds) else None


def seconds_of(words: list[str | None]) -> float | None:
    """The sum of operands like `1.5`, `2m`; None for anything else."""
    total = 0.0
    for word in words[1:] if words[:1] == ["--"] else words:
        text = word or ""
        unit = _UNITS.get(text[-1:], 0)
        digits = text[:-1] if unit else text
        if not digits.isascii() or not digits.replace(".", "", 1).isdigit():
            return None
        total += float(digits) * (unit or 1)
    return total
