"""What `msh compile` writes, deployed by its own template to the test engine, and run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import msh
from msh.aws.collect import collect, output_bytes, upload_inputs
from msh.aws.s3 import S3Store
from tests.support import validators

if TYPE_CHECKING:
    from tests.support.cloud import Cloud

ROOT = Path(msh.__file__).parent.parent
SCRIPT = """\
set -eu
for f in a b; do
  sort "$f" | uniq -c > "$f.out"
done
if [ -s a.out ]; then
  sleep 1
  cat a.out b.out
fi
echo "$# $1"
exit 3
"""
FILES = {"a": "x\ny\nx\n", "b": "z\n"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("deploy")
    (directory / "report.sh").write_text(SCRIPT)
    command = [sys.executable, "-m", "msh", "compile", "report.sh", "-o", "build", "--task-timeout", "60"]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(directory)}
    subprocess.run(command, cwd=directory, env=environment, check=True, capture_output=True)
    return directory / "build"


def test_static_checks_find_nothing(built: Path) -> None:
    assert validators.findings([built / "machine.asl.json", built / "template.json"]) == []


@pytest.fixture(scope="module")
def stack(built: Path, cloud: Cloud) -> dict[str, str]:
    """The outputs of the deployed stack."""
    template = (built / "template.json").read_text()
    code = cloud.bucket()
    key = json.loads(template)["Parameters"]["CodeKey"]["Default"]
    cloud.s3.upload_file(str(built / "worker.zip"), code, key)
    formation = cloud.client("cloudformation")
    parameters = [{"ParameterKey": "CodeBucket", "ParameterValue": code}]
    formation.create_stack(
        StackName="report", TemplateBody=template, Parameters=parameters, Capabilities=["CAPABILITY_IAM"]
    )
    formation.get_waiter("stack_create_complete").wait(StackName="report", WaiterConfig={"Delay": 1})
    [found] = formation.describe_stacks(StackName="report")["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}


def test_the_stack_runs_the_script(stack: dict[str, str], cloud: Cloud, tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    store = S3Store(stack["Bucket"], cloud.s3)
    files = upload_inputs(str(tmp_path), None, store)
    ended = cloud.run(stack["Machine"], {"arguments": ["one two"], "files": files})
    bash = subprocess.run(["bash", "-c", SCRIPT, "report.sh", "one two"], cwd=tmp_path, capture_output=True)
    assert (ended.status, ended.error) == ("FAILED", "msh.Exit")
    cause: dict[str, Any] = json.loads(ended.cause)
    assert cause["rc"] == bash.returncode == 3
    assert output_bytes(collect(cause["state"], store).stdout, store) == bash.stdout


def test_the_function_has_what_was_asked_for(stack: dict[str, str], cloud: Cloud) -> None:
    function = cloud.functions.get_function_configuration(FunctionName=stack["Worker"])
    assert (function["Timeout"], function["MemorySize"]) == (60, 1769)
    assert function["Environment"]["Variables"] == {"MSH_WORKER_MACHINE": "own"}
