"""A position in a text, the parser that its tokens go to, and what is open there."""

from __future__ import annotations

from msh.syntax.parser import Parser, Problem, Table, Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from msh.syntax.lexer import Lexer
    from msh.syntax.nodes import Comment

#: How many constructs may be open at one place (quotes not counted). Deeper text is refused, so that every later stage
#: may recurse over a tree: 400 levels at 20 frames each stay under RECURSION_LIMIT.
NESTING_LIMIT = 400


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


class Reader:
    """A position in a text, and the parser that its tokens go to.

    The text ends with a NUL, which no text contains. It may change behind the position while words are read
    (`aliases.py`), so no loop keeps it.
    """

    def __init__(self, text: str, start_symbol: str, depth: int = 0) -> None:
        self.text = text if text.endswith("\0") else text + "\0"
        self.pos = self.begin = 0
        self.depth = depth
        self.open: list[Open] = []
        self.comments: list[Comment] = []
        self.joints: set[int] = set()  # line continuations inside of a token, see joints.py
        self.glob_closed: dict[int, bool] = {}  # offset after `(` in an operand: whether its `)` comes in the operand
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
        char = self.text[pos]
        found = "end of input" if ended else "the end of the line" if char == "\n" else f"`{char}`"
        message = f"expected {opener.closer()}, found {found}"
        stop = pos if ended else pos + 1
        raise Problem("MSH105", message, pos, stop, (opener.start, opener.end), incomplete=ended)

    def inner(self, text: str, symbol: str) -> Lexer:
        """A lexer for a text inside of this one."""
        raise NotImplementedError

    def token(self, kind: str, start: int, end: int) -> None:
        self.push(kind, Token(start, end, self.text[start:end]))
        self.pos = end


def shell_table() -> Table:
    """The table of shell.lark, made once."""
    global _table
    if _table is None:
        from msh.syntax import build, tables

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
