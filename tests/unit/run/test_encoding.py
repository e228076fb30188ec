"""Values as JSON: each comes back as it was, and in the form that other programs expect."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msh.expand.environment import AssociativeArray, IndexedArray
from msh.run.encoding import decode_text, decode_variable, encode_text, encode_variable
from msh.run.variable import Variable
from msh.source import decode

TEXTS = st.binary(max_size=30).map(lambda data: decode(data.replace(b"\0", b"")))
VALUES = st.one_of(
    st.none(),
    TEXTS,
    st.dictionaries(st.integers(0, 1 << 62), TEXTS, max_size=4).map(IndexedArray),
    st.dictionaries(TEXTS, TEXTS, max_size=4).map(AssociativeArray),
)


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        (None, None),
        (Variable("plain"), "plain"),
        (Variable(""), ""),
        (Variable("ž\n\t\x01 {% $x %}"), "ž\n\t\x01 {% $x %}"),
        (Variable("y", frozenset("x")), {"value": "y", "attributes": "x"}),
        (Variable(None, frozenset("xi")), {"value": None, "attributes": "ix"}),
        (Variable(decode(b"a\xff")), {"value": {"base64": "Yf8="}, "attributes": ""}),
        (Variable(IndexedArray({5: "b", 0: "a"}), frozenset("a")), {"value": [[0, "a"], [5, "b"]], "attributes": "a"}),
        (Variable(AssociativeArray({"z": "1", "a": "2"})), {"value": [["z", "1"], ["a", "2"]], "attributes": "A"}),
        (Variable(IndexedArray()), {"value": [], "attributes": "a"}),
        (Variable("target", frozenset("n")), {"value": "target", "attributes": "n"}),
    ],
)
def test_the_form_of_a_variable(variable: Variable | None, expected: object) -> None:
    assert encode_variable(variable) == expected


@given(value=VALUES, attributes=st.frozensets(st.sampled_from("ilnrux")))
def test_any_variable_comes_back(
    value: str | IndexedArray | AssociativeArray | None, attributes: frozenset[str]
) -> None:
    """Through JSON as bytes, with its type, its order and its attributes."""
    arrays = {IndexedArray: frozenset("a"), AssociativeArray: frozenset("A")}
    attributes |= arrays.get(type(value), frozenset())
    text = json.dumps(encode_variable(Variable(value, attributes))).encode("ascii")
    found = decode_variable(json.loads(text))
    assert found is not None
    assert (type(found.value), found.attributes) == (type(value), attributes)
    assert found.value == value
    if isinstance(value, AssociativeArray):
        assert list(found.value or ()) == list(value)


@given(TEXTS)
def test_any_text_comes_back(text: str) -> None:
    assert decode_text(json.loads(json.dumps(encode_text(text)))) == text


@pytest.mark.parametrize("value", [1, True, ["a"], {"attributes": "x"}, {"value": "x"}, {"value": 3, "attributes": ""}])
def test_what_is_no_variable_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not a"):
        decode_variable(value)
