"""A script compiled for AWS and run: in process, or on the test engine. Both give the same `Ran`.

    compile_script(program) ──▶ Compiled ──▶ InProcess.run | OnEngine.run ──▶ Ran

In process, `sfnx.testing` interprets the state machine and a task is answered by the real worker, kept warm in
`lambda_sandbox`, with a directory for a bucket. On the engine the worker's zip is a Lambda function and the bucket is
S3's. Inputs are uploaded and outputs collected as `msh` itself does it.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from sfnx import testing

from msh.aws.collect import Result, collect, output_bytes, upload_inputs, upload_stdin, write_files
from msh.aws.package import HANDLER
from msh.aws.scripts import FILES, upload_script
from msh.aws.store import DirectoryStore, Store
from msh.catalog import load_catalog
from msh.cli.compile import compiled
from msh.cli.options import CATALOG_OPTIONS, GRANT_OPTIONS, parse_options
from msh.config import load_settings
from msh.source import Source
from tests.support import lambda_sandbox
from tests.support.cloud import Cloud, Ended

ROOT = Path(__file__).parent.parent.parent
EXIT = "msh.Exit"  # the error of an execution whose script ended with another status than 0
LARGEST = 262_144  # bytes of a task's request and answer
SECONDS = 60
LOCALE = {"LC_ALL": "C.UTF-8"}
WORKER_ENVIRONMENT = {"MSH_WORKER_MACHINE": "own"}  # as in the template
CODE, BUCKETS = "/opt/msh", "/mnt/buckets"  # where a worker in process finds them
HOST = {"--worker": "host"}  # both engines run workers with this machine's commands
NESTED = "arn:aws:states:::states:startExecution.sync"
FUNCTION, BUCKET = "${Worker}", "${Bucket}"  # what the template's deployment replaces in a definition


class Unexpected(Exception):
    """The machine ended with an error that is not the script's: its name and cause."""


@dataclass(frozen=True)
class Program:
    """A script and what it is started with. `workspace`: the directory it runs in; only read. `options`: msh's."""

    name: str
    text: str
    workspace: Path
    stdin: bytes = b""
    arguments: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: LOCALE)


@dataclass(frozen=True)
class Compiled:
    """What was made of a program. `script` are the files of the worker's zip that belong to the script."""

    program: Program
    definition: dict[str, Any]
    files: Mapping[str, bytes]
    shape: Mapping[str, int]
    script: Mapping[str, bytes]


@dataclass(frozen=True)
class Ran:
    """What a run came to; `files` are those of its workspace; `steps`: states entered, or events of the history."""

    status: int
    stdout: bytes
    stderr: bytes
    files: Mapping[str, bytes]
    steps: int


class Runner(Protocol):
    """Runs what was compiled."""

    def run(self, compiled: Compiled) -> Ran:
        """One run from its inputs to its outputs. Raises Unexpected."""


def compile_script(program: Program) -> Compiled:
    """Compile as `msh compile --target aws` does. Raises MshError with each reason against it."""
    given = parse_options(list(program.options), CATALOG_OPTIONS + GRANT_OPTIONS).settings()
    directory = str(program.workspace)
    settings = load_settings(given, {}, directory)
    bundle = compiled(
        Source(program.name, program.text), "aws", load_catalog(settings, directory), settings, directory, HOST
    )
    with zipfile.ZipFile(io.BytesIO(bundle.files["worker.zip"])) as archive:
        script = {name: archive.read(name) for name in FILES}
    definition = json.loads(bundle.files["machine.asl.json"])
    return Compiled(program, definition, bundle.files, bundle.shape, script)


