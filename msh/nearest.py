"""The known name that a mistyped one was probably meant to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 64  # characters: nobody mistypes longer names, and the cost is quadratic


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name with the fewest edits, at most one for every three characters; of equals, the first by name."""
    if len(name) > LONGEST:
        return None
    limit = max(1, len(name) // 3)
    near = [candidate for candidate in known if abs(len(candidate) - len(name)) <= limit]
    best = min(((distance(name, candidate), candidate) for candidate in near), default=(limit + 1, ""))
    return best[1] if best[0] <= limit and best[0] < len(name) else None


def distance(a: str, b: str) -> int:
    """Insertions, deletions, changes and swaps of neighbours that turn `a` into `b` (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, previous, row = row, before, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
    return row[-1]
