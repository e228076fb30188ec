"""The backend of workers, step by step: what it compiles, what it refuses, and how a step starts and ends."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from msh.diagnostics import MshError
from msh.sandbox import landlock
from msh.sandbox.backend import Base
from msh.sandbox.policy import Limits, Mount, Outcome, Policy
from msh.sandbox.task import GAPS, Task

_PR_SET_DUMPABLE = 4
BASE = Base((Mount("/usr", "/usr"), Mount("/tmp", "/tmp", True)), (), (), "/empty")
if os.path.isdir("/lib64") and not os.path.islink("/lib64"):
    BASE = BASE.replace(mounts=(*BASE.mounts, Mount("/lib64", "/lib64")))


@pytest.fixture(params=["with Landlock", "without"])
def backend(request: pytest.FixtureRequest) -> Iterator[Task]:
    if request.param == "without":
        yield Task(abi=0)
    elif landlock.version():
        yield Task()
    else:
        pytest.skip("this kernel has no Landlock")
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)  # the tests' own process is no worker


def policy(*argv: str, **fields: object) -> Policy:
    """A step of one of /usr/bin's programs."""
    return Policy(argv, f"/usr/bin/{argv[0]}", (("PATH", "/usr/bin"),), "/usr").replace(**fields)


def outcome(backend: Task, wanted: Policy, fds: dict[int, int] | None = None) -> Outcome:
    """How it ends."""
    return backend.start(backend.compile(wanted, BASE), fds or {2: 2}).wait()


def refusal(backend: Task, wanted: Policy) -> tuple[str, str]:
    """Why it does not start."""
    with pytest.raises(MshError) as caught:
        outcome(backend, wanted)
    (found,) = caught.value.diagnostics
    return found.code, found.message


def test_statuses(backend: Task) -> None:
    assert outcome(backend, policy("true")) == Outcome("exit", 0)
    assert outcome(backend, policy("sh", "-c", "exit 3")) == Outcome("exit", 3)
    assert outcome(backend, policy("sh", "-c", "kill -9 $$")) == Outcome("signal", 137)
    assert outcome(backend, policy("sh", "-c", "kill -TERM $$")) == Outcome("signal", 143)


def test_a_plan_is_printed(backend: Task) -> None:
    plan = backend.compile(policy("sort", "a b", mounts=(Mount("/usr/a", "/usr/a"),)), BASE.replace(mounts=()))
    assert str(plan) == "task --no-network --chdir /usr --read /usr/a -- /usr/bin/sort sort 'a b'"
    assert plan == backend.compile(policy("sort", "a b", mounts=(Mount("/usr/a", "/usr/a"),)), BASE.replace(mounts=()))


def test_nothing_is_dropped_in_silence(backend: Task) -> None:
    """A view of its own, an image, a bound of processes: there is none."""
    for fields in (
        {"mounts": (Mount("/usr", "/elsewhere"),)},
        {"mounts": (Mount("", "/scratch", True),)},
        {"image": "busybox"},
        {"limits": Limits(pids=4)},
    ):
        assert refusal(backend, policy("true", **fields))[0] == "MSH444"


def test_gaps_are_sentences() -> None:
    assert len({gap.topic for gap in GAPS}) == len(GAPS)
    assert all(gap.text[0].islower() or gap.text.startswith(("/", "System V")) for gap in GAPS)


def test_gaps_are_in_the_page_on_security() -> None:
    page = (Path(__file__).parents[3] / "docs/security.md").read_text()
    for gap in GAPS:
        assert f"| {gap.topic}{' ●' if gap.landlock else ''} | {gap.text} |" in page


