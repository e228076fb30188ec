"""The test engine: the LocalStack runtime on loopback, started, asked, stopped. Nothing of it is left afterwards.

    ./dev engine start | stop | status        by hand
    with localstack.shared(directory, python) as engine: ...        in tests: the first user starts it, the last ends it

A running engine is described by `engine.json` in its state directory, which holds all that it writes, its temporary
files too. `python` is the one of the environment `.engine` (lock/engine.txt). This module needs no package, so that any
Python can start and stop an engine. Processes that use a shared engine hold a lock on `users`; the engine ends by
itself when nobody does, so that a killed test run leaves nothing.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PYTHON = ROOT / ".engine/bin/python"
DIRECTORY = ROOT / ".engine/state"
SECONDS = 120  # until it answers: 4 s alone, far more beside a full test run
GRACE = 3  # seconds between the polite signal and the sure one
TRIES = 3  # another program may take the port that was free
_children: dict[int, subprocess.Popen[bytes]] = {}  # those that this process has started


class Unavailable(Exception):
    """Why no engine runs: the end of its log."""


@dataclass(frozen=True)
class Engine:
    """A running engine: its process, when that began (clock ticks since boot, so that a reused id is not it)."""

    pid: int
    began: int
    port: int

    @property
    def endpoint(self) -> str:
        """For `endpoint_url`."""
        return f"http://127.0.0.1:{self.port}"

    def alive(self) -> bool:
        """Whether its process is there."""
        return self.began != 0 and _began(self.pid) == self.began

    def healthy(self) -> bool:
        """Whether it answers."""
        try:
            with urllib.request.urlopen(f"{self.endpoint}/_localstack/health", timeout=5) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False


def status(directory: Path) -> Engine | None:
    """The engine of a state directory, when its process is there."""
    try:
        engine = Engine(**json.loads((directory / "engine.json").read_text()))
    except FileNotFoundError:
        return None
    return engine if engine.alive() else None


def start(directory: Path, python: Path = PYTHON, *, keep: bool = True) -> Engine:
    """The engine of a state directory, started unless it runs. Raises Unavailable.

    `keep`: it goes on until it is stopped; else until no process holds `users`.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with (directory.parent / f"{directory.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        engine = status(directory)
        if engine is not None and engine.healthy():
            return engine
        stop(directory)
        directory.mkdir()
        for left in reversed(range(TRIES)):
            try:
                return _start(directory, python, keep)
            except Unavailable:
                if not left or "address already in use" not in _log(directory):
                    raise
    raise AssertionError("not reached")


def _start(directory: Path, python: Path, keep: bool) -> Engine:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    argv = [str(python), "-m", "tests.support.engine_main", str(directory), str(port), *([] if keep else ["--shared"])]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            argv,
            cwd=ROOT,
            env=_environment(directory, port),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _children[process.pid] = process
    engine = Engine(process.pid, _began(process.pid), port)
    (directory / "engine.json").write_text(json.dumps(asdict(engine)))
    end = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < end:
        if engine.healthy():
            return engine
        time.sleep(0.05)
    _end(engine)
    raise Unavailable(f"the engine does not start: {_log(directory)[-2000:]}")


def _environment(directory: Path, port: int) -> dict[str, str]:
    """What the runtime reads. Nothing of the caller's but where programs are: a proxy or a profile would matter."""
    temporary = directory / "tmp"
    temporary.mkdir(exist_ok=True)
    return {
        "PATH": os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        "HOME": str(directory),
        "TMPDIR": str(temporary),
        "FILESYSTEM_ROOT": str(directory / "root"),
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "GATEWAY_SERVER": "hypercorn",  # the default server ignores the address and listens on all
        "OVERRIDE_IN_DOCKER": "0",  # on a host that looks like a container it would write to /var/lib
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",
        "LS_LOG": "warning",
        "LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT": "60",
        "PYTHONUNBUFFERED": "1",
    }


def stop(directory: Path) -> bool:
    """End the engine of a state directory and remove the directory; whether one ran."""
    engine = status(directory)
    if engine is not None:
        _end(engine)
    shutil.rmtree(directory, ignore_errors=True)
    return engine is not None


def _end(engine: Engine) -> None:
    """End its whole process group: politely, then surely. Workers are in it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not engine.alive():
            return
        os.killpg(engine.pid, number)
        end = time.monotonic() + GRACE
        while engine.alive() and time.monotonic() < end:
            if engine.pid in _children:
                _children[engine.pid].poll()
            time.sleep(0.02)


def _began(pid: int) -> int:
    """When a process began, in clock ticks since boot; 0 when there is none, or only a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return 0 if fields[0] in "ZX" else int(fields[19])


def _log(directory: Path) -> str:
    return (directory / "log").read_text(errors="replace")


@contextmanager
def shared(directory: Path, python: Path = PYTHON) -> Iterator[Engine]:
    """An engine that several processes use; the last one that leaves ends it."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    users = directory.parent / f"{directory.name}.users"
    with users.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        yield start(directory, python, keep=False)
        fcntl.flock(held, fcntl.LOCK_UN)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # somebody else still uses it
        stop(directory)


def main() -> int:
    """`start`, `stop` or `status` by hand."""
    parser = argparse.ArgumentParser(prog="./dev engine", description="the test engine, by hand")
    parser.add_argument("action", choices=["start", "stop", "status"])
    parser.add_argument("--directory", type=Path, default=DIRECTORY, help="what it keeps, as long as it runs")
    options = parser.parse_args()
    if options.action == "stop":
        print("stopped" if stop(options.directory) else "not running")
        return 0
    try:
        engine = start(options.directory) if options.action == "start" else status(options.directory)
    except Unavailable as error:
        print(error, file=sys.stderr)
        return 1
    if engine is None:
        print("not running")
        return 1
    print(engine.endpoint)
    return 0


if __name__ == "__main__":
    sys.exit(main())
