"""Expressions: the text of `$(( ))` to a tree, by grammar/arithmetic.lark.

An expansion inside is one operand. That is not what the shell does in every case: `$x$op 1` and `${a}b` are tokens
only after expansion. Such a text has no tree here, and is parsed by `parse_arithmetic` when its words are known.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from msh.diagnostics import Diagnostic, Label, MshError
from msh.source import Source
from msh.syntax import nodes as n
from msh.syntax.parser import Parser, Problem, Table, Token, Unexpected
from msh.syntax.walk import children

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Children = list[Any]

#: How deep the tree of an expression may be. `1+1+…` is deep too: each operator is a level.
DEPTH_LIMIT = 1000

#: A number without a value.
MISSING = "?"

_token = re.compile(
    r"[ \t\n]*(?:([0-9][0-9A-Za-z_@#]*)|([A-Za-z_][A-Za-z0-9_]*)|(\0)"
    r"|(\*\*|<<=|>>=|\+\+|--|&&|\|\||<<|>>|[-<>=!*/%+&^|]=|[-+*/%<>=!~&^|?:,()]))?"
).match
_bracket = re.compile(r"[\[\]]").finditer


class NoToken(Problem):
    """A character that begins no token."""


class Text:
    """The parts of an arithmetic text as one string, in which NUL stands for an expansion."""

    def __init__(self, parts: tuple[n.WordPart, ...], start: int, end: int) -> None:
        self.chunks: list[
            tuple[int, n.WordPart | str, int, int]
        ] = []  # offset here, text or expansion, span in the source
        self.start, self.end, self.length = start, end, 0
        self._add(parts)
        self.offsets = [chunk[0] for chunk in self.chunks]
        self.text = "".join(["\0" if not isinstance(chunk[1], str) else chunk[1] for chunk in self.chunks])

    def _add(self, parts: tuple[n.WordPart, ...]) -> None:
        for part in parts:
            if isinstance(part, n.DoubleQuoted):
                self._add(part.parts)
            elif isinstance(part, (n.Literal, n.Escaped, n.SingleQuoted)):
                if not part.text:
                    continue
                inset = part.end - part.start - len(part.text)
                self.chunks.append((self.length, part.text, part.start + min(inset, 1), part.end))
                self.length += len(part.text)
            else:
                self.chunks.append((self.length, part, part.start, part.end))
                self.length += 1

    def source_start(self, offset: int) -> int:
        """The source's offset of a character."""
        if not self.chunks:
            return self.start
        at, _, start, _ = self.chunks[bisect_right(self.offsets, offset) - 1]
        return start + offset - at

    def source_end(self, offset: int) -> int:
        """The source's offset after the character before `offset`."""
        if not self.chunks or not offset:
            return self.start
        at, part, start, end = self.chunks[bisect_right(self.offsets, offset - 1) - 1]
        return start + offset - at if isinstance(part, str) else end

    def part(self, offset: int) -> n.WordPart:
        """The expansion that the NUL at this offset stands for."""
        part = self.chunks[bisect_right(self.offsets, offset) - 1][1]
        assert not isinstance(part, str)
        return part

    def word(self, start: int, end: int) -> n.Word:
        """What stands between two offsets."""
        parts: list[n.WordPart] = []
        first_chunk = bisect_right(self.offsets, start) - 1
        for at, part, source, _ in self.chunks[max(first_chunk, 0) : bisect_right(self.offsets, end)]:
            if not isinstance(part, str):
                if start <= at < end:
                    parts.append(part)
                continue
            first, last = max(start, at), min(end, at + len(part))
            if first < last:
                parts.append(n.Literal(source + first - at, source + last - at, part[first - at : last - at]))
        return n.Word(self.source_start(start), max(self.source_end(end), self.source_start(start)), tuple(parts))


def expression_of(parts: tuple[n.WordPart, ...], start: int, end: int) -> n.Expression | None:
    """The tree of an arithmetic text; None if it can be parsed only after expansion, or not at all.

    bash finds a mistake in an expression when it evaluates it, so a mistake is no syntax error of the script.
    """
    try:
        return _parse(Text(parts, start, end))
    except Problem as problem:
        if problem.code == "MSH109":
            raise
        return None


def parse_arithmetic(text: str) -> n.Expression:
    """The tree of an expanded text; blank is 0. Raises MshError (MSH115)."""
    try:
        return _parse(Text((n.Literal(0, len(text), text),), 0, len(text)))
    except Problem as problem:
        label = Label(problem.start, problem.end)
        raise MshError(Diagnostic(problem.code, problem.message, Source("arithmetic", text), (label,))) from None


def begun_arithmetic(text: str) -> n.Expression:
    """The tree of a text with a mistake, up to the mistake; for an operand that is missing stands the number MISSING.

    bash evaluates an expression while it reads it, so this much of it counts. It reads one token ahead: the operand
    before a character that begins no token is not used any more.
    """
    parts = Text((n.Literal(0, len(text), text),), 0, len(text))
    parser = Parser(arithmetic_table(), "expression")
    missing = n.Number(0, len(text), MISSING)
    try:
        _push_tokens(parts, parser)
    except Problem as problem:
        while isinstance(problem, NoToken) and not parser.can_shift("OPERAND"):
            del parser.states[-1], parser.values[-1]
        while not parser.can_shift("$END"):
            kind = next((kind for kind in ("OPERAND", "RPAR", "COLON") if parser.can_shift(kind)), "")
            if not kind:
                return missing
            parser.push(kind, missing)
        parser.push("$END", None)
    expression: n.Expression = parser.values[0]
    _check_depth(expression)
    return expression


