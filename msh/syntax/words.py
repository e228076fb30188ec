"""Tokens of the inside of words: quotes, expansions, patterns, subscripts."""

from __future__ import annotations

import re

from msh.syntax.build import ParameterName
from msh.syntax.lazy import lazy_match
from msh.syntax.nodes import Comment, DoubleQuoted, Escaped, Literal, Parameter, SingleQuoted, Word
from msh.syntax.parser import Parser, Problem, Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

#: How many constructs may be open at one place (quotes not counted). Deeper text is refused, so that every later stage
#: may recurse over a tree: 400 levels at 20 frames each stay under RECURSION_LIMIT.
NESTING_LIMIT = 400

plain = re.compile("[^ \t\n|&;()<>$`\"'\\\\\0]+").match
parameter = lazy_match(
    globals(), "parameter", r"\$(?:([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])|\{([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])\})"
)
simple_double_quoted = lazy_match(globals(), "simple_double_quoted", '"[^"$`\\\\\0]*"')
quoted_run = lazy_match(globals(), "quoted_run", '[^"$`\\\\\0]+')
arithmetic_run = lazy_match(globals(), "arithmetic_run", "[^$`\"'\\\\()\\[\\];\0]+")
operand_run = lazy_match(globals(), "operand_run", "[^$`\"'\\\\}/:<>?*+@!()\0]+")
parameter_name = lazy_match(globals(), "parameter_name", r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]")
parameter_operator = lazy_match(globals(), "parameter_operator", r":[-=?+]|##?|%%?|/[/#%]?|\^\^?|,,?|~~?|:|[-=?+@*]")
ARITHMETIC_BRACKET = "\\\\.|'[^']*'|\"(?:[^\"\\\\]|\\\\.)*\"|[()]"
literal_pair = lazy_match(globals(), "literal_pair", "'[^'\"\n\0]*'")
subscript_run = lazy_match(globals(), "subscript_run", "[^$`\"'\\\\\\[\\]<>\0]+")
backquote_end = lazy_match(globals(), "backquote_end", r"(?:[^`\\]|\\.)*", re.S)

WORD_END = frozenset(" \t\n|&;()<>\0")
QUOTED_ESCAPES = frozenset('$`"\\')
OPERAND_ESCAPES = QUOTED_ESCAPES | {"}"}
HEREDOC_ESCAPES = frozenset("$`\\")


class Open:
    """A construct that is not closed yet: where it began, and the closing word that comes next."""

    __slots__ = ("after", "condition", "end", "expected", "start", "text")

    def __init__(self, start: int, end: int, text: str, expected: str) -> None:
        self.start, self.end, self.text, self.expected, self.after = start, end, text, expected, text
        self.condition = False  # it is `[[`, or a parenthesis inside of that

    def closer(self) -> str:
        """What closes it, in words."""
        if self.text == "`":
            return "a backquote to close the one before"
        return f"`{self.expected}` to close `{self.text}`"


