"""The nearest known name to one that was mistyped."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The known name that is fewest edits away: at most one for a short name, two from five characters on."""
    limit = 1 if len(name) < 5 else 2
    best: tuple[int, str] | None = None
    for known in sorted(names):
        if abs(len(known) - len(name)) <= limit and known != name:
            distance = edits(name, known, limit)
            if distance <= limit and (best is None or distance < best[0]):
                best = distance, known
    return best[1] if best else None


def edits(first: str, second: str, limit: int) -> int:
    """Insertions, deletions, replacements and swaps of neighbours between two names; `limit` + 1 when more."""
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        current = [i]
        for j, b in enumerate(second, 1):
            cost = min(row[j] + 1, current[-1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and first[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before, row = row, current
    return row[-1]
