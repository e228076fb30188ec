"""Brace expansion: `a{b,c}d`, `{1..9..2}`, `{a..e}`: one word to several, by syntax alone.

As in bash's manual, "Brace Expansion": it comes before every other expansion, only unquoted braces, commas and dots
count, and what is not a correct brace expression is left as it is. `${` opens none. The word becomes a list of items,
pieces of text and whole parts, which is gone through once with a stack of the open braces, so any depth will do.
"""

from __future__ import annotations

import re
from collections import deque

from msh.diagnostics import Diagnostic, MshError
from msh.syntax.nodes import Literal, Parameter, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.syntax.nodes import WordPart

    Items = list["Literal | WordPart"]
    Results = deque[Items]  # every sequence of items that a stretch of the word stands for, in order
    Matches = dict[int, tuple[int, list[int]]]

#: How many words one word may become.
WORD_LIMIT = 1_000_000

_integers = re.compile(r"([+-]?[0-9]+)\.\.([+-]?[0-9]+)(?:\.\.([+-]?[0-9]+))?\Z").match
_letters = re.compile(r"([A-Za-z])\.\.([A-Za-z])(?:\.\.([+-]?[0-9]+))?\Z").match


def expand_braces(word: Word) -> tuple[Word, ...]:
    """The words that a word stands for; itself when there is no brace expansion in it.

    Raises MshError (MSH114) when there would be more than WORD_LIMIT.
    """
    parts = word.parts
    if not any(type(part) is Literal and "{" in part.text for part in parts):
        return (word,)
    items = _items(parts)
    if not any(_is(item, "{") for item in items):
        return (word,)
    results = _expand(items, _matches(items))
    if len(results) == 1 and len(results[0]) == len(items):
        return (word,)
    return tuple([_word(word, result) for result in results])


def _items(parts: tuple[WordPart, ...]) -> Items:
    """Unquoted text as runs and the single characters that matter here; everything else whole."""
    items: Items = []
    for part in parts:
        if type(part) is not Literal:
            items.append(part)
            continue
        start = part.start
        for text in re.findall(r"[{},]|[^{},]+", part.text):
            items.append(Literal(start, start + len(text), text))
            start += len(text)
    return items


def _is(item: Literal | WordPart, text: str) -> bool:
    return type(item) is Literal and item.text == text


def _is_at(items: Items, index: int, text: str) -> bool:
    return index < len(items) and _is(items[index], text)


def _matches(items: Items) -> Matches:
    """For each `{` that has one, its `}` and where its alternatives end: at commas right inside, and there.

    As in bash, a `}` closes an outermost brace only after a comma or `..`: `{a}b,c}` gives `a}b` and `c`. Nor is there
    a sequence where a comma is further inside: `{a..{b,c}}` has one alternative. A sequence has none; `..}` makes none.
    """
    found: Matches = {}
    open_: list[tuple[int, list[int]]] = []
    dotted: set[int] = set()
    last_comma = -1
    for index, item in enumerate(items):
        if type(item) is not Literal:
            continue
        if item.text == "{":
            open_.append((index, []))
        elif item.text == "}" and open_:
            start, commas = open_[-1]
            if commas or start in dotted:
                found[start] = index, [*commas, index] if last_comma > start else []
            elif len(open_) == 1:
                continue
            open_.pop()
        elif item.text == "," and open_:
            last_comma = index
            open_[-1][1].append(index)
        elif open_ and ".." in (item.text[:-1] if _is_at(items, index + 1, "}") else item.text):
            dotted.add(open_[-1][0])
    return found


class _Open:
    """A brace with commas that is being gone through."""

    __slots__ = ("alternatives", "before", "bounds")

    def __init__(self, before: Results, bounds: list[int]) -> None:
        self.before = before
        self.alternatives: Results = deque()
        self.bounds = bounds[::-1]  # where its alternatives end; the next one last


