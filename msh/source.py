"""Script text, where it came from, and positions in it.

Text is `str`, decoded as UTF-8 with `surrogateescape`, so any byte survives from a file to a command's argument.
Positions are offsets into that text; lines and columns are computed only when something is printed.
"""

from __future__ import annotations

import os

from msh.record import Record


class Source(Record):
    """A script's text.

    `name` is what messages show (a path, `-c`, `standard input`); `path` is the file it was read from, if any. A text
    inside another (of `eval`, of a trap) may go on with the other's line numbers from `first_line`; `origin` is then
    the other's name.
    """

    name: str
    text: str
    path: str | None = None
    first_line: int = 1
    origin: str = ""

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1; columns count code points."""
        line = self.text.count("\n", 0, offset) + self.first_line
        return line, offset - self.text.rfind("\n", 0, offset)

    def line(self, number: int) -> str:
        """One line, from `first_line`, without its end."""
        lines = self.text.split("\n")
        index = number - self.first_line
        return lines[index] if 0 <= index < len(lines) else ""


def decode(data: bytes) -> str:
    """Bytes as text that `encode` turns back into the same bytes."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The bytes that `decode` read."""
    return os.fsencode(text) if text.isascii() else text.encode("utf-8", "surrogateescape")


def beyond_unicode(value: int) -> bytes:
    """UTF-8 as it was first defined, for code points that are none; bash writes them too."""
    for size, first in ((3, 0xE0), (4, 0xF0), (5, 0xF8), (6, 0xFC)):
        if value < 1 << (5 * size + 1):
            tail = [0x80 | (value >> (6 * i)) & 0x3F for i in range(size - 2, -1, -1)]
            return bytes([first | value >> (6 * (size - 1)), *tail])
    return b""
