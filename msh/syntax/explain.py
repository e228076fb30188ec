"""What was expected where the parser stopped, and where the construct that it stopped in began."""

from __future__ import annotations

from msh.syntax.parser import Problem, Token, Unexpected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.syntax.lexer import Lexer

#: Tokens that end or continue something, so that what should have come before them is missing.
CLOSING = frozenset(
    ["FI", "DONE", "ESAC", "RBRACE", "RPAR", "CONDITION_CLOSE", "SUBSTITUTION_CLOSE", "THEN", "DO", "ELSE", "ELIF"]
).union(["CASE_END", "CASE_FALL", "CASE_NEXT", "$END"])
#: Tokens of the command level after which a command must come.
WANTS_COMMAND = frozenset(
    ["THEN", "ELSE", "ELIF", "DO", "AND_IF", "OR_IF", "PIPE", "PIPE_BOTH", "LBRACE", "LPAR", "BANG", "IF", "WHILE"]
).union(["UNTIL", "TIME", "COPROC"])
SIGNS = frozenset(["SEMI", "AMP", "PIPE", "PIPE_BOTH", "AND_IF", "OR_IF", "NEWLINE"])


def explain(lexer: Lexer, unexpected: Unexpected) -> Problem:
    """The problem that an unexpected token is."""
    kind, value = unexpected.kind, unexpected.value
    text, at = lexer.text, lexer.pos
    ended = kind == "$END"
    if ended:
        start = stop = len(text) - 1
        found = "end of input"
    else:
        start = getattr(value, "start", at)
        stop = max(getattr(value, "end", at), start + 1)
        found = "the end of the line" if text[start] == "\n" else f"`{text[start:stop]}`"
    code, message, opened = _message(lexer, kind, found)
    return Problem(code, message, start, stop, opened, incomplete=ended)


def _message(lexer: Lexer, kind: str, found: str) -> tuple[str, str, tuple[int, int] | None]:
    can_shift, previous = lexer.parser.can_shift, lexer.previous
    opener = lexer.open[-1] if lexer.open else None
    span = (opener.start, opener.end) if opener else None
    if previous in ("REDIRECT", "HEREDOC_SIGN"):
        return "MSH107", f"expected a word after the redirection, found {found}", None
    if can_shift("IF") and (kind in SIGNS or kind in CLOSING) and _wants_command(lexer, kind):
        return "MSH102", f"expected a command after `{_text_before(lexer)}`, found {found}", span
    if opener and kind in CLOSING:
        if opener.expected in ("then", "do", "in"):
            return "MSH103", f"expected `{opener.expected}` after `{opener.after}`, found {found}", span
        return "MSH104", f"expected `{opener.expected}` to close `{opener.text}`, found {found}", span
    if kind in CLOSING and kind != "$END":
        return "MSH101", f"{found} closes nothing", None
    return "MSH101", f"unexpected {found}", span


def _wants_command(lexer: Lexer, kind: str) -> bool:
    if lexer.previous in ("AND_IF", "OR_IF", "PIPE", "PIPE_BOTH", "BANG"):
        return True
    return kind != "$END" and lexer.previous in WANTS_COMMAND


def _text_before(lexer: Lexer) -> str:
    for value in reversed(lexer.parser.values):
        if type(value) is Token and value.text != "\n":
            return value.text
        if type(value) is list and value and type(value[-1]) is Token:
            return str(value[-1].text)
    return ""
