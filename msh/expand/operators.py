"""Operators that change a value: removal, replacement, case, substrings.

`compile_operator` gives a function of the environment that expands the operands once and returns what is then
applied to the value, or to each value of a list.
"""

from __future__ import annotations

import re
from functools import partial

from msh.expand.characters import by_bytes, from_units, to_units
from msh.expand.environment import ArithmeticFault, SubscriptFault
from msh.expand.patterns import Group, Run, Star, pattern_of
from msh.expand.texts import compile_parts, compile_segments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from msh.expand.environment import Environment
    from msh.expand.fields import Segment
    from msh.expand.patterns import Pattern
    from msh.syntax.nodes import Parameter, Word

    Change: TypeAlias = Callable[[str], str]
    MakeChange: TypeAlias = Callable[[Environment], Change]


def compile_operator(node: Parameter) -> MakeChange:
    """What a parameter's operator does to a value."""
    operator = node.operator
    if operator in ("#", "##", "%", "%%"):
        return _removal(node)
    if operator[0] == "/":
        return _replacement(node)
    if operator[0] in "^,~":
        return _case(node)
    if operator == ":":
        return _substring(node)
    from msh.expand.transformations import compile_transformation

    return compile_transformation(node)


def _pattern(word: Word | None) -> Callable[[Environment], Pattern]:
    """The operand as a pattern: it has its own quoting, also inside double quotes."""
    segments = _operand_segments(word)
    return lambda environment: _made(segments(environment), environment)


def _operand_segments(word: Word | None, *, tilde: bool = True) -> Callable[[Environment], list[Segment]]:
    return compile_segments(word, tilde=tilde) if word is not None else _no_segments


def _made(units: Sequence[Segment], environment: Environment, *, nocase: bool = False) -> Pattern:
    bytewise = by_bytes(environment)
    if bytewise:
        units = [(to_units(text, environment), is_quoted) for text, is_quoted in units]
    return pattern_of(units, extglob=environment.option("extglob"), nocase=nocase, by_bytes=bytewise)


def _no_segments(_: Environment) -> list[Segment]:
    return []


def _in_units(change: Change, environment: Environment) -> Change:
    """A change that works by characters, under a locale where those may be bytes."""

    def changed(value: str) -> str:
        if value.isascii():
            return change(value)
        return from_units(change(to_units(value, environment)), environment)

    return changed if by_bytes(environment) else change


# ---- ${x#p} ${x##p} ${x%p} ${x%%p} -------------------------------------------------


def _removal(node: Parameter) -> MakeChange:
    make_pattern = _pattern(node.argument)
    operator = node.operator
    return lambda environment: _in_units(remover(make_pattern(environment), operator), environment)


def remover(pattern: Pattern, operator: str) -> Change:
    """A function that removes a prefix (`#`, `##`) or suffix (`%`, `%%`), the shortest or the longest."""
    plain = pattern.plain
    if plain is not None:
        return (
            (lambda value: value.removeprefix(plain)) if operator[0] == "#" else lambda value: value.removesuffix(plain)
        )
    quick = _quick_remover(pattern, operator)
    if quick is not None:
        return quick
    longest = len(operator) == 2
    if operator[0] == "#":
        find = pattern.longest if longest else pattern.shortest
        return lambda value: value[find(value) or 0 :]
    backward = pattern.reverse()
    find_back = backward.longest if longest else backward.shortest

    def remove_suffix(value: str) -> str:
        length = find_back(value[::-1])
        return value[: len(value) - length] if length else value

    return remove_suffix


def _quick_remover(pattern: Pattern, operator: str) -> Change | None:
    """`${x##*/}`, `${x%.*}`: a star and a fixed text."""
    tokens = pattern.tokens
    if len(tokens) != 2 or pattern.flags & 2:
        return None
    if operator[0] == "#" and isinstance(tokens[0], Star) and isinstance(tokens[1], Run):
        text = tokens[1].text
        if operator == "#":
            return lambda value: value.partition(text)[2] if text in value else value
        return lambda value: value.rpartition(text)[2]
    if operator[0] == "%" and isinstance(tokens[1], Star) and isinstance(tokens[0], Run):
        text = tokens[0].text
        if operator == "%":
            return lambda value: value.rpartition(text)[0] if text in value else value
        return lambda value: value.partition(text)[0]
    return None


