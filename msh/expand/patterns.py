"""Patterns (POSIX XCU 2.13): matched whole, at the start, at the end, or searched; always longest or shortest as asked.

A pattern is a list of tokens. Without extended globs it becomes a regular expression that runs in linear time:
between two stars the first match is as good as any, so nothing is tried twice (atomic groups). Ends are matched on
reversed text with the reversed pattern. Extended globs are matched by sets of positions, which gives `!(…)` its
meaning, finds the longest alternative, and cannot blow up.
"""

from __future__ import annotations

import re

from msh.expand.brackets import parse_bracket
from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from msh.expand.fields import Segment


class Run(Record):
    """Characters that stand for themselves."""

    text: str


class One(Record):
    """`?` or `[…]`: one character, by its regular expression."""

    source: str


class Star(Record):
    """`*`"""


class Group(Record):
    """`@(a|b)` and its like."""

    kind: str
    alternatives: tuple[tuple[Token, ...], ...]


Token: TypeAlias = "Run | One | Star | Group"
_STAR = Star()
_ANY = One(".")


class Pattern:
    """A pattern ready to match. `nocase` ignores case; `by_bytes` says that characters are bytes."""

    __slots__ = ("_full", "_longest", "_reverse", "_shortest", "chunks", "flags", "plain", "repeated", "tokens")

    def __init__(self, tokens: tuple[Token, ...], nocase: bool) -> None:
        self.tokens = tokens
        self.flags = re.DOTALL | (re.IGNORECASE if nocase else 0)
        self.plain = _plain(tokens) if not nocase else None
        self.chunks = _chunks(tokens)  # None with extended globs
        self.repeated = _repeated(tokens) if self.chunks is None else None
        self._full: Callable[[str], object] | None = None
        self._longest: Callable[[str, int], int | None] | None = None
        self._shortest: Callable[[str, int], int | None] | None = None
        self._reverse: Pattern | None = None

    def matches(self, text: str) -> bool:
        """Whether the whole text matches."""
        if self.plain is not None:
            return text == self.plain
        if self._full is None:
            self._full = self._make_full()
        return bool(self._full(text))

    def _make_full(self) -> Callable[[str], object]:
        source = self._source(_greedy)
        if source is not None:
            return re.compile(source + r"\Z", self.flags).match
        positions = Positions(self.flags)
        return lambda text: len(text) in positions.ends(self.tokens, text, {0})

    def _source(self, join: Callable[[list[str]], str]) -> str | None:
        """The regular expression that takes as much (`_greedy`) or as little (`_lazy`) as possible, if there is one."""
        if self.chunks is not None:
            return join(self.chunks)
        if self.repeated is None:
            return None
        return self.repeated[0 if join is _greedy else 1]

    def longest(self, text: str, start: int = 0) -> int | None:
        """The end of the longest match at `start`."""
        if self._longest is None:
            self._longest = self._make_prefix(_greedy, max)
        return self._longest(text, start)

    def shortest(self, text: str, start: int = 0) -> int | None:
        """The end of the shortest match at `start`."""
        if self._shortest is None:
            self._shortest = self._make_prefix(_lazy, min)
        return self._shortest(text, start)

    def _make_prefix(
        self, join: Callable[[list[str]], str], choose: Callable[[Iterable[int]], int]
    ) -> Callable[[str, int], int | None]:
        source = self._source(join)
        if source is not None:
            match = re.compile(source, self.flags).match

            def end_of_match(text: str, start: int) -> int | None:
                found = match(text, start)
                return None if found is None else found.end()

            return end_of_match
        positions = Positions(self.flags)

        def chosen(text: str, start: int) -> int | None:
            ends = positions.ends(self.tokens, text, {start})
            return choose(ends) if ends else None

        return chosen

    def reverse(self) -> Pattern:
        """The pattern that matches reversed text."""
        if self._reverse is None:
            self._reverse = Pattern(_reversed(self.tokens), bool(self.flags & re.IGNORECASE))
        return self._reverse

    def searcher(self) -> Callable[[str, int], tuple[int, int] | None]:
        """A function from text and start to the leftmost longest match; None when there is none any more."""
        chunks = self.chunks
        if chunks is None and self.repeated is not None and isinstance(self.tokens[-1], Group):
            chunks = [self.repeated[0]]
        if chunks is None:
            return self._search_positions
        head = re.compile(chunks[0], self.flags).search
        if len(chunks) == 1:

            def search(text: str, start: int) -> tuple[int, int] | None:
                found = head(text, start)
                return None if found is None else found.span()

            return search
        tail = re.compile(_greedy(["", *chunks[1:]]), self.flags).match

        def search_star(text: str, start: int) -> tuple[int, int] | None:
            # What follows the first star may begin anywhere after it: if it fails here, it fails further on.
            found = head(text, start)
            rest = None if found is None else tail(text, found.end())
            return None if found is None or rest is None else (found.start(), rest.end())

        return search_star

    def _search_positions(self, text: str, start: int) -> tuple[int, int] | None:
        for at in range(start, len(text) + 1):
            end = self.longest(text, at)
            if end is not None:
                return at, end
        return None


