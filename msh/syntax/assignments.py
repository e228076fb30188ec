"""Tokens of assignments: `x=w`, `x+=w`, `a[i]=w`, `a=(…)`."""

from __future__ import annotations

import re

from msh.syntax.lazy import lazy_match
from msh.syntax.nodes import Literal, Word
from msh.syntax.words import PLAIN_END, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.syntax.lexer import Lexer

assigned = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\+?=|\[)").match
plain_line = lazy_match(globals(), "plain_line", "[^$`'\"\\\\]*\\Z")
line_end = re.compile("\n").search
argument_end = re.compile("[ \t\n|&;()<>]").search


def read_assignment(lexer: Lexer, start: int, text: str) -> bool:
    """`name=`, `name+=`, or `name[`, which may become one; False if the word that begins with `text` cannot."""
    match = assigned(text)
    if not match or lexer.previous == "REDIRECT" or not lexer.parser.can_shift("ASSIGN"):
        return False
    sign = match.group(2)
    if lexer.let and lexer.text[start + match.end()] == "(":
        lexer.pos = start
        lexer.word(regex=True)  # arithmetic: `let x=(a+1)*2`
        lexer.after_word, lexer.previous = True, "WORD"
        return True
    if sign == "[" and _never_closed(lexer, start + match.end(1)):
        return False
    if sign == "[":
        lexer.token("ELEMENT_NAME", start, start + match.end(1))
        lexer.subscript()
        _after_subscript(lexer)
    else:
        lexer.token("ASSIGN", start, start + match.end())
        _value(lexer)
    lexer.after_word, lexer.previous = True, "ASSIGN"
    return True


def _never_closed(lexer: Lexer, pos: int) -> bool:
    """Whether a bracket is an ordinary character: its plain line ends without the other one (`a[`, `a[5 +`).

    So it is in an argument of a declaration builtin whose word ends before.
    """
    end = (argument_end if lexer.previous == "WORD" else line_end)(lexer.text, pos)
    piece = lexer.text[pos : end.start() if end else len(lexer.text)]
    return (
        piece.count("]") < piece.count("[")
        and plain_line(piece) is not None
        and (lexer.previous == "WORD" or "]" not in piece)
    )


def _after_subscript(lexer: Lexer) -> None:
    """An assignment if its sign follows, else the rest of a word."""
    text, pos = lexer.text, lexer.pos
    sign = "+=" if text.startswith("+=", pos) else "=" if text[pos] == "=" else ""
    if sign and lexer.parser.can_shift("ASSIGN_SIGN"):
        lexer.token("ASSIGN_SIGN", pos, pos + len(sign))
        _value(lexer)
    elif text[pos] in " \t\n|&;()<>\0":
        lexer.push("WORD_END", None)
    else:
        lexer.word()


def _value(lexer: Lexer) -> None:
    """What is assigned: a word side by side with the sign, an array, or nothing."""
    text, pos = lexer.text, lexer.pos
    if text[pos] == "(":
        _array(lexer)
        return
    run = plain(text, pos)
    if run and text[run.end()] in PLAIN_END:
        lexer.push("WORD", Word(pos, run.end(), (Literal(pos, run.end(), run.group()),)))
        lexer.pos = run.end()
    elif text[pos] in PLAIN_END:
        lexer.push("WORD", Word(pos, pos, ()))
    else:
        lexer.word()


def _array(lexer: Lexer) -> None:
    """`(a [k]=b …)`"""
    start = lexer.pos
    lexer.enter(start, "(", ")")
    lexer.token("ARRAY_OPEN", start, start + 1)
    while True:
        lexer.skip_space()
        text = lexer.text
        char = text[lexer.pos]
        if char == ")":
            break
        if char == "\0":
            lexer.unclosed()
        if char == "[":
            lexer.subscript()
            _after_subscript(lexer)
        elif char in "|&;(" or (char in "<>" and text[lexer.pos + 1] != "("):
            lexer.unclosed()
        else:
            lexer.word()
    lexer.token("ARRAY_CLOSE", lexer.pos, lexer.pos + 1)
    lexer.leave()
