"""Fields in the making: what words expand to, cut by IFS (POSIX XCU 2.6.5).

A field is a list of segments, each quoted or not, until all words of a command are expanded; only then pathname
expansion looks at those with unquoted pattern characters, as in bash (`echo * $(touch x)` lists `x`).

Cutting goes across segments: in `$a$b` a delimiter may begin in one value and end in the next. So the state after a
segment says how the last field ended, by white space alone or by another delimiter.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

Segment: TypeAlias = "tuple[str, bool]"
"""Text and whether it is quoted."""

DEFAULT_IFS = " \t\n"

_OPEN = 0  # a field is being filled
_BY_SPACE = 1  # the last field ended by white space: one other delimiter may still belong to that end
_BY_DELIMITER = 2  # …by another delimiter, or no field of this word has begun

search_pattern_character = re.compile(r"[*?\[]|[@+!]\(").search
search_special = re.compile(r"[ \t\n*?\[]|[@+!]\(").search
"""Finds what keeps a value from being one field as it is, under the default IFS."""


class Delimiters:
    """The delimiters that one value of IFS makes."""

    __slots__ = ("cut", "first", "ifs", "others", "spaces")

    def __init__(self, ifs: str) -> None:
        self.ifs = ifs
        self.first = ifs[:1]
        self.spaces = "".join([c for c in ifs if c in DEFAULT_IFS])
        self.others = "".join([c for c in ifs if c not in DEFAULT_IFS])
        self.cut = self._cutter()

    def _cutter(self) -> Callable[[str], list[str]]:
        if len(self.others) == 1 and not self.spaces:
            delimiter = self.others
            return lambda text: text.split(delimiter)
        if not self.ifs:
            return lambda text: [text]
        space = f"[{re.escape(self.spaces)}]"
        if not self.others:
            return re.compile(f"{space}+").split
        other = f"[{re.escape(self.others)}]"
        if not self.spaces:
            return re.compile(other).split
        return re.compile(f"{space}*{other}{space}*|{space}+").split


_known: dict[str | None, Delimiters] = {None: Delimiters(DEFAULT_IFS)}
default_delimiters = _known[None]


def delimiters(ifs: str | None) -> Delimiters:
    """The delimiters of IFS; None is unset, which means the default."""
    found = _known.get(ifs)
    if found is None:
        if len(_known) > 64:
            _known.clear()
            _known[None] = default_delimiters
        found = _known[ifs] = Delimiters(ifs or "")
    return found


class Fields:
    """The fields of a command's words so far: `done`, and the one being filled."""

    __slots__ = ("_segments", "_state", "delimiters", "done", "patterns", "vanished")

    def __init__(self, ifs: str | None) -> None:
        self.delimiters = default_delimiters if ifs is None else delimiters(ifs)
        self.done: list[str | list[Segment]] = []
        self.patterns = False  # some member of `done` is a list: a field with unquoted pattern characters
        self.vanished = False  # a list without elements stood in the double quotes in hand
        self._segments: list[Segment] = []
        self._state = _BY_DELIMITER

    def quoted(self, text: str) -> None:
        """Text as it is; even empty it makes a field."""
        self._state = _OPEN
        if text:
            self._segments.append((text, True))

    def literal(self, text: str) -> None:
        """Unquoted text of the script: not cut, but its pattern characters count."""
        self._state = _OPEN
        self._segments.append((text, False))

    def split(self, text: str) -> None:
        """What an unquoted expansion gave."""
        if not text:
            return
        if not self.delimiters.ifs:
            self.literal(text)
            return
        pieces = self.delimiters.cut(text)
        first = pieces[0]
        if first:
            self.literal(first)
        if len(pieces) == 1:
            return
        if not first:
            self._leading_delimiter(text)
        else:
            self.end()
        self._whole(pieces, text)
        last = pieces[-1]
        if last:
            self.literal(last)
        else:
            self._state = self._kind_of_last_delimiter(text)

    def _whole(self, pieces: list[str], text: str) -> None:
        """The pieces but the first and the last: each is a field."""
        if len(pieces) == 2:
            return
        if search_pattern_character(text) is None:
            self.done += pieces[1:-1]
            return
        for piece in pieces[1:-1]:
            if search_pattern_character(piece) is None:
                self.done.append(piece)
            else:
                self.done.append([(piece, False)])
                self.patterns = True

    def _leading_delimiter(self, text: str) -> None:
        """A value that begins with a delimiter ends the field in hand, or adds to the delimiter before."""
        limits = self.delimiters
        body = text.lstrip(limits.spaces) if limits.others else ""
        by_space = not body or body[0] not in limits.others
        if self._state == _OPEN:
            self.end()
        elif not by_space:
            if self._state == _BY_DELIMITER:
                self.done.append("")
            self._state = _BY_DELIMITER

    def _kind_of_last_delimiter(self, text: str) -> int:
        limits = self.delimiters
        if not limits.others:
            kept = self._state if text.strip(limits.spaces) == "" else _BY_SPACE
            return kept if kept != _OPEN else _BY_SPACE
        body = text.rstrip(limits.spaces)
        if body == "":
            return _BY_SPACE if self._state == _OPEN else self._state
        return _BY_DELIMITER if body[-1] in limits.others else _BY_SPACE

    def end(self) -> None:
        """Ends the field in hand, which may be empty."""
        segments = self._segments
        self._state = _BY_SPACE
        if not segments:
            self.done.append("")
            return
        self._segments = []
        for text, quoted in segments:
            if not quoted and search_pattern_character(text) is not None:
                self.done.append(segments)
                self.patterns = True
                return
        self.done.append(segments[0][0] if len(segments) == 1 else "".join([text for text, _ in segments]))

    def cut_off(self) -> None:
        """Ends the field in hand if there is one: what follows begins another."""
        if self._state == _OPEN:
            self.end()

    def end_word(self) -> None:
        """Ends the word: its last field too, when there is one."""
        if self._state == _OPEN:
            self.end()
        self._state = _BY_DELIMITER