# ---- ${x/p/r} ------------------------------------------------------------------------


def _replacement(node: Parameter) -> MakeChange:
    pattern_segments = _operand_segments(node.argument, tilde=node.operator in ("/", "//"))
    make_segments = _operand_segments(node.replacement)
    operator = node.operator

    def make(environment: Environment) -> Change:
        segments = pattern_segments(environment)
        pattern = _made(segments, environment, nocase=environment.option("nocasematch"))
        if _is_too_long(segments, environment):
            pattern = pattern_of([], extglob=False)
        pieces = _replacement_pieces(make_segments(environment), environment)
        if by_bytes(environment):
            pieces = [None if piece is None else to_units(piece, environment) for piece in pieces]
        return _in_units(replacer(pattern, operator, pieces), environment)

    return make


def _is_too_long(segments: Sequence[Segment], environment: Environment) -> bool:
    """bash searches for as many characters as it counts in a pattern, and counts one too many in `[^]…]`: no match."""
    text = "".join([text if not is_quoted else "_" * len(text) for text, is_quoted in segments])
    starred = "*" in text or (environment.option("extglob") and "(" in text)
    return not starred and ("[^]" in text or "[!]" in text)


def _replacement_pieces(segments: Sequence[Segment], environment: Environment) -> list[str | None]:
    """The replacement in pieces; None stands for what was matched: an unquoted `&` (shopt patsub_replacement).

    A backslash quotes it and itself, no other character.
    """
    unquoted = "".join([text for text, quoted in segments if not quoted])
    if not ("&" in unquoted or "\\" in unquoted) or not environment.option("patsub_replacement"):
        return ["".join([text for text, _ in segments])]
    pieces: list[str | None] = []
    for text, quoted in segments:
        if quoted:
            pieces.append(text)
        else:
            pieces += _ampersands(text)
    return pieces


def _ampersands(text: str) -> list[str | None]:
    pieces: list[str | None] = []
    run: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] in ("&", "\\"):
            at += 1
            run.append(text[at])
        elif text[at] == "&":
            pieces += ["".join(run), None]
            run = []
        else:
            run.append(text[at])
        at += 1
    pieces.append("".join(run))
    return pieces


def replacer(pattern: Pattern, operator: str, pieces: list[str | None]) -> Change:
    """A function that replaces the first match (`/`), all (`//`), one at the start (`/#`) or at the end (`/%`)."""
    fixed = "".join([piece or "" for piece in pieces]) if None not in pieces else None

    def filled(match: str) -> str:
        return fixed if fixed is not None else "".join([match if piece is None else piece for piece in pieces])

    if operator in ("/#", "/%"):
        return _anchored_replacer(pattern, operator, filled)
    if not pattern.tokens:
        return lambda value: value
    plain = pattern.plain
    if plain is not None:
        text = filled(plain)
        return lambda value: value.replace(plain, text, 1 if operator == "/" else -1)
    return _searching_replacer(pattern, operator == "//", filled, fixed)


def _anchored_replacer(pattern: Pattern, operator: str, filled: Change) -> Change:
    def at_start(value: str) -> str:
        end = pattern.longest(value) if value or _begins_with_star(pattern) else None
        return value if end is None else filled(value[:end]) + value[end:]

    def at_end(value: str) -> str:
        length = pattern.reverse().longest(value[::-1])
        if length is None:
            return value
        start = len(value) - length
        return value[:start] + filled(value[start:])

    return at_start if operator == "/#" else at_end


def _begins_with_star(pattern: Pattern) -> bool:
    """Whether the pattern may match nothing at the end of a text: in bash only if its first character is `*`."""
    first = pattern.tokens[0] if pattern.tokens else None
    return first is None or isinstance(first, Star) or (isinstance(first, Group) and first.kind == "*")


