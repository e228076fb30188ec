"""Limits of whole runs, through the real command line: what is ended, with which status and which reason, and what is
left behind.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pexpect
import pytest

from msh.sandbox.backend import process_state
from tests.support.attack import Attack
from tests.support.limited import left, msh, needs_groups, ordinary, place

__all__ = ["ordinary", "place"]  # fixtures

BOMB = "bomb(){ bomb|bomb& };bomb; wait"


@needs_groups
@pytest.mark.parametrize(
    ("limits", "script", "status", "words"),
    [
        (
            "memory=100m",
            "x=aaaaaaaaaa; while :; do x=$x$x; done",
            137,
            "MSH431]: the run used more memory than its 100m",
        ),
        ("cpu=500ms", "while :; do :; done", 137, "MSH433]: the run used more processor time than its 0.5s"),
        ("cpu=1", "for i in 1 2 3; do (while :; do :; done) & done; wait", 137, "MSH433]: the run used more"),
        ("pids=24", BOMB, 137, "MSH434]: a shell of the run wanted more processes than its 24"),
    ],
)
def test_the_run_itself(place: Attack, limits: str, script: str, status: int, words: str) -> None:
    ran = msh(place, limits, script)
    assert (ran.status, words in ran.stderr.decode()) == (status, True), ran.output.decode()
    assert left() == []


@needs_groups
@pytest.mark.parametrize("backend", ["bubblewrap", "native"])
@pytest.mark.parametrize("limit", ["6m", "9m", "12m", "16m", "20m", "24m"])
def test_a_run_with_hardly_any_memory(place: Attack, backend: str, limit: str) -> None:
    """Whoever was ended for it, a command or what starts commands: it is said to be for memory."""
    ran = msh(place, f"memory={limit}", "python3 -c 'bytearray(1 << 30)'", "--backend", backend)
    assert ran.status == 137, ran.output.decode()
    assert b"MSH431" in ran.stderr
    assert b"MSH437" not in ran.stderr


@needs_groups
@pytest.mark.parametrize("status", [0, 1, 3, 126, 137, 255])
def test_an_end_of_its_own(place: Attack, status: int) -> None:
    ran = msh(place, "memory=100m,cpu=100,pids=100,cpus=2", f"echo out; exit {status}")
    assert (ran.status, ran.stdout, ran.stderr) == (status, b"out\n", b"")
    assert left() == []


@needs_groups
def test_a_signal_from_outside_is_passed_on(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "msh", "--workspace", "none", "--limit", "memory=100m", "-c"]
    script = "trap 'echo caught; exit 7' TERM; echo ready; while :; do :; done"
    with subprocess.Popen([*argv, script], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
        run.send_signal(signal.SIGTERM)
        assert (run.stdout.read(), run.wait(20)) == ("caught\n", 7)


@needs_groups
def test_killed_runs_leave_nothing_that_the_next_does_not_remove() -> None:
    argv = [sys.executable, "-m", "msh", "--workspace", "none", "--limit", "memory=100m,pids=50", "-c"]
    with subprocess.Popen([*argv, "echo $$; while :; do :; done"], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        shell = int(run.stdout.readline())
        run.kill()
    end = time.monotonic() + 1
    while process_state(shell) not in "ZX" and time.monotonic() < end:
        time.sleep(0.01)
    assert process_state(shell) in "ZX"
    assert left() != []
    subprocess.run([*argv, "true"], check=True)
    assert left() == []


def test_a_stopped_run_is_over_its_time_too(place: Attack) -> None:
    begin = time.monotonic()
    ran = place.msh("--workspace", "none", "--timeout", "1", "-c", "kill -STOP $$; echo never")
    assert (ran.status, ran.stdout) == (124, b"")
    assert b"MSH432]: the run took longer than its 1s" in ran.stderr
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize("name", ["memory=100m", "cpu=1s", "pids=20", "cpus=0.5", "throughput=1m"])
def test_what_cannot_be_held_is_refused(ordinary: Attack, name: str) -> None:
    ran = msh(ordinary, name, "echo ran")
    assert (ran.status, ran.stdout) == (126, b"")
    assert b"MSH456" in ran.stderr
    assert f"--allow-weaker {name.partition('=')[0]}".encode() in ran.stderr


def test_what_is_accepted_runs(ordinary: Attack) -> None:
    ran = msh(ordinary, "memory=1g,cpu=10s", "echo ran", "--allow-weaker", "memory,cpu")
    assert (ran.status, ran.stdout, ran.stderr) == (0, b"ran\n", b"")


@pytest.mark.parametrize("sent", ["key", "kill"])
def test_an_interrupt_reaches_the_run_once(sent: str) -> None:
    """From the terminal both processes get it, from elsewhere only the one that the user knows."""
    script = "trap 'echo caught; n=$((n+1)); [ $n = 1 ] && exit 9' INT; echo ready; while :; do :; done"
    child = pexpect.spawn(sys.executable, ["-m", "msh", "--timeout", "60", "-c", script], timeout=20)
    child.expect("ready")
    if sent == "key":
        child.sendintr()
    else:
        child.kill(signal.SIGINT)
    child.expect("caught")
    child.expect(pexpect.EOF)
    assert b"caught" not in child.before
    child.close()
    assert child.exitstatus == 9
