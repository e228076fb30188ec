"""Tokens of the inside of words: plain text, quotes and escapes."""

from __future__ import annotations

import re

from msh.syntax.lazy import lazy_match
from msh.syntax.nodes import DoubleQuoted, Escaped, Literal, SingleQuoted, Word
from msh.syntax.reader import Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.syntax.reader import Open

plain = re.compile("[^ \t\n|&;()<>$`\"'\\\\\0]+").match
simple_double_quoted = lazy_match(globals(), "simple_double_quoted", '"[^"$`\\\\\0]*"')
quoted_run = lazy_match(globals(), "quoted_run", '[^"$`\\\\\0]+')
WORD_END = frozenset(" \t\n|&;()<>\0")
PLAIN_END = frozenset(" \t\n;|&)\0")
QUOTED_ESCAPES = frozenset('$`"\\')
HEREDOC_ESCAPES = frozenset("$`\\")


class Words(Reader):
    """The words of a text; what begins with `$` or a backquote is `Expansions`."""

    def word(self, regex: bool = False) -> None:
        """A word that has structure: its parts, then WORD_END. With `regex`, parentheses and `|` are text."""
        push, start, parts, depth = self.push, self.pos, 0, 0
        while True:
            text, pos = self.text, self.pos
            run = plain(text, pos)
            if run:
                stop = run.end()
                if text[stop] == "(" and text[stop - 1] in "?*+@!" and not regex:
                    if stop - 1 > pos:
                        push("LITERAL", Literal(pos, stop - 1, text[pos : stop - 1]))
                    self.pos = stop - 1
                    self.extended_glob()
                else:
                    push("LITERAL", Literal(pos, stop, run.group()))
                    self.pos = stop
            elif not self.word_part(text[pos]):
                char = text[pos]
                if not regex or char in "\0\n" or (not depth and char in " \t;&)"):
                    break
                depth += (char == "(") - (char == ")")
                push("LITERAL", Literal(pos, pos + 1, char))
                self.pos = pos + 1
            parts += 1
        if self.pos == start or not parts or self.parser.can_shift("WORD"):
            push("WORD", Word(self.pos, self.pos, ()))  # nothing but a line continuation
        else:
            push("WORD_END", None)

    def word_part(self, char: str) -> bool:
        """One part that begins with this character; False if none does."""
        pos = self.pos
        if char == '"':
            self.double_quoted(pos)
        elif char == "$":
            self.expansion(False)
        elif char == "'":
            self.single_quoted()
        elif char == "\\":
            self.escaped()
        elif char == "`":
            self.backquoted(False)
        elif char in "<>" and self.text[pos + 1] == "(":
            self.substitution("PROCESS_OPEN", pos + 2)
        else:
            return False
        return True

    def escaped(self) -> None:
        text, pos = self.text, self.pos
        char = text[pos + 1]
        self.pos = pos + 2
        if char == "\0":  # the text ends with a backslash, which then stands for itself
            self.push("LITERAL", Literal(pos, pos + 1, "\\"))
            self.pos = pos + 1
        elif char == "\n":
            self.joints.add(pos)
        else:
            self.push("ESCAPED", Escaped(pos, pos + 2, char))

    def single_quoted(self) -> None:
        pos = self.pos
        end = self.text.find("'", pos + 1)
        if end < 0:
            self.enter(pos, "'", "'")
            self.pos = len(self.text) - 1
            self.unclosed()
        self.push("SINGLE_QUOTED", SingleQuoted(pos, end + 1, self.text[pos + 1 : end]))
        self.pos = end + 1

    def double_quoted(self, start: int, escapes: frozenset[str] = QUOTED_ESCAPES) -> None:
        """`"…"`; `start` is where it begins, one before the quote for `$"…"`."""
        whole = simple_double_quoted(self.text, self.pos)
        if whole:
            pos, end = self.pos, whole.end()
            inside = (Literal(pos + 1, end - 1, self.text[pos + 1 : end - 1]),) if end > pos + 2 else ()
            self.push("DOUBLE_QUOTED", DoubleQuoted(start, end, inside, start < pos))
            self.pos = end
            return
        self.enter(start, '"', '"')
        self.depth -= 1  # the limit counts what nests: a quote alone cannot
        self.token("DQUOTE_OPEN", start, self.pos + 1)
        self.quoted(quoted_run, escapes, '"')
        self.token("DQUOTE_CLOSE", self.pos, self.pos + 1)
        self.depth += 1
        self.leave()

    def quoted(self, run: Callable[[str, int], re.Match[str] | None], escapes: frozenset[str], close: str) -> None:
        """Text in which only `$`, backquotes and some backslashes are special, up to `close` (the end for NUL)."""
        push = self.push
        while True:
            text, pos = self.text, self.pos
            match = run(text, pos)
            if match:
                self.pos = match.end()
                push("LITERAL", Literal(pos, self.pos, match.group()))
                pos = self.pos
            char = text[pos]
            if char == close:
                return
            if char == "$":
                self.expansion(True)
            elif char == "\\":
                self.quoted_escape(escapes)
            elif char == "`":
                self.backquoted('"' in escapes)
            elif char == "\0":
                self.unclosed()
            else:
                push("LITERAL", Literal(pos, pos + 1, char))
                self.pos = pos + 1

    def quoted_escape(self, escapes: frozenset[str]) -> None:
        pos = self.pos
        char = self.text[pos + 1]
        if char in escapes:
            self.push("ESCAPED", Escaped(pos, pos + 2, char))
            self.pos = pos + 2
        elif char == "\n":
            self.pos = pos + 2
            if re.search(r"\$(?:[A-Za-z_][A-Za-z0-9_]*)?\Z", self.text[max(0, pos - 100) : pos]):
                self.joints.add(pos)
        else:
            self.push("LITERAL", Literal(pos, pos + 1, "\\"))
            self.pos = pos + 1

    # ---- what the other parts of the lexer do ----------------------------------------

    def expansion(self, quoted: bool) -> None:
        raise NotImplementedError

    def backquoted(self, quoted: bool) -> None:
        raise NotImplementedError

    def substitution(self, kind: str, end: int) -> None:
        raise NotImplementedError

    def extended_glob(self) -> None:
        raise NotImplementedError

    def commands(self, opener: Open | None) -> None:
        raise NotImplementedError
