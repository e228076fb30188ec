"""What is known of a word before the script runs."""

from __future__ import annotations

from msh.effects import Unknown
from msh.resolve.scope import Word
from msh.syntax import static_text
from msh.syntax.nodes import (
    ArithmeticExpansion,
    Assignment,
    DoubleQuoted,
    Escaped,
    Literal,
    Parameter,
    ProcessSubstitution,
    SingleQuoted,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from msh.syntax import nodes

PATTERN_CHARACTERS = "*?["


def words_of(command: nodes.SimpleCommand) -> list[Word]:
    """The words of a command, each argument one; an `Assignment` (`declare a=(…)`) is an argument not known."""
    words: list[Word] = []
    for word in command.words:
        if isinstance(word, Assignment):
            words.append(Word(Unknown(), None, word.start, word.end))
            continue
        for value in arguments_of(word):
            known = value if isinstance(value, str) else None
            base = text_start(word) if known is not None else None
            words.append(Word(value, known, word.start, word.end, base, False))  # all given: the fast way
    return words


def arguments_of(word: nodes.Word) -> list[str | Unknown]:
    """The arguments that a word becomes; brace expansion may make several of it."""
    text = static_text(word)
    if text is not None:
        return [text]
    if any(isinstance(part, Literal) and "{" in part.text for part in word.parts):
        from msh.syntax import expand_braces

        return [_argument(each) for each in expand_braces(word)]
    return [_argument(word)]


def text_start(word: nodes.Word) -> int | None:
    """Where the value of a static word begins in the source, if it stands there as it is; else None."""
    if len(word.parts) != 1:
        return None
    part = word.parts[0]
    if isinstance(part, DoubleQuoted):
        if len(part.parts) != 1:
            return None
        part = part.parts[0]
    if isinstance(part, SingleQuoted) and not part.ansi:
        return part.start + 1
    if isinstance(part, Literal) and part.end - part.start == len(part.text):
        return part.start
    return None


#: Words among which the place of another command is looked for: a command with a thousand options that each run one
#: would cost a million comparisons. Beyond, it stands at the command's name.
_LOOKED_AT = 100


def placed(run: Sequence[str | Unknown], given: Sequence[Word], at: int, name: Word) -> tuple[int, list[Word]]:
    """The words of a command that another one runs, found again among that one's own from position `at` on.

    What is not found there was split off a word or put in by the spec; it stands at the other command's name.
    """
    first = _beginning(run, given, at)
    line: list[Word] = []
    for offset, value in enumerate(run):
        index = None if first is None else first + offset
        if index is not None and index < len(given) and _is_same(value, given[index]):
            line.append(given[index].replace(value=value, inside=value != given[index].value))
            at = index + 1
        else:
            text = value if isinstance(value, str) else None
            line.append(_part(value, given) or Word(value, text, name.start, name.end, inside=text is None))
    return at, line


def _beginning(run: Sequence[str | Unknown], given: Sequence[Word], at: int) -> int | None:
    """Where a command line begins: as the end of the other's words, perhaps with more put behind it, or within them."""
    for tail in (len(given) - len(run), len(given) - len(run) + 1):
        if at <= tail and all(_is_same(value, word) for value, word in zip(run, given[tail:], strict=False)):
            return tail if tail < len(given) else None
    return next(
        (index for index in range(at, min(len(given), at + _LOOKED_AT)) if _is_same(run[0], given[index])), None
    )


def _part(value: str | Unknown, given: Sequence[Word]) -> Word | None:
    """A word that stands in a longer one: `--compress-program=gzip`, `-I 'xz -9'`."""
    if isinstance(value, Unknown) or not value:
        return None
    for word in given[:_LOOKED_AT]:
        at = word.text.find(value) if word.text is not None else -1
        if at >= 0:
            if word.base is None:
                return Word(value, value, word.start, word.end)
            start = word.base + at
            return Word(value, value, start, start + len(value), start)
    return None


def _is_same(value: str | Unknown, word: Word) -> bool:
    """Whether a word of an inner command is this one, perhaps with a placeholder in it."""
    if value == word.value:
        return True
    return (
        isinstance(value, Unknown) and not value.many and word.text is not None and word.text.startswith(value.prefix)
    )


def _argument(word: nodes.Word) -> str | Unknown:
    text = static_text(word)
    if text is not None:
        return text
    reader = _Prefix()
    for number, part in enumerate(word.parts):
        reader.part(part, first=number == 0)
    return Unknown("", True) if reader.splits else Unknown(reader.prefix, reader.many)


class _Prefix:
    """How a word begins, and whether it can become several: `splits` when the later ones may begin differently."""

    def __init__(self) -> None:
        self.prefix = ""
        self.many = False
        self.splits = False
        self._open = True  # still in the known beginning

    def part(self, part: nodes.WordPart, first: bool) -> None:
        if isinstance(part, Literal):
            self._literal(part.text, first)
        elif isinstance(part, Escaped | SingleQuoted):
            self._text(part.text)
        elif isinstance(part, DoubleQuoted):
            for inner in part.parts:
                self._quoted(inner)
        elif isinstance(part, ProcessSubstitution):
            self._text("/dev/fd/")
            self._open = False
        else:
            self.many |= not isinstance(part, ArithmeticExpansion)
            self.splits |= not isinstance(part, ArithmeticExpansion)
            self._open = False

    def _quoted(self, part: nodes.WordPart) -> None:
        if isinstance(part, Literal | Escaped):
            self._text(part.text)
            return
        self._open = False
        self.splits |= isinstance(part, Parameter) and _is_list(part)

    def _literal(self, text: str, first: bool) -> None:
        if first and text.startswith("~"):
            self._open = False
            return
        at = min([place for character in PATTERN_CHARACTERS if (place := text.find(character)) >= 0], default=None)
        self._text(text if at is None else text[:at])
        if at is not None:
            self.many = True
            self._open = False

    def _text(self, text: str) -> None:
        if self._open:
            self.prefix += text


def _is_list(parameter: Parameter) -> bool:
    """`$@`, `${a[@]}`, `${!x@}`, `${@:2}`; `${!x}` may stand for any of them."""
    subscript = parameter.subscript
    return (
        parameter.name == "@" or (subscript is not None and subscript.all == "@") or parameter.prefix == "!"
    ) and parameter.prefix != "#"