def _plain(tokens: Sequence[Token]) -> str | None:
    """The one text a pattern matches, if it is without special characters."""
    if not tokens:
        return ""
    return tokens[0].text if len(tokens) == 1 and isinstance(tokens[0], Run) else None


def _chunks(tokens: Sequence[Token]) -> list[str] | None:
    """Regular expressions of what stands between the stars; None with extended globs."""
    chunks = [""]
    for token in tokens:
        if isinstance(token, Star):
            chunks.append("")
        elif isinstance(token, Run):
            chunks[-1] += re.escape(token.text)
        elif isinstance(token, One):
            chunks[-1] += token.source
        else:
            return None
    return chunks


def _repeated(tokens: Sequence[Token]) -> tuple[str, str] | None:
    """`x+([0-9])y`: one repetition of single characters, as regular expressions that take most and least; else None."""
    greedy, groups = "", 0
    for token in tokens:
        chunks = _chunks([token])
        if isinstance(token, Group) and token.kind in "*+":
            singles = [_chunks(alternative) for alternative in token.alternatives if _is_single(alternative)]
            if len(singles) < len(token.alternatives):
                return None
            greedy += f"(?:{'|'.join([each[0] for each in singles if each])}){token.kind}\0"
            groups += 1
        elif chunks is None or isinstance(token, Star):
            return None
        else:
            greedy += chunks[0]
    return (greedy.replace("\0", ""), greedy.replace("\0", "?")) if groups == 1 else None


def _is_single(tokens: Sequence[Token]) -> bool:
    """Whether the tokens match exactly one character."""
    token = tokens[0] if len(tokens) == 1 else None
    return isinstance(token, One) or (isinstance(token, Run) and len(token.text) == 1)


def _greedy(chunks: list[str]) -> str:
    """As much as possible: the chunks in between as early as they come, the last one as late."""
    if len(chunks) == 1:
        return chunks[0]
    return chunks[0] + "".join([f"(?>.*?{chunk})" for chunk in chunks[1:-1]]) + f".*{chunks[-1]}"


def _lazy(chunks: list[str]) -> str:
    return chunks[0] + "".join([f"(?>.*?{chunk})" for chunk in chunks[1:]])


