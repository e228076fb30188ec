"""How much more disk space directories take than before: what a limit of `disk` adds up where no file system can.

Looking at a tree takes time, so the free space of its file system is asked first, often: a tree cannot have grown by
more than was taken there, unless somebody else has given something back, for which it is looked at now and then anyway.
"""

from __future__ import annotations

import marshal
import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_SOON, _SELDOM = 0.02, 1.0  # seconds between two questions for free space, and two looks at the trees
_SHARE = 20  # a look at the trees may take one in so many seconds
_BLOCK = 512  # bytes in the unit of st_blocks (stat(3type))


class Growth:
    """Directories and files, and what they took when this was made, or when `before` says."""

    def __init__(self, places: Iterable[str], limit: int, before: int | None = None) -> None:
        """`limit` is how many bytes more they may take together."""
        self.places = outermost(places)
        self.limit = limit
        self._cost = 0.0
        self._hidden = 0  # directories that could not be looked into
        self.before = self._taken() if before is None else before
        self._hidden_before = self._hidden
        self._left = limit  # bytes, when it was looked last
        self._free = self._free_at_first = self._free_space()
        self._looked = time.monotonic() if before is None else 0.0

    def write(self, path: str) -> None:
        """Write it down, for another process to look. Raises OSError."""
        with open(path, "xb") as file:
            file.write(marshal.dumps((self.places, self.limit, self.before)))

    @classmethod
    def read(cls, path: str) -> Growth:
        """What was written down. Raises OSError."""
        with open(path, "rb") as file:
            return cls(*marshal.loads(file.read()))

    def bytes(self) -> int:
        """How much they have grown, by a look at all of them."""
        self._hidden = 0
        self._looked, self._free = time.monotonic(), self._free_space()
        grown = self._taken() - self.before
        self._cost = time.monotonic() - self._looked
        if self._hidden > self._hidden_before:  # somebody made a directory that nobody may look into
            grown = max(grown, self._free_at_first - self._free)
        self._left = self.limit - grown
        return grown

    def check(self) -> float:
        """0.0 when they have grown beyond the limit, else the seconds until it is worth while to ask again."""
        often = _SELDOM if self._cost * _SHARE < _SELDOM else self._cost * _SHARE
        taken = self._free - self._free_space()
        if taken < self._left // 2 and time.monotonic() - self._looked < often:
            return _SOON
        return 0.0 if self.bytes() > self.limit else _SOON

    def _free_space(self) -> int:
        """Bytes that are free on the file systems of the places."""
        found: dict[int, int] = {}
        for place in self.places:
            try:
                system = os.statvfs(place)
                found[os.stat(place).st_dev] = system.f_bfree * system.f_frsize
            except OSError:
                continue  # it has been removed
        return sum(found.values())

    def _taken(self) -> int:
        """Bytes of disk space that all of it takes; a file with several names counts once."""
        total = 0
        seen: set[tuple[int, int]] = set()
        waiting = list(self.places)
        while waiting:
            path = waiting.pop()
            try:
                found = os.lstat(path)
                if (found.st_mode & 0o170000) == 0o040000:
                    waiting += [entry.path for entry in os.scandir(path)]
            except FileNotFoundError:
                continue  # it was removed meanwhile
            except OSError:
                self._hidden += 1
                continue
            if found.st_nlink > 1:
                if (found.st_dev, found.st_ino) in seen:
                    continue
                seen.add((found.st_dev, found.st_ino))
            total += found.st_blocks * _BLOCK
        return total


def outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """Each path that lies in no other of them."""
    kept: list[str] = []
    for path in sorted({os.path.realpath(path) for path in paths}, key=len):
        if not any(path == above or path.startswith(f"{above}/") for above in kept):
            kept.append(path)
    return tuple(kept)
