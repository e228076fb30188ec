"""Texts matched against words: `case` items, `[[ x == p ]]`, `[[ x =~ e ]]`."""

from __future__ import annotations

from msh.expand.characters import by_bytes, locale_of, to_units
from msh.expand.environment import ExpansionError
from msh.expand.texts import compile_segments
from msh.syntax.nodes import ExtendedGlob

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from msh.expand.environment import Environment
    from msh.expand.fields import Segment
    from msh.expand.regular import RegularExpression
    from msh.syntax.nodes import Word

    Match: TypeAlias = Callable[[Environment, str], bool]
    Groups: TypeAlias = Callable[[Environment, str], list[str] | None]


def compile_match(word: Word) -> Match:
    """Whether a text as a whole matches the word as a pattern; follows nocasematch and extglob."""
    from msh.expand.patterns import pattern_of

    make = compile_segments(word, assigns=True)
    written = any(type(part) is ExtendedGlob for part in word.parts)

    def match(environment: Environment, text: str) -> bool:
        segments = make(environment)
        bytewise = by_bytes(environment)
        if bytewise:
            text = to_units(text, environment)
            segments = [(to_units(part, environment), quoted) for part, quoted in segments]
        extended = written or environment.option("extglob")
        nocase = environment.option("nocasematch")
        return pattern_of(segments, extglob=extended, nocase=nocase, by_bytes=bytewise).matches(text)

    return match


def compile_regex(word: Word) -> Groups:
    """What a text gives for BASH_REMATCH, None when it does not match; a bad expression raises ExpansionError."""
    make = compile_segments(word, assigns=True)
    last: list[tuple[list[Segment], bool, bool, tuple[str, str], RegularExpression]] = []

    def groups(environment: Environment, text: str) -> list[str] | None:
        segments, nocase, bytewise = make(environment), environment.option("nocasematch"), by_bytes(environment)
        locales = locale_of("LC_CTYPE", environment), locale_of("LC_COLLATE", environment)
        if not last or last[0][:4] != (segments, nocase, bytewise, locales):
            expression = _regular(segments, word, nocase, bytewise, locales)
            last[:] = [(list(segments), nocase, bytewise, locales, expression)]
        return last[0][4].search(text)

    return groups


def _regular(
    segments: list[Segment], word: Word, nocase: bool, bytewise: bool, locales: tuple[str, str]
) -> RegularExpression:
    from msh.expand.regular import BadExpression, compile_expression

    try:
        return compile_expression(segments, nocase=nocase, by_bytes=bytewise, locales=locales)
    except BadExpression as error:
        text = "".join([part for part, _ in segments])
        raise ExpansionError(f"[[: invalid regular expression `{text}': {error}", word, status=2) from None
