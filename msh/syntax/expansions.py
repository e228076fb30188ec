"""Tokens of expansions: what begins with `$` or a backquote, subscripts, extended patterns, arithmetic."""

from __future__ import annotations

import re

from msh.syntax.build import ParameterName
from msh.syntax.lazy import lazy_match
from msh.syntax.nodes import FOREIGN, Literal, Parameter, SingleQuoted
from msh.syntax.parser import Problem
from msh.syntax.words import QUOTED_ESCAPES, Words, plain

parameter = lazy_match(
    globals(), "parameter", r"\$(?:([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])|\{([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])\})"
)
arithmetic_run = lazy_match(globals(), "arithmetic_run", "[^$`\"'\\\\()\\[\\];\0]+")
operand_run = lazy_match(globals(), "operand_run", "[^$`\"'\\\\}/:<>?*+@!()\0]+")
parameter_name = lazy_match(globals(), "parameter_name", r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]")
parameter_operator = lazy_match(globals(), "parameter_operator", r":[-=?+]|##?|%%?|/[/#%]?|\^\^?|,,?|~~?|:|[-=?+@*]")
ARITHMETIC_BRACKET = "\\\\.|\\$'(?:[^'\\\\]|\\\\.)*'|'[^']*'|\"(?:[^\"\\\\]|\\\\.)*\"|[()]"
OPERAND_BRACKET = "\\\\.|'[^']*'|\"(?:[^\"\\\\]|\\\\.)*\"|\\$\\{|[()}]"
literal_pair = lazy_match(globals(), "literal_pair", "'[^'\"\n\0]*'")
subscript_run = lazy_match(globals(), "subscript_run", "[^$`\"'\\\\\\[\\]<>\0]+")
backquote_end = lazy_match(globals(), "backquote_end", r"(?:[^`\\]|\\.)*", re.S)
FOREIGN_BRACKET = "\\\\.|\"(?:[^\"\\\\]|\\\\.)*\"|'[^']*'|\\$\\{|\\}"
OPERAND_ESCAPES = QUOTED_ESCAPES | {"}"}
TOGGLED_ESCAPES = frozenset(map(chr, range(1, 128))) - {
    "\n"
}  # in "${x+"…"}", where the inner quotes end the outer ones


class Expansions(Words):
    """Everything inside of words that is expanded."""

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
            elif text[pos + 2] == "\\" and re.compile(r"(?:\\\n)+\(").match(text, pos + 2):
                self.joints.add(pos + 2)
                self.substitution("COMMAND_OPEN", pos + 2)
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
        if text[start + 2] in FOREIGN:
            self.foreign(start)
            return
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
            text = self.text
        if text.startswith("\\\n", self.pos):
            self.joints.add(self.pos)
        sign = parameter_operator(text, self.pos)
        if sign:
            self.token("PARAMETER_OPERATOR", sign.start(), sign.end())
            self.operand(quoted, sign.group())
        if self.text[self.pos] != "}":
            self.unclosed()
        self.token("PARAMETER_CLOSE", self.pos, self.pos + 1)
        self.leave()

    def foreign(self, start: int) -> None:
        """`${(f)x}`, `${.sh.file}`, in scripts for other shells too: a bad substitution if it is ever come to."""
        depth = 1
        for match in re.compile(FOREIGN_BRACKET, re.S).finditer(self.text, start + 2):
            depth += (match.group() == "${") - (match.group() == "}")
            if not depth:
                self.pos = end = match.end()
                self.push(
                    "PARAMETER", Parameter(start, end, self.text[start + 2 : end - 1], True, "", None, "", None, None)
                )
                self.leave()
                return
        self.pos = len(self.text) - 1
        self.unclosed()

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
        push = self.push
        is_pattern = sign[0] in "#%/^,~"
        separator = sign[0] if sign in ("/", "//", "/#", "/%", ":") else ""
        literal_quotes = quoted and not is_pattern
        depth, quote_end, start = 0, -1, self.pos
        while True:
            text, pos = self.text, self.pos
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
            if char == separator and not depth and not (sign == "//" and pos == start):  # `${x////r}` replaces slashes
                separator = ""
                self.token("PARAMETER_SEPARATOR", pos, pos + 1)
                is_pattern = False
            elif char == "'" and literal_quotes:
                if pos > quote_end:  # as in bash, a brace between two such quotes closes nothing
                    pair = literal_pair(text, pos)
                    quote_end = pair.end() - 1 if pair else -1
                push("LITERAL", Literal(pos, pos + 1, char))
                self.pos = pos + 1
            elif char in "?*+@!" and text[pos + 1] == "(" and is_pattern and self.glob_closes(pos + 2):
                self.extended_glob()
            elif char == "\\" and literal_quotes:
                self.quoted_escape(OPERAND_ESCAPES)
            elif char == '"' and literal_quotes:
                self.double_quoted(pos, TOGGLED_ESCAPES)
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

    def glob_closes(self, pos: int) -> bool:
        """Whether the parenthesis before `pos` is closed before the brace that ends the operand: else it is text."""
        known = self.glob_closed
        if pos not in known:
            open_, braces = [pos], 0
            for match in re.compile(OPERAND_BRACKET, re.S).finditer(self.text, pos):
                bracket = match.group()
                if bracket == "(":
                    open_.append(match.end())
                elif bracket == ")":
                    known[open_.pop()] = True
                elif bracket == "${":
                    braces += 1
                elif bracket == "}":
                    braces -= 1
                if not open_ or braces < 0:
                    break
            for unclosed in open_:
                known[unclosed] = False
        return known[pos]

    def extended_glob(self) -> None:
        """`@(a|b)`: anything but `|` and `)` is part of the pattern, blanks too."""
        push, start, depth = self.push, self.pos, 0
        self.enter(start, self.text[start : start + 2], ")")
        self.token("GLOB_OPEN", start, start + 2)
        while True:
            text, pos = self.text, self.pos
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
        push, start, depth = self.push, self.pos, 0
        self.enter(start, "[", "]")
        self.token("SUBSCRIPT_OPEN", start, start + 1)
        while True:
            text, pos = self.text, self.pos
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
                    if self.text[match.end()] == "\\" and self.text.startswith("\n", match.end() + 1):
                        self.joints.add(match.end())
                    known[open_.pop()] = self.text[match.end()] == ")"
                    if not open_:
                        break
            for unclosed in open_:
                known[unclosed] = True
        return known[pos]

    def arithmetic(self, kind: str, opener: str, closer: str, semicolons: bool = False) -> None:
        """`((…))`, `$((…))`, `$[…]`; `semicolons` separate the parts of `for ((…))`."""
        push, start, depth = self.push, self.pos, 0
        self.enter(start, opener, closer)
        self.token(kind, start, start + len(opener))
        up, down = ("[", "]") if closer == "]" else ("(", ")")
        while True:
            text, pos = self.text, self.pos
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
