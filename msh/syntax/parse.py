"""The front door: a source to its tree, or to a diagnostic."""

from __future__ import annotations

import gc
import sys

from msh.diagnostics import Diagnostic, Label, MshError
from msh.syntax.lexer import Lexer
from msh.syntax.nodes import Script
from msh.syntax.parser import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from msh.source import Source
    from msh.syntax.nodes import WordPart

#: Python frames that a stage may need for a tree as deep as NESTING_LIMIT allows.
RECURSION_LIMIT = 12_000
if sys.getrecursionlimit() < RECURSION_LIMIT:
    sys.setrecursionlimit(RECURSION_LIMIT)


def parse(source: Source, *, more: bool = False) -> Script:
    """The tree of a script. Raises MshError with one diagnostic, `incomplete` if more text could complete it.

    A here-document without its delimiter ends with the text, as in bash; with `more` (a prompt, which can ask for
    another line) it is incomplete.
    """
    body, lexer = run_lexer(source, make_lexer(source, "script", more))
    if more and source.text.endswith("\\\n") and not (lexer.comments and lexer.comments[-1].end >= len(lexer.text) - 2):
        end = len(source.text)
        problem = Problem("MSH101", "expected the rest of the line, found end of input", end, end, incomplete=True)
        raise MshError(_diagnostic(source, problem))
    comments = sorted(lexer.comments, key=lambda comment: comment.start)
    return Script(0, len(source.text), body, tuple(comments))


def parse_quoted(source: Source) -> tuple[WordPart, ...]:
    """The parts of a text that is read as if in double quotes (PS4, a here-document made at run time)."""
    return run_lexer(source, make_lexer(source, "quoted"))[0]


def make_lexer(source: Source, symbol: str, more: bool = False) -> Lexer:
    """A lexer at the beginning of the source. Raises MshError."""
    refuse_nul(source)
    return Lexer(source.text, symbol, more=more)


def refuse_nul(source: Source) -> None:
    """Raises MshError (MSH110): a NUL is the end of the text for the lexer."""
    at = source.text.find("\0")
    if at >= 0:
        message = "a script cannot contain a NUL byte"
        raise MshError(Diagnostic("MSH110", message, source, (Label(at, at + 1),), "is this a binary file?"))


def run_lexer(source: Source, lexer: Lexer) -> tuple[tuple[Any, ...], Lexer]:
    """What a lexer reads, and the lexer that has its comments and where it came to. Raises MshError."""
    collecting = gc.isenabled()
    gc.disable()  # a parse makes no cycles and keeps all that it makes: collecting would cost a third of its time
    try:
        return _read(source.text, lexer)
    except Problem as problem:
        raise MshError(_diagnostic(source, problem)) from None
    finally:
        if collecting:
            gc.enable()


def _read(text: str, lexer: Lexer) -> tuple[tuple[Any, ...], Lexer]:
    try:
        nodes = lexer.run()
        if not lexer.joints:
            return nodes, lexer
    except Problem:
        if not lexer.joints:
            raise
    from msh.syntax.joints import read_again

    return read_again(text, lexer)


def _diagnostic(source: Source, problem: Problem) -> Diagnostic:
    labels = [Label(problem.start, problem.end)]
    if problem.opened:
        labels.append(Label(*problem.opened, "opened here"))
    windows = "\r\n" in source.text
    help_ = "the script has Windows line ends: take out the carriage returns, as `tr -d '\\r'` does" if windows else ""
    return Diagnostic(problem.code, problem.message, source, tuple(labels), help_, incomplete=problem.incomplete)
