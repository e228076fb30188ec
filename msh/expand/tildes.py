"""Tilde expansion (POSIX XCU 2.6.1; bash's `~+` and `~-`; after `=` and `:` where a word is an assignment)."""

from __future__ import annotations

import re

from msh.expand.environment import IndexedArray
from msh.expand.texts import compile_parts, join_texts
from msh.expand.words import emit_all, emit_part
from msh.syntax.nodes import Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from msh.expand.environment import Environment
    from msh.expand.fields import Fields, Segment
    from msh.expand.texts import MakeSegments, Text
    from msh.expand.words import Emit
    from msh.syntax.nodes import WordPart

_looks_assigned = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\[[^][]*\])?\+?=", re.ASCII).match


def home_of(user: str, environment: Environment) -> str | None:
    """What `~user` stands for, None when it stays as it is."""
    if user == "":
        home = environment.get("HOME")
        return home if home is not None else environment.home("")
    if user in ("+", "-"):
        return environment.get("PWD" if user == "+" else "OLDPWD")
    if user.lstrip("+-")[:1].isdigit():
        return _of_stack(user, environment)
    return environment.home(user)


def _of_stack(text: str, environment: Environment) -> str | None:
    """`~1`, `~+1`, `~-0`: an element of the directory stack, from its top or its bottom."""
    digits = text[1:] if text[0] in "+-" else text
    stack = environment.value("DIRSTACK")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and isinstance(stack, IndexedArray)):
        return None
    return stack.get(len(stack) - 1 - int(digits) if text[0] == "-" else int(digits))


class _Piece:
    """`~user` or text, in order."""

    __slots__ = ("text", "user")

    def __init__(self, text: str, user: str | None = None) -> None:
        self.text = text
        self.user = user


def _pieces(text: str, *, last: bool, assignment: bool, start: bool = True) -> list[_Piece]:
    """A literal cut into tilde prefixes and the rest.

    A prefix reaches to `/`, `:` or the end of the word; `last` says that the word ends here. `start` says that the
    literal begins the word or the assigned value.
    """
    pieces: list[_Piece] = []
    rest = 0
    at = 0 if start else -1
    while True:
        if at < 0 or text[at : at + 1] != "~":
            at = text.find(":~", max(at, 0)) + 1 if assignment else 0
            if at == 0:
                break
        end = at + 1
        while end < len(text) and text[end] not in "/:":
            end += 1
        if end == len(text) and not last:
            break
        pieces += [_Piece(text[rest:at]), _Piece(text[at:end], text[at + 1 : end])]
        rest = end
        at = end
    pieces.append(_Piece(text[rest:]))
    return [piece for piece in pieces if piece.text]


def _piece_text(piece: _Piece) -> str | Text:
    user = piece.user
    if user is None:
        return piece.text
    unchanged = piece.text

    def text(environment: Environment) -> str:
        home = home_of(user, environment)
        return unchanged if home is None else home

    return text


def compile_tilde(parts: Sequence[WordPart], *, assignment: bool, assigns: bool = False) -> Text:
    """The first part, a Literal, of a word that is one text; with `assignment` all parts' tildes count.

    `assigns` as for `emit_tilde`.
    """
    first = parts[0]
    assert isinstance(first, Literal)
    as_word, as_assignment = [
        join_texts([_piece_text(piece) for piece in pieces])
        for pieces in _two_ways(first.text, last=len(parts) == 1, assignment=assignment, assigns=assigns)
    ]
    if not assigns:
        return as_word
    return lambda environment: (as_word if environment.option("posix") else as_assignment)(environment)


def _two_ways(text: str, *, last: bool, assignment: bool, assigns: bool) -> tuple[list[_Piece], list[_Piece]]:
    """The pieces of a word, and those when `name=` begins it and `assigns` is given; else the same again."""
    as_word = _pieces(text, last=last, assignment=assignment)
    assigned = _looks_assigned(text) if assigns else None
    if not assigned:
        return as_word, as_word
    return as_word, [_Piece(assigned[0]), *_pieces(text[assigned.end() :], last=last, assignment=True)]


def compile_assigned_tildes(parts: Sequence[WordPart]) -> Text:
    """All parts of an assigned value."""
    texts: list[str | Text] = []
    for i, part in enumerate(parts):
        if type(part) is Literal:
            pieces = _pieces(part.text, last=i == len(parts) - 1, assignment=True, start=i == 0)
            texts += [_piece_text(piece) for piece in pieces]
        else:
            texts.append(compile_parts([part], False))
    return join_texts(texts)


def emit_tilde(parts: Sequence[WordPart], *, assigns: bool) -> Emit:
    """The first part, a Literal, of a command's word.

    With `assigns`, `name=~/x` and `name=a:~` are expanded as assignments are, but not in POSIX's mode.
    """
    first = parts[0]
    assert isinstance(first, Literal)
    text = first.text
    last = len(parts) == 1
    assigned = _looks_assigned(text) if assigns else None
    as_word = emit_all([_emit_piece(piece, first) for piece in _pieces(text, last=last, assignment=False)])
    if not assigned:
        return as_word
    name = text[: assigned.end()]
    pieces = _pieces(text[assigned.end() :], last=last, assignment=True)
    as_assignment = emit_all([lambda _, out: out.quoted(name), *[_emit_piece(piece, first) for piece in pieces]])
    return lambda environment, out: (as_word if environment.option("posix") else as_assignment)(environment, out)


def _emit_piece(piece: _Piece, literal: Literal, *, split: bool = False) -> Emit:
    user = piece.user
    as_it_stands = emit_part(literal.replace(text=piece.text), split=split)
    if user is None:
        return as_it_stands

    def emit(environment: Environment, out: Fields) -> None:
        home = home_of(user, environment)
        if home is None:
            as_it_stands(environment, out)  # `~*` is a pattern
        else:
            out.quoted(home)

    return emit


def tilde_segments(parts: Sequence[WordPart], *, assigns: bool = False) -> MakeSegments:
    """The first part, a Literal, of a pattern: a home directory stands for itself. `assigns` as for `emit_tilde`."""
    first = parts[0]
    assert isinstance(first, Literal)
    as_word, as_assignment = _two_ways(first.text, last=len(parts) == 1, assignment=False, assigns=assigns)

    def segments(environment: Environment) -> list[Segment]:
        pieces = as_word if environment.option("posix") else as_assignment
        homes = [None if piece.user is None else home_of(piece.user, environment) for piece in pieces]
        return [
            (piece.text, False) if home is None else (home, True) for piece, home in zip(pieces, homes, strict=True)
        ]

    return segments


def emit_operand_tilde(parts: Sequence[WordPart]) -> Emit:
    """The first part, a Literal, of the operand in `${x:-~/a}`."""
    first = parts[0]
    assert isinstance(first, Literal)
    pieces = _pieces(first.text, last=len(parts) == 1, assignment=False)
    return emit_all([_emit_piece(piece, first, split=True) for piece in pieces])