def _expand(items: Items, matches: Matches) -> Results:
    """Every sequence of items that all of them stand for, in order."""
    open_: list[_Open] = []
    results: Results = deque([[]])
    index = 0
    while index < len(items):
        close, bounds = matches.get(index, (0, []))
        if open_ and index == open_[-1].bounds[-1]:
            results = _alternative_ended(open_, results)
        elif bounds:
            open_.append(_Open(results, bounds))
            results = deque([[]])
        elif close and (sequence := _sequence(items, index, close)) is not None:
            results = _product(results, deque([[value] for value in sequence]))
            index = close
        else:
            for result in results:
                result.append(items[index])
        index += 1
    return results


def _alternative_ended(open_: list[_Open], results: Results) -> Results:
    """At a comma or a closing brace: the results that what comes next is added to."""
    brace = open_[-1]
    if len(results) > len(brace.alternatives):  # the fewer are moved, so deep nesting takes no squares
        results.extendleft(reversed(brace.alternatives))
        brace.alternatives = results
    else:
        brace.alternatives.extend(results)
    brace.bounds.pop()
    if brace.bounds:
        return deque([[]])
    open_.pop()
    return _product(brace.before, brace.alternatives)


def _product(results: Results, alternatives: Results) -> Results:
    if len(results) * len(alternatives) > WORD_LIMIT:
        raise MshError(Diagnostic("MSH114", f"a brace expansion gives more than {WORD_LIMIT} words"))
    if len(results) == 1 and not results[0]:
        return alternatives
    return deque([result + alternative for result in results for alternative in alternatives])


def _sequence(items: Items, start: int, close: int) -> list[Literal] | None:
    """The values of `{x..y}` or `{x..y..step}`."""
    inside = items[start + 1]
    if close != start + 2 or type(inside) is not Literal:
        return None
    text = inside.text
    span = items[start].start, items[close].end
    integers = _integers(text)
    if integers:
        first, last, step = integers.groups()
        width = max(len(first), len(last)) if _padded(first) or _padded(last) else 0
        values = _range(int(first), int(last), int(step or 1))
        return [Literal(*span, str(value).zfill(width)) for value in values]
    letters = _letters(text)
    if letters:
        first, last, step = letters.groups()
        return [Literal(*span, chr(value)) for value in _range(ord(first), ord(last), int(step or 1))]
    return None


def _padded(number: str) -> bool:
    return bool(re.match(r"[+-]?0[0-9]", number))


def _range(first: int, last: int, step: int) -> range:
    step = abs(step) or 1
    values = range(first, last + 1, step) if first <= last else range(first, last - 1, -step)
    if len(values) > WORD_LIMIT:
        raise MshError(Diagnostic("MSH114", f"a brace expansion gives more than {WORD_LIMIT} words"))
    return values


def _continued(parameter: Parameter, text: Literal) -> str:
    """What of the text becomes part of the parameter's name: `$x{a,b}` is `$xa $xb`."""
    if parameter.braced or not (parameter.name[0].isalpha() or parameter.name[0] == "_"):
        return ""
    match = re.match(r"[A-Za-z0-9_]+", text.text)
    return match.group() if match else ""


def _word(word: Word, items: Items) -> Word:
    """A word of these items; pieces of text side by side are one Literal."""
    parts: list[WordPart] = []
    run: list[Literal] = []
    for item in items:
        if type(item) is Literal:
            run.append(item)
        else:
            _add_text(parts, run)
            parts.append(item)
    _add_text(parts, run)
    return Word(word.start, word.end, tuple(parts))


def _add_text(parts: list[WordPart], run: list[Literal]) -> None:
    """Add the pieces of a run as one, and empty it."""
    if not run:
        return
    start = run[0].start
    text = Literal(start, max(run[-1].end, start), "".join([piece.text for piece in run]))
    run.clear()
    before = parts[-1] if parts else None
    if type(before) is Parameter and (name := _continued(before, text)):
        parts[-1] = before.replace(name=before.name + name)
        if len(name) == len(text.text):
            return
        text = Literal(start + len(name), text.end, text.text[len(name) :])
    parts.append(text)
