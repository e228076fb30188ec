r"""POSIX extended regular expressions on Python's engine, where the C library's cannot be called.

What is quoted in the word stands for itself. Where the two kinds of expression differ, the POSIX one is written out
anew: brackets and classes, `\<`, `\>`, `{` that is no interval, `$` at the very end only. POSIX wants the longest
of the leftmost matches; with alternatives Python takes the first that fits, so a longer end is looked for then.
"""

from __future__ import annotations

import re

from msh.expand.brackets import parse_bracket
from msh.expand.regular import BadExpression
from msh.source import decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from msh.expand.fields import Segment

_interval = re.compile(r"\{([0-9]*)(,?)([0-9]*)\}").match
_ESCAPES = {
    "w": r"\w",
    "W": r"\W",
    "s": r"\s",
    "S": r"\S",
    "b": r"\b",
    "B": r"\B",
    "<": r"\b(?=\w)",
    ">": r"\b(?<=\w)",
    "`": r"\A",
    "'": r"\Z",
}
_LOOKED_FURTHER = 4096  # characters behind a match in which a longer one is looked for


class PythonExpression:
    """A compiled expression; by bytes, it works on texts with one character for each byte."""

    __slots__ = ("_alternatives", "_by_bytes", "_expression")

    def __init__(self, segments: Sequence[Segment], *, nocase: bool, by_bytes: bool) -> None:
        if by_bytes:
            segments = [(encode(part).decode("latin-1"), quoted) for part, quoted in segments]
        text = "".join([part for part, _ in segments])
        quoted = bytearray()
        for part, is_quoted in segments:
            quoted += (b"\1" if is_quoted else b"\0") * len(part)
        source = _Translator(text, quoted, nocase, by_bytes).source()
        try:
            self._expression = re.compile(source, re.DOTALL | (re.IGNORECASE if nocase else 0))
        except (re.error, OverflowError, RecursionError) as error:
            raise BadExpression(str(error)) from None
        self._by_bytes = by_bytes
        self._alternatives = "|" in source or "?" in source or "*" in source

    def search(self, text: str) -> list[str] | None:
        """The leftmost longest match and its groups, as BASH_REMATCH has them; None without a match."""
        if self._by_bytes:
            text = encode(text).decode("latin-1")
        found = self._expression.search(text)
        if found is None:
            return None
        if self._alternatives:
            found = self._longest(text, found)
        groups = [found[0], *[group or "" for group in found.groups()]]
        return [decode(group.encode("latin-1")) for group in groups] if self._by_bytes else groups

    def _longest(self, text: str, found: re.Match[str]) -> re.Match[str]:
        start = found.start()
        for end in range(min(len(text), found.end() + _LOOKED_FURTHER), found.end(), -1):
            if text[end - 1] == "\n" and end == len(text):
                continue
            longer = self._fullmatch(text, start, end)
            if longer is not None:
                return longer
        return found

    def _fullmatch(self, text: str, start: int, end: int) -> re.Match[str] | None:
        # An end given to fullmatch would count as the text's end for `$`, so only the true end may do.
        if end < len(text) and "\\Z" in self._expression.pattern:
            return None
        return self._expression.fullmatch(text, start, end)


class _Translator:
    __slots__ = ("by_bytes", "depth", "nocase", "out", "quoted", "text")

    def __init__(self, text: str, quoted: bytearray, nocase: bool, by_bytes: bool) -> None:
        self.text = text
        self.quoted = quoted
        self.nocase = nocase
        self.by_bytes = by_bytes
        self.out: list[str] = []
        self.depth = 0

    def source(self) -> str:
        at = 0
        while at < len(self.text):
            at = self._next(at)
        if self.depth:
            raise BadExpression("unmatched ( or \\(")
        return "".join(self.out)

    def _next(self, at: int) -> int:
        character = self.text[at]
        if self.quoted[at]:
            self.out.append(re.escape(character))
            return at + 1
        if character == "[":
            bracket = parse_bracket(self.text, self.quoted, at, nocase=self.nocase, by_bytes=self.by_bytes)
            if bracket is None:
                raise BadExpression("unmatched [")
            self.out.append(bracket[0])
            return bracket[1]
        if character == "\\":
            return self._escape(at)
        if character == "{":
            return self._interval(at)
        self._plain(character)
        return at + 1

    def _plain(self, character: str) -> None:
        if character == "(":
            self.depth += 1
        elif character == ")":
            if self.depth == 0:
                character = "\\)"
            else:
                self.depth -= 1
        elif character in "*+?":
            self._repeat(character)
            return
        elif character == "^":
            character = "\\A"
        elif character == "$":
            character = "\\Z"
        elif character not in ".|":
            character = re.escape(character)
        self.out.append(character)

    def _repeat(self, operator: str) -> None:
        """A repetition of nothing stands for itself at the start, and is one repetition after another."""
        if not self.out or self.out[-1] in ("(", "|", "\\A"):
            if operator != "*":
                raise BadExpression("invalid preceding regular expression")
            self.out.append("\\*")
        elif self.out[-1][0] in "*+?{" and self.out[-1] != "\\*":
            start = self._operand_start()
            self.out[start:] = [f"(?:{''.join(self.out[start:])})", operator]
        else:
            self.out.append(operator)

    def _operand_start(self) -> int:
        """Where the operand of the last repetition begins in `out`."""
        at = len(self.out) - 2
        if self.out[at] != ")":
            return at
        depth = 0
        while at >= 0:
            depth += {")": 1, "(": -1}.get(self.out[at], 0)
            if depth == 0:
                break
            at -= 1
        return at

    def _escape(self, at: int) -> int:
        following = self.text[at + 1 : at + 2]
        if not following:
            raise BadExpression("trailing backslash")
        if following in _ESCAPES:
            self.out.append(_ESCAPES[following])
        elif following in "123456789":
            self.out.append(f"(?:\\{following})")
        else:
            self.out.append(re.escape(following))
        return at + 2

    def _interval(self, at: int) -> int:
        found = _interval(self.text, at)
        if found is None or not (found[1] or found[2]):
            self.out.append("\\{")
            return at + 1
        low, comma, high = found.groups()
        self._repeat("{" + (low or "0") + comma + high + "}")
        return found.end()