def _reversed(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    turned: list[Token] = []
    for token in reversed(tokens):
        if isinstance(token, Run):
            turned.append(Run(token.text[::-1]))
        elif isinstance(token, Group):
            turned.append(Group(token.kind, tuple([_reversed(each) for each in token.alternatives])))
        else:
            turned.append(token)
    return tuple(turned)


class Positions:
    """Matching by sets of positions: where could a match that begins at one of `starts` end?"""

    __slots__ = ("_ones", "flags")

    def __init__(self, flags: int) -> None:
        self.flags = flags
        self._ones: dict[str, Callable[[str, int], object]] = {}

    def ends(self, tokens: Sequence[Token], text: str, starts: set[int]) -> set[int]:
        """All positions where a match of the tokens may end."""
        for token in tokens:
            if not starts:
                break
            if isinstance(token, Star):
                starts = set(range(min(starts), len(text) + 1))
            elif isinstance(token, Group):
                starts = self._group(token, text, starts)
            else:
                starts = self._step(token, text, starts)
        return starts

    def _step(self, token: Run | One, text: str, starts: set[int]) -> set[int]:
        if isinstance(token, Run) and not self.flags & re.IGNORECASE:
            run = token.text
            return {at + len(run) for at in starts if text.startswith(run, at)}
        source = re.escape(token.text) if isinstance(token, Run) else token.source
        match = self._ones.get(source)
        if match is None:
            match = self._ones[source] = re.compile(source, self.flags).match
        width = len(token.text) if isinstance(token, Run) else 1
        return {at + width for at in starts if match(text, at)}

    def _group(self, group: Group, text: str, starts: set[int]) -> set[int]:
        if group.kind == "!":
            found: set[int] = set()
            for at in starts:
                found |= set(range(at, len(text) + 1)) - self._once(group, text, {at})
            return found
        once = self._once(group, text, starts)
        if group.kind == "@":
            return once
        if group.kind == "?":
            return starts | once
        found = once | starts if group.kind == "*" else set(once)
        while once:
            once = self._once(group, text, once) - found
            found |= once
        return found

    def _once(self, group: Group, text: str, starts: set[int]) -> set[int]:
        found: set[int] = set()
        for alternative in group.alternatives:
            found |= self.ends(alternative, text, starts)
        return found


# ---- parsing --------------------------------------------------------------------

_known: dict[tuple[tuple[Segment, ...], bool, bool, bool], Pattern] = {}


def pattern_of(segments: Sequence[Segment], *, extglob: bool, nocase: bool = False, by_bytes: bool = False) -> Pattern:
    """The pattern that segments make; remembered."""
    key = tuple(segments), extglob, nocase, by_bytes
    pattern = _known.get(key)
    if pattern is None:
        if len(_known) > 1000:
            _known.clear()
        tokens = parse_pattern(segments, extglob=extglob, nocase=nocase, by_bytes=by_bytes)
        pattern = _known[key] = Pattern(tokens, nocase)
    return pattern


def parse_pattern(
    segments: Sequence[Segment], *, extglob: bool, nocase: bool = False, by_bytes: bool = False
) -> tuple[Token, ...]:
    """The tokens of a pattern."""
    text = "".join([part for part, _ in segments])
    quoted = bytearray()
    for part, is_quoted in segments:
        quoted += (b"\1" if is_quoted else b"\0") * len(part)
    parser = _Parser(text, quoted, extglob, nocase, by_bytes)
    return parser.tokens(0, ())[0]


class _Parser:
    __slots__ = ("by_bytes", "extglob", "nocase", "quoted", "text", "unclosed")

    def __init__(self, text: str, quoted: bytearray, extglob: bool, nocase: bool, by_bytes: bool) -> None:
        self.text = text
        self.quoted = quoted
        self.extglob = extglob
        self.nocase = nocase
        self.by_bytes = by_bytes
        self.unclosed = len(text)  # no `[` from here on closes: looked for once

    def tokens(self, at: int, until: tuple[str, ...]) -> tuple[tuple[Token, ...], int]:
        """Tokens up to one of the unquoted characters `until`, or the end; and where that is."""
        found: list[Token] = []
        run: list[str] = []
        text, quoted = self.text, self.quoted
        while at < len(text):
            character = text[at]
            if quoted[at]:
                run.append(character)
                at += 1
                continue
            if character in until:
                break
            token, at = self._special(character, at)
            if isinstance(token, str):
                run.append(token)
                continue
            if run:
                found.append(Run("".join(run)))
                run = []
            if not (token is _STAR and found and found[-1] is _STAR):
                found.append(token)
        if run:
            found.append(Run("".join(run)))
        return tuple(found), at

    def _special(self, character: str, at: int) -> tuple[Token | str, int]:
        """The token at an unquoted character: a str stands for itself."""
        text = self.text
        if self.extglob and character in "@?*+!" and text[at + 1 : at + 2] == "(" and not self.quoted[at + 1]:
            group = self._group(character, at + 2)
            if group is not None:
                return group
        if character == "*":
            return _STAR, at + 1
        if character == "?":
            return _ANY, at + 1
        if character == "\\" and at + 1 < len(text):
            return text[at + 1], at + 2
        if character == "[" and at < self.unclosed:
            bracket = parse_bracket(text, self.quoted, at, nocase=self.nocase, by_bytes=self.by_bytes)
            if bracket is not None:
                return One(bracket[0]), bracket[1]
            self.unclosed = at
        return character, at + 1

    def _group(self, kind: str, at: int) -> tuple[Token, int] | None:
        alternatives = []
        while True:
            tokens, at = self.tokens(at, ("|", ")"))
            if at >= len(self.text):
                return None
            alternatives.append(tokens)
            at += 1
            if self.text[at - 1] == ")":
                return Group(kind, tuple(alternatives)), at
