"""Processes of the default backend: signals, groups, forks, and failures of the launcher itself."""

from __future__ import annotations

import os
import posix
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from msh.catalog.model import CommandSpec, Run
from msh.diagnostics import MshError
from msh.effects import Access, Effects
from msh.sandbox.backend import Process
from msh.sandbox.bubblewrap import Bubblewrap, find
from msh.sandbox.native.backend import Native
from msh.sandbox.policy import Mount
from tests.unit.sandbox.conftest import Place


@pytest.fixture(params=["bubblewrap", "native"])
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """A place for each backend that has namespaces; its sessions are closed at the end."""
    made = Place(tmp_path)
    made.backend = request.param
    yield made
    for session in made.sessions:
        session.close()


def start(made: Place, script: str, fds: dict[int, int]) -> Process:
    """`sh -c SCRIPT`."""
    session = made.session()
    spec = CommandSpec("sh", Run("host", "sh"))
    environment = {"PATH": "/usr/bin:/bin"}
    policy = session.policy(spec, Effects(), ["sh", "-c", script], environment, str(made.workspace))
    return session.start(policy, fds)


def ready(made: Place, script: str) -> tuple[Process, int]:
    """A step that has printed `ready`, and where the rest of its output comes from."""
    read, write = os.pipe()
    process = start(made, f"echo ready; {script}", {1: write, 2: 2})
    os.close(write)
    assert os.read(read, 6) == b"ready\n"
    return process, read


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_a_signal_runs_the_steps_handler(place: Place, number: int) -> None:
    name = signal.Signals(number).name.removeprefix("SIG")
    process, read = ready(place, f"trap 'echo caught; exit 3' {name}; echo set; while :; do sleep 0.05; done")
    assert os.read(read, 4) == b"set\n"
    process.signal(number)
    assert process.wait().status == 3
    assert os.read(read, 100) == b"caught\n"
    os.close(read)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_without_a_handler(place: Place, number: int) -> None:
    process, read = ready(place, "exec sleep 100")
    process.signal(number)
    outcome = process.wait()
    assert (outcome.kind, outcome.status) == ("signal", 128 + number)
    os.close(read)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_the_sandbox_is_being_made(place: Place, number: int) -> None:
    """bubblewrap's child does not die with it in its first moments: what is killed then must not begin after all."""
    mark = f"{number}{os.getpid()}"
    for delay in range(12):
        process = start(place, f"exec sleep 8888{mark}", {})
        time.sleep(delay * 0.0007)
        process.signal(number)
        assert process.wait().status == 128 + number
    end = time.monotonic() + 5  # what was killed may still be leaving
    while left := subprocess.run(["pgrep", "-f", f"sleep 8888{mark}"], capture_output=True).stdout:
        assert time.monotonic() < end, left
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV, signal.SIGPIPE])
def test_a_step_that_dies_of_a_signal(place: Place, number: int) -> None:
    assert start(place, f"kill -{int(number)} $$", {}).wait().status == 128 + number


def test_sigpipe_is_quiet(place: Place) -> None:
    read, write = os.pipe()
    error, errors = os.pipe()
    process = start(place, "exec yes", {1: write, 2: errors})
    os.close(write)
    os.close(errors)
    os.read(read, 1)
    os.close(read)
    assert process.wait().status == 128 + signal.SIGPIPE
    assert os.read(error, 100) == b""
    os.close(error)


def test_ctrl_c_of_the_terminal_does_not_reach_the_launcher(place: Place) -> None:
    """The kernel signals the foreground group; the step is in none of the shell's groups."""
    process, read = ready(place, "exec sleep 100")
    assert os.getpgid(process.pid) != os.getpgrp()
    process.kill()
    process.wait()
    os.close(read)


def test_from_a_fork(place: Place) -> None:
    """A subshell is a fork of the interpreter: it starts steps with the same session, and ends without ending it."""
    session = place.session()
    spec = CommandSpec("sh", Run("host", "sh"))
    policy = session.policy(spec, Effects(), ["sh", "-c", "exit 9"], {}, str(place.workspace))
    assert session.start(policy, {}).wait().status == 9
    pid = os.fork()
    if pid == 0:
        status = 70
        try:
            status = session.start(policy, {}).wait().status
            session.close()
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9
    assert session.start(policy, {}).wait().status == 9


def test_closing_a_session_ends_its_steps(place: Place) -> None:
    process, read = ready(place, "exec sleep 100")
    place.sessions[-1].close()
    assert process.wait().status == 137
    assert os.read(read, 1) == b""
    os.close(read)


def test_a_path_that_changes_before_the_start(place: Place) -> None:
    """MSH442: the grant was of the object that was there. What a backend opens in msh itself is said at once."""
    session = place.session()
    spec = CommandSpec("cat", Run("host", "cat"))
    policy = session.policy(spec, Effects((Access("read", "d/f"),)), ["cat", "d/f"], {}, str(place.workspace))
    (place.workspace / "d").rename(place.workspace / "e")
    (place.workspace / "d").symlink_to(place.outside)
    (place.outside / "f").write_text("secret\n")
    if place.backend == "native":
        process = session.start(policy, {})
        assert process.wait().kind == "invalid"
        assert process.reason is not None
        assert process.reason.code == "MSH442"
        return
    with pytest.raises(MshError) as caught:
        session.start(policy, {})
    assert caught.value.diagnostics[0].code == "MSH442"


