"""Text of a script stays text in a state machine (case 98 of the escape cases)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sfnx import testing

from msh.aws.asl import Code, Pass, States, Substitution, Succeed, definition, value_json
from msh.aws.literals import COMMENT_LENGTH, comment, encoded, literal, quoted
from msh.aws.states import compile_plan
from msh.plan.model import Each
from tests.support.plans import SPAN, plan, region

HOSTILE = [
    "{% $states.context.Execution.Input %}",
    "{%$uuid()%}",
    "{% 1 + 1 %}",
    " {% $x %}",
    "{% $x %} ",
    "{%",
    "%}",
    "{%}",
    "{{%%}}",
    "a {% b",
    "$.input",
    "$$.Execution.Id",
    "$states.input",
    "States.Format('{}', $.x)",
    "States.JsonToString($)",
    "{}",
    "${Worker}",
    "${AWS::AccountId}",
    "${!Literal}",
    "$${x}",
    "{{resolve:ssm-secure:x:1}}",
    "{{{{x",
    '" & $string($states.context) & "',
    "\\u007b% $x %\\u007d",
    'it\'s "quoted" `here` \\ and \\\\',
    "tab\tnewline\nreturn\rbell\x07",
    "é 漢 😀 \u2028 \ufeff",
    "the end\n",
    "",
    "]] ~> | $ |",
    "/* comment */ // no",
]


def result_of(value: object) -> object:
    """What Step Functions makes of a value that a definition holds."""
    states = States("only", (("only", Succeed(value)),))  # type: ignore[arg-type]
    return testing.run(definition(states), {"secret": "no"}).output


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_never_evaluated(text: str) -> None:
    assert result_of(text) == text
    assert result_of({"a": [text, {"b": text}]}) == {"a": [text, {"b": text}]}
    assert result_of(Code(quoted(text))) == text
    assert result_of(Code(f"[{quoted(text)}, 1]")) == [text, 1]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_reader_finds_a_mark_of_its_own(text: str) -> None:
    written = literal(text)
    inner = written.removeprefix("{% ").removesuffix(" %}")
    assert not any(mark in inner for mark in ("{%", "%}", "${", "{{"))


@given(st.text(alphabet=st.sampled_from("{%}$ \"\\'a\n.[]é😀"), max_size=12))
def test_any_text(text: str) -> None:
    assert result_of(text) == text
    assert result_of(Code(quoted(text))) == text


def test_what_is_meant_to_be_evaluated_is() -> None:
    assert result_of(Code("1 + 1")) == 2
    assert result_of(Code("$states.context.Execution.Input.secret")) == "no"
    assert value_json(Substitution("Worker")) == "${Worker}"


def test_bytes_travel_as_base64() -> None:
    assert encoded("a\udcff") == {"value": {"base64": "Yf8="}, "attributes": ""}
    for refuses in (quoted, literal):
        with pytest.raises(ValueError, match="Unicode"):
            refuses("a\udcff")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_comment_holds_no_mark(text: str) -> None:
    written = comment(f"line 3: {text}")
    assert not any(mark in written for mark in ("{%", "%}", "${", "{{"))
    assert written.isprintable()
    assert len(comment(text * 100)) <= COMMENT_LENGTH


@pytest.mark.parametrize("independent", [True, False])
def test_the_values_of_a_loop_reach_the_worker_as_they_are(independent: bool) -> None:
    body = region("body", reads="i", label="{% $states.context %} ${Worker}")
    whole = plan(Each("i", None, (*HOSTILE, "a\udcff"), (body,), independent, SPAN))
    document = compile_plan(whole).document()
    assert values_asked(document) == [*HOSTILE, {"value": {"base64": "Yf8="}, "attributes": ""}]
    for text in strings(document):
        assert text in ("${Worker}", "${Bucket}") or "${" not in text


def values_asked(document: dict[str, object]) -> list[object]:
    """The values of `i` that a run asks its worker for."""
    asked: list[object] = []

    def task(call: testing.Call) -> object:
        arguments = call.arguments
        assert isinstance(arguments, dict)
        asked.append(arguments["Payload"]["variables"]["i"])
        return {"Payload": {"rc": 0, "state": "key", "tail": "", "variables": {}}}

    assert testing.run(document, {}, task).error is None
    return asked


def strings(value: object) -> list[str]:
    """All texts of a document, keys too."""
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in strings(part)]
    return [value] if isinstance(value, str) else []


def test_a_document_has_the_same_bytes_each_time() -> None:
    whole = plan(Each("i", None, ("b", "a"), (region("body", reads="i"),), True, SPAN))
    assert json.dumps(compile_plan(whole).document()) == json.dumps(compile_plan(whole).document())
    assert Pass({"x": 1}) == Pass({"x": 1})
