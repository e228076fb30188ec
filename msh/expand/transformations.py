"""`${x@Q}` and the other transformations of bash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.expand.arrays import elements, ordered_keys
from msh.expand.environment import ExpansionError
from msh.expand.operators import lower, upper
from msh.expand.parameters import label
from msh.expand.quoting import double_quote, single_quote

if TYPE_CHECKING:
    from msh.expand.environment import Environment
    from msh.expand.operators import MakeChange
    from msh.expand.parameters import Get, GetList
    from msh.syntax.nodes import Parameter

_ORDER = "aAfinrtxclu"  # of attributes, as `${x@a}` prints them


def attribute_letters(name: str, environment: Environment) -> str:
    """The attributes of a variable as `declare -p` and `${x@a}` list them."""
    attributes = environment.attributes(name)
    return "".join([letter for letter in _ORDER if letter in attributes])


def letter_of(node: Parameter) -> str:
    """The transformation's letter."""
    parts = node.argument.parts if node.argument is not None else ()
    letter = "".join([getattr(part, "text", "") for part in parts])
    if len(letter) != 1 or letter not in "QEPAKkaUuL":
        raise ExpansionError(f"${{{label(node)}@{letter}}}: bad substitution", node)
    return letter


def compile_transformation(node: Parameter) -> MakeChange:
    """Of one value that is set. `A` and `a` are in `compile_described`."""
    letter = letter_of(node)
    if letter in ("Q", "K", "k"):
        return lambda _: single_quote
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
    raise ExpansionError(f"{label(node)}: bad substitution", node)


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
        if value is None:
            return f"declare -{letters} {name}" if letters else None
        return f"declare -{letters} {name}={single_quote(value)}" if letters else f"{name}={single_quote(value)}"

    return describe


def compile_list_transformation(node: Parameter, get: GetList) -> GetList:
    """Element by element, but `A`, `K` and `k` of an array describe the whole."""
    letter = letter_of(node)
    if letter == "A":
        return (
            _assignment_of_positional if node.subscript is None else lambda environment: _array(node.name, environment)
        )
    if node.subscript is not None and letter in "Kk":
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
    return ["set", "--", *map(single_quote, values)] if values else []


def _array(name: str, environment: Environment) -> list[str]:
    """`declare -a name=([0]="x" …)` as three words."""
    letters = attribute_letters(name, environment)
    value = environment.value(name)
    if isinstance(value, str):
        text = f"{name}={single_quote(value)}"
    elif value:
        text = f"{name}={array_literal(value, 'A' in letters)}"
    elif not letters:
        return []
    else:
        text = name
    return ["declare", f"-{letters}", text] if letters else [text]


def array_literal(value: dict[int, str] | dict[str, str], associative: bool) -> str:
    """`([0]="x" [1]="y")`, as `declare -p` prints it; after an associative element there is a blank."""
    items = [f"[{_key(key, associative)}]={double_quote(value[key])}" for key in ordered_keys(value, associative)]  # type: ignore[index]
    return f"({' '.join(items)}{' ' if associative else ''})"


def _key(key: int | str, associative: bool) -> str:
    text = str(key)
    if not associative or not any(character in " \t\n\"'\\$`[]*?@!{}()|&;<>~#^" for character in text):
        return text
    return double_quote(text)


def _pairs_quoted(name: str, environment: Environment) -> list[str]:
    value = environment.value(name)
    if not isinstance(value, dict):
        return [f"0 {double_quote(text)}" for text in elements(name, environment)]
    associative = "A" in environment.attributes(name)
    pairs = [f"{_key(key, associative)} {double_quote(value[key])}" for key in ordered_keys(value, associative)]  # type: ignore[index]
    return [" ".join(pairs) + (" " if associative else "")]


def _pairs(name: str, environment: Environment) -> list[str]:
    value = environment.value(name)
    if not isinstance(value, dict):
        return [each for text in elements(name, environment) for each in ("0", text)]
    keys = ordered_keys(value, "A" in environment.attributes(name))
    return [each for key in keys for each in (str(key), value[key])]  # type: ignore[index]
