"""What was expected where the parser stopped, and where the construct that it stopped in began.

The lexer knows what is open (`Lexer.open`) and each open construct knows which word comes next in it; what else fits is
asked of the parse table, as the lexer does. The first of these that holds is said:

1. a word is missing after a redirection, a command after `&&`, `then`, `{` and the like;
2. something ends (`fi`, `)`, the text) while a construct inside of it is open: the word that must come first;
3. something ends that was never begun;
4. few things fit here: they are listed;
5. otherwise the token is unexpected.
"""

from __future__ import annotations

from msh.syntax.parser import Problem, Token, Unexpected

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.syntax.lexer import Lexer

    Said = tuple[str, str, tuple[int, int] | None]

#: Tokens that end or continue something, so that what should have come before them is missing.
CLOSING = frozenset(
    ["FI", "DONE", "ESAC", "RBRACE", "RPAR", "CONDITION_CLOSE", "SUBSTITUTION_CLOSE", "THEN", "DO", "ELSE", "ELIF"]
).union(["CASE_END", "CASE_FALL", "CASE_NEXT", "$END"])
#: Tokens of the command level after which a command must come.
WANTS_COMMAND = frozenset(
    ["THEN", "ELSE", "ELIF", "DO", "AND_IF", "OR_IF", "PIPE", "PIPE_BOTH", "LBRACE", "LPAR", "BANG", "IF", "WHILE"]
).union(["UNTIL", "COPROC"])
#: Of these, those after which it is missing even at the end of the text, where else a closing word is named.
OPERATORS = frozenset(["AND_IF", "OR_IF", "PIPE", "PIPE_BOTH", "COPROC"])
SIGNS = frozenset(["SEMI", "AMP", "PIPE", "PIPE_BOTH", "AND_IF", "OR_IF"])

#: What is listed when it fits, in this order.
LISTED = {
    "NAME": "a name",
    "FUNCTION_NAME": "a name",
    "CONDITION_BINARY": "an operator",
    "IN": "`in`",
    "PIPE": "`|`",
    "CASE_CLOSE": "`)`",
    "RPAR": "`)`",
    "ARITH_SEMI": "`;`",
    "SEMI": "`;`",
    "DO": "`do`",
    "CONDITION_CLOSE": "`]]`",
    "LBRACE": "`{`",
    "WORD": "a word",
}
FEW = 4


def explain(lexer: Lexer, unexpected: Unexpected) -> Problem:
    """The problem that an unexpected token is."""
    kind, value, text = unexpected.kind, unexpected.value, lexer.text
    ended = kind == "$END"
    if ended:
        start = stop = len(text) - 1
        found = "end of input"
    else:
        start = getattr(value, "start", lexer.pos)
        stop = max(getattr(value, "end", lexer.pos), start + 1)
        shown = text[start:stop]
        found = "the end of the line" if shown[0] == "\n" else f"`{shown.split(chr(10))[0]}`"
    code, message, opened = _say(lexer, kind, found)
    return Problem(code, message, start, stop, opened, incomplete=ended)


def _say(lexer: Lexer, kind: str, found: str) -> Said:
    opener = lexer.open[-1] if lexer.open else None
    span = (opener.start, opener.end) if opener else None
    if lexer.previous in ("REDIRECT", "HEREDOC_SIGN"):
        return "MSH107", f"expected a word after `{_text_before(lexer)}`, found {found}", None
    if opener and opener.condition:
        return _say_condition(lexer, found, span)
    if lexer.parser.can_shift("IF") and _wants_command(lexer, kind):
        return _say_command(lexer, found, span)
    if opener and kind in CLOSING:
        if lexer.previous in ("FOR", "SELECT"):
            return "MSH111", f"expected a name after `{opener.text}`, found {found}", None
        if opener.expected in ("then", "do", "in"):
            return "MSH103", f"expected `{opener.expected}` after `{opener.after}`, found {found}", span
        return "MSH104", f"expected {opener.closer()}, found {found}", span
    if kind in CLOSING and kind != "$END":
        return "MSH101", f"{found} closes nothing", None
    fitting = _fitting(lexer)
    if fitting:
        return "MSH112", f"expected {fitting}, found {found}", span
    return "MSH101", f"unexpected {found}", None


def _wants_command(lexer: Lexer, kind: str) -> bool:
    """Whether a command is missing before this token."""
    if not lexer.parser.can_shift("WORD"):
        return kind not in CLOSING or lexer.previous in ("RPAR", "FUNCTION_NAME", "COPROC_NAME")  # a function's body
    if lexer.previous in OPERATORS:
        return True
    return kind in SIGNS or (kind in CLOSING and kind != "$END" and lexer.previous in WANTS_COMMAND)


def _say_command(lexer: Lexer, found: str, span: tuple[int, int] | None) -> Said:
    before = _text_before(lexer)
    after = f" after `{before}`" if before and lexer.previous not in ("", "NEWLINE") else ""
    if not lexer.parser.can_shift("WORD"):
        return "MSH102", f"expected `{{` or another compound command as the body of the function, found {found}", None
    return "MSH102", f"expected a command{after}, found {found}", span


def _say_condition(lexer: Lexer, found: str, span: tuple[int, int] | None) -> Said:
    """What is wrong between `[[` and `]]`."""
    can_shift = lexer.parser.can_shift
    if not can_shift("WORD"):
        closer = "`]]`" if can_shift("CONDITION_CLOSE") else "`)`"
        operator = "an operator" if can_shift("CONDITION_BINARY") else "`&&`, `||`"
        return "MSH113", f"expected {operator} or {closer}, found {found}", span
    if can_shift("CONDITION_UNARY"):
        return "MSH113", f"expected a condition after `{_text_before(lexer)}`, found {found}", span
    return "MSH113", f"expected a word after `{_text_before(lexer)}`, found {found}", span


def _fitting(lexer: Lexer) -> str:
    """What fits here, in words; empty when that is too much to list."""
    can_shift = lexer.parser.can_shift
    if can_shift("IF"):
        return ""
    words = list(dict.fromkeys([words for kind, words in LISTED.items() if can_shift(kind)]))
    if not words or len(words) > FEW or can_shift("AND_IF"):
        return ""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


def _text_before(lexer: Lexer) -> str:
    """The text of the last token."""
    for value in reversed(lexer.parser.values):
        last = value[-1] if type(value) is list and value else value
        if type(last) is Token and last.text != "\n":
            return last.text
    return ""
