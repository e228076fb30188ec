"""The files of the turns of a `for`: whether one may need what an earlier one has changed.

With words that are known the body is read once for each, the variable (and those set from it in the body, straight from
known texts) put in its place, so that `"$f.gz"` is a name; the effects of every step are then found again from its
real words. Where the run decides the words, only a body that changes no file at all is free.
"""

from __future__ import annotations

from itertools import combinations
from os.path import normpath
from typing import TYPE_CHECKING

from msh.effects import Unknown, effects_of
from msh.plan.files import file_words
from msh.plan.substitution import Values
from msh.record import Record
from msh.syntax import nodes as n

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.effects import Effects
    from msh.plan.closure import Reader
    from msh.resolve import Use

MOST_TURNS = 64  # compared one by one


class Turn(Record):
    """What one turn touches; None when that is not known."""

    read: frozenset[str] | None
    changed: frozenset[str] | None


def may_collide(loop: n.ForClause, values: tuple[str, ...] | None, reader: Reader) -> bool:
    """Whether a turn may read, list or add to what an earlier one changes."""
    if values is None or len(values) > MOST_TURNS:
        turn = _turn(loop, None, reader)
        return turn.changed is None or bool(turn.changed)
    turns = [_turn(loop, value, reader) for value in values]
    if any(turn.changed is None for turn in turns):
        return True
    return any(_needs(later, earlier) for earlier, later in combinations(turns, 2))


def _needs(later: Turn, earlier: Turn) -> bool:
    if not earlier.changed:
        return False
    if later.read is None:
        return True
    return any(_same_place(one, other) for one in later.read for other in earlier.changed)


def _same_place(one: str, other: str) -> bool:
    """Whether the paths are one, or one lies in the other."""
    one, other = normpath(one), normpath(other)
    if one == other or "." in (one, other):
        return True
    if one.startswith("..") or other.startswith("..") or one.startswith("/") != other.startswith("/"):
        return True  # where the script stands is not known
    return one.startswith(other + "/") or other.startswith(one + "/")


def _turn(loop: n.ForClause, value: str | None, reader: Reader) -> Turn:
    """What a turn touches, with this value of the variable, or any."""
    known = Values(loop, value, reader)
    read: set[str] = set()
    changed: set[str] = set()
    some_read = True
    if reader.of(*loop.body).has_anywhere("glob"):
        some_read = False
    for kind, word in file_words(loop.body):
        text = known.text(word, loop)
        if text is None and kind != "read":
            return Turn(None, None)
        if text is None:
            some_read = False
        elif not text.startswith("/dev/"):
            if kind == "read":
                read.add(text)
            else:
                changed.add(text)
            if kind == "append":
                read.add(text)
    for use in _uses(loop, reader):
        for effects in _effects(use, known, loop):
            if effects.workspace == "write" or not _accesses(effects, read, changed):
                return Turn(None, None)
            if effects.workspace or any(not isinstance(access.path, str) for access in effects.accesses):
                some_read = False
    return Turn(frozenset(read) if some_read else None, frozenset(changed))


def _uses(loop: n.ForClause, reader: Reader) -> tuple[Use, ...]:
    return reader.of(*loop.body).uses


def _effects(use: Use, known: Values, loop: n.ForClause) -> Iterator[Effects]:
    """A step's effects with the words as they are in this turn."""
    if use.command is None or use.runs:
        yield use.effects
        return
    words: list[str | Unknown] = []
    for word in use.command.words[1:]:
        if isinstance(word, n.Assignment):
            yield use.effects
            return
        words += known.arguments(word, loop)
    yield effects_of(use.spec, words)


def _accesses(effects: Effects, read: set[str], changed: set[str]) -> bool:
    """Add what is touched; False when a change is not known."""
    for access in effects.accesses:
        if access.kind in ("write", "entries"):
            if not isinstance(access.path, str) or access.kind == "entries":
                return False
            changed.add(access.path)
            if not access.create:
                read.add(access.path)
        elif isinstance(access.path, str):
            read.add(access.path)
    return True
