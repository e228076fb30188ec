"""What the interpreter calls: words of the tree to strings, in the context that each kind of word has.

Preparing a word costs more than expanding it, so what was prepared is kept by the identity of its node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.expand.environment import ExpansionError
from msh.expand.words import compile_fields, compile_parts, compile_segments, compile_text
from msh.syntax.nodes import ExtendedGlob

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from msh.expand.environment import Environment
    from msh.expand.fields import Segment
    from msh.expand.patterns import Pattern
    from msh.expand.regular import RegularExpression
    from msh.syntax.nodes import Arithmetic, Subscript, Word, WordPart

    T = TypeVar("T")

_KEPT = 20_000  # nodes; a script that evals new text for ever does not fill the memory


class Expander:
    """Expands words in one environment. All methods raise ExpansionError."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self._kept: dict[tuple[int, str], tuple[object, object]] = {}

    def _prepared(self, node: object, use: str, prepare: Callable[[], T]) -> T:
        key = id(node), use
        kept = self._kept.get(key)
        if kept is not None and kept[0] is node:
            return kept[1]  # type: ignore[return-value]
        if len(self._kept) > _KEPT:
            self._kept.clear()
        prepared = prepare()
        self._kept[key] = node, prepared
        return prepared

    def fields(self, words: tuple[Word, ...]) -> list[str]:
        """The words of a command, of `for … in` or of an array: all expansions, splitting and path names."""
        return self._prepared(words, "fields", lambda: compile_fields(words))(self.environment)

    def text(self, word: Word) -> str:
        """One value without splitting or path names: `case` word, here-string, operand of `[[ ]]`, subscript."""
        return self._prepared(word, "text", lambda: compile_text(word))(self.environment)

    def assigned(self, word: Word) -> str:
        """The value of an assignment: as `text`, and `~` counts after each `:`."""
        return self._prepared(word, "assigned", lambda: compile_text(word, assignment=True))(self.environment)

    def document(self, parts: tuple[WordPart, ...]) -> str:
        """Text as in double quotes: the body of a here-document, PS4."""
        return self._prepared(parts, "document", lambda: compile_parts(parts, True))(self.environment)

    def target(self, word: Word) -> str:
        """The target of a redirection: all expansions, but they must give one field."""
        fields = self._prepared(word, "fields", lambda: compile_fields((word,)))(self.environment)
        if len(fields) != 1:
            from msh.syntax import print_word

            raise ExpansionError(f"{print_word(word)}: ambiguous redirect", word)
        return fields[0]

    def pattern(self, word: Word) -> Pattern:
        """The pattern of a `case` item or on the right of `==` in `[[ ]]`; follows nocasematch."""
        return self._prepared(word, "pattern", lambda: compile_pattern(word))(self.environment)

    def regular_expression(self, word: Word) -> RegularExpression:
        """The right side of `=~`; raises BadExpression."""
        return self._prepared(word, "regular", lambda: compile_regular_expression(word))(self.environment)

    def arithmetic(self, node: Arithmetic) -> int:
        """The value of `((…))`, of a part of `for ((…))`."""
        from msh.expand.arithmetic import compile_arithmetic

        return self._prepared(node, "arithmetic", lambda: compile_arithmetic(node))(self.environment)

    def evaluate(self, text: str) -> int:
        """The value of a text as an expression: `let`, `test -eq` inside `[[ ]]`, integer variables."""
        from msh.expand.arithmetic import evaluate

        return evaluate(text, self.environment)

    def key(self, name: str, subscript: Subscript) -> int | str:
        """The key of `name[subscript]=…`."""
        from msh.expand.arrays import element_key

        return element_key(name, subscript, self.environment)


def compile_pattern(word: Word) -> Callable[[Environment], Pattern]:
    """A word as a pattern for whole texts."""
    from msh.expand.patterns import pattern_of

    make = compile_segments(word)
    written = _has_extended_glob(word.parts)

    def pattern(environment: Environment) -> Pattern:
        segments = make(environment)
        extended = written or environment.option("extglob")
        return pattern_of(segments, extglob=extended, nocase=environment.option("nocasematch"))

    return pattern


def compile_regular_expression(word: Word) -> Callable[[Environment], RegularExpression]:
    """A word as a regular expression; what it compiled to is kept while the text stays the same."""
    from msh.expand.regular import RegularExpression

    make = compile_segments(word)
    last: list[tuple[list[Segment], bool, RegularExpression]] = []

    def expression(environment: Environment) -> RegularExpression:
        segments, nocase = make(environment), environment.option("nocasematch")
        if last and last[0][0] == segments and last[0][1] == nocase:
            return last[0][2]
        compiled = RegularExpression(segments, nocase=nocase)
        last[:] = [(list(segments), nocase, compiled)]
        return compiled

    return expression


def _has_extended_glob(parts: Sequence[WordPart]) -> bool:
    return any(type(part) is ExtendedGlob for part in parts)
