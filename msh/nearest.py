"""The known name that a mistyped one was probably meant to be."""

from __future__ import annotations

TYPE_CHECKING = False  # as `typing` has it, without importing that
if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is fewest edits away: at most one for a short name, two from five characters on."""
    limit = 1 if len(name) < 5 else 2
    near = [each for each in known if abs(len(each) - len(name)) <= limit and each != name]
    best = min(((edits(name, each, limit), each) for each in near), default=(limit + 1, ""))
    return best[1] if best[0] <= limit and best[0] < len(name) else None


def edits(first: str, second: str, limit: int) -> int:
    """Insertions, deletions, replacements and swaps of neighbours between two names; `limit` + 1 when more.

    Stops as soon as the limit is passed, so a script full of unknown names costs little.
    """
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
    return min(row[-1], limit + 1)
