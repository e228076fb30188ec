"""Values of a shell as JSON, so that any of them, bytes that are no UTF-8 included, comes back as it was.

    text        "abc", or {"base64": "…"} when its bytes are not UTF-8
    variable    null            there is none
                TEXT as string  a plain one: no attributes, valid UTF-8
                {"value": V, "attributes": "ix"}   any other; V is null (declared, without a value), a text, a list
                                of [index, text] with "a" among the attributes, of [key text, text] with "A"

A nameref's value is the name it points to. Attributes are the letters of `declare`, sorted as `declare -p` shows them.
"""

from __future__ import annotations

import binascii

from msh.expand.environment import AssociativeArray, IndexedArray
from msh.run.variable import Variable
from msh.source import decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Text: TypeAlias = "str | dict[str, str]"
    EncodedVariable: TypeAlias = "str | dict[str, object] | None"

LETTERS = "aAilnrtux"


def encode_text(text: str) -> Text:
    """A text of the shell, whatever bytes it stands for."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return {"base64": binascii.b2a_base64(encode(text), newline=False).decode()}
    return text


def decode_text(value: object) -> str:
    """What `encode_text` was given. Raises ValueError for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and isinstance(text := value.get("base64"), str):
        return decode(binascii.a2b_base64(text))
    raise ValueError(f"not a text: {value!r:.60}")


def encode_variable(variable: Variable | None) -> EncodedVariable:
    """A variable with its attributes; None for one that is not there."""
    if variable is None:
        return None
    value, attributes = variable.value, variable.attributes
    encoded: object = None
    if isinstance(value, AssociativeArray):
        attributes |= {"A"}
        encoded = [[encode_text(key), encode_text(text)] for key, text in value.items()]
    elif isinstance(value, IndexedArray):
        attributes |= {"a"}
        encoded = [[index, encode_text(text)] for index, text in value.in_order().items()]
    elif value is not None:
        encoded = encode_text(value)
        if isinstance(encoded, str) and not attributes:
            return encoded
    return {"value": encoded, "attributes": "".join([letter for letter in LETTERS if letter in attributes])}


def decode_variable(value: object) -> Variable | None:
    """What `encode_variable` was given. Raises ValueError for anything else."""
    if value is None:
        return None
    if isinstance(value, str):
        return Variable(value)
    if not isinstance(value, dict) or not isinstance(letters := value.get("attributes"), str) or "value" not in value:
        raise ValueError(f"not a variable: {value!r:.60}")
    attributes, encoded = frozenset(letters), value["value"]
    if encoded is None:
        return Variable(None, attributes)
    if not isinstance(encoded, list):
        return Variable(decode_text(encoded), attributes)
    if "A" in attributes:
        return Variable(AssociativeArray([(decode_text(key), decode_text(text)) for key, text in encoded]), attributes)
    return Variable(IndexedArray([(int(index), decode_text(text)) for index, text in encoded]), attributes)
