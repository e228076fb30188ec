"""Processes that run a part of ours before their program: what is the child's stays there, what goes wrong is said."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from msh.sandbox import confine
from msh.sandbox.backend import children
from msh.sandbox.launcher import spawn
from msh.sandbox.launcher.child import place_descriptors
from msh.sandbox.launcher.spawn import CLONE_PARENT

PATH = {"PATH": "/usr/bin:/bin"}


@pytest.fixture(params=["borrowed memory", "fork"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Both ways to make the child."""
    monkeypatch.setattr(spawn, "_BORROWS", request.param == "borrowed memory")
    yield


def ended(pid: int) -> int:
    """The exit status."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def nothing() -> None:
    """What a child does that needs no preparation."""


def test_the_child_alone_is_changed(tmp_path: Path) -> None:
    read, write = os.pipe()
    before = (os.getcwd(), os.umask(0o22), os.getsid(0), signal.getsignal(signal.SIGPIPE))

    def prepare() -> None:
        os.chdir(tmp_path)
        os.umask(0o77)
        os.setsid()
        os.dup2(write, 7)
        confine.dispose(signal.SIGPIPE, ignored=False)
        resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))

    script = "{ pwd; umask; ulimit -n; ps -o sid= -p $$ | tr -d ' '; echo $$; trap '' PIPE; } >&7"
    pid = spawn.spawn(prepare, "/bin/sh", ["sh", "-c", script], PATH)
    os.close(write)
    with open(read) as file:
        said = file.read().split()
    assert ended(pid) == 0
    assert said == [str(tmp_path), "0077", "32", str(pid), str(pid)]
    assert before == (os.getcwd(), os.umask(before[1]), os.getsid(0), signal.getsignal(signal.SIGPIPE))
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] != 32


@pytest.mark.parametrize(
    ("program", "code"), [("/nowhere", errno.ENOENT), ("plain", errno.EACCES), ("text", errno.ENOEXEC)]
)
def test_what_cannot_be_executed(tmp_path: Path, program: str, code: int) -> None:
    (tmp_path / "plain").write_text("")
    (tmp_path / "text").write_text('printf "%s\n" "$@"\n')
    (tmp_path / "text").chmod(0o755)
    before = children(os.getpid())
    with pytest.raises(OSError, match="execute") as caught:
        spawn.spawn(nothing, str(tmp_path / program), ["x"], PATH)
    assert (caught.value.errno, caught.value.filename) == (code, "execute")
    assert children(os.getpid()) == before


def test_a_text_is_for_the_shell(tmp_path: Path) -> None:
    read, write = os.pipe()
    (tmp_path / "text").write_text('printf "%s|" "$0" "$@"\n')
    (tmp_path / "text").chmod(0o755)
    program = str(tmp_path / "text")
    pid = spawn.spawn(lambda: place_descriptors({1: write}, 3), program, ["x", "a b", ""], PATH, may_be_text=True)
    os.close(write)
    assert ended(pid) == 0
    with open(read) as file:
        assert file.read() == f"{program}|a b||"


def test_nothing_is_executed_after_a_failure(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after one that nobody expected, which is shown."""
    mark = tmp_path / "mark"
    monkeypatch.setattr(sys, "unraisablehook", lambda found: print(found.exc_value, file=sys.stderr))

    def refused() -> None:
        raise OSError(errno.EPERM, "no", "mount")

    def mistaken() -> None:
        raise ValueError("a bug")

    for prepare, wanted in ((refused, (errno.EPERM, "mount")), (mistaken, (errno.ECANCELED, "confine"))):
        with pytest.raises(OSError, match=wanted[1]) as caught:
            spawn.spawn(prepare, "/usr/bin/touch", ["touch", str(mark)], PATH)
        assert (caught.value.errno, caught.value.filename) == wanted
    assert "a bug" in capfd.readouterr().err
    assert not mark.exists()


def test_a_word_with_a_nul() -> None:
    with pytest.raises((OSError, ValueError)):
        spawn.spawn(nothing, "/bin/echo", ["echo", "a\0b"], PATH)


def test_a_sibling() -> None:
    """A child makes another, which is this process's."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        pid = spawn.spawn(nothing, "/bin/sh", ["sh", "-c", "exit 7"], PATH, flags=CLONE_PARENT)
        os.write(write, str(pid).encode())
        os._exit(0)
    assert ended(child) == 0
    assert ended(int(os.read(read, 20))) == 7
    os.close(read)
    os.close(write)


def test_a_fork_has_stacks_of_its_own() -> None:
    """What one process does while a child of the other is being prepared is nothing to that."""
    assert ended(spawn.spawn(nothing, "/bin/true", ["true"], PATH)) == 0  # makes the stacks
    begun, go_on = os.pipe(), os.pipe()

    def wait() -> None:
        os.write(begun[1], b"x")
        os.read(go_on[0], 1)

    fork = os.fork()
    if fork == 0:
        os._exit(ended(spawn.spawn(wait, "/bin/sh", ["sh", "-c", "exit 5"], PATH)))
    assert os.read(begun[0], 1) == b"x"
    for _ in range(10):
        assert ended(spawn.spawn(nothing, "/bin/true", ["true"], PATH)) == 0
    os.write(go_on[1], b"x")
    assert ended(fork) == 5
    for number in (*begun, *go_on):
        os.close(number)


_KILLED = """
import os, signal
from msh.sandbox.launcher import spawn

def killed():
    try:
        {}["nothing"]
    except KeyError:
        os.kill(os.getpid(), signal.SIGKILL)

for _ in range(50):
    spawn.spawn(lambda: [killed() for _ in (1,)], "/bin/true", ["true"], {})
"""


def test_who_is_killed_in_the_middle_takes_along_whose_memory_it_had() -> None:
    """Python's own state is then the child's: going on with it ended in a segmentation fault."""
    if not spawn._BORROWS:
        pid = spawn.spawn(lambda: os.kill(os.getpid(), signal.SIGKILL), "/bin/true", ["true"], {})
        assert ended(pid) == -signal.SIGKILL
        return
    ran = subprocess.run([sys.executable, "-c", _KILLED], capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (-signal.SIGKILL, b"")


def test_a_child_that_cannot_be_made_leaves_nothing() -> None:
    clone_fs_and_newuser = 0x200 | 0x10000000  # which exclude each other (clone(2))
    before = os.listdir("/proc/self/fd")
    for _ in range(3):
        with pytest.raises(OSError, match="fork") as caught:
            spawn.spawn(nothing, "/bin/true", ["true"], PATH, flags=clone_fs_and_newuser)
        assert caught.value.errno == errno.EINVAL
    assert os.listdir("/proc/self/fd") == before


def test_what_is_not_the_childs_does_not_grow() -> None:
    """The memory that the child borrows is given back, also by one that fails."""

    def some(count: int) -> int:
        for number in range(count):
            program = "/bin/true" if number % 2 else "/nowhere"
            try:
                assert ended(spawn.spawn(nothing, program, ["true", "x" * 10_000], PATH)) == 0
            except FileNotFoundError:
                continue
        return int(Path("/proc/self/statm").read_text().split()[1])

    early = some(20)
    assert some(200) - early < 100  # pages; each start has three of words