class Words:
    """A position in a text, and the parser that its tokens go to. The text ends with a NUL, which no text contains."""

    def __init__(self, text: str, start_symbol: str, depth: int = 0) -> None:
        self.text = text + "\0"
        self.pos = 0
        self.depth = depth
        self.open: list[Open] = []
        self.comments: list[Comment] = []
        self.joints: set[int] = set()  # line continuations inside of a token, see joints.py
        self.double_closed: dict[int, bool] = {}  # offset after `(`: whether its `)` is followed by another
        self.parser = Parser(shell_table(), start_symbol)
        self.push: Callable[[str, object], None] = self.parser.push

    # ---- what is open ---------------------------------------------------------

    def enter(self, start: int, text: str, expected: str) -> Open:
        opener = Open(start, start + len(text), text, expected)
        self.open.append(opener)
        if len(self.open) + self.depth > NESTING_LIMIT:
            raise Problem("MSH109", f"`{text}` is nested more than {NESTING_LIMIT} deep", start, start + len(text))
        return opener

    def leave(self) -> None:
        self.open.pop()

    def unclosed(self) -> NoReturn:
        """The text ends, or something else stands, where the innermost open construct must be closed."""
        opener, pos = self.open[-1], self.pos
        ended = pos >= len(self.text) - 1
        found = "end of input" if ended else f"`{self.text[pos]}`"
        message = f"expected {opener.closer()}, found {found}"
        stop = pos if ended else pos + 1
        raise Problem("MSH105", message, pos, stop, (opener.start, opener.end), incomplete=ended)

    def token(self, kind: str, start: int, end: int) -> None:
        self.push(kind, Token(start, end, self.text[start:end]))
        self.pos = end

    # ---- words ------------------------------------------------------------------

    def word(self, regex: bool = False) -> None:
        """A word that has structure: its parts, then WORD_END. With `regex`, parentheses and `|` are text."""
        text, push, start, parts, depth = self.text, self.push, self.pos, 0, 0
        while True:
            pos = self.pos
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

    def double_quoted(self, start: int) -> None:
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
        self.quoted(quoted_run, QUOTED_ESCAPES, '"')
        self.token("DQUOTE_CLOSE", self.pos, self.pos + 1)
        self.depth += 1
        self.leave()

    def quoted(self, run: Callable[[str, int], re.Match[str] | None], escapes: frozenset[str], close: str) -> None:
        """Text in which only `$`, backquotes and some backslashes are special, up to `close` (the end for NUL)."""
        text, push = self.text, self.push
        while True:
            pos = self.pos
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
                self.backquoted(True)
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

    # ---- expansions ---------------------------------------------------------------

    def expansion(self, quoted: bool) -> None:
        """What begins with `$`."""
        text, pos = self.text, self.pos
        match = parameter(text, pos)
        if match:
            self.pos = end = match.end()
            name, braced = match.groups()
            self.push("PARAMETER", Parameter(pos, end, name or braced, not name, "", None, "", None, None))
            return
        char = text[pos + 1]
        if char == "{":
            self.parameter(quoted)
        elif char == "(":
            if text[pos + 2] == "(" and self.arithmetic_end(pos + 3):
                self.arithmetic("EXPANSION_OPEN", "$((", "))")
            else:
                self.substitution("COMMAND_OPEN", pos + 2)
        elif char == "[":
            self.arithmetic("EXPANSION_OPEN", "$[", "]")
        elif char == "'" and not quoted:
            self.ansi_quoted()
        elif char == '"' and not quoted:
            self.pos = pos + 1
            self.double_quoted(pos)
        else:
            if text.startswith("\\\n", pos + 1):
                self.joints.add(pos + 1)
            self.push("LITERAL", Literal(pos, pos + 1, "$"))
            self.pos = pos + 1

    def ansi_quoted(self) -> None:
        from msh.syntax.ansi import decode, quoted_ansi

        pos = self.pos
        match = quoted_ansi(self.text, pos)
        if not match:
            self.enter(pos, "$'", "'")
            self.pos = len(self.text) - 1
            self.unclosed()
        self.push("SINGLE_QUOTED", SingleQuoted(pos, match.end(), decode(match.group()[2:-1]), True))
        self.pos = match.end()

    def substitution(self, kind: str, end: int) -> None:
        """`$(…)`, `<(…)`, `>(…)`; `end` is after the opening parenthesis."""
        start = self.pos
        opener = self.enter(start, self.text[start:end], ")")
        self.token(kind, start, end)
        self.commands(opener)
        self.leave()

    def commands(self, opener: Open | None) -> None:
        raise NotImplementedError

    def backquoted(self, quoted: bool) -> None:
        from msh.syntax.embedded import backquoted

        pos = self.pos
        match = backquote_end(self.text, pos + 1)
        end = match.end() if match else pos + 1
        self.enter(pos, "`", "`")
        if self.text[end : end + 1] != "`":
            self.pos = len(self.text) - 1
            self.unclosed()
        self.push("BACKQUOTED", backquoted(self, pos, end + 1, quoted))
        self.leave()
        self.pos = end + 1

    def parameter(self, quoted: bool) -> None:
        """`${…}` that is more than a name."""
        text, start = self.text, self.pos
        opener = self.enter(start, "${", "}")
        self.token("PARAMETER_OPEN", start, start + 2)
        pos = self.pos
        if self.has_prefix(pos):
            self.token("PARAMETER_PREFIX", pos, pos + 1)
            pos += 1
        name = parameter_name(text, pos)
        if not name:
            if text[pos] == "\0":
                self.unclosed()
            span = opener.start, opener.end
            raise Problem("MSH108", "expected the name of a parameter after `${`", pos, pos + 1, span)
        self.push("PARAMETER_NAME", ParameterName(pos, name.end(), name.group()))
        self.pos = name.end()
        if text[self.pos] == "[":
            self.subscript()
        if text.startswith("\\\n", self.pos):
            self.joints.add(self.pos)
        sign = parameter_operator(text, self.pos)
        if sign:
            self.token("PARAMETER_OPERATOR", sign.start(), sign.end())
            self.operand(quoted, sign.group())
        if text[self.pos] != "}":
            self.unclosed()
        self.token("PARAMETER_CLOSE", self.pos, self.pos + 1)
        self.leave()

    def has_prefix(self, pos: int) -> bool:
        """Whether `#` is the length, `!` the indirection of the parameter that follows, or itself the parameter."""
        text = self.text
        if text[pos] == "!":
            return bool(re.match(r"[A-Za-z_0-9#]|[@*](?=\})", text[pos + 1 : pos + 3]))
        if text[pos] != "#":
            return False
        return bool(re.match(r"[A-Za-z_0-9]|[@*#?$!-]\}|[@*]", text[pos + 1 : pos + 3]))

    def operand(self, quoted: bool, sign: str) -> None:
        """What follows an operator inside `${ }`, up to the closing brace.

        Inside double quotes a single quote is text, except in a pattern; a pattern may have extended globs; `:` and
        `/` separate two operands once, outside of parentheses and of `?:`.
        """
        text, push = self.text, self.push
        is_pattern = sign[0] in "#%/^,~"
        separator = sign[0] if sign in ("/", "//", "/#", "/%", ":") else ""
        literal_quotes = quoted and not is_pattern
        depth, quote_end = 0, -1
        while True:
            pos = self.pos
            run = operand_run(text, pos)
            if run:
                self.pos = run.end()
                push("LITERAL", Literal(pos, self.pos, run.group()))
                continue
            char = text[pos]
            if char == "}" and pos > quote_end:
                return
            if char == "\0":
                self.unclosed()
            if char == separator and not depth:
                separator = ""
                self.token("PARAMETER_SEPARATOR", pos, pos + 1)
                is_pattern = False
            elif char == "'" and literal_quotes:
                if pos > quote_end:  # as in bash, a brace between two such quotes closes nothing
                    pair = literal_pair(text, pos)
                    quote_end = pair.end() - 1 if pair else -1
                push("LITERAL", Literal(pos, pos + 1, char))
                self.pos = pos + 1
            elif char in "?*+@!" and text[pos + 1] == "(" and is_pattern:
                self.extended_glob()
            elif char == "\\" and literal_quotes:
                self.quoted_escape(OPERAND_ESCAPES)
            elif char == "$" and text[pos + 1] == "'":
                self.ansi_quoted()  # here also inside double quotes
            elif char == "$":
                self.expansion(quoted and literal_quotes)
            elif char == "`":
                self.backquoted(quoted)
            elif (char in "<>" and quoted) or not self.word_part(char):
                if sign == ":":
                    depth += (char in "(?") - (char in "):")
                push("LITERAL", Literal(pos, pos + 1, char))
                self.pos = pos + 1

    def extended_glob(self) -> None:
        """`@(a|b)`: anything but `|` and `)` is part of the pattern, blanks too."""
        text, push, start, depth = self.text, self.push, self.pos, 0
        self.enter(start, text[start : start + 2], ")")
        self.token("GLOB_OPEN", start, start + 2)
        while True:
            pos = self.pos
            char = text[pos]
            run = plain(text, pos)
            if run and not (text[run.end()] == "(" and text[run.end() - 1] in "?*+@!"):
                self.pos = run.end()
                push("LITERAL", Literal(pos, self.pos, run.group()))
            elif run:
                if run.end() - 1 > pos:
                    push("LITERAL", Literal(pos, run.end() - 1, text[pos : run.end() - 1]))
                self.pos = run.end() - 1
                self.extended_glob()
            elif char == "\0":
                self.unclosed()
            elif char == ")" and not depth:
                break
            elif char == "|" and not depth:
                self.token("GLOB_OR", pos, pos + 1)
            elif not self.word_part(char):
                depth += (char == "(") - (char == ")")
                push("LITERAL", Literal(pos, pos + 1, char))
                self.pos = pos + 1
        self.token("GLOB_CLOSE", self.pos, self.pos + 1)
        self.leave()

    def subscript(self) -> None:
        """`[…]` after a name: any text with balanced brackets."""
        text, push, start, depth = self.text, self.push, self.pos, 0
        self.enter(start, "[", "]")
        self.token("SUBSCRIPT_OPEN", start, start + 1)
        while True:
            pos = self.pos
            char = text[pos]
            run = subscript_run(text, pos)
            if run:
                self.pos = run.end()
                push("LITERAL", Literal(pos, self.pos, run.group()))
            elif char == "\0":
                self.unclosed()
            elif char == "]" and not depth:
                break
            elif char in "<>" or not self.word_part(char):
                depth += (char == "[") - (char == "]")
                push("LITERAL", Literal(pos, pos + 1, char))
                self.pos = pos + 1
        self.token("SUBSCRIPT_CLOSE", self.pos, self.pos + 1)
        self.leave()

    # ---- arithmetic -----------------------------------------------------------------

    def arithmetic_end(self, pos: int) -> bool:
        """Whether the parentheses opened by `((` before `pos` are closed by `))`.

        If not, as in `$((cmd) | other)`, it is a subshell. At the end of the text more may come: then it is arithmetic.
        One look answers for all parentheses that it meets, so that nested ones are not looked at again and again.
        """
        known = self.double_closed
        if pos not in known:
            open_ = [pos]
            for match in re.compile(ARITHMETIC_BRACKET, re.S).finditer(self.text, pos):
                bracket = match.group()
                if bracket == "(":
                    open_.append(match.end())
                elif bracket == ")":
                    known[open_.pop()] = self.text[match.end()] == ")"
                    if not open_:
                        break
            for unclosed in open_:
                known[unclosed] = True
        return known[pos]

    def arithmetic(self, kind: str, opener: str, closer: str, semicolons: bool = False) -> None:
        """`((…))`, `$((…))`, `$[…]`; `semicolons` separate the parts of `for ((…))`."""
        text, push, start, depth = self.text, self.push, self.pos, 0
        self.enter(start, opener, closer)
        self.token(kind, start, start + len(opener))
        up, down = ("[", "]") if closer == "]" else ("(", ")")
        while True:
            pos = self.pos
            run = arithmetic_run(text, pos)
            if run:
                self.pos = run.end()
                push("LITERAL", Literal(pos, self.pos, run.group()))
                continue
            char = text[pos]
            if char == down and not depth:
                break
            if char == "\0":
                self.unclosed()
            if char == ";" and semicolons and not depth:
                self.token("ARITH_SEMI", pos, pos + 1)
            elif char == "$":
                self.expansion(True)
            elif char == "\\":
                self.quoted_escape(QUOTED_ESCAPES)
            elif not self.word_part(char):
                depth += (char == up) - (char == down)
                push("LITERAL", Literal(pos, pos + 1, char))
                self.pos = pos + 1
        if not text.startswith(closer, self.pos):
            self.unclosed()
        self.token("ARITH_CLOSE", self.pos, self.pos + len(closer))
        self.leave()


def shell_table() -> Table:
    """The table of shell.lark, made once."""
    global _table
    if _table is None:
        from msh.syntax import build, tables
        from msh.syntax.parser import Table

        _table = Table(
            tables.SHELL_STARTS,
            tables.SHELL_ACTIONS,
            tables.SHELL_DEFAULTS,
            tables.SHELL_GOTO,
            tables.SHELL_RULES,
            vars(build),
        )
    return _table


_table: Table | None = None
if TYPE_CHECKING:
    from msh.syntax.parser import Table