def _parse(text: Text) -> n.Expression:
    if not text.text.strip(" \t\n"):
        return n.Number(text.start, text.end, "0")
    parser = Parser(arithmetic_table(), "expression")
    count = _push_tokens(text, parser)
    expression: n.Expression = parser.values[0]
    if count > DEPTH_LIMIT:
        _check_depth(expression)
    return expression


def _push_tokens(text: Text, parser: Parser) -> int:
    """Every token of the text goes to the parser; returns how many."""
    joined, pos, count, before = text.text, 0, 0, ""
    while True:
        match = _token(joined, pos)
        assert match  # it matches the empty string
        number, name, operand, sign = match.groups()
        if match.lastindex is None:
            if match.end() < len(joined):
                problem = _problem(text, joined, match.end())
                raise NoToken(problem.code, problem.message, problem.start, problem.end)
            _push(parser, text, "$END", None, pos, pos)
            return count
        start, end = match.span(match.lastindex)
        count += 1
        touching = before in ("word", "number", "operand") and start == pos
        if (operand and touching) or (before == "operand" and touching and not sign):
            raise Problem("MSH115", "an expansion may complete this token", start, end)
        if sign:
            end = _push_sign(parser, text, sign, start, before)
            before = sign
        elif name:
            _push(parser, text, "NAME", _token_at(text, start, end), start, end)
            end = _push_subscript(parser, text, end)
            before = "word"
        else:
            node = _number(text, start, end) if number else _operand(text, start)
            _push(parser, text, "NUMBER" if number else "OPERAND", node, start, end)
            before = "number" if number else "operand"
        pos = end


def _push_sign(parser: Parser, text: Text, sign: str, start: int, before: str) -> int:
    """An operator; `--` neither after nor before a variable is two signs (`--5` is 5, `2--1` is 3)."""
    end = start + len(sign)
    if sign in ("++", "--") and before != "word":
        rest = text.text[end:].lstrip(" \t\n")
        if not rest or not (rest[0].isalpha() or rest[0] == "_"):
            sign, end = sign[0], start + 1
    _push(parser, text, _operators()[sign], _token_at(text, start, end), start, end)
    return end


def _push_subscript(parser: Parser, text: Text, pos: int) -> int:
    """`[…]` right after a name."""
    if not text.text.startswith("[", pos):
        return pos
    depth = 0
    for bracket in _bracket(text.text, pos):
        depth += 1 if bracket.group() == "[" else -1
        if not depth:
            break
    else:
        raise Problem("MSH115", "expected `]` to close `[`", text.source_start(pos), text.source_start(pos) + 1)
    end = bracket.end()
    word = text.word(pos + 1, end - 1)
    inside = text.text[pos + 1 : end - 1]
    node = n.Subscript(text.source_start(pos), text.source_end(end), word, inside if inside in ("@", "*") else "")
    _push(parser, text, "SUBSCRIPT", node, pos, end)
    return end


def _push(parser: Parser, text: Text, kind: str, value: object, start: int, end: int) -> None:
    try:
        parser.push(kind, value)
    except Unexpected:
        raise _problem(text, text.text, start, end) from None


def _problem(text: Text, joined: str, start: int, end: int | None = None) -> Problem:
    end = start + 1 if end is None else end
    found = "end" if start == end else "an expansion" if joined[start:end] == "\0" else f"`{joined[start:end]}`"
    message = f"unexpected {found} in an arithmetic expression"
    return Problem("MSH115", message, text.source_start(start), text.source_end(end))


def _token_at(text: Text, start: int, end: int) -> Token:
    return Token(text.source_start(start), text.source_end(end), text.text[start:end])


def _number(text: Text, start: int, end: int) -> n.Number:
    return n.Number(text.source_start(start), text.source_end(end), text.text[start:end])


def _operand(text: Text, start: int) -> n.Operand:
    part = text.part(start)
    return n.Operand(part.start, part.end, part)


def _check_depth(expression: n.Expression) -> None:
    level: list[n.Node] = [expression]
    for _ in range(DEPTH_LIMIT):
        level = [child for node in level for child in children(node)]
        if not level:
            return
    message = f"an expression is nested more than {DEPTH_LIMIT} deep"
    raise Problem("MSH109", message, expression.start, expression.end)


# ---- builders -----------------------------------------------------------------


def binary(c: Children) -> n.Binary:
    return n.Binary(c[0].start, c[2].end, c[1].text, c[0], c[2])


def conditional(c: Children) -> n.Conditional:
    return n.Conditional(c[0].start, c[4].end, c[0], c[2], c[4])


def assign(c: Children) -> n.AssignmentExpression:
    return n.AssignmentExpression(c[0].start, c[2].end, c[1].text, c[0], c[2])


def unary(c: Children) -> n.Unary:
    return n.Unary(c[0].start, c[1].end, c[0].text, c[1])


def postfix(c: Children) -> n.Unary:
    return n.Unary(c[0].start, c[1].end, c[1].text, c[0], True)


def group(c: Children) -> n.Expression:
    return c[1]  # type: ignore[no-any-return]


def variable(c: Children) -> n.Variable:
    return n.Variable(c[0].start, c[-1].end, c[0].text, c[1] if len(c) == 2 else None)


def arithmetic_table() -> Table:
    """The table of arithmetic.lark, made once."""
    global _table
    if _table is None:
        from msh.syntax import tables as t

        _table = Table(
            t.ARITHMETIC_STARTS,
            t.ARITHMETIC_ACTIONS,
            t.ARITHMETIC_DEFAULTS,
            t.ARITHMETIC_GOTO,
            t.ARITHMETIC_RULES,
            globals(),
        )
    return _table


def _operators() -> dict[str, str]:
    from msh.syntax.tables import ARITHMETIC_OPERATORS

    return ARITHMETIC_OPERATORS


_table: Table | None = None
