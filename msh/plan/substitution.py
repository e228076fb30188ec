"""Words of a loop's turn, with what is known of variables put in their place."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from msh.plan.paths import END, FIXED, MADE, MARKS, VARIES
from msh.record import Record
from msh.resolve.words import arguments_of
from msh.syntax import nodes as n
from msh.syntax import static_text

if TYPE_CHECKING:
    from msh.effects import Unknown

_SPLITS = frozenset(" \t\n*?[\\")


class Values(Record):
    """`known` are texts, perhaps with marks of `paths.py`; `changing` names have values that nobody knows.

    All other names have the same value in every turn. `parameters`: so have `$1` and its like.
    """

    known: dict[str, str]
    changing: frozenset[str]
    parameters: bool = True

    def arguments(self, word: n.Word) -> list[str | Unknown]:
        """The arguments that a word becomes."""
        text = self.text(word)
        return arguments_of(word) if text is None else [text]

    def text(self, word: n.Word, splits: bool = True) -> str | None:
        """The one field that a word becomes; None when that is not known."""
        text = static_text(word)
        if text is not None:
            return text if MARKS.isdisjoint(text) else None
        found: list[str] = []
        for number, part in enumerate(word.parts):
            value = self._part(part, splits, first=number == 0)
            if value is None:
                return None
            found.append(value)
        whole = "".join(found)
        return whole if whole and FIXED not in whole[1:] else None

    def _part(self, part: n.WordPart, splits: bool, first: bool = False) -> str | None:
        match part:
            case n.Literal(text=text):
                special = "*?[{" if splits else "{"
                hidden = not MARKS.union(special).isdisjoint(text) or (first and text[0] == "~")
                return None if hidden else text
            case n.Escaped(text=text) | n.SingleQuoted(text=text):
                return text if MARKS.isdisjoint(text) else None
            case n.DoubleQuoted(parts=parts):
                return self._quoted(parts)
            case n.Parameter():
                value = self._parameter(part)
                unfit = value is not None and splits and (not value or not _SPLITS.union((FIXED,)).isdisjoint(value))
                return None if unfit else value
            case n.CommandSubstitution(body=(n.Statement(command=n.SimpleCommand() as command),)):
                return MADE if is_mktemp(command) and not splits else None
        return None

    def _quoted(self, parts: tuple[n.WordPart, ...]) -> str | None:
        found = ""
        for part in parts:
            value = part.text if isinstance(part, n.Literal) else self._part(part, splits=False)
            if value is None or (isinstance(part, n.Literal) and not MARKS.isdisjoint(value)):
                return None
            found += value
        return found

    def _parameter(self, node: n.Parameter) -> str | None:
        """`$f`, `${f%.txt}`, `${f##*/}`."""
        if node.prefix or node.subscript is not None:
            return None
        value = self.known.get(node.name)
        if value is None:
            return None if node.operator else self._fixed(node.name)
        if not node.operator:
            return value
        pattern = _pattern(node.argument) if node.argument is not None else None
        if pattern is None or node.operator not in ("#", "##", "%", "%%"):
            return None
        return (_without if MARKS.isdisjoint(value) else _without_known)(value, node.operator, pattern)

    def _fixed(self, name: str) -> str | None:
        """A name whose value nobody knows, but that is the same in all turns."""
        is_name = name[0] == "_" or name[0].isalpha()
        if name in self.changing or not (is_name or (self.parameters and name.isdigit())):
            return None
        return f"{FIXED}{name}{END}"


def is_mktemp(command: n.SimpleCommand) -> bool:
    """`mktemp`, `mktemp -d`."""
    known = [static_text(word) if isinstance(word, n.Word) else None for word in command.words]
    plain = not command.assignments and not command.redirects
    return plain and known[:1] == ["mktemp"] and known[1:] in ([], ["-d"])


def _without(value: str, operator: str, pattern: str) -> str:
    """`${value#pattern}` and its like."""
    size = len(value)
    if operator[0] == "#":
        lengths = [at for at in range(size + 1) if fnmatchcase(value[:at], pattern)]
        return value[(max if operator == "##" else min)(lengths, default=0) :]
    lengths = [at for at in range(size + 1) if fnmatchcase(value[at:], pattern)]
    return value[: (min if operator == "%%" else max)(lengths, default=size)]


def _without_known(value: str, operator: str, pattern: str) -> str | None:
    """The same for a value that is known in part: only where what is known decides it."""
    head, end, tail = value.rpartition(END)
    if (operator, pattern) in (("##", "*/"), ("%", "/*")):
        directory, slash, name = tail.rpartition("/")
        if not slash:
            return None if end else value
        return name if operator == "##" else head + end + directory
    if "*" in pattern:
        return None
    if operator[0] == "%":
        known = tail.rpartition(VARIES)[2]
        if known.endswith(pattern):
            return value.removesuffix(pattern)
        return None if pattern.endswith(known) else value
    known = "" if end else tail.partition(VARIES)[0]
    if known.startswith(pattern):
        return value.removeprefix(pattern)
    return None if pattern.startswith(known) else value


def _pattern(word: n.Word) -> str | None:
    """A pattern of plain characters and `*`; None for any other."""
    found = ""
    for part in word.parts:
        if not isinstance(part, n.Literal) or not set("?[]\\()").isdisjoint(part.text):
            return None
        found += part.text
    return found
