"""Tokens of the shell language, for shell.lark.

What a character means in a shell script depends on where it stands, so the lexer runs in step with the parser: it
pushes each token, and before it decides it asks the parse table whether a token would fit here (`can_shift`). That
one question settles reserved words, the `)` of `case`, `NAME=value` before a command, function names and which
newlines matter, and keeps those decisions in the grammar. Two rules of POSIX are textual and live here: a reserved
word does not follow a word (`echo if`), and `in` is one only where the grammar wants it.
"""

from __future__ import annotations

import re

from msh.syntax.expansions import Expansions
from msh.syntax.lazy import lazy_match
from msh.syntax.nodes import Comment, Literal, Word
from msh.syntax.parser import Problem, Token, Unexpected
from msh.syntax.tables import OPERATORS, RESERVED
from msh.syntax.words import HEREDOC_ESCAPES, PLAIN_END, WORD_END, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from msh.syntax.heredocs import Pending
    from msh.syntax.reader import Open

blank = re.compile(r"(?:[ \t]+|\\\n)*").match
heredoc_run = lazy_match(globals(), "heredoc_run", "[^$`\\\\\0]+")
operator = lazy_match(globals(), "operator", r"&&|\|\||;;&|;;|;&|\|&|[|&;()]")
redirection = lazy_match(globals(), "redirection", r"<<<|<<-|<<|<&|<>|>>|>&|>\||&>>|&>|<|>")
descriptor = lazy_match(globals(), "descriptor", r"(?:[0-9]+|\{[A-Za-z_][A-Za-z0-9_]*(?:\[[^][]+\])?\})\Z")
name = lazy_match(globals(), "name", r"[A-Za-z_][A-Za-z0-9_]*\Z")
call_parentheses = lazy_match(globals(), "call_parentheses", r"(?:[ \t]|\\\n)*\((?:[ \t]|\\\n)*\)")
time_option = lazy_match(
    globals(), "time_option", r"(?:[ \t]+-p(?=[ \t\n;&|<>()\0]))?(?:[ \t]+--(?=[ \t\n;&|<>()\0]))?"
)

#: Builtins whose arguments may be assignments, array literals too.
DECLARATIONS = frozenset(["declare", "typeset", "local", "export", "readonly", "alias", "eval", "let"])
SPECIAL = frozenset([*RESERVED, *DECLARATIONS])

#: What is expected to close a construct that a reserved word opens, and the words that come on the way.
OPENERS = {"IF": "then", "WHILE": "do", "UNTIL": "do", "FOR": "do", "SELECT": "do", "CASE": "in", "LBRACE": "}"}
ON_THE_WAY = {"THEN": "fi", "ELIF": "then", "ELSE": "fi", "DO": "done"}
CLOSERS = frozenset(["FI", "DONE", "ESAC", "RBRACE"])


