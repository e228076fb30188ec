"""Tokens inside of `[[ ]]`, where operators are words of their own and newlines end nothing."""

from __future__ import annotations

from msh.syntax.lazy import lazy_match
from msh.syntax.tables import OPERATORS, RESERVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.syntax.lexer import Lexer

sign = lazy_match(globals(), "sign", r"&&|\|\||[()]|[<>](?!\()|!(?=[ \t\n(&|)])|\]\](?=[ \t\n;&|)<>\0])")
option = lazy_match(globals(), "option", r"[-=!~A-Za-z]+(?=[ \t\n])")
unary = lazy_match(globals(), "unary", r"-[a-hknoprstuvwxzGLNORS]\Z")
BINARY = frozenset(["=", "==", "!=", "=~", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"])


def read_condition(lexer: Lexer, start: int) -> None:
    """Push the tokens up to the `]]` that closes the opener at `start`."""
    can_shift, regex = lexer.parser.can_shift, False
    lexer.enter(start, "[[", "]]").condition = True
    while True:
        lexer.skip_space()
        text, pos = lexer.text, lexer.pos
        if text[pos] == "\0":
            lexer.unclosed()
        found = None if regex else sign(text, pos)
        if found and text[pos] == "!" and not can_shift(RESERVED["!"]):
            found = None  # `[[ x == !(a) ]]`
        if found:
            _sign(lexer, pos, found.group())
            if found.group() == "]]":
                break
        else:
            regex = _operand(lexer, pos, regex)
    lexer.leave()
    lexer.after_word, lexer.previous = False, "CONDITION_CLOSE"


def _sign(lexer: Lexer, pos: int, mark: str) -> None:
    kind = "CONDITION_BINARY" if mark in "<>" else "CONDITION_CLOSE" if mark == "]]" else ""
    lexer.emit(kind or RESERVED.get(mark) or OPERATORS[mark], pos, pos + len(mark))
    if mark == "(":
        lexer.enter(pos, "(", ")").condition = True
    elif mark == ")":
        lexer.leave()


def _operand(lexer: Lexer, pos: int, regex: bool) -> bool:
    """An option or a word; whether a regular expression comes next."""
    can_shift, found = lexer.parser.can_shift, option(lexer.text, pos)
    if found and found.group() in BINARY and can_shift("CONDITION_BINARY"):
        lexer.emit("CONDITION_BINARY", pos, found.end())
        return found.group() == "=~"
    if found and unary(found.group()) and can_shift("CONDITION_UNARY"):
        lexer.emit("CONDITION_UNARY", pos, found.end())
    else:
        lexer.word(regex)
    return False
