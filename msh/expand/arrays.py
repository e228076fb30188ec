"""Elements of arrays: which one a subscript means, and all of them in bash's order."""

from __future__ import annotations

from msh.expand.environment import ArithmeticFault, AssociativeArray, IndexedArray, NoElement, SubscriptFault
from msh.expand.texts import compile_parts, constant_of
from msh.syntax.nodes import Literal, SingleQuoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.expand.environment import Environment
    from msh.expand.parameters import Get
    from msh.expand.texts import Text
    from msh.syntax.nodes import Subscript, WordPart

_INITIAL_BUCKETS = 1024


def element_getter(name: str, subscript: Subscript) -> Get:
    """`${name[subscript]}`; a scalar is its own element 0."""
    text = subscript_text(subscript)
    expression = index_text(subscript)
    constant = constant_of(expression)
    number = int(constant) if constant is not None and _is_decimal(constant) else None

    def get(environment: Environment) -> str | None:
        value = environment.value(name)
        if isinstance(value, AssociativeArray):
            return value.get(text(environment))
        if value is None and "A" in environment.attributes(name):
            text(environment)  # no element, but what it runs is run
            return None
        index = number if number is not None else evaluate_index(expression(environment), environment)
        if index < 0:
            index = from_end(name, index, environment)
            if index < 0:
                environment.warn(f"{name}: bad array subscript")
                return None
        if isinstance(value, IndexedArray):
            return value.get(index)
        return value if index == 0 else None

    return get


def or_empty(name: str, get: Get) -> Get:
    """For `${#name[subscript]}`: a missing element is empty, also under `set -u`, to which a scalar has no elements."""

    def got(environment: Environment) -> str | None:
        value = environment.value(name)
        if isinstance(value, str) and environment.option("nounset"):
            return None
        found = get(environment)
        return "" if found is None and value is not None else found

    return got


def _is_decimal(text: str) -> bool:
    return text.isascii() and text.isdigit() and (text[0] != "0" or text == "0")


def subscript_text(subscript: Subscript) -> Text:
    """The text between the brackets, expanded, quotes removed."""
    return compile_parts(subscript.word.parts, False)


def index_text(subscript: Subscript) -> Text:
    """The same for an indexed array, whose subscript is arithmetic: there single quotes are no quotes."""
    return compile_parts(without_single_quotes(subscript.word.parts), False)


def without_single_quotes(parts: tuple[WordPart, ...]) -> tuple[WordPart, ...]:
    """Parts of an arithmetic text with single quotes as characters, which no expression can have."""
    if not any(type(part) is SingleQuoted and not part.ansi for part in parts):
        return parts
    return tuple(
        [
            Literal(part.start, part.end, f"'{part.text}'") if type(part) is SingleQuoted and not part.ansi else part
            for part in parts
        ]
    )


def evaluate_index(text: str, environment: Environment) -> int:
    """The value of an indexed array's subscript."""
    if _is_decimal(text):
        return int(text)
    from msh.expand.arithmetic import evaluate_text

    if '"' in text:  # of a subscript that stood in an expression's text
        text = text.replace('"', "")
    try:
        return evaluate_text(text, environment)
    except ArithmeticFault as error:
        raise SubscriptFault(error.message, error.node) from None


def from_end(name: str, index: int, environment: Environment) -> int:
    """The subscript that a negative one means: -1 is the last element. Still negative when out of range."""
    value = environment.value(name)
    if isinstance(value, IndexedArray):
        return index + 1 + value.last()
    return index if value is None else index + 1


def element_key(name: str, subscript: Subscript, environment: Environment) -> int | str:
    """The key for assigning to `name[subscript]`; raises ExpansionError when there is none."""
    associative = "A" in environment.attributes(name)
    text = subscript_text(subscript) if associative else index_text(subscript)
    return key_of(name, text(environment), environment)


def key_of(name: str, text: str, environment: Environment) -> int | str:
    """The key that an expanded subscript means: the text itself in an associative array, else its value."""
    if "A" in environment.attributes(name):
        return text
    index = evaluate_index(text, environment)
    if index < 0:
        index = from_end(name, index, environment)
    if index < 0:
        raise NoElement(f"{name}[{text}]: bad array subscript")
    return index


def elements(name: str, environment: Environment) -> list[str]:
    """The values of all elements."""
    value = environment.value(name)
    if value is None:
        return []
    return [value] if isinstance(value, str) else ordered_values(value)


def keys(name: str, environment: Environment) -> list[str]:
    """`${!name[@]}`: the subscripts of all elements."""
    value = environment.value(name)
    if value is None:
        return []
    if isinstance(value, str):
        return ["0"]
    return list(map(str, value.in_order())) if isinstance(value, IndexedArray) else hash_order(value)


def ordered_values(value: IndexedArray | AssociativeArray) -> list[str]:
    """The values of an array in the order bash lists them."""
    if isinstance(value, IndexedArray):
        return list(value.in_order().values())
    return [value[key] for key in hash_order(value)]


def ordered_items(value: IndexedArray | AssociativeArray) -> list[tuple[str, str]]:
    """Subscripts and values in the order bash lists them: ascending, or by its hash table."""
    if isinstance(value, IndexedArray):
        return [(str(index), text) for index, text in value.in_order().items()]
    return [(key, value[key]) for key in hash_order(value)]


def hash_order(value: AssociativeArray, buckets: int = _INITIAL_BUCKETS) -> list[str]:
    """The keys in the order of the buckets of bash's hash table (hashlib.c), in each bucket the newest first."""
    while len(value) > buckets * 2:
        buckets *= 4
    order = [(_hash(key) & (buckets - 1), -i, key) for i, key in enumerate(value)]
    order.sort()
    return [key for _, _, key in order]


def _hash(key: str) -> int:
    """FNV-1 over the bytes, as bash 5.2 does."""
    value = 2166136261
    for byte in key.encode("utf-8", "surrogateescape"):
        value = (value * 16777619) & 0xFFFFFFFF ^ byte
    return value