class Lexer(Expansions):
    """One pass over one text."""

    def __init__(self, text: str, start_symbol: str = "script", depth: int = 0, more: bool = False) -> None:
        super().__init__(text, start_symbol, depth)
        self.start_symbol = start_symbol
        self.more = more  # an interactive prompt may give more lines
        self.pending: list[Pending] = []  # here-documents whose bodies come after this line
        self.previous = ""  # kind of the last token at command level
        self.after_word = False  # it was a word, after which no reserved word is one
        self.let = False  # the command is `let`, in whose words `x=(` opens no array

    def inner(self, text: str, symbol: str) -> Lexer:
        return Lexer(text, symbol, self.depth + len(self.open))

    def again(self, text: str) -> Lexer:
        """A lexer that begins anew where this one began, in another text."""
        lexer = Lexer(text, self.start_symbol, self.depth, self.more)
        lexer.pos = lexer.begin = self.begin
        return lexer

    def run(self) -> tuple[Any, ...]:
        """The value of the whole text."""
        try:
            if self.start_symbol == "quoted":
                self.quoted(heredoc_run, HEREDOC_ESCAPES, "\0")
            else:
                self.commands(None)
            self.push("$END", None)
        except Unexpected as unexpected:
            from msh.syntax.explain import explain

            raise explain(self, unexpected) from None
        return self.parser.values[0]  # type: ignore[no-any-return]  # as the start symbol

    # ---- commands ------------------------------------------------------------------

    def commands(self, opener: Open | None) -> None:
        """A list of commands: to the end of the text, or to the parenthesis that closes `opener`."""
        before, self.pending = self.pending, []
        self.after_word, self.previous, self.let = False, "", False
        while True:
            text = self.text
            pos = self.pos = blank(text, self.pos).end()  # type: ignore[union-attr]  # it matches the empty text
            run = plain(text, pos)
            if run:
                if text[pos] == "#":
                    self.comment()
                else:
                    self.plain_word(pos, run.end(), run.group())
                continue
            char = text[pos]
            if char == "\n":
                self.newline()
            elif char in "|;&" or (char in "<>" and text[pos + 1] != "("):
                self.sign(char)
            elif char == "(":
                self.open_parenthesis()
            elif char == ")":
                if self.close_parenthesis(opener):
                    break
            elif char == "\0":
                if opener:
                    self.unclosed_list()
                break
            else:
                self.word()
                self.after_word, self.previous = True, "WORD"
        if not opener and self.pending:
            self.read_here_documents()
        self.pending = before + self.pending
        if opener:
            self.after_word, self.previous = True, "WORD"

    def unclosed_list(self) -> None:
        self.push("$END", None)

    def comment(self) -> None:
        start = self.pos
        end = self.text.find("\n", start)
        self.pos = end = end if end >= 0 else len(self.text) - 1
        self.comments.append(Comment(start, end, self.text[start + 1 : end]))

    def newline(self) -> None:
        pos = self.pos
        self.pos = pos + 1
        if self.pending:
            self.read_here_documents()
        if self.previous == "NEWLINE":
            return
        if self.previous == "COPROC":
            raise Problem("MSH102", "expected a command after `coproc`, found the end of the line", pos, pos + 1)
        if self.previous == "REDIRECT":
            sign = self.parser.values[-1].text
            raise Problem("MSH107", f"expected a word after `{sign}`, found the end of the line", pos, pos + 1)
        if self.parser.can_shift("NEWLINE"):
            self.push("NEWLINE", Token(pos, pos + 1, "\n"))
            self.after_word, self.previous, self.let = False, "NEWLINE", False

    def sign(self, char: str) -> None:
        """An operator or a redirection."""
        text, pos = self.text, self.pos
        redirects = redirection(text, pos)
        match = redirects or operator(text, pos)
        assert match
        if text.startswith("\\\n", match.end()):
            self.joints.add(match.end())
        sign = match.group()
        if not redirects:
            self.emit(OPERATORS[sign], pos, match.end())
            return
        if sign in ("<<", "<<-"):
            self.emit("HEREDOC_SIGN", pos, match.end())
            self.here_document(sign == "<<-")
        else:
            self.emit("REDIRECT", pos, match.end())

    def emit(self, kind: str, start: int, end: int) -> None:
        """A token of the command level that is not a word."""
        self.push(kind, Token(start, end, self.text[start:end]))
        self.after_word, self.previous, self.let, self.pos = False, kind, False, end

    def open_parenthesis(self) -> None:
        text, pos, can_shift = self.text, self.pos, self.parser.can_shift
        if text[pos + 1] == "(" and can_shift("ARITH_OPEN") and self.arithmetic_end(pos + 2):
            self.arithmetic("ARITH_OPEN", "((", "))", semicolons=self.previous == "FOR")
            self.after_word, self.previous = False, "ARITH_CLOSE"
        elif can_shift("CASE_OPEN"):
            self.emit("CASE_OPEN", pos, pos + 1)
        else:
            self.emit("LPAR", pos, pos + 1)
            self.enter(pos, "(", ")")

    def close_parenthesis(self, opener: Open | None) -> bool:
        """`)` of a case pattern, a subshell, or of the substitution that these commands are in: True then."""
        pos, innermost = self.pos, self.open[-1] if self.open else None
        if innermost and innermost.text == "case" and self.parser.can_shift("CASE_CLOSE"):
            self.emit("CASE_CLOSE", pos, pos + 1)
        elif innermost is opener and opener:
            self.emit("SUBSTITUTION_CLOSE", pos, pos + 1)
            return True
        else:
            self.emit("RPAR", pos, pos + 1)
            self.leave()
        return False

    # ---- words -------------------------------------------------------------------------

    def plain_word(self, start: int, stop: int, text: str) -> None:
        """A word that begins with plain text, up to `stop`: mostly that is the whole word."""
        after = self.text[stop]
        if after in PLAIN_END:
            if self.after_word and "=" not in text and "[" not in text and text != "in" and text not in DECLARATIONS:
                self.push("WORD", Word(start, stop, (Literal(start, stop, text),)))
                self.pos = stop
                return
        elif after == "\\" and self.text[stop + 1] == "\n":
            self.joints.add(stop)
        elif after in "<>" and self.text[stop + 1] != "(" and descriptor(text):
            self.emit("DESCRIPTOR", start, stop)
            return
        if text in SPECIAL and after in WORD_END and self.special_word(start, stop, text):
            return
        if self.named(start, stop, text, after):
            return
        if ("=" in text or "[" in text) and self.assignment(start, text):
            return
        self.rest_of_word(start, stop, text)

    def rest_of_word(self, start: int, stop: int, text: str) -> None:
        after = self.text[stop]
        self.pos = start
        if (
            after in PLAIN_END
            or (after in "<>" and self.text[stop + 1] != "(")
            or (after == "(" and text[-1] not in "?*+@!")
        ):
            self.push("WORD", Word(start, stop, (Literal(start, stop, text),)))
            self.pos = stop
        else:
            self.word()
        self.after_word, self.previous = True, "WORD"

    def special_word(self, start: int, stop: int, text: str) -> bool:
        """A reserved word, or a builtin that takes assignments; False if it is neither here."""
        can_shift = self.parser.can_shift
        if text in DECLARATIONS:
            if self.previous in ("REDIRECT", "FUNCTION") or not can_shift("DECLARATION") or self.is_call(stop):
                return False
            self.push("DECLARATION", Word(start, stop, (Literal(start, stop, text),)))
            self.after_word, self.previous, self.let, self.pos = True, "WORD", text == "let", stop
            return True
        kind = RESERVED[text]
        if kind == "IN" and can_shift("IN"):
            pass
        elif kind == "TIME" and not can_shift("TIME"):
            return False
        elif self.after_word or self.previous == "REDIRECT" or not (can_shift(kind) or can_shift("IF")):
            return False  # `can_shift("IF")`: a stray `fi` is an error, not a command
        self.reserved_word(kind, start, stop, text)
        return True

    def reserved_word(self, kind: str, start: int, stop: int, text: str) -> None:
        if kind == "TIME":
            stop = time_option(self.text, stop).end()  # type: ignore[union-attr]  # likewise
        self.emit(kind, start, stop)
        innermost = self.open[-1] if self.open else None
        if kind in ON_THE_WAY and innermost:
            innermost.expected, innermost.after = ON_THE_WAY[kind], text
        elif kind == "IN" and innermost and innermost.text == "case":
            innermost.expected, innermost.after = "esac", text
        elif kind in CLOSERS:
            self.leave()
        elif kind == "CONDITION_OPEN":
            from msh.syntax.conditions import read_condition

            read_condition(self, start)
        elif kind == "COPROC":
            self.coprocess_name()
        elif kind in OPENERS:
            if kind == "LBRACE" and innermost and innermost.expected == "do" and innermost.text in ("for", "select"):
                innermost.expected = "}"  # `for x in a; { …; }`: the brace closes the loop
            else:
                self.enter(start, text, OPENERS[kind])

    def coprocess_name(self) -> None:
        match = re.compile(
            r"[ \t]+([A-Za-z_][A-Za-z0-9_]*)(?=[ \t]+(?:[{(]|(?:while|until|if|for|case|select|\[\[)[ \t\n]))"
        ).match(self.text, self.pos)
        if match and match.group(1) not in RESERVED:
            self.emit("COPROC_NAME", match.start(1), match.end(1))

    def named(self, start: int, stop: int, text: str, after: str) -> bool:
        """The name that follows `for` or `function`, or precedes `()`."""
        previous = self.previous
        if previous in ("FOR", "SELECT"):
            if not name(text) or after == "(":
                message = f"expected a name after `{previous.lower()}`, found `{text}`"
                raise Problem("MSH111", message, start, stop)
            self.emit("NAME", start, stop)
        elif previous == "FUNCTION" or (
            after in "( \t\\" and not self.after_word and "=" not in text and self.is_call(stop)
        ):
            self.emit("FUNCTION_NAME", start, stop)
        else:
            return False
        return True

    def is_call(self, stop: int) -> bool:
        return call_parentheses(self.text, stop) is not None and self.parser.can_shift("FUNCTION_NAME")

    def assignment(self, start: int, text: str) -> bool:
        """Whether the word that begins with `text` is an assignment, which is read then."""
        from msh.syntax.assignments import read_assignment

        return read_assignment(self, start, text)

    def skip_space(self) -> None:
        """Blanks, newlines and comments, where newlines end nothing."""
        text = self.text
        while True:
            self.pos = blank(text, self.pos).end()  # type: ignore[union-attr]  # likewise
            char = text[self.pos]
            if char == "\n":
                self.pos += 1
                if self.pending:
                    self.read_here_documents()
            elif char == "#":
                self.comment()
            else:
                return

    # ---- here-documents ------------------------------------------------------------------------

    def here_document(self, strip_tabs: bool) -> None:
        from msh.syntax.heredocs import begin

        self.pos = blank(self.text, self.pos).end()  # type: ignore[union-attr]  # likewise
        pending, end = begin(self, strip_tabs)
        self.pending.append(pending)
        self.push("HEREDOC", (pending.node, end))
        self.pos = end
        self.after_word, self.previous = True, "HEREDOC"

    def read_here_documents(self) -> None:
        from msh.syntax.heredocs import read

        pending, self.pending = self.pending, []
        for document in pending:
            read(self, document)
