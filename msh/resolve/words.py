"""What is known of a word before the script runs."""

from __future__ import annotations

from msh.effects import Unknown
from msh.syntax import static_text
from msh.syntax.nodes import (
    ArithmeticExpansion,
    DoubleQuoted,
    Escaped,
    Literal,
    Parameter,
    ProcessSubstitution,
    SingleQuoted,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.syntax import nodes

PATTERN_CHARACTERS = "*?["


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
