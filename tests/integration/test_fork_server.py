"""The fork server alone: what a process gets from it, what it hears of the end, and that nothing outlives anybody."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import select
import signal
import socket
import struct
import time
from array import array
from collections.abc import Iterator

import pytest

from msh.sandbox.backend import NO_CONTROLS, Controls, Notify
from msh.sandbox.launcher.client import LaunchedProcess, Launcher
from msh.sandbox.launcher.request import Start
from msh.sandbox.launcher.server import run

PATH = (("PATH", "/usr/bin:/bin"),)
ALLOW, NOTIFY = 0x7FFF0000, 0x7FC00000
UNAME = {"x86_64": 63, "aarch64": 160}[os.uname().machine]
EXECVE = {"x86_64": 59, "aarch64": 221}[os.uname().machine]


@pytest.fixture
def launcher() -> Iterator[Launcher]:
    """A launcher whose end is waited for."""
    made = Launcher(run)
    yield made
    made.close()


def sh(
    launcher: Launcher,
    script: str,
    fds: dict[int, int] | None = None,
    ignored: frozenset[int] = frozenset(),
    controls: Controls = NO_CONTROLS,
) -> LaunchedProcess:
    """`sh -c SCRIPT`, without any sandbox."""
    start = Start("/bin/sh", ("sh", "-c", script), PATH, {0: 0, 1: 1, 2: 2, **(fds or {})})
    return LaunchedProcess(launcher.start(start, ignored, controls))


def said(
    launcher: Launcher, script: str, ignored: frozenset[int] = frozenset(), controls: Controls = NO_CONTROLS
) -> str:
    """What a script prints."""
    read, write = os.pipe()
    process = sh(launcher, script, {1: write}, ignored, controls)
    os.close(write)
    with open(read) as file:
        text = file.read()
    assert process.wait().status == 0, text
    return text


def gone(pid: int) -> bool:
    """Whether a process has ended within a second."""
    end = time.monotonic() + 1
    while time.monotonic() < end:
        try:
            with open(f"/proc/{pid}/stat") as file:
                if file.read().rpartition(") ")[2][0] in "ZX":
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.005)
    return False


def test_the_end_is_reported(launcher: Launcher) -> None:
    process = sh(launcher, "exit 7")
    assert process.pid > 0
    assert process.wait().status == 7
    assert process.usage is not None
    assert process.usage.memory is not None
    assert 100_000 < process.usage.memory < 1 << 30
    killed = sh(launcher, "kill -9 $$").wait()
    assert (killed.kind, killed.status) == ("signal", 137)


def test_a_program_that_is_not_there(launcher: Launcher) -> None:
    """Said as a failure, whether or not a fork stood between."""
    for controls in (NO_CONTROLS, Controls(limits=((resource.RLIMIT_CORE, 0, 0),))):
        start = Start("/nowhere", ("nowhere",), (), {0: 0, 1: 1, 2: 2})
        process = LaunchedProcess(launcher.start(start, frozenset(), controls))
        assert process.wait().status == 126
        assert process.failure == ("execute", 2)


def test_long_requests(launcher: Launcher) -> None:
    """A request beyond what a socket takes at once."""
    words = "x" * 100_000
    read, write = os.pipe()
    start = Start("/bin/sh", ("sh", "-c", "echo ${#1}", "sh", words), (*PATH, ("MORE", words)), {0: 0, 1: write, 2: 2})
    process = LaunchedProcess(launcher.start(start, frozenset(), NO_CONTROLS))
    os.close(write)
    assert process.wait().status == 0
    assert os.read(read, 100) == b"100000\n"
    os.close(read)


def test_descriptors(launcher: Launcher) -> None:
    """Each number leads where it should, whatever numbers the server had them at; there are no others."""
    files = [os.memfd_create(str(number)) for number in range(40)]
    wanted = {number + 3: files[number] for number in range(40)}
    script = "for n in $(seq 3 42); do readlink /proc/self/fd/$n; done; ls /proc/self/fd"
    for controls in (NO_CONTROLS, Controls(limits=((resource.RLIMIT_CORE, 0, 0),))):
        read, write = os.pipe()
        process = sh(launcher, script, {1: write, **wanted}, frozenset(), controls)
        os.close(write)
        with open(read) as file:
            lines = file.read().split("\n")[:-1]
        assert process.wait().status == 0
        assert lines[:40] == [f"/memfd:{number} (deleted)" for number in range(40)]
        assert sorted(map(int, lines[40:])) == list(range(44))  # the last is that of ls
    for number in files:
        os.close(number)


def test_what_it_inherits_of_the_shell(launcher: Launcher) -> None:
    """umask and limits that the script has set after the launcher was made; ignored signals; no blocked ones."""
    launcher.begin()
    before = os.umask(0o027), resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, before[1][1]))
    try:
        text = said(launcher, "umask; ulimit -c; grep Sig[IB] /proc/self/status", frozenset([signal.SIGUSR1]))
    finally:
        os.umask(before[0])
        resource.setrlimit(resource.RLIMIT_CORE, before[1])
    mask, core, blocked, ignored = text.split("\n")[:4]
    assert (mask, core) == ("0027", "0")
    assert int(blocked.split()[1], 16) == 0
    assert int(ignored.split()[1], 16) & 0x7FFFFFFF == 1 << (signal.SIGUSR1 - 1)  # glibc adds two of its own
    assert int(said(launcher, "grep SigIgn /proc/self/status").split()[1], 16) & 0x7FFFFFFF == 0


def test_limits(launcher: Launcher) -> None:
    controls = Controls(limits=((resource.RLIMIT_NOFILE, 33, 44), (resource.RLIMIT_CPU, 5, 6)))
    assert said(launcher, "ulimit -n; ulimit -Hn; ulimit -t", controls=controls) == "33\n44\n5\n"


def test_control_groups(launcher: Launcher) -> None:
    """It is in its groups before it begins."""
    base = "/sys/fs/cgroup/pids"
    if not os.access(base, os.W_OK):
        pytest.skip("needs cgroup v1 as root")
    path = f"{base}/msh-test-{os.getpid()}"
    os.mkdir(path)
    try:
        controls = Controls(cgroups=(path,))
        assert os.path.basename(path) in said(launcher, "cat /proc/self/cgroup", controls=controls)
    finally:
        os.rmdir(path)


def test_a_notify_filter(launcher: Launcher) -> None:
    """The listener arrives with its tag before the program asks anything, and answers for it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    program = b"".join(
        [
            struct.pack("HBBI", *step)
            for step in ((0x20, 0, 0, 0), (0x15, 0, 1, UNAME), (6, 0, 0, NOTIFY), (6, 0, 0, ALLOW))
        ]
    )
    read, write = os.pipe()
    start = Start("/bin/uname", ("uname",), (), {0: 0, 1: write, 2: write})
    controls = Controls(notify=Notify(program, theirs.fileno(), b"step 7"))
    process = LaunchedProcess(launcher.start(start, frozenset(), controls))
    os.close(write)
    theirs.close()
    data, [(_, _, payload)], _, _ = ours.recvmsg(100, 64)
    [listener] = array("i", payload)
    assert data == b"step 7"
    question = bytearray(80)
    fcntl.ioctl(listener, 0xC0502100, question)  # SECCOMP_IOCTL_NOTIF_RECV
    identity, pid = struct.unpack_from("QI", question)
    assert pid == process.pid
    fcntl.ioctl(listener, 0xC0182101, struct.pack("QqiI", identity, 0, -13, 0))  # SECCOMP_IOCTL_NOTIF_SEND: EACCES
    assert process.wait().status == 1
    assert b"ermission denied" in os.read(read, 1000)
    for number in (read, listener):
        os.close(number)
    ours.close()


