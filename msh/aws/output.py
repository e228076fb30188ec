"""A stream of output on its way from a script to the store: bounded in memory, whatever its length."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from msh.aws.commit import INLINE, Piece

if TYPE_CHECKING:
    from msh.aws.store import Store


class Output:
    """One stream of a region. `piece` is what it came to, `tail` its last bytes; both are right once it was drained."""

    def __init__(self, store: Store, key: str, tail: int) -> None:
        self._store, self._key, self._most = store, key, tail
        self.piece: Piece | None = None
        self.tail = b""

    def drain(self, file: IO[bytes]) -> None:
        """Read a pipe to its end: what is short is kept, all else goes to the store as it comes."""
        start = b""
        while len(start) <= INLINE and (chunk := file.read(INLINE + 1 - len(start))):
            start += chunk
        if len(start) <= INLINE:
            self.tail = start[-self._most :]
            self.piece = Piece(len(start), data=start) if start else None
            return
        stream = _Tailed(start, file, self._most)
        self._store.put(self._key, stream)
        self.tail = stream.tail
        self.piece = Piece(stream.size, self._key)


class _Tailed:
    """What was read already, then the rest; it counts, and remembers the end."""

    def __init__(self, start: bytes, file: IO[bytes], most: int) -> None:
        self._start, self._file, self._most = start, file, most
        self.size = 0
        self.tail = b""

    def read(self, size: int = -1) -> bytes:
        if self._start:
            data, self._start = self._start[:size], self._start[size:]
        else:
            data = self._file.read(size)
        self.size += len(data)
        self.tail = data[-self._most :] if len(data) >= self._most else (self.tail + data)[-self._most :]
        return data