def _searching_replacer(pattern: Pattern, every: bool, filled: Change, fixed: str | None) -> Change:
    if every and fixed is not None and pattern.chunks is not None and len(pattern.chunks) == 1:
        return partial(re.compile(pattern.chunks[0], pattern.flags).sub, lambda _: fixed)
    search = pattern.searcher()
    empty = _begins_with_star(pattern)

    def replace(value: str) -> str:
        out: list[str] = []
        at = 0
        while True:
            found = search(value, at)
            if found is None:
                break
            start, end = found
            if start == len(value) and not empty:
                break
            out += [value[at:start], filled(value[start:end])]
            at = end
            if start == end:  # an empty match: the next character stays, and the search goes on behind it
                out.append(value[at : at + 1])
                at += 1
            if not every or at >= len(value):
                break
        out.append(value[at:])
        return "".join(out)

    return replace


# ---- ${x^} ${x^^} ${x,} ${x,,} ${x~} ${x~~} --------------------------------------------


def _case(node: Parameter) -> MakeChange:
    wide = {"^": upper, ",": lower, "~": toggle}[node.operator[0]]
    every = len(node.operator) == 2
    word = node.argument
    make_pattern = _pattern(word) if word is not None and word.parts else None

    def make(environment: Environment) -> Change:
        change = _of_ascii(wide) if by_bytes(environment) else wide
        if make_pattern is None:
            return _in_units(change if every else lambda value: change(value[:1]) + value[1:], environment)
        matches = make_pattern(environment).matches

        def changed(value: str) -> str:
            head = value if every else value[:1]
            return "".join([change(each) if matches(each) else each for each in head]) + value[len(head) :]

        return _in_units(changed, environment)

    return make


def _of_ascii(change: Change) -> Change:
    """The same for a locale in which characters are bytes, and only those of ASCII letters."""
    return lambda value: "".join([change(each) if each.isascii() else each for each in value])


def upper(text: str) -> str:
    """Upper case, character by character: what has no single upper-case character stays (towupper(3))."""
    return text.upper() if text.isascii() else "".join([_single(each, each.upper()) for each in text])


def lower(text: str) -> str:
    """Lower case, character by character."""
    return text.lower() if text.isascii() else "".join([_single(each, each.lower()) for each in text])


def toggle(text: str) -> str:
    """The other case."""
    return "".join([lower(each) if each.isupper() else upper(each) for each in text])


def _single(character: str, changed: str) -> str:
    return changed if len(changed) == 1 else character


# ---- ${x:offset:length} ------------------------------------------------------------------


def _substring(node: Parameter) -> MakeChange:
    bounds = compile_bounds(node)

    def make(environment: Environment) -> Change:
        offset, length = bounds(environment)
        return _in_units(lambda value: cut(value, offset, length, node), environment)

    return make


def compile_bounds(node: Parameter) -> Callable[[Environment], tuple[int, int | None]]:
    """Offset and length of a substring or slice, evaluated as arithmetic; no length is None."""
    offset = compile_number(node.argument)
    length = None if node.replacement is None else compile_number(node.replacement)

    def bounds(environment: Environment) -> tuple[int, int | None]:
        try:
            return offset(environment), None if length is None else length(environment)
        except SubscriptFault:
            raise
        except ArithmeticFault as fault:
            from msh.expand.parameters import label

            raise ArithmeticFault(f"{label(node)}: {fault.message}", fault.node) from None

    return bounds


def compile_number(word: Word | None) -> Callable[[Environment], int]:
    """A word whose text is an expression."""
    from msh.expand.arithmetic import evaluate_text

    if word is None:
        return lambda _: 0
    text = compile_parts(word.parts, True)
    return lambda environment: evaluate_text(text(environment), environment)


def cut(value: str, offset: int, length: int | None, node: Parameter) -> str:
    """The substring; a negative length counts from the end."""
    if offset < 0:
        offset += len(value)
        if offset < 0:
            return ""
    if offset > len(value):
        return ""
    if length is None:
        return value[offset:]
    end = len(value) + length if length < 0 else offset + length
    if end < offset:
        raise ArithmeticFault(f"{length}: substring expression < 0", node)
    return value[offset:end]
