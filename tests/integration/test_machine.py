"""Compiled machines run by engines that nobody here wrote: what bash prints, its status, and the files it leaves."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.support import table, validators
from tests.support.machine import ROOT, InProcess, OnEngine, Program, compile_script
from tests.support.objects import CREDENTIALS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.cloud import Cloud
    from tests.support.machine import Ran
    from tests.support.table import Subject

SUBJECTS = table.subjects()
TEMPLATES = 3  # that cfn-lint reads: it takes a second for each
SAMPLE = SUBJECTS[:: max(1, len(SUBJECTS) // 20)]


def each(subjects: list[Subject]) -> pytest.MarkDecorator:
    """One test for each script."""
    return pytest.mark.parametrize("subject", [pytest.param(one, id=one.name) for one in subjects])


@pytest.fixture(scope="session")
def in_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    with InProcess(tmp_path_factory.mktemp("machines")) as runner:
        yield runner


@pytest.fixture(scope="session")
def on_engine(cloud: Cloud) -> OnEngine:
    return OnEngine(cloud)


def agree(subject: Subject, runner: InProcess | OnEngine, directory: Path) -> None:
    """The machine does what bash does, or what the case says instead."""
    good = subject.expected or table.by_shell(subject, ["bash"], directory / "bash")
    outcome = table.by_machine(table.compiled(subject, directory / "machine"), runner)
    assert outcome.same(good), outcome.difference(good)


@each(SUBJECTS)
def test_in_process(subject: Subject, in_process: InProcess, tmp_path: Path) -> None:
    agree(subject, in_process, tmp_path)


@pytest.mark.engine
@each(SAMPLE)
def test_on_the_engine(subject: Subject, on_engine: OnEngine, tmp_path: Path) -> None:
    agree(subject, on_engine, tmp_path)


def test_definitions_and_templates_are_valid(tmp_path: Path) -> None:
    """All at once: the validators' start is what takes time. Templates differ in their definitions only."""
    paths = []
    for number, subject in enumerate(SUBJECTS):
        files = table.compiled(subject, tmp_path / str(number)).files
        for name in ["machine.asl.json", *(["template.json"] if number < TEMPLATES else [])]:
            paths.append(tmp_path / f"{number}-{name}")
            paths[-1].write_bytes(files[name])
    assert validators.findings(paths) == []


def program(directory: Path, text: str) -> Program:
    """A script in an empty workspace."""
    workspace = directory / "workspace"
    workspace.mkdir()
    return Program("script.sh", text, workspace)


def test_a_failing_step_is_told(in_process: InProcess, tmp_path: Path) -> None:
    text = "set -e\nif true; then echo before > before; sort nowhere; fi\necho later > later\n"
    ran = in_process.run(compile_script(program(tmp_path, text)))
    assert ran.status == 2
    assert b"nowhere" in ran.stderr
    assert set(ran.files) == {"before"}


@pytest.mark.engine
def test_a_failing_step_is_told_by_the_execution(cloud: Cloud, on_engine: OnEngine, tmp_path: Path) -> None:
    compiled = compile_script(program(tmp_path, "set -e\nif true; then sort nowhere; fi\necho later > later\n"))
    ended = cloud.run(on_engine.deploy(compiled), on_engine.given(compiled.program))
    assert (ended.status, ended.error) == ("FAILED", "msh.Exit")
    cause = json.loads(ended.cause)
    assert cause["rc"] == 2
    assert "nowhere" in cause["tail"]


@pytest.mark.engine
def test_each_machine_with_a_function_of_its_own(cloud: Cloud, tmp_path: Path) -> None:
    """The zip as it is deployed: the script is in it, and nothing of it in the bucket."""
    compiled = compile_script(program(tmp_path, "echo a | tr a b > f\nexit $(wc -l < f)\n"))
    ran = OnEngine(cloud, own=True).run(compiled)
    assert (ran.status, ran.stdout, ran.files) == (1, b"", {"f": b"b\n"})


LOOP = """\
n=0
total=
while [ "$n" -lt 4 ]; do
    n=$((n + 1))
    total="$total $n"
    sleep 1
    printf '%s\\n' "turn $n" | tr a-z A-Z
done
echo "$n:$total"
exit "$n"
"""


@pytest.fixture
def short_histories(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if Step Functions allowed so few events that a loop goes on in further executions after a turn or two."""
    monkeypatch.setattr("msh.aws.events.BUDGET", 70)


def went_on(ran: Ran) -> None:
    """All turns, each once, from several executions."""
    turns = "".join([f"TURN {number}\n" for number in range(1, 5)])
    assert (ran.status, ran.stdout.decode()) == (4, f"{turns}4: 1 2 3 4\n")


@pytest.mark.usefixtures("short_histories")
def test_a_long_loop_goes_on_in_further_executions(in_process: InProcess, tmp_path: Path) -> None:
    compiled = compile_script(program(tmp_path, LOOP))
    went_on(in_process.run(compiled))
    assert in_process.nested > 1


@pytest.mark.engine
@pytest.mark.usefixtures("short_histories")
def test_a_long_loop_goes_on_on_the_engine(cloud: Cloud, on_engine: OnEngine, tmp_path: Path) -> None:
    compiled = compile_script(program(tmp_path, LOOP))
    machine = on_engine.deploy(compiled)
    went_on(on_engine.collected(cloud.run(machine, on_engine.given(compiled.program))))
    executions = cloud.machines.list_executions(stateMachineArn=machine)["executions"]
    assert len(executions) > 2


@pytest.mark.engine
def test_objects_are_files_here_and_there(cloud: Cloud, tmp_path: Path) -> None:
    """One script, its input and output in a bucket: run here and as a machine, the same bytes and objects."""
    seen = []
    for where in ("here", "there"):
        bucket = cloud.bucket()
        cloud.s3.put_object(Bucket=bucket, Key="in/words.txt", Body=b"pear\napple\npear\n")
        out = f"s3://{bucket}/out"
        text = (
            f"sort -u s3://{bucket}/in/words.txt > {out}/sorted\n"
            f"if grep -q pear {out}/sorted; then wc -l < {out}/sorted; cp {out}/sorted {out}/copy; fi\n"
            f"[ -s {out}/copy ] && tail -n 1 {out}/copy\n"
        )
        options = ("--allow-read", f"s3://{bucket}/in", "--allow-write", out)
        (tmp_path / where).mkdir()
        one = replace(program(tmp_path / where, text), options=options)
        if where == "here":
            ran = run_here(one, cloud.endpoint)
        else:
            ended = OnEngine(cloud, own=True).run(compile_script(one))
            ran = (ended.status, ended.stdout)
        objects = cloud.s3.list_objects_v2(Bucket=bucket)["Contents"]
        bodies = {at["Key"]: cloud.s3.get_object(Bucket=bucket, Key=at["Key"])["Body"].read() for at in objects}
        seen.append((ran, bodies))
    assert seen[0] == seen[1]
    assert seen[0][0] == (0, b"2\npear\n")
    assert seen[0][1]["out/copy"] == b"apple\npear\n"


def run_here(one: Program, endpoint: str) -> tuple[int, bytes]:
    """By msh itself: its status and standard output."""
    argv = [sys.executable, "-m", "msh", "--endpoint-url", endpoint, *one.options, "-c", one.text]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **CREDENTIALS}
    done = subprocess.run(argv, cwd=one.workspace, env=environment, stdout=subprocess.PIPE, check=False, timeout=60)
    return done.returncode, done.stdout
