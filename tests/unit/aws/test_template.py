"""The template and the policies: what cfn-lint says of them, and that each allows no more than it must."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from msh.aws.policy import Objects, machine_policy, worker_policy
from msh.aws.template import SUBSTITUTIONS, Deployment, definition_text, policies, template, template_text
from msh.diagnostics import MshError

DEPLOYMENT = Deployment("report.sh", "ab" * 32, 1769, 2048, 900, "python3.13", "x86_64")
NAMED = (
    Objects("data", "in/a*b.txt"),
    Objects("data", "out/", prefix=True, write=True),
    Objects("other", "x", write=True),
)
DEFINITION = {
    "Comment": "report.sh",
    "QueryLanguage": "JSONata",
    "StartAt": "L1-sort",
    "States": {
        "L1-sort": {
            "Type": "Task",
            "Comment": "echo ${x} ${Other}",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": "${Worker}", "Payload": {"bucket": "${Bucket}", "note": "${x} in a text"}},
            "End": True,
        }
    },
}
CFN_LINT = Path(sys.executable).parent / "cfn-lint"


def statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    return list(document["Statement"])


@pytest.mark.skipif(not CFN_LINT.exists(), reason="cfn-lint is not installed")
@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("objects", [(), NAMED], ids=["none", "named"])
def test_cfn_lint_finds_nothing(tmp_path: Path, nested: bool, objects: tuple[Objects, ...]) -> None:
    deployment = DEPLOYMENT.replace(nested=nested, objects=objects)
    (tmp_path / "t.json").write_text(json.dumps(template(DEFINITION, deployment)))
    done = subprocess.run([CFN_LINT, "-r", "us-east-1", "-t", tmp_path / "t.json"], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("", 0)


def test_only_the_names_of_the_template_are_substituted() -> None:
    text = definition_text(DEFINITION)
    found = {part.split("}")[0] for part in text.split("${")[1:]}
    assert found == set(SUBSTITUTIONS)
    assert json.loads(text) == DEFINITION


def test_only_log_delivery_is_allowed_for_everything() -> None:
    documents = [*policies(NAMED, nested=True)["machine"], *policies(NAMED, nested=True)["worker"]]  # type: ignore[misc]
    for statement in [each for document in documents for each in statements(document)]:
        wide = "*" in statement["Resource"]
        assert wide == (statement["Sid"] == "DeliverLog"), statement
        assert not any("*" in action for action in statement["Action"]), statement


def test_the_worker_may_touch_what_the_script_names() -> None:
    own = statements(worker_policy())
    assert [each["Sid"] for each in own] == ["OwnObjects", "OwnNames", "OwnLog"]
    named = {each["Sid"]: each for each in statements(worker_policy(NAMED))[3:]}
    s3 = "arn:${AWS::Partition}:s3:::"
    assert named["GrantedObjects"]["Resource"] == [f"{s3}data/in/a${{!*}}b.txt", f"{s3}data/out/*", f"{s3}other/x"]
    assert named["GrantedForWriting"]["Resource"] == [f"{s3}data/out/*", f"{s3}other/x"]
    assert named["Names5"]["Condition"] == {"StringLike": {"s3:prefix": ["in/a${!*}b.txt", "out/*"]}}
    deleting = [each["Sid"] for each in [*own, *named.values()] if "s3:DeleteObject" in each["Action"]]
    assert deleting == ["GrantedForWriting"]


def test_the_machine_starts_itself_only_when_it_has_to() -> None:
    actions = [action for each in statements(machine_policy()) for action in each["Action"]]
    assert actions[0] == "lambda:InvokeFunction"
    assert not any(action.startswith("states:") for action in actions)
    assert "MachineStartsItself" not in template(DEFINITION, DEPLOYMENT)["Resources"]  # type: ignore[operator]


def test_a_template_is_the_same_each_time() -> None:
    assert json.dumps(template(DEFINITION, DEPLOYMENT)) == json.dumps(template(DEFINITION, DEPLOYMENT))


def test_a_machine_that_aws_would_not_take_is_refused() -> None:
    states = {f"L{number}": {"Type": "Pass", "Comment": "x" * 200, "End": True} for number in range(5_000)}
    with pytest.raises(MshError) as caught:
        template_text({"StartAt": "L0", "States": states}, DEPLOYMENT)
    assert caught.value.diagnostics[0].code == "MSH339"
