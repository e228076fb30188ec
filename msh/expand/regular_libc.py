"""Regular expressions by regcomp(3) and regexec(3) of the C library.

Two things of its interface differ by library: the width of `regoff_t` (glibc `int`, musl `long`) and where `regex_t`
has `re_nsub`. Neither can be asked for, so one expression whose answer is known shows them.
"""

from __future__ import annotations

import ctypes
import sys

from msh.expand.regular import BadExpression
from msh.source import decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from msh.expand.fields import Segment

_EXTENDED, _NOCASE = 1, 2  # REG_EXTENDED and REG_ICASE, of glibc and musl
_SIZE = 512  # bytes for a regex_t; glibc's and musl's have 64
_CTYPE_MASK, _COLLATE_MASK = 1 << 0, 1 << 3
_DEEPEST = 1000  # parentheses in parentheses; the C library recurses, and would run out of stack at some 10,000
_SPECIAL = frozenset(".[\\()*+?{|^$")  # as bash: a quoted `]` or `}` gets no backslash


class Engine:
    """The functions of the C library, and what was learnt about its types. Raises OSError when it is of no use."""

    def __init__(self, library: ctypes.CDLL) -> None:
        try:
            self.compile, self.execute = library.regcomp, library.regexec
            self.describe, self.free = library.regerror, library.regfree
            self._new_locale, self.use_locale = library.newlocale, library.uselocale
        except AttributeError as error:
            raise OSError(0, str(error)) from None
        self.free.restype = None
        self.describe.restype = ctypes.c_size_t
        self.describe.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
        self._new_locale.restype = self.use_locale.restype = ctypes.c_void_p
        self._new_locale.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p]
        self.use_locale.argtypes = [ctypes.c_void_p]
        self._locales: dict[tuple[bytes, bytes], int] = {}
        self.offset: type[ctypes.c_int | ctypes.c_long] = ctypes.c_int
        self._count_at = 0
        self._learn()

    def _learn(self) -> None:
        memory = ctypes.create_string_buffer(_SIZE)
        found = (ctypes.c_long * 16)()
        if self.compile(memory, b"(b)(c)(d)", _EXTENDED):
            raise OSError(0, "regcomp fails")
        try:
            self.execute(memory, b"abcd", ctypes.c_size_t(4), found, 0)
            for self.offset in (ctypes.c_int, ctypes.c_long):
                if tuple((self.offset * 2).from_buffer(found)) == (1, 4):
                    break
            else:
                raise OSError(0, "regexec gives offsets of an unknown width")
            for self._count_at in (0, 6 * ctypes.sizeof(ctypes.c_size_t)):
                if self.groups(memory) == 3:
                    return
            raise OSError(0, "regex_t is of an unknown shape")
        finally:
            self.free(memory)

    def groups(self, memory: ctypes.Array[ctypes.c_char]) -> int:
        """`re_nsub` of a compiled expression."""
        return ctypes.c_size_t.from_buffer(memory, self._count_at).value

    def locale(self, names: tuple[str, str], *, by_bytes: bool) -> int:
        """The locale that has these names for LC_CTYPE and LC_COLLATE; for what is not installed, C or C.UTF-8."""
        ctype, collate = names[0].encode(errors="replace"), names[1].encode(errors="replace")
        found = self._locale(b"C" if by_bytes else ctype, collate)
        return found or self._locale(b"C" if by_bytes else b"C.UTF-8", collate) or self._locale(b"C", b"C") or 0

    def _locale(self, ctype: bytes, collate: bytes) -> int | None:
        known = self._locales.get((ctype, collate))
        if known:
            return known
        made: int | None = self._new_locale(_CTYPE_MASK, ctype, None)
        if made:
            self._locales[ctype, collate] = made = self._new_locale(_COLLATE_MASK, collate, made) or made
        return made


