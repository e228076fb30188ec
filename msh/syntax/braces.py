"""Brace expansion: `a{b,c}d`, `{1..9..2}`, `{a..e}`: one word to several, by syntax alone.

As in bash's manual, "Brace Expansion": it comes before every other expansion, only unquoted braces, commas and dots
count, and what is not a correct brace expression is left as it is. `${` opens none. The word becomes a list of items,
pieces of text and whole parts, on which a small recursive descent works.
"""

from __future__ import annotations

import re

from msh.diagnostics import Diagnostic, MshError
from msh.syntax.nodes import Literal, Parameter, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.syntax.nodes import WordPart

    Items = list["Literal | WordPart"]

#: How many words one word may become.
WORD_LIMIT = 1_000_000
#: How deep braces may nest.
NESTING_LIMIT = 200

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
    results = _expand(items, _matches(items), 0, len(items), 0)
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


def _matches(items: Items) -> dict[int, tuple[int, list[int]]]:
    """For each `{` that has one, its `}` and the commas right inside.

    As in bash, a `}` closes an outermost brace only after a comma or `..`: `{a}b,c}` gives `a}b` and `c`.
    """
    found: dict[int, tuple[int, list[int]]] = {}
    open_: list[tuple[int, list[int]]] = []
    dotted: set[int] = set()
    for index, item in enumerate(items):
        if type(item) is not Literal:
            continue
        if item.text == "{":
            open_.append((index, []))
        elif item.text == "}" and open_:
            start, commas = open_[-1]
            if commas or start in dotted:
                found[start] = index, commas
            elif len(open_) == 1:
                continue
            open_.pop()
        elif item.text == "," and open_:
            open_[-1][1].append(index)
        elif ".." in item.text and open_:
            dotted.add(open_[-1][0])
    return found


def _expand(items: Items, matches: dict[int, tuple[int, list[int]]], start: int, end: int, depth: int) -> list[Items]:
    """Every sequence of items that `items[start:end]` stands for, in order."""
    results: list[Items] = [[]]
    index = start
    while index < end:
        item = items[index]
        alternatives: list[Items] = [[item]]
        after = index + 1
        if index in matches and matches[index][0] < end and depth < NESTING_LIMIT:
            close, commas = matches[index]
            if commas:
                bounds = [index, *commas, close]
                alternatives = [
                    one
                    for number, comma in enumerate(bounds[1:])
                    for one in _expand(items, matches, bounds[number] + 1, comma, depth + 1)
                ]
                after = close + 1
            else:
                sequence = _sequence(items, index, close)
                if sequence is not None:
                    alternatives = [[value] for value in sequence]
                    after = close + 1
        if len(results) * len(alternatives) > WORD_LIMIT:
            raise MshError(Diagnostic("MSH114", f"a brace expansion gives more than {WORD_LIMIT} words"))
        if len(alternatives) == 1:
            for result in results:
                result += alternatives[0]
        else:
            results = [result + alternative for result in results for alternative in alternatives]
        index = after
    return results


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
    for item in items:
        before = parts[-1] if parts else None
        if type(item) is type(before) is Literal:
            parts[-1] = Literal(before.start, max(item.end, before.start), before.text + item.text)
        elif type(item) is Literal and type(before) is Parameter and (name := _continued(before, item)):
            parts[-1] = before.replace(name=before.name + name)
            if len(name) < len(item.text):
                parts.append(Literal(item.start + len(name), item.end, item.text[len(name) :]))
        else:
            parts.append(item)
    return Word(word.start, word.end, tuple(parts))