def substituted(value: Any, names: Mapping[str, str]) -> Any:
    """A definition with the names that the deployment gives."""
    if isinstance(value, dict):
        return {key: substituted(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [substituted(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def execution_input(program: Program, store: Store) -> dict[str, Any]:
    """Upload what a run starts with."""
    return {
        "arguments": list(program.arguments),
        "environment": dict(program.environment),
        "files": upload_inputs(str(program.workspace), None, store),
        "stdin": upload_stdin(io.BytesIO(program.stdin), store),
    }


def finished(output: Any, error: str, cause: str, store: Store, steps: int) -> Ran:
    """Collect what a run has left. Raises Unexpected."""
    if error and error != EXIT:
        raise Unexpected(f"{error}: {cause}")
    end = json.loads(cause) if error else output
    if bool(end["rc"]) != bool(error):
        raise Unexpected(f"the script's status is {end['rc']}, the execution's error `{error}`")
    if end["state"] is None:
        return Ran(end["rc"], b"", b"", {}, steps)
    result = collect(end["state"], store)
    stdout, stderr = (output_bytes(pieces, store) for pieces in (result.stdout, result.stderr))
    return Ran(end["rc"], stdout, stderr, workspace_files(result, store), steps)


def workspace_files(result: Result, store: Store) -> dict[str, bytes]:
    """The files of the workspace after the run."""
    with tempfile.TemporaryDirectory() as directory:
        write_files(result, store, directory)
        return read_files(Path(directory))


def read_files(directory: Path) -> dict[str, bytes]:
    """Every regular file below a directory, by its path; of a link its target."""
    found = {}
    for path in sorted(directory.rglob("*")):
        name = os.fsencode(path.relative_to(directory)).decode("utf-8", "surrogateescape")
        if path.is_symlink():
            found[name] = b"-> " + os.fsencode(os.readlink(path))
        elif path.is_file():
            found[name] = path.read_bytes()
    return found


class InProcess:
    """Interprets machines here. A context manager: it holds one warm worker.

    `pace` is what a second of a `Wait` takes, where nothing else goes by the clock.
    """

    def __init__(self, directory: Path, pace: float = 1.0) -> None:
        self._pace = pace
        self._stores = directory / "stores"
        self._scratch = directory / "tmp"
        self._log = directory / "log"
        self._stores.mkdir(parents=True)
        self._scratch.mkdir()
        self._runs = 0
        self.nested = 0  # executions that others have started, in the last run
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def run(self, compiled: Compiled) -> Ran:
        """One run."""
        self._runs += 1
        bucket = self._stores / str(self._runs)
        bucket.mkdir()
        store = DirectoryStore(str(bucket))
        upload_script(store, compiled.script)
        definition = substituted(compiled.definition, {FUNCTION: "worker", BUCKET: f"{BUCKETS}/{self._runs}"})
        value = execution_input(compiled.program, store)
        steps = self.nested = 0

        def wait(wanted: testing.Wait) -> None:
            time.sleep((wanted.seconds or 0) * self._pace)

        def execute(value: object) -> testing.Execution:
            nonlocal steps
            ended = testing.run(definition, value, answer, on_wait=wait)
            steps += len(ended.states)
            return ended

        def answer(call: testing.Call) -> object:
            assert isinstance(call.arguments, dict)
            if call.resource.startswith(NESTED):
                self.nested += 1
                return _nested(execute(call.arguments["Input"]))
            result = self.invoke(call.arguments["Payload"])
            return {"ExecutedVersion": "$LATEST", "StatusCode": 200, "Payload": result}

        ended = execute(value)
        output = ended.output if ended.error is None else None
        return finished(output, ended.error or "", ended.cause or "", store, steps)

    def invoke(self, event: object) -> object:
        """One invocation of the worker. Raises `testing.Failure` as the Task would fail."""
        line = json.dumps({"event": event, "seconds": SECONDS}).encode() + b"\n"
        if len(line) > LARGEST:
            raise testing.Failure("States.DataLimitExceeded", f"a request of {len(line)} bytes")
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(line)
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            self._end()
            raise testing.Failure("Runtime.ExitError", self._log.read_text(errors="replace")[-2000:])
        if len(answer) > LARGEST:
            raise testing.Failure("States.DataLimitExceeded", f"an answer of {len(answer)} bytes")
        document = json.loads(answer)
        if "error" in document:
            raise testing.Failure(document["error"], document["cause"])
        return document["result"]

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONPATH": CODE}
            argv = lambda_sandbox.command(
                [lambda_sandbox.python(), "-m", "tests.support.warm_worker"],
                scratch=str(self._scratch),
                read={f"{CODE}/{name}": str(ROOT / name) for name in ("grammar", "msh", "tests")},
                write={BUCKETS: str(self._stores)},
                environment=environment | WORKER_ENVIRONMENT,
            )
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _nested(ended: testing.Execution) -> object:
    """What `startExecution.sync:2` answers; a failed execution fails the Task with all that is known of it."""
    about = {"ExecutionArn": "arn", "StateMachineArn": "arn", "Name": "execution"}
    if ended.error is not None:
        told = about | {"Status": "FAILED", "Error": ended.error, "Cause": ended.cause}
        raise testing.Failure("States.TaskFailed", json.dumps(told))
    return about | {"Status": "SUCCEEDED", "Output": ended.output}


class OnEngine:
    """Deploys machines to the test engine.

    `own`: each with a function of its own, as the template has it. Else one function serves all, and gets each script
    from the bucket: its sandboxes stay warm.
    """

    def __init__(self, cloud: Cloud, *, own: bool = False) -> None:
        from msh.aws.s3 import S3Store

        self.cloud = cloud
        self._own = own
        self._bucket = cloud.bucket()
        self._store = S3Store(self._bucket, cloud.s3)
        self._function = ""

    def deploy(self, compiled: Compiled) -> str:
        """The ARN of its machine."""
        if self._own or not self._function:
            archive = compiled.files["worker.zip"]
            self._function = self.cloud.function(archive, HANDLER, seconds=SECONDS, environment=WORKER_ENVIRONMENT)
        if not self._own:
            upload_script(self._store, compiled.script)
        names = {FUNCTION: self._function, BUCKET: self._bucket}
        return self.cloud.machine(substituted(compiled.definition, names))

    def given(self, program: Program) -> dict[str, Any]:
        """The input of an execution, uploaded."""
        return execution_input(program, self._store)

    def collected(self, ended: Ended) -> Ran:
        """What an execution has left. Raises Unexpected."""
        return finished(ended.output, ended.error, ended.cause, self._store, ended.events)

    def run(self, compiled: Compiled) -> Ran:
        """Deploy and run once."""
        return self.collected(self.cloud.run(self.deploy(compiled), self.given(compiled.program)))
