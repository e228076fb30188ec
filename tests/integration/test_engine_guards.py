"""What the test engine would answer otherwise than AWS, one test each: the shim or the guard that puts it right.

When one of these fails after an update of LocalStack, either it has learnt something, or a false answer is back.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from sfnx import testing

from tests.support.cloud import FalseAnswer, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.cloud import Cloud

pytestmark = pytest.mark.engine

AWKWARD = "say \"hi\"\nbye\\n '$x' {% 1 %} é \U0001f41a \u2028 \x01"


def passing(output: str, **assign: object) -> dict[str, Any]:
    """A machine that assigns and says."""
    first = {"Type": "Pass", "Assign": assign or {"nothing": None}, "Next": "Say"}
    return machine(First=first, Say={"Type": "Succeed", "Output": output})


def machine(**states: dict[str, Any]) -> dict[str, Any]:
    """A definition that starts at the first of its states."""
    return {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}


def map_of(items: list[object], processor: dict[str, Any], **fields: object) -> dict[str, Any]:
    """A Distributed Map over `items`, and the end."""
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    inner = {"ProcessorConfig": config, "StartAt": "Inner", "States": {"Inner": processor}}
    return machine(Many={"Type": "Map", "Items": items, "ItemProcessor": inner, **fields, "End": True})


def answer(cloud: Cloud, definition: dict[str, Any], value: object = None) -> object:
    """The output, the same on the engine and in process."""
    ended = cloud.run(cloud.machine(definition), value)
    assert (ended.status, ended.error, ended.cause) == ("SUCCEEDED", "", "")
    assert testing.run(definition, value if value is not None else {}).output == ended.output
    return ended.output


def test_variables_hold_any_text(cloud: Cloud) -> None:
    definition = passing('{% $x & "|" & $states.input.text %}', x="{% $states.input.text %}")
    assert answer(cloud, definition, {"text": AWKWARD}) == f"{AWKWARD}|{AWKWARD}"


def test_variables_hold_null(cloud: Cloud) -> None:
    assert answer(cloud, passing("{% [$x = null, $exists($x)] %}", x=None)) == [True, True]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$hash('a\"b', 'SHA-256')", "39a012772dd5c3accbc56923093422896d41ac882e3cd66914bc584c7aac966f"),
        ("$partition([1,2,3,4], 2)", [[1, 2], [3, 4]]),
        ("$partition([1,2,3,4,5], 2)", [[1, 2], [3, 4], [5]]),
        ("$partition([1], 2)", [[1]]),
        ("$range(1, 7, 3)", [1, 4, 7]),
        ("$parse('{\"a\": [1, null]}')", {"a": [1, None]}),
        ("6 / 2", 3),
        ("$count($match('a b', /[a-z]/))", 2),
    ],
)
def test_functions_of_step_functions(cloud: Cloud, expression: str, expected: object) -> None:
    assert answer(cloud, passing(f"{{% {expression} %}}")) == expected


def test_uuid_is_one(cloud: Cloud) -> None:
    made = [cloud.run(cloud.machine(passing("{% $uuid() %}"))).output for _ in range(2)]
    assert made[0] != made[1]
    assert all(len(str(text)) == 36 for text in made)


@pytest.mark.parametrize("expression", ["$missing", "$states.errorOutput.Cause", "$number('x')", "1 + 'a'", "$sum"])
def test_an_expression_that_fails_can_be_caught(cloud: Cloud, expression: str) -> None:
    inner = {"StartAt": "Do", "States": {"Do": {"Type": "Pass", "Output": f"{{% {expression} %}}", "End": True}}}
    catch = [{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "Caught"}]
    definition = machine(
        Try={"Type": "Parallel", "Branches": [inner], "Catch": catch, "End": True},
        Caught={"Type": "Succeed", "Output": "{% 'caught' %}"},
    )
    ended = cloud.run(cloud.machine(definition) if "errorOutput" not in expression else unchecked(cloud, definition))
    assert ended.output == "caught"


def unchecked(cloud: Cloud, definition: dict[str, Any]) -> str:
    """A machine as the engine takes it, without our checks."""
    arn = cloud.machines.create_state_machine(
        name=f"unchecked-{id(definition)}", roleArn=cloud.role, definition=json.dumps(definition)
    )["stateMachineArn"]
    return str(arn)


def bad_next(definition: dict[str, Any]) -> None:
    definition["States"]["First"]["Next"] = "Nowhere"


def unreachable(definition: dict[str, Any]) -> None:
    definition["States"]["Alone"] = {"Type": "Succeed"}


def unparsable(definition: dict[str, Any]) -> None:
    definition["States"]["Say"]["Output"] = "{% 1 + %}"


def long_name(definition: dict[str, Any]) -> None:
    definition["States"]["First"]["Next"] = "x" * 90
    definition["States"]["x" * 90] = definition["States"].pop("Say")


@pytest.mark.parametrize("spoil", [bad_next, unreachable, unparsable, long_name])
def test_definitions_are_checked_before_the_engine_takes_them(
    cloud: Cloud, spoil: Callable[[dict[str, Any]], None]
) -> None:
    definition = passing("{% 1 %}")
    spoil(definition)
    assert unchecked(cloud, definition)  # the false answer
    with pytest.raises(Refused):
        cloud.machine(definition)


@pytest.mark.parametrize("name", ["x" * 81, "a b", "a/b", ""])
def test_names_of_machines_are_checked(cloud: Cloud, name: str) -> None:
    if name:
        with pytest.raises(Refused, match="name"):
            cloud.machine(passing("{% 1 %}"), name)


def test_a_distributed_map_whose_children_all_fail(cloud: Cloud) -> None:
    definition = map_of([1, 2, 3], {"Type": "Fail", "Error": "Broken"})
    arn = cloud.machine(definition)
    with pytest.raises(FalseAnswer, match="3 of 3 children"):
        cloud.run(arn)
    assert testing.run(definition, {}).error == "States.ExceedToleratedFailureThreshold"


def test_a_distributed_map_whose_children_may_fail(cloud: Cloud) -> None:
    definition = map_of([1, 2, 3], {"Type": "Fail", "Error": "Broken"}, ToleratedFailureCount=3)
    assert cloud.run(cloud.machine(definition)).status == "SUCCEEDED"


def test_a_distributed_map_whose_children_succeed(cloud: Cloud) -> None:
    assert answer(cloud, map_of([1, 2, 3], {"Type": "Pass", "End": True})) == [1, 2, 3]


def test_the_payload_limit_holds(cloud: Cloud) -> None:
    for size, status in [(262_000, "SUCCEEDED"), (262_200, "FAILED")]:
        definition = passing(f"{{% ($part := $pad('', {size // 50}, 'x'); $join([1..50].($part))) %}}")
        ended = cloud.run(cloud.machine(definition))
        assert ended.status == status
        assert ended.error == ("" if status == "SUCCEEDED" else "States.DataLimitExceeded")


def test_the_events_are_counted(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    arn = cloud.machine(passing("{% 1 %}"))
    assert cloud.run(arn).events == 6
    monkeypatch.setattr("tests.support.cloud.EVENTS", 5)
    with pytest.raises(FalseAnswer, match="6 events"):
        cloud.run(arn)


EXPRESS = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}


@pytest.mark.parametrize("what", ["ItemBatcher", "EXPRESS", "ResultWriter"])
def test_what_the_engine_has_not_is_refused(cloud: Cloud, what: str) -> None:
    definition = map_of([1, 2, 3], {"Type": "Pass", "End": True})
    many = definition["States"]["Many"]
    if what == "ItemBatcher":
        many["ItemBatcher"] = {"MaxItemsPerBatch": 2}
    elif what == "EXPRESS":
        many["ItemProcessor"] |= EXPRESS
    else:
        many["ResultWriter"] = {
            "Resource": "arn:aws:states:::s3:putObject",
            "Arguments": {"Bucket": "b", "Prefix": "p"},
        }
    with pytest.raises(ClientError):
        unchecked(cloud, definition)


HANDLER = """
import ctypes, os, time

