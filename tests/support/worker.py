"""A worker as it lives on its own machine: in bubblewrap, with its own `/tmp` and processes, without user namespaces.

`BoxedWorker` runs one; requests go in and answers come out as lines of JSON. Killing it is what a crash is. `Run`
drives a script through it, one request after the other, as a state machine would.

    python -m tests.support.worker STORE     inside the box: requests from standard input, answers to standard output
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import msh
from msh.aws.collect import collect, output_bytes
from msh.aws.place import VARIABLE, machine
from msh.aws.scripts import script_files, upload_script
from msh.aws.store import DirectoryStore, denied
from msh.aws.worker import Worker, reported
from msh.catalog import load_catalog
from msh.config import Settings
from msh.diagnostics import MshError
from msh.source import Source
from msh.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from msh.aws.collect import Result
    from msh.aws.store import Readable

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(msh.__file__)))
CHECKOUT, STORE = "/opt", "/mnt"  # in the box; every Linux has these directories


class WorkerError(Exception):
    """What a worker has raised instead of an answer, as the state machine would see it."""


class BoxedWorker:
    """A worker in a box of its own; `store` is a directory, `size` the bytes that its `/tmp` has."""

    def __init__(self, store: str, size: int = 4 << 30) -> None:
        variables = {"PATH": os.environ["PATH"], VARIABLE: "own"}
        words = [*box_words(store, size), "-m", "tests.support.worker", STORE]
        self.process = subprocess.Popen(words, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> BoxedWorker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def send(self, request: Mapping[str, Any]) -> None:
        """Hand over a request."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Its answer. Raises WorkerError, or EOFError when the worker is dead."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise EOFError
        document: dict[str, Any] = json.loads(line)
        if "error" in document:
            raise WorkerError(document["error"])
        return document

    def invoke(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """A request and its answer."""
        self.send(request)
        return self.answer()

    def kill(self) -> None:
        """End it at once, with all that it runs."""
        self.process.kill()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
        self.process.wait()


def box_words(store: str, size: int = 4 << 30) -> list[str]:
    """Python in bubblewrap, with the machine as it is but for `/tmp`, processes, and user namespaces.

    `size` is that of `/tmp` in bytes. The checkout and the store may lie in `/tmp`, so they are seen elsewhere.
    """
    inside = sys.executable.removeprefix(f"{ROOT}/")
    return [
        *("bwrap", "--unshare-user", "--disable-userns", "--unshare-pid", "--unshare-net", "--die-with-parent"),
        *("--uid", "1000", "--gid", "1000"),  # an ordinary user, as in Lambda
        *("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--size", str(size), "--tmpfs", "/tmp"),
        *("--ro-bind", ROOT, CHECKOUT, "--bind", store, STORE, "--chdir", CHECKOUT, "--"),
        sys.executable if inside == sys.executable else f"{CHECKOUT}/{inside}",
    ]


class Run:
    """One run of a script: `request` for a part of it, `result` at its end."""

    def __init__(
        self, store: str, text: str, name: str = "run", commands: str = "", settings: Settings | None = None
    ) -> None:
        self.store = DirectoryStore(store)
        self.name = name
        self.source = Source("script.sh", text)
        self.tree = parse(self.source)
        settings = Settings("/") if settings is None else settings
        catalog = load_catalog(settings, ROOT, {})
        specs = [spec for word in commands.split() if (spec := catalog.lookup(word)) is not None]
        self.sha256 = upload_script(self.store, script_files(self.source, specs, settings))

    def request(self, state: object, *numbers: int, **more: object) -> dict[str, Any]:
        """A request for the statements of these numbers; all of them when there are none."""
        body = self.tree.body
        chosen = [body[number] for number in numbers] if numbers else list(body)
        standing = {"version": 1, "run": self.name, "script": self.sha256, "region": "L1", "state": state}
        return {**standing, "at": [[one.start, one.end] for one in chosen], "files": None, **more}

    def result(self, state: object) -> tuple[int, bytes, bytes, Result]:
        """Status, outputs and the rest of a run that ended with this state."""
        found = collect(state, self.store)
        return found.status, output_bytes(found.stdout, self.store), output_bytes(found.stderr, self.store), found


class RefusingStore(DirectoryStore):
    """Takes so many objects and no more."""

    def __init__(self, path: str, left: int) -> None:
        super().__init__(path)
        self._left = left

    def put(self, key: str, file: Readable) -> None:
        self._left -= 1
        if self._left < 0:
            raise denied(self.name, key, "PutObject says AccessDenied")
        super().put(key, file)


class CrashingStore(DirectoryStore):
    """Kills its process when so many moments have passed: before and after each time that something is stored."""

    def __init__(self, path: str, moments: int) -> None:
        super().__init__(path)
        self._left = moments

    def put(self, key: str, file: Readable) -> None:
        self._pass()
        super().put(key, file)
        self._pass()

    def _pass(self) -> None:
        self._left -= 1
        if self._left < 0:
            os.kill(os.getpid(), signal.SIGKILL)


def serve(store: str) -> None:
    """Inside the box."""
    worker = Worker(machine(os.environ))
    for line in sys.stdin:
        document = json.loads(line)
        data = DirectoryStore(store)
        if "crash" in document:
            data = CrashingStore(store, document.pop("crash"))
        if "refuse" in document:
            data = RefusingStore(store, document.pop("refuse"))
        try:
            answer = worker.handle(document, data, document.pop("seconds", None))
        except MshError as error:
            found = reported(error)
            answer = {"error": f"{type(found).__name__}: {found}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
