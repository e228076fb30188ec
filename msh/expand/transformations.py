"""`${x@Q}` and the other transformations of bash."""

from __future__ import annotations

import re

from msh.expand.arrays import elements, ordered_items
from msh.expand.environment import AssociativeArray, ExpansionError
from msh.expand.operators import lower, upper
from msh.expand.parameters import label
from msh.expand.quote import ansi_or_double, quote_double, quote_readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.expand.environment import Environment, IndexedArray
    from msh.expand.operators import MakeChange
    from msh.expand.parameters import Get, GetList
    from msh.syntax.nodes import Parameter

_needs_quotes = re.compile(r"[][ \t\n\"'\\$`*?@!{}()|&;<>~#^]|^$").search
_ORDER = "aAfinrtxclu"  # of attributes, as `${x@a}` prints them


def attribute_letters(name: str, environment: Environment) -> str:
    """The attributes of a variable as `declare -p` and `${x@a}` list them."""
    attributes = environment.attributes(name)
    return "".join([letter for letter in _ORDER if letter in attributes])


def letter_of(node: Parameter) -> str:
    """The transformation's letter, whether there is one of that name or not."""
    parts = node.argument.parts if node.argument is not None else ()
    return "".join([getattr(part, "text", "") for part in parts])


def compile_transformation(node: Parameter) -> MakeChange:
    """Of one value that is set. `A` and `a` are in `compile_described`."""
    letter = letter_of(node)
    if letter in ("Q", "K", "k"):
        return lambda _: quote_readable
    if letter == "U":
        return lambda _: upper
    if letter == "L":
        return lambda _: lower
    if letter == "u":
        return lambda _: lambda value: upper(value[:1]) + value[1:]
    if letter == "E":
        from msh.expand.escapes import decode_ansi

        return lambda _: decode_ansi
    if letter == "P":
        from msh.expand.prompts import expand_prompt

        return lambda environment: lambda value: expand_prompt(value, environment)

    def fail(_: str) -> str:
        raise ExpansionError(f"${{{label(node)}@{letter}}}: bad substitution", node, exits=True)

    return lambda _: fail


def compile_described(node: Parameter, get: Get) -> Get:
    """`${x@A}` and `${x@a}`: of a variable, also one that is declared but unset."""
    letter = letter_of(node)
    name = node.name
    named = name[0].isalpha() or name[0] == "_"

    def describe(environment: Environment) -> str | None:
        letters = attribute_letters(name, environment) if named else ""
        if letter == "a":
            return letters if letters or get(environment) is not None else None
        value = get(environment)
        if not named:
            return None if value is None else ""
        target = environment.reference(name) or name
        if value is None:
            return f"declare -{letters} {target}" if letters else None
        assignment = f"{target}={quote_readable(value)}"
        return f"declare -{letters} {assignment}" if letters else assignment

    return describe


def compile_list_transformation(node: Parameter, get: GetList) -> GetList:
    """Element by element, but `A`, `K` and `k` of an array describe the whole."""
    letter = letter_of(node)
    if letter == "A":
        return (
            _assignment_of_positional if node.subscript is None else lambda environment: _array(node.name, environment)
        )
    if node.subscript is not None and letter in ("K", "k"):
        pairs = _pairs_quoted if letter == "K" else _pairs
        return lambda environment: pairs(node.name, environment)
    if letter == "a":
        return lambda environment: [
            attribute_letters(node.name, environment) if node.subscript else "" for _ in get(environment)
        ]
    make = compile_transformation(node)
    return lambda environment: list(map(make(environment), get(environment)))


def _assignment_of_positional(environment: Environment) -> list[str]:
    values = environment.positional
    return ["set", "--", *map(quote_readable, values)] if values else []


def _array(name: str, environment: Environment) -> list[str]:
    """`declare -a name=([0]="x" …)` as three words."""
    letters = attribute_letters(name, environment)
    value = environment.value(name)
    if isinstance(value, str):
        text = f"{name}={quote_readable(value)}"
    elif value is not None:
        text = f"{name}={array_literal(value)}"
    elif not letters:
        return []
    else:
        text = name
    return ["declare", f"-{letters}", text] if letters else [text]


def array_literal(value: IndexedArray | AssociativeArray) -> str:
    """`([0]="x" [1]="y")`, as `declare -p` prints it; after an associative element there is a blank."""
    associative = isinstance(value, AssociativeArray)
    items = [f"[{_key(key)}]={ansi_or_double(text)}" for key, text in ordered_items(value)]
    return f"({' '.join(items)}{' ' if associative else ''})"


def _key(key: str) -> str:
    return quote_double(key) if _needs_quotes(key) else key


def _pairs_quoted(name: str, environment: Environment) -> list[str]:
    value = environment.value(name)
    if value is None or isinstance(value, str):
        return [f"0 {ansi_or_double(text)}" for text in elements(name, environment)]
    if not value:
        return []
    pairs = [f"{_key(key)} {ansi_or_double(text)}" for key, text in ordered_items(value)]
    return [" ".join(pairs) + (" " if isinstance(value, AssociativeArray) else "")]


def _pairs(name: str, environment: Environment) -> list[str]:
    value = environment.value(name)
    if value is None or isinstance(value, str):
        return [each for text in elements(name, environment) for each in ("0", text)]
    return [each for pair in ordered_items(value) for each in pair]
