"""test and [: POSIX's algorithm by number of arguments, then the old precedence rules for longer expressions."""

from __future__ import annotations

from msh.run.control import ShellError
from msh.run.tests import BINARY, UNARY, binary, unary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell


def test(sh: Shell, argv: list[str]) -> int:
    words = argv[1:]
    if argv[0] == "[":
        if not words or words[-1] != "]":
            raise ShellError("[: missing `]'", 2)
        words = words[:-1]
    try:
        return 0 if evaluate(sh, words) else 1
    except ShellError as error:
        raise ShellError(f"{argv[0]}: {error.message}", 2) from None


def evaluate(sh: Shell, words: list[str]) -> bool:
    """POSIX XCU test, by the number of arguments."""
    count = len(words)
    if count == 0:
        return False
    if count == 1:
        return words[0] != ""
    if count == 2:
        return _two(sh, words)
    if count == 3:
        return _three(sh, words)
    if count == 4:
        if words[0] == "!":
            return not _three(sh, words[1:])
        if words[0] == "(" and words[3] == ")":
            return _two(sh, words[1:3])
    return Expression(sh, words).parse()


def _two(sh: Shell, words: list[str]) -> bool:
    operator, operand = words
    if operator == "!":
        return operand == ""
    if operator in UNARY:
        return unary(sh, operator, operand)
    raise ShellError(f"{operator}: unary operator expected")


def _three(sh: Shell, words: list[str]) -> bool:
    left, operator, right = words
    if operator in BINARY:
        return binary(sh, operator, left, right)
    if operator == "-a":
        return left != "" and right != ""
    if operator == "-o":
        return left != "" or right != ""
    if left == "!":
        return not _two(sh, words[1:])
    if left == "(" and right == ")":
        return operator != ""
    raise ShellError(f"{operator}: binary operator expected")


class Expression:
    """`-o` under `-a` under `!` under primaries, by recursive descent over the words."""

    def __init__(self, sh: Shell, words: list[str]) -> None:
        self.sh = sh
        self.words = words
        self.at = 0

    def parse(self) -> bool:
        value = self.disjunction()
        if self.at < len(self.words):
            raise ShellError("too many arguments")
        return value

    def peek(self, offset: int = 0) -> str | None:
        index = self.at + offset
        return self.words[index] if index < len(self.words) else None

    def disjunction(self) -> bool:
        value = self.conjunction()
        while self.peek() == "-o":
            self.at += 1
            value = self.conjunction() or value
        return value

    def conjunction(self) -> bool:
        value = self.negation()
        while self.peek() == "-a":
            self.at += 1
            value = self.negation() and value
        return value

    def negation(self) -> bool:
        negated = False
        while self.peek() == "!" and self.peek(1) is not None:
            negated = not negated
            self.at += 1
        return self.primary() != negated

    def primary(self) -> bool:
        word = self.peek()
        if word is None:
            raise ShellError("argument expected")
        operator = self.peek(1)
        if operator in BINARY and self.peek(2) is not None:
            right = self.words[self.at + 2]
            self.at += 3
            return binary(self.sh, operator, word, right)
        if word == "(":
            self.at += 1
            value = self.disjunction()
            if self.peek() != ")":
                raise ShellError("`)' expected")
            self.at += 1
            return value
        if word in UNARY and operator is not None:
            self.at += 2
            return unary(self.sh, word, operator)
        self.at += 1
        return word != ""


BUILTINS: dict[str, Builtin] = {"test": test, "[": test}
