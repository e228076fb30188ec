"""What is wrong with an expression that cannot be parsed, in bash's words and at its place.

bash evaluates an expression while it reads it (expr.c), and says at which token it gave up: the one being read, or at
the end of the text the one before. So the text is read again as bash does, token by token, by recursive descent.
"""

from __future__ import annotations

import re

from msh.expand.integers import number

_blank = re.compile(r"[ \t\r\n]*").match
_name = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII).match
_constant = re.compile(r"[0-9][0-9A-Za-z_@#]*", re.ASCII).match
_sign = re.compile(r"<<=|>>=|==|!=|>=|<=|<<|>>|&&|\|\||\*\*|[-*/%+&^|]=|.", re.DOTALL).match

_ASSIGN = frozenset(["=", "*=", "/=", "%=", "+=", "-=", "<<=", ">>=", "&=", "^=", "|="])
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("||",),
    ("&&",),
    ("|",),
    ("^",),
    ("&",),
    ("==", "!="),
    ("<", "<=", ">", ">="),
    ("<<", ">>"),
    ("+", "-"),
    ("*", "/", "%"),
    ("**",),
)
_OPERATORS = frozenset("=><+-*/%!()&|^~?:,")  # the characters that can be tokens


class Mistake(Exception):
    """`reason` in bash's words, `at` the offset of the token it is said of, `end` where bash cuts the text off."""

    def __init__(self, reason: str, at: int, end: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.at = at
        self.end = end


def mistake_in(text: str) -> Mistake:
    """The first mistake in a text that is no expression."""
    try:
        _Reader(text).whole()
    except Mistake as mistake:
        return mistake
    return Mistake("syntax error in expression", 0)  # it is too deep, or bash takes it


class _Reader:
    """Tokens have kinds: "name", "number", an operator as itself, "" at the end; "pre" in `++x`, "post" in `x--`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0  # where reading goes on
        self.start = 0  # of the token
        self.token = self.last = ""

    def fail(self, reason: str, end: int | None = None) -> Mistake:
        return Mistake(reason, self.start, end)

    def read(self) -> None:
        """The next token."""
        text = self.text
        at = _blank(text, self.at).end()  # type: ignore[union-attr]  # it matches the empty text
        if at == len(text):
            self.last, self.token, self.at = self.token, "", at
            return
        self.start = at
        if found := _name(text, at):
            kind, end = "name", self._after_name(found.end())
        elif found := _constant(text, at):
            kind, end = "number", found.end()
            try:
                number(found[0])
            except ValueError as error:
                raise self.fail(str(error), end) from None
        else:
            kind, end = self._sign(at)
        self.last, self.token, self.at = self.token, kind, end

    def _after_name(self, at: int) -> int:
        """Past the subscript of a name."""
        if self.text[at : at + 1] == "[":
            depth = 0
            for i in range(at, len(self.text)):
                depth += {"[": 1, "]": -1}.get(self.text[i], 0)
                if not depth:
                    at = i + 1
                    break
            else:
                raise self.fail("bad array subscript")
        return at

    def _sign(self, at: int) -> tuple[str, int]:
        text = self.text
        if text.startswith(("++", "--"), at):
            return self._step(at)
        found = _sign(text, at)
        assert found  # there is a character
        sign = found[0]
        if sign[0] not in _OPERATORS:
            operand = self.token in ("name", "number", "post")
            what = "invalid arithmetic operator" if operand else "operand expected"
            raise self.fail(f"syntax error: {what}")
        return sign, found.end()

    def _step(self, at: int) -> tuple[str, int]:
        """`++` and `--`: after a variable, before one, or two signs."""
        sign, behind = self.text[at], _blank(self.text, at + 2).end()  # type: ignore[union-attr]  # likewise
        if self.token == "name":
            return "post", at + 2
        if self.token == "number" and self.last == "pre":
            raise self.fail(f"{sign * 2}: assignment requires lvalue")
        return ("pre", at + 2) if _name(self.text, behind) else (sign, at + 1)

    # ---- the grammar ------------------------------------------------------------

    def whole(self) -> None:
        self.read()
        self._list()
        if self.token:
            raise self.fail("syntax error in expression")

    def _list(self) -> None:
        self._assignment()
        while self.token == ",":
            self.read()
            self._assignment()

    def _assignment(self) -> None:
        self._conditional()
        if self.token in _ASSIGN:
            if self.last != "name":
                raise self.fail("attempted assignment to non-variable")
            self.read()
            self._assignment()

    def _conditional(self) -> None:
        self._binary(0)
        if self.token != "?":
            return
        self.read()
        if self.token in ("", ":"):
            raise self.fail("expression expected")
        self._list()
        if self.token != ":":
            raise self.fail("`:' expected for conditional expression")
        self.read()
        if not self.token:
            raise self.fail("expression expected")
        self._conditional()
        self.last = "?"

    def _binary(self, level: int) -> None:
        if level == len(_LEVELS):
            self._unary()
            return
        self._binary(level + 1)
        while self.token in _LEVELS[level]:
            right = level if self.token == "**" else level + 1
            self.read()
            self._binary(right)
            self.last = "number"

    def _unary(self) -> None:
        if self.token in ("!", "~", "-", "+"):
            self.read()
            self._unary()
            self.last = "number"
        else:
            self._operand()

    def _operand(self) -> None:
        if self.token == "pre":
            self.read()
            self.token, self.last = "number", "pre"
        elif self.token == "(":
            self.read()
            self._list()
            if self.token != ")":
                raise self.fail("missing `)'")
        elif self.token == "name":
            self._postfix()
            return
        elif self.token != "number":
            raise self.fail("syntax error: operand expected")
        self.read()

    def _postfix(self) -> None:
        self.read()
        if self.token == "post":
            self.token = "number"  # so that `x++ = 7` is a mistake
            self.read()
