"""Plans as JSON: the same again, and nothing else taken for one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msh.diagnostics import MshError
from msh.plan.codec import KINDS, VERSION, dumps, loads
from msh.plan.model import REASONS, Choose, Each, Plan, Region, Repeat, Scope, Span, Switch, Wait
from tests.support import cases
from tests.unit.plan.test_build import EXAMPLES, plan_of

texts = st.text(st.characters(codec=None), max_size=8)
lists = st.lists(texts, max_size=3).map(tuple)
spans = st.builds(Span, st.integers(0, 999), st.integers(0, 999))
regions = st.builds(
    Region,
    texts,
    st.lists(spans, max_size=2).map(tuple),
    guarded=st.booleans(),
    ahead=st.integers(0, 3),
    decides=st.sampled_from(["", "case", "items", "seconds"]),
    subject=st.none() | spans,
    turns=st.booleans(),
    reads=lists,
    writes=lists,
    live=lists,
    everything=st.booleans(),
    files=st.none() | lists,
    outputs=st.none() | lists,
    commands=lists,
    network=st.booleans(),
    image=texts,
    seconds=st.floats(0, 900),
    keeps=st.lists(st.sampled_from(sorted(REASONS)), max_size=2).map(tuple),
    may_exit=st.booleans(),
    label=texts,
)


def bodies(steps: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    body = st.lists(steps, max_size=2).map(tuple)
    return st.one_of(
        st.builds(Choose, body, st.none() | body, st.none() | body, spans),
        st.builds(Switch, regions, st.lists(body, max_size=2).map(tuple), spans),
        st.builds(Repeat, body, body, st.booleans(), spans, st.integers(0, 9)),
        st.builds(Each, texts, st.none() | regions, lists, body, st.booleans(), spans),
        st.builds(Scope, body, spans),
    )


steps = st.recursive(regions | st.builds(Wait, st.none() | st.integers(0, 99), spans), bodies, max_leaves=5)
plans = st.builds(
    Plan,
    texts,
    texts,
    texts,
    st.lists(steps, max_size=3).map(tuple),
    variables=lists,
    inputs=st.none() | lists,
    commands=lists,
    exit=st.none() | regions,
)


@given(plans)
@settings(max_examples=150, deadline=None)
def test_a_plan_comes_back_as_it_was(plan: Plan) -> None:
    assert loads(dumps(plan)) == plan


@pytest.mark.parametrize("script", [case.script for case in cases.read_cases("plan") if not case.section("args")])
def test_real_plans(script: str) -> None:
    plan = plan_of(script)
    assert loads(dumps(plan)) == plan


def test_every_byte_of_a_script_comes_back() -> None:
    plan = plan_of("sort 'a\udcffb' \n")
    assert dumps(plan).isascii()
    assert loads(dumps(plan)) == plan


def test_every_step_has_a_kind() -> None:
    assert set(KINDS.values()) == {Region, Choose, Switch, Repeat, Each, Wait, Scope}


def test_a_newer_version_is_refused() -> None:
    document = json.loads(dumps(plan_of("sort a\n"))) | {"version": VERSION + 1, "later": []}
    with pytest.raises(MshError) as caught:
        loads(json.dumps(document))
    assert [found.code for found in caught.value.diagnostics] == ["MSH302"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"format": "other"}, "there is no `", id="format"),
        pytest.param({"version": "1"}, "its version is not a number", id="version"),
        pytest.param({"steps": {}}, "`steps` is not a list", id="no list"),
        pytest.param({"steps": [{"step": "dance"}]}, "`steps[0]` is not a step", id="kind"),
        pytest.param(
            {"steps": [{"step": "wait", "seconds": 1, "span": [1]}]}, "`steps[0].span` is not `[start, end]`", id="span"
        ),
        pytest.param({"steps": [{"step": "wait", "span": [1, 2]}]}, "`seconds` is missing", id="missing"),
        pytest.param({"sha256": 5}, "`sha256` is not a text", id="number"),
        pytest.param({"exit": {"step": "wait", "seconds": 1, "span": [0, 1]}}, "`exit` is not a region", id="exit"),
        pytest.param({"colour": "red"}, "`colour` is not a field of it", id="unknown"),
    ],
)
def test_what_is_no_plan_is_refused_with_the_place(change: dict[str, object], words: str) -> None:
    document = json.loads(dumps(plan_of("sort a\n"))) | change
    with pytest.raises(MshError) as caught:
        loads(json.dumps(document))
    (found,) = caught.value.diagnostics
    assert found.code == "MSH303"
    assert words in found.message


@pytest.mark.parametrize("text", ["", "[", "[]", "null", "{}", '{"format": "msh-plan"}', "[" * 100_000])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(MshError) as caught:
        loads(text)
    assert [found.code for found in caught.value.diagnostics] == ["MSH303"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples(path: object) -> None:
    plan = plan_of(path.read_text())  # type: ignore[attr-defined]
    assert loads(dumps(plan)) == plan
