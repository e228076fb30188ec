"""Lambda functions in LocalStack, executed by AWS's own runtime client in a local process.

LocalStack asks its plugin for a class of `RuntimeExecutor`: one instance is one sandbox, which `start` brings up and
which then gets one `invoke` at a time. Its own needs Docker, an init program and a base image from the network. Here a
sandbox is a small server of the Lambda Runtime API on loopback and one process, `python -m awslambdaric HANDLER`, in
`lambda_sandbox`. A process that crashes or runs out of time is replaced before the next invocation, by one that finds
what the last has left in `/tmp`, as on Lambda.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.plugins import DockerRuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from tests.support import lambda_sandbox

LARGEST = 6 * 1024 * 1024  # bytes of an answer
LOG_TAIL = 4096  # bytes that an invocation's answer carries

# A sandbox ends with the *thread* that started it (PR_SET_PDEATHSIG), and the threads of a server come and go.
_spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lambda-spawner")


class RuntimeApi(BaseHTTPRequestHandler):
    """The Runtime API of one process: hands out invocations, puts whatever it says on the queue `events`."""

    protocol_version = "HTTP/1.1"
    server: RuntimeServer

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        """`/2018-06-01/runtime/invocation/next`: waits for an invocation."""
        self.server.events.put(("ready", "", b""))
        invocation = self.server.invocations.get()
        if invocation is None:
            self._reply(410, b"{}", {})
        else:
            self._reply(200, *invocation)

    def do_POST(self) -> None:
        """`…/init/error`, `…/invocation/ID/response`, `…/invocation/ID/error`."""
        *_, before, last = self.path.split("/")
        kind = "init-error" if before == "init" else last
        self.server.events.put((kind, before, self._body()))
        self._reply(202, b'{"status":"OK"}', {})

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class RuntimeServer(ThreadingHTTPServer):
    """A Runtime API on loopback for one process."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), RuntimeApi)
        self.invocations: queue.Queue[tuple[bytes, dict[str, str]] | None] = queue.Queue()
        self.events: queue.Queue[tuple[str, str, bytes]] = queue.Queue()


class Runtime:
    """One process and its Runtime API, up to the end of the process."""

    def __init__(self, command: Callable[[str], list[str]], log: Path) -> None:
        self._server = RuntimeServer()
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        argv = command(f"127.0.0.1:{self._server.server_port}")
        with log.open("ab") as output:
            self._process = _spawner.submit(
                subprocess.Popen, argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            ).result()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        status = self._process.wait()
        # bwrap gives 128+n for a signal of the process in it, and is itself killed when its time is out.
        words = "signal: killed" if status in (137, -9) else f"exit status {status}"
        self._server.events.put(("exit", "", words.encode()))
        self._server.invocations.put(None)
        self._server.shutdown()
        self._server.server_close()

    def alive(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process and all that it has started."""
        self._process.kill()
        self._process.wait()

    def wait_until_ready(self) -> None:
        """Wait for the first `next`. Raises StatusErrorException with what the function's caller gets instead."""
        kind, _, body = self._server.events.get()
        if kind == "ready":
            return
        if kind == "exit":
            body = error("Runtime.ExitError", f"Error: Runtime exited with error: {body.decode()}")
        self.kill()
        raise StatusErrorException("the function does not start", payload=body)

    def invoke(self, identity: str, body: bytes, headers: dict[str, str], seconds: float) -> tuple[bool, bytes]:
        """Hand out an invocation and wait for what becomes of it: whether it failed, and the answer."""
        self._server.invocations.put((body, headers))
        end = time.monotonic() + seconds
        while True:
            try:
                kind, about, answer = self._server.events.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                self.kill()
                words = f"RequestId: {identity} Error: Task timed out after {seconds:.2f} seconds"
                return True, error("Sandbox.Timedout", words)
            if kind == "exit":
                words = f"RequestId: {identity} Error: Runtime exited with error: {answer.decode()}"
                return True, error("Runtime.ExitError", words)
            if kind in ("response", "error") and about == identity:
                if len(answer) > LARGEST:
                    words = f"Response payload size exceeded maximum allowed payload size ({LARGEST} bytes)."
                    return True, error("Function.ResponseSizeTooLarge", words)
                return kind == "error", answer


def error(kind: str, message: str) -> bytes:
    """An error as Lambda's answer has it."""
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


class LocalExecutor(RuntimeExecutor):
    """One Lambda sandbox, as LocalStack knows it."""

    directory: ClassVar[Path]

    def start(self, env_vars: dict[str, object]) -> None:
        """Bring it up, with the environment that LocalStack has for the function."""
        home = self.directory / self.id
        self._scratch, self._log = home / "tmp", home / "log"
        self._scratch.mkdir(parents=True)
        self._log.touch()
        self._environment = {name: str(value) for name, value in env_vars.items() if not name.startswith("LOCALSTACK_")}
        self._runtime = self._new()

    def _new(self) -> Runtime:
        runtime = Runtime(self._command, self._log)
        runtime.wait_until_ready()
        return runtime

    def _command(self, address: str) -> list[str]:
        task = lambda_sandbox.TASK
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/bin",
            "LANG": "en_US.UTF-8",
            **self._environment,
            "LAMBDA_TASK_ROOT": task,
            "AWS_LAMBDA_RUNTIME_API": address,
        }
        config = self.function_version.config
        return lambda_sandbox.command(
            [lambda_sandbox.python(), "-m", "awslambdaric", config.handler],
            scratch=str(self._scratch),
            task=str(config.code.get_unzipped_code_location()),
            environment=environment,
        )

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """One invocation, in a new process when the last has ended."""
        written = self._log.stat().st_size
        if not self._runtime.alive():
            self._runtime = self._new()
        identity, seconds = payload["invoke-id"], float(self.function_version.config.timeout)
        headers = {
            "Lambda-Runtime-Aws-Request-Id": identity,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": payload["invoked-function-arn"],
            "Lambda-Runtime-Trace-Id": payload["trace-id"],
            "Content-Type": "application/json",
        }
        failed, body = self._runtime.invoke(identity, payload["payload"].encode(), headers, seconds)
        return InvocationResult(identity, body, is_error=failed, logs=self._logs_since(written))

    def _logs_since(self, offset: int) -> str:
        with self._log.open("rb") as log:
            log.seek(max(offset, os.fstat(log.fileno()).st_size - LOG_TAIL))
            return log.read().decode(errors="replace")

    def stop(self) -> None:
        """End it."""
        if hasattr(self, "_runtime"):
            self._runtime.kill()

    def get_logs(self) -> str:
        """The end of what it has printed."""
        return self._logs_since(0)

    def get_address(self) -> str:
        """Its address for LocalStack."""
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        """LocalStack's address for it."""
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        """For LocalStack's own init program, which is not used."""
        return ""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unpack the code."""
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """The code goes with the engine's directory."""


def install(directory: Path) -> None:
    """Execute functions this way, with what they write below `directory`."""
    LocalExecutor.directory = directory
    DockerRuntimeExecutorPlugin.load = lambda self, *args, **kwargs: LocalExecutor