def test_when_the_sandbox_cannot_be_made(place: Place) -> None:
    """MSH450, MSH457: a failure of the sandbox is told apart from a command that ends with 1."""
    session = place.session()
    spec = CommandSpec("false", Run("host", "false"))
    policy = session.policy(spec, Effects(), ["false"], {}, str(place.workspace))
    outcome = session.start(policy, {1: 1, 2: 2}).wait()
    assert (outcome.kind, outcome.status) == ("exit", 1)
    impossible = Mount(str(place.workspace), "/usr/bin/env/below-a-file")
    process = session.start(policy.replace(mounts=(impossible,)), {1: 1, 2: 2})
    outcome = process.wait()
    assert (outcome.kind, outcome.status) == ("invalid", 126)
    assert process.reason is not None
    assert process.reason.code == {"bubblewrap": "MSH450", "native": "MSH457"}[place.backend]


def test_an_unknown_machine(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """MSH455: the filter and the calls of the native backend are known by number."""
    session = place.session()
    monkeypatch.setattr("os.uname", lambda: posix.uname_result(("Linux", "h", "6", "1", "vax")))
    with pytest.raises(MshError) as caught:
        Native(session.base)
    assert caught.value.diagnostics[0].code == "MSH455"


def test_nothing_stays_open(place: Place) -> None:
    """A thousand steps in a row must not run out of descriptors."""
    session = place.session()
    spec = CommandSpec("cat", Run("host", "cat"))
    effects = Effects((Access("read", "a"), Access("read", "d/f"), Access("write", "n", True)))

    def one() -> None:
        session.start(session.policy(spec, effects, ["cat", "a"], {}, str(place.workspace)), {}).wait()

    one()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        one()
    assert len(os.listdir("/proc/self/fd")) == before


def test_five_thousand_operands(place: Place) -> None:
    """27: one mount for all of them, and the step starts at once."""
    names = [f"d/{number}" for number in range(5000)]
    for name in names:
        (place.workspace / name).write_text("x")
    session = place.session()
    spec = CommandSpec("cat", Run("host", "cat"))
    effects = Effects(tuple([Access("read", name) for name in names]))
    took = []
    for _ in range(3):  # the machine may be busy: the quickest of three
        write = os.memfd_create("out")
        before = time.monotonic()
        policy = session.policy(spec, effects, ["cat", *names], {}, str(place.workspace))
        assert session.start(policy, {1: write}).wait().status == 0
        took.append(time.monotonic() - before)
        assert os.pread(write, 6000, 0) == b"x" * 5000
        os.close(write)
    assert min(took) < 1


@pytest.mark.parametrize("count", [8000, 8900, 9001, 20000])
def test_more_words_than_bwrap_takes(place: Place, count: int) -> None:
    """bwrap itself stops at 9000 words; a command does not."""
    words = [f"a {number}\n'\udcff" if number % 2 else "" for number in range(count)]
    session = place.session()
    policy = session.policy(CommandSpec("printf", Run("host", "printf")), Effects(), ["printf", "%s;", *words], {}, "/")
    write = os.memfd_create("out")
    assert session.start(policy, {1: write, 2: 2}).wait().status == 0
    expected = "".join([f"{word};" for word in words]).encode("utf-8", "surrogateescape")
    assert os.pread(write, len(expected) + 1, 0) == expected
    os.close(write)


@pytest.mark.parametrize("words", [["x" * 200_000], ["x" * 100] * 30_000])
def test_an_argument_list_that_is_too_long(place: Place, words: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    session = place.session()
    policy = session.policy(CommandSpec("true", Run("host", "true")), Effects(), ["true", *words], {}, "/")
    try:
        process = session.start(policy, {2: 2})
        assert process.wait().status == 126
        too_long = process.reason is not None and process.reason.code == "MSH451"
        assert too_long or "Argument list too long" in capfd.readouterr().err
    except MshError as error:
        assert error.diagnostics[0].code == "MSH451"


def test_when_bwrap_cannot_be_executed(place: Place, tmp_path: Path) -> None:
    """MSH454: it was there when the run began, and has been removed."""
    program = tmp_path / "bwrap"
    shutil.copy(find(), program)
    session = place.session()
    policy = session.policy(CommandSpec("true", Run("host", "true")), Effects(), ["true"], {}, "/")
    backend = Bubblewrap(str(program))
    program.unlink()
    process = backend.start(backend.compile(policy, session.base), {2: 2})
    outcome = process.wait()
    backend.close()
    assert (outcome.kind, outcome.status) == ("invalid", 126)
    assert process.reason is not None
    assert process.reason.code == "MSH454"