def test_a_notify_filter_that_nobody_answers(launcher: Launcher) -> None:
    """The program is not executed, and nobody waits for the answer."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.close()
    steps = ((0x20, 0, 0, 0), (0x15, 0, 1, EXECVE), (6, 0, 0, NOTIFY), (6, 0, 0, ALLOW))
    program = b"".join([struct.pack("HBBI", *step) for step in steps])
    start = Start("/bin/true", ("true",), (), {0: 0, 1: 1, 2: 2})
    controls = Controls(notify=Notify(program, theirs.fileno(), b"step 7"))
    process = LaunchedProcess(launcher.start(start, frozenset(), controls))
    theirs.close()
    assert process.wait().status == 126
    assert process.failure == ("confine", errno.EPIPE)
    assert said(launcher, "echo still there") == "still there\n"


def test_a_shell_that_ends_takes_its_steps_along(launcher: Launcher) -> None:
    launcher.begin()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(write, struct.pack("i", sh(launcher, "exec sleep 100").pid))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert gone(struct.unpack("i", os.read(read, 4))[0])
    assert said(launcher, "echo still there") == "still there\n"
    os.close(read)
    os.close(write)


def test_when_msh_is_killed_everything_ends() -> None:
    """Also what has detached itself from everything."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            launcher = Launcher(run)
            sh(launcher, "setsid sh -c 'echo $$ >&3; exec sleep 100' & wait", {3: write}).wait()
        finally:
            os._exit(0)
    with open(read) as file:
        daemon = int(file.readline())
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert gone(daemon)
    os.close(write)


def test_when_the_launcher_is_killed(launcher: Launcher) -> None:
    """The steps end with it, and whoever waits hears of it; a new one is made for the next."""
    process = sh(launcher, "exec sleep 100", controls=Controls(limits=((resource.RLIMIT_CORE, 0, 0),)))
    pid = process.pid
    os.kill(launcher.server, signal.SIGKILL)
    assert process.wait().status == 137
    assert gone(pid)
    assert sh(launcher, "exit 3").wait().status == 3


def test_waiting_without_waiting(launcher: Launcher) -> None:
    process = sh(launcher, "read x; exit 5", {0: (pipe := os.pipe())[0]})
    assert not process.ended()
    assert process.poll() is None
    handle = process.handle()
    os.write(pipe[1], b"\n")
    assert select.select([handle], [], [], 5)[0] == [handle]
    assert process.ended()
    outcome = process.poll()
    assert outcome is not None
    assert outcome.status == 5
    for number in (handle, *pipe):
        os.close(number)


def test_nothing_stays_open(launcher: Launcher) -> None:
    launcher.begin()

    def counts() -> tuple[int, int]:
        return len(os.listdir("/proc/self/fd")), len(os.listdir(f"/proc/{launcher.server}/fd"))

    sh(launcher, ":").wait()
    time.sleep(0.1)  # the last one is let go when its end has been reported
    before = counts()
    for _ in range(50):
        sh(launcher, ":").wait()
    end = time.monotonic() + 5
    while counts() != before:
        assert time.monotonic() < end, (before, counts())