class LibcExpression:
    """A compiled expression."""

    __slots__ = ("_compiled", "_engine", "_locale", "_matches", "_memory")

    def __init__(
        self, libc: Engine, segments: Sequence[Segment], *, nocase: bool, locales: tuple[str, str], by_bytes: bool
    ) -> None:
        self._compiled = False
        self._engine = libc
        self._locale = libc.locale(locales, by_bytes=by_bytes)
        self._memory = ctypes.create_string_buffer(_SIZE)
        source = encode(_source(segments))
        before = libc.use_locale(self._locale)
        try:
            code = libc.compile(self._memory, source, _EXTENDED | (_NOCASE if nocase else 0))
            if code:
                raise BadExpression(self._message(code))
        finally:
            libc.use_locale(before)
        self._compiled = True
        self._matches = (libc.offset * (2 * (libc.groups(self._memory) + 1)))()

    def _message(self, code: int) -> str:
        text = ctypes.create_string_buffer(200)
        self._engine.describe(code, self._memory, text, len(text))
        message = decode(text.value)
        return message[:1].lower() + message[1:]

    def __del__(self) -> None:
        if self._compiled:
            self._engine.free(self._memory)

    def search(self, text: str) -> list[str] | None:
        """The leftmost longest match and its groups, as BASH_REMATCH has them; None without a match."""
        data, matches, libc = encode(text), self._matches, self._engine
        before = libc.use_locale(self._locale)
        try:
            failed = libc.execute(self._memory, data, ctypes.c_size_t(len(matches) // 2), matches, 0)
        finally:
            libc.use_locale(before)
        if failed:
            return None
        offsets = iter(matches)
        return [decode(data[start:end]) if start >= 0 else "" for start, end in zip(offsets, offsets, strict=True)]


def _source(segments: Sequence[Segment]) -> str:
    """The expression with a backslash before each quoted character that would mean something.

    In brackets a backslash is a character like others, so there a quoted character stands as it is.
    """
    characters = [(character, quoted) for part, quoted in segments for character in part]
    out: list[str] = []
    at = depth = 0
    while at < len(characters):
        character, quoted = characters[at]
        end = at + 1
        if not quoted and character == "[":
            end = _bracket_end(characters, at)
        elif not quoted and character == "\\":
            end = min(at + 2, len(characters)) if at + 1 < len(characters) and not characters[at + 1][1] else end
        elif not quoted and character in "()":
            depth = max(0, depth + (1 if character == "(" else -1))
            if depth > _DEEPEST:
                raise BadExpression(f"parentheses nested more than {_DEEPEST} deep")
        elif quoted and character in _SPECIAL:
            out.append("\\")
        out += [one for one, _ in characters[at:end]]
        at = end
    return "".join(out)


def _bracket_end(characters: list[tuple[str, bool]], start: int) -> int:
    """Behind the bracket expression that begins at `start`, or behind its `[` when it has no end."""
    at = start + 1
    if characters[at : at + 1] == [("^", False)]:
        at += 1
    first = True
    while at < len(characters):
        character, quoted = characters[at]
        if character == "]" and not quoted and not first:
            return at + 1
        first = False
        following = characters[at + 1][0] if at + 1 < len(characters) else ""
        at += 1
        if character == "[" and not quoted and following in (":", "=", "."):
            at = _class_end(characters, at + 1, following)
    return start + 1


def _class_end(characters: list[tuple[str, bool]], start: int, kind: str) -> int:
    """Behind the `:]` of `[:alpha:]`; `start` when there is none."""
    for at in range(start, len(characters) - 1):
        if characters[at][0] == kind and characters[at + 1][0] == "]":
            return at + 2
    return start


_engines: list[Engine | None] = []


def engine() -> Engine | None:
    """The C library's functions; None where they cannot be called."""
    if not _engines:
        try:
            _engines.append(Engine(ctypes.CDLL(None)) if sys.platform == "linux" else None)
        except OSError:
            _engines.append(None)
    return _engines[0]