def test_limits(backend: Task, tmp_path: Path) -> None:
    with open(tmp_path / "out", "wb") as out:
        ended = outcome(
            backend, policy("head", "-c", "9999", "/dev/zero", limits=Limits(output=100)), {1: out.fileno()}
        )
    assert (ended.status, (tmp_path / "out").stat().st_size) == (128 + signal.SIGXFSZ, 100)
    assert outcome(backend, policy("sh", "-c", "while :; do :; done", limits=Limits(cpu=1))).status == 137
    shown = policy("sh", "-c", "test $(ulimit -n) -eq 30 && test $(ulimit -v) -eq 4000000")
    high = fcntl.fcntl(0, fcntl.F_DUPFD_CLOEXEC, 100)  # what the step gets may lie above its limit in the worker
    assert outcome(backend, shown.replace(limits=Limits(files=30, memory=4000000 << 10)), {0: high}).status == 0
    os.close(high)


def test_what_cannot_be_executed(backend: Task, tmp_path: Path) -> None:
    program = tmp_path / "noise"
    program.write_bytes(b"\x7fELF noise")
    program.chmod(0o755)
    assert refusal(backend, policy("noise", program=str(program))) == (
        "MSH453", "`noise` could not be executed, so it did not run: exec format error"
    )  # fmt: skip
    assert refusal(backend, policy("true", "x" * 3_000_000))[0] == "MSH451"


def test_a_directory_that_became_something_else(backend: Task, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/usr")
    assert refusal(backend, policy("true", directory=str(tmp_path / "link")))[0] == "MSH442"


def test_descriptors(backend: Task) -> None:
    """Those of the step, by its numbers, whatever ours are; a closed standard one stays closed."""
    read, write = os.pipe()
    spare = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(spare, True)
    program = "import os; print(sorted(map(int, os.listdir('/proc/self/fd'))), file=open(7, 'w'), flush=True)"
    ended = outcome(backend, policy("python3", "-ISc", program), {7: write, 2: 2})
    os.close(write)
    os.close(spare)
    with open(read) as file:
        assert file.read() == "[0, 1, 2, 3, 7]\n"
    assert ended.status == 0


def test_signals(backend: Task, tmp_path: Path) -> None:
    """They reach the step's handlers; SIGKILL takes everything; stopping and going on work."""
    script = "trap 'echo got; exit 5' USR1; echo ready; while :; do sleep 0.05; done"
    read, write = os.pipe()
    step = backend.start(backend.compile(policy("bash", "-c", script), BASE), {1: write})
    os.close(write)
    with open(read) as file:
        assert file.readline() == "ready\n"
        step.signal(signal.SIGSTOP)
        step.signal(signal.SIGUSR1)
        time.sleep(0.2)
        assert step.poll() is None
        step.signal(signal.SIGCONT)
        assert file.read() == "got\n"
    assert step.wait().status == 5
    step.signal(signal.SIGTERM)  # it has ended: nobody is hit
    long = backend.start(backend.compile(policy("sh", "-c", "trap '' TERM INT; sleep 100 & sleep 100"), BASE), {})
    long.kill()
    assert long.wait() == Outcome("signal", 137)


def test_ignored_signals_stay_ignored(backend: Task) -> None:
    """And those that Python ignores are the step's again."""
    program = "import signal; print(*[signal.getsignal(n) == signal.SIG_IGN for n in (2, 13, 25)])"
    for ignored, shown in ((frozenset[int](), "False True True"), (frozenset({2, 13}), "True True True")):
        read, write = os.pipe()
        before = {n: signal.signal(n, signal.SIG_IGN) for n in ignored}
        wanted = policy("python3", "-ISc", program)
        step = backend.start(backend.compile(wanted, BASE), {1: write, 2: 2}, ignored)
        os.close(write)
        with open(read) as file:
            assert file.read().split() == shown.split()  # 13 and 25 by the Python inside
        step.wait()
        for number, handler in before.items():
            signal.signal(number, handler)


def test_no_terminal_can_be_taken(backend: Task) -> None:
    """The step does not lead its session, and its group is its own."""
    program = "import os; print(os.getsid(0) == os.getppid(), os.getpgid(0) == os.getpid())"
    read, write = os.pipe()
    step = backend.start(backend.compile(policy("python3", "-ISc", program), BASE), {1: write})
    os.close(write)
    with open(read) as file:
        assert file.read() == "True True\n"
    step.wait()
