"""Where the characters of a text stand in another one, in which words were replaced by other text (aliases)."""

from __future__ import annotations

from bisect import bisect_right

from msh.syntax.embedded import Offsets


class Edits(Offsets):
    """`begins[i]` to `ends[i]` took the place of `stands[i]`: the span of a word in the original text.

    All that was put in stands, for messages, where the word stood. Replacements come in order; one that begins inside
    of what the last one put in makes that longer.
    """

    def __init__(self) -> None:
        super().__init__(0)
        self.begins: list[int] = []
        self.ends: list[int] = []
        self.stands: list[tuple[int, int]] = []

    def replace(self, start: int, stop: int, length: int) -> None:
        """`length` characters take the place of those from `start` to `stop`; offsets are in the edited text."""
        if not self.begins or start >= self.ends[-1]:
            self.stands.append((self.start(start), self.start(stop)))
            self.begins.append(start)
            self.ends.append(start + length)
            return
        if stop > self.ends[-1]:
            self.stands[-1] = self.stands[-1][0], self.start(stop)
            self.ends[-1] = stop
        self.ends[-1] += length - (stop - start)

    def inside(self, offset: int) -> bool:
        """Whether the character at this offset was put in."""
        index = bisect_right(self.begins, offset) - 1
        return index >= 0 and offset < self.ends[index]

    def start(self, offset: int) -> int:
        index = bisect_right(self.begins, offset) - 1
        if index < 0:
            return offset
        stands = self.stands[index]
        return stands[0] if offset < self.ends[index] else offset - self.ends[index] + stands[1]

    def end(self, offset: int) -> int:
        index = bisect_right(self.begins, offset - 1) - 1
        if index < 0:
            return offset
        stands = self.stands[index]
        return stands[1] if offset <= self.ends[index] else offset - self.ends[index] + stands[1]
