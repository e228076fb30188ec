"""Words of a loop's body, with the loop's variable put in its place."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from msh.effects import Unknown
from msh.resolve.words import arguments_of
from msh.syntax import nodes as n
from msh.syntax import static_text

if TYPE_CHECKING:
    from msh.plan.closure import Reader

_SPLITS = frozenset(" \t\n*?[\\")


class Values:
    """What variables are in one turn: the loop's own, and those that the body sets once, straight from known texts."""

    def __init__(self, loop: n.ForClause, value: str | None, reader: Reader) -> None:
        self.known: dict[str, str] = {} if value is None else {loop.name: value}
        written = reader.of(*loop.body).writes
        if loop.name in written or "IFS" in reader.index.assigned:
            self.known.clear()
        counts: dict[str, int] = {}
        for name in reader.index.assignments_in(loop):
            counts[name] = counts.get(name, 0) + 1
        for statement in loop.body:
            command = statement.command
            if not isinstance(command, n.SimpleCommand) or command.words or statement.background:
                continue
            for assignment in command.assignments:
                once = counts.get(assignment.name) == 1 and not assignment.append and assignment.subscript is None
                if once and isinstance(assignment.value, n.Word):
                    text = self.text(assignment.value, loop, splits=False)
                    if text is not None:
                        self.known[assignment.name] = text

    def arguments(self, word: n.Word, loop: n.ForClause) -> list[str | Unknown]:
        """The arguments that a word becomes."""
        text = self.text(word, loop)
        return arguments_of(word) if text is None else [text]

    def text(self, word: n.Word, loop: n.ForClause, splits: bool = True) -> str | None:
        """The one field that a word becomes; None when that is not known."""
        text = static_text(word)
        if text is not None:
            return text
        found: list[str] = []
        for number, part in enumerate(word.parts):
            value = self._part(part, splits, first=number == 0)
            if value is None:
                return None
            found.append(value)
        return "".join(found) or None

    def _part(self, part: n.WordPart, splits: bool, first: bool) -> str | None:
        match part:
            case n.Literal(text=text):
                special = "*?[{" if splits else "{"
                return None if not set(special).isdisjoint(text) or (first and text[0] == "~") else text
            case n.Escaped(text=text) | n.SingleQuoted(text=text):
                return text
            case n.DoubleQuoted(parts=parts):
                values = [p.text if isinstance(p, n.Literal) else self._part(p, False, False) for p in parts]
                return None if None in values else "".join([value or "" for value in values])
            case n.Parameter():
                value = self._parameter(part)
                if value is None or (splits and (not value or not _SPLITS.isdisjoint(value))):
                    return None
                return value
        return None

    def _parameter(self, node: n.Parameter) -> str | None:
        """`$f`, `${f%.txt}`, `${f##*/}`."""
        value = self.known.get(node.name)
        if value is None or node.prefix or node.subscript is not None:
            return None
        if not node.operator:
            return value
        pattern = _pattern(node.argument) if node.argument is not None else None
        if pattern is None or node.operator not in ("#", "##", "%", "%%"):
            return None
        lengths = range(len(value) + 1)
        if node.operator[0] == "#":
            matching = [size for size in lengths if fnmatchcase(value[:size], pattern)]
            size = (max if node.operator == "##" else min)(matching, default=0)
            return value[size:]
        matching = [size for size in lengths if fnmatchcase(value[size:], pattern)]
        return value[: (min if node.operator == "%%" else max)(matching, default=len(value))]


def _pattern(word: n.Word) -> str | None:
    """A pattern of plain characters and `*`; None for any other."""
    found = ""
    for part in word.parts:
        if not isinstance(part, n.Literal) or not set("?[]\\()").isdisjoint(part.text):
            return None
        found += part.text
    return found
