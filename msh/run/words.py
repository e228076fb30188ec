"""Words as a running shell expands them: compiled once each, called as often as the script comes by."""

from __future__ import annotations

from msh.expand import compile_fields, compile_text
from msh.run.environment import ShellEnvironment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from msh.expand.texts import Text
    from msh.syntax.nodes import Arithmetic, ArrayLiteral, HereDocument, Subscript, Word

    T = TypeVar("T")

KEPT = 20_000  # nodes: a script that evals new text for ever does not fill the memory


class Words(ShellEnvironment):
    """The part of a shell that turns words into text."""

    guards: int  # conditions that what is run stands in

    def __init__(self) -> None:
        self._compiled: dict[tuple[int, str], tuple[object, object]] = {}

    def compiled(self, node: object, use: str, make: Callable[[], T]) -> T:
        """What `make` gives for a node and a use; made once. The node is held, so that its identity stays its own."""
        key = id(node), use
        found = self._compiled.get(key)
        if found is None:
            if len(self._compiled) >= KEPT:
                self._compiled.clear()
            found = self._compiled[key] = (node, make())
        return found[1]  # type: ignore[return-value]  # of this use, so of this type

    def fields(self, words: tuple[Word, ...]) -> list[str]:
        """The words as arguments: every expansion, splitting, path names."""
        return self.compiled(words, "fields", lambda: compile_fields(words))(self)

    def text(self, word: Word, *, assignment: bool = False) -> str:
        """A word as one text: neither split nor globbed."""
        use = "assigned" if assignment else "text"
        found = self._compiled.get((id(word), use))
        if found is not None:
            make: Text = found[1]  # type: ignore[assignment]  # of this use, so of this type
            return make(self)
        return self.compiled(word, use, lambda: compile_text(word, assignment=assignment))(self)

    def operand(self, word: Word) -> str:
        """What `[[ ]]` or `case` compares: one text too, in which `name=~` is expanded as in a command's words."""
        return self.compiled(word, "operand", lambda: compile_text(word, assigns=True))(self)

    def heredoc_text(self, node: HereDocument) -> str:
        """The body of a here-document."""
        from msh.expand import compile_parts

        return self.compiled(node, "body", lambda: compile_parts(node.parts, True))(self)

    def redirect_target(self, word: Word) -> str:
        """A redirection's file name: expanded like an argument, which must give one (bash)."""
        from msh.run.control import ShellError

        make = self.compiled(word, "fields", lambda: compile_fields((word,)))
        guards, self.guards = self.guards, 0  # `if cat < <(false; echo x)`: the condition is not the list's, as in bash
        try:
            fields = self.without_globs(make) if "posix" in self.options else make(self)
        finally:
            self.guards = guards
        if len(fields) != 1:
            from msh.syntax import print_word

            raise ShellError(f"{print_word(word)}: ambiguous redirect")
        return fields[0]

    def without_globs(self, make: Callable[[Words], list[str]]) -> list[str]:
        """In POSIX's mode the name of a redirection is no pattern."""
        before = self.options
        self.options = before | {"noglob"}
        try:
            return make(self)
        finally:
            self.options = before

    def matches(self, pattern: Word, value: str) -> bool:
        """Whether a value matches a pattern word, as in `case` and `[[ == ]]`."""
        from msh.expand import compile_match

        return self.compiled(pattern, "match", lambda: compile_match(pattern))(self, value)

    def regex_groups(self, word: Word, value: str) -> list[str] | None:
        """What `[[ value =~ word ]]` captures, the whole match first; None when it does not match."""
        from msh.expand import compile_regex

        return self.compiled(word, "regex", lambda: compile_regex(word))(self, value)

    def arithmetic(self, node: Arithmetic) -> int:
        """The value of `((…))`."""
        from msh.expand import compile_arithmetic

        return self.compiled(node, "value", lambda: compile_arithmetic(node))(self)

    def quoted(self, text: str) -> str:
        """A word as `set -x` shows it."""
        from msh.expand.quote import quote_minimal

        return quote_minimal(text)

    def subscript(self, name: str, node: Subscript) -> str:
        """A subscript as text: expanded once; for an indexed array it is then an arithmetic expression."""
        text = node.all or self._without_tilde(node.word)
        if not text and (not node.word.parts or "A" in self.attributes(name)):
            from msh.syntax import print_word

            raise self.refused(f"{name}[{print_word(node.word)}]: bad array subscript")
        return text

    def _without_tilde(self, word: Word) -> str:
        """A subscript, or a value in the list of an associative array: there `~` is text (bash)."""
        from msh.expand import compile_parts

        return self.compiled(word, "key", lambda: compile_parts(word.parts, False))(self)

    def elements(self, literal: ArrayLiteral, *, associative: bool = False) -> list[tuple[str | None, str, bool]]:
        """The elements of an array literal: (subscript, value, whether `+=`); plain words may be several fields.

        Keys and values in turn of an associative array are one text each: neither split nor matched with path names.
        """
        found: list[tuple[str | None, str, bool]] = []
        for element in literal.elements:
            if element.subscript is None and associative:
                found.append((None, self._without_tilde(element.value), False))
            elif element.subscript is None:
                found += [(None, text, False) for text in self._listed(element.value)]
            else:
                key = element.subscript.all or self._without_tilde(element.subscript.word)
                value = element.value
                text = self._without_tilde(value) if associative else self.text(value, assignment=True)
                found.append((key, text, element.append))
        return found

    def _listed(self, word: Word) -> list[str]:
        """The fields of a word of an array's list."""
        return self.compiled(word, "fields", lambda: compile_fields((word,), listed=True))(self)