def handler(event, context):
    what = event["what"]
    if what == "crash":
        os._exit(3)
    if what == "raise":
        raise ValueError(event["text"])
    if what == "hang":
        open("/tmp/left", "w").close()
        time.sleep(60)
    if what == "large":
        return "x" * (6 * 1024 * 1024 + 1)
    if what == "user namespace":
        return ctypes.CDLL(None, use_errno=True).unshare(0x10000000)
    if what == "write":
        try:
            open(event["path"], "w").close()
        except OSError as error:
            return error.strerror
    return {"pid": os.getpid(), "left": os.path.exists("/tmp/left"), "uid": os.getuid(), "text": event.get("text")}
"""


@pytest.fixture(scope="module")
def invoke(cloud: Cloud) -> Callable[..., tuple[str, Any]]:
    """Call a function through a state machine: the error or "", and the result or the cause."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("probe.py", HANDLER)
    function = cloud.function(archive.getvalue(), "probe.handler", seconds=3)
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
    task |= {"Arguments": {"FunctionName": function, "Payload": "{% $states.input %}"}}
    arn = cloud.machine(machine(Call={**task, "Output": "{% $states.result.Payload %}"}))

    def call(what: str, **event: object) -> tuple[str, Any]:
        ended = cloud.run(arn, {"what": what, **event})
        return ended.error, ended.output if ended.status == "SUCCEEDED" else json.loads(ended.cause)

    return call


def test_workers_are_warm_and_told_apart(invoke: Callable[..., tuple[str, Any]]) -> None:
    first = invoke("tell", text=AWKWARD)[1]
    assert first["text"] == AWKWARD
    assert first["uid"] not in (0, 65534)
    assert invoke("tell")[1]["pid"] == first["pid"]


def test_a_crashed_worker_is_replaced(invoke: Callable[..., tuple[str, Any]]) -> None:
    error, cause = invoke("crash")
    assert error == cause["errorType"] == "Runtime.ExitError"
    assert "exit status 3" in cause["errorMessage"]
    assert invoke("tell")[0] == ""


def test_a_worker_out_of_time_is_replaced_and_leaves_its_files(invoke: Callable[..., tuple[str, Any]]) -> None:
    error, cause = invoke("hang")
    assert error == "Sandbox.Timedout"
    assert "Task timed out after 3.00 seconds" in cause["errorMessage"]
    assert invoke("tell")[1]["left"]


def test_an_exception_is_named(invoke: Callable[..., tuple[str, Any]]) -> None:
    error, cause = invoke("raise", text=AWKWARD)
    assert (error, cause["errorMessage"]) == ("ValueError", AWKWARD)


def test_an_answer_has_a_limit(invoke: Callable[..., tuple[str, Any]]) -> None:
    assert invoke("large")[0] == "Function.ResponseSizeTooLarge"


def test_workers_get_no_user_namespace(invoke: Callable[..., tuple[str, Any]]) -> None:
    assert invoke("user namespace")[1] == -1


@pytest.mark.parametrize("path", ["/x", "/usr/x", "/var/task/x", "/var/x"])
def test_workers_write_only_to_tmp(invoke: Callable[..., tuple[str, Any]], path: str) -> None:
    assert "Read-only" in invoke("write", path=path)[1]
    assert "pid" in invoke("write", path="/tmp/x")[1]
