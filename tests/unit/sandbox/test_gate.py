"""The interpreter's own opens, tests and listings."""

from __future__ import annotations

import errno
import itertools
import os
import signal
import threading
import time

import pytest

from msh.diagnostics import Diagnostic, MshError
from msh.sandbox.gate import Gate
from tests.unit.sandbox.conftest import Place


@pytest.fixture
def gate(place: Place) -> Gate:
    """The gate of a session whose workspace has links out of it."""
    (place.workspace / "out").symlink_to(place.outside / "secret")
    (place.workspace / "in").symlink_to("d/f")
    (place.workspace / "loop").symlink_to("loop")
    return place.session().gate


def read(gate: Gate, path: str, directory: str) -> bytes:
    fd = gate.open(path, os.O_RDONLY, directory=directory)
    try:
        return os.read(fd, 4096)
    finally:
        os.close(fd)


@pytest.mark.parametrize(("path", "text"), [("a", b"a\n"), ("in", b"f\n"), ("d/../a", b"a\n"), ("./d//f", b"f\n")])
def test_open_inside(place: Place, gate: Gate, path: str, text: bytes) -> None:
    assert read(gate, path, str(place.workspace)) == text


@pytest.mark.parametrize(
    "flags", [os.O_RDONLY, os.O_WRONLY, os.O_RDWR | os.O_CREAT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC]
)
@pytest.mark.parametrize(
    "path", ["../outside/secret", "out", "d/../../outside/secret", "/root/x", "/proc/self/mem", "/dev/tty"]
)
def test_open_outside(place: Place, gate: Gate, path: str, flags: int) -> None:
    with pytest.raises(MshError) as caught:
        gate.open(path, flags, directory=str(place.workspace))
    assert caught.value.diagnostics[0].code == "MSH401"
    assert (place.outside / "secret").read_text() == "secret\n"


@pytest.mark.parametrize(
    ("path", "flags", "code"),
    [
        ("missing", os.O_RDONLY, errno.ENOENT),
        ("missing/x", os.O_WRONLY | os.O_CREAT, errno.ENOENT),
        ("a/x", os.O_RDONLY, errno.ENOTDIR),
        ("a/", os.O_RDONLY, errno.ENOTDIR),
        ("a/.", os.O_RDONLY, errno.ENOTDIR),
        ("d", os.O_WRONLY, errno.EISDIR),
        ("loop", os.O_RDONLY, errno.ELOOP),
        ("", os.O_RDONLY, errno.ENOENT),
        ("a\0b", os.O_RDONLY, errno.EINVAL),
        ("a/" * 5000, os.O_RDONLY, errno.ENAMETOOLONG),
        ("x" * 300, os.O_RDONLY, errno.ENAMETOOLONG),
        ("a", os.O_WRONLY | os.O_CREAT | os.O_EXCL, errno.EEXIST),
        ("out", os.O_WRONLY | os.O_CREAT | os.O_EXCL, errno.EEXIST),
        ("/usr/bin/env", os.O_WRONLY, errno.EROFS),
        ("/usr/new", os.O_WRONLY | os.O_CREAT, errno.EROFS),
        ("/etc/passwd", os.O_WRONLY, errno.EROFS),
        ("/dev/fd/77", os.O_RDONLY, errno.EBADF),
        ("/dev/fd/250", os.O_RDONLY, errno.EBADF),
    ],
)
def test_errors_are_the_kernels(place: Place, gate: Gate, path: str, flags: int, code: int) -> None:
    with pytest.raises(OSError) as caught:
        gate.open(path, flags, directory=str(place.workspace))
    assert caught.value.errno == code


def test_new_files(place: Place, gate: Gate) -> None:
    fd = gate.open("d/new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640, directory=str(place.workspace))
    assert not os.get_inheritable(fd)
    os.close(fd)
    assert (place.workspace / "d/new").stat().st_mode & 0o777 == 0o640 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_link_to_a_missing_file_makes_it_inside_only(place: Place, gate: Gate) -> None:
    (place.workspace / "to-new").symlink_to("d/made")
    os.close(gate.open("to-new", os.O_WRONLY | os.O_CREAT, directory=str(place.workspace)))
    assert (place.workspace / "d/made").exists()
    (place.workspace / "to-outside").symlink_to(place.outside / "made")
    with pytest.raises(MshError):
        gate.open("to-outside", os.O_WRONLY | os.O_CREAT, directory=str(place.workspace))
    assert not (place.outside / "made").exists()


def test_private_tmp(place: Place, gate: Gate) -> None:
    name = f"/tmp/msh-test-{os.getpid()}"
    os.close(gate.open(name, os.O_WRONLY | os.O_CREAT))
    assert gate.stat(name) is not None
    assert not os.path.exists(name)


def test_synthetic_etc(gate: Gate) -> None:
    with open("/etc/passwd", "rb") as host:
        assert read(gate, "/etc/passwd", "/") != host.read()
    assert b"nobody" in read(gate, "/etc/passwd", "/")
    assert gate.stat("/etc/shadow") is None


def test_tests_outside_are_false_and_said_once(place: Place, gate: Gate) -> None:
    said: list[Diagnostic] = []
    gate.warn = said.append
    for path in ("/root/.bashrc", "/root/.bashrc", str(place.outside / "secret"), "/proc/1/environ"):
        assert gate.stat(path) is None
        assert gate.lstat(path) is None
        assert not gate.access(path, os.R_OK)
        assert gate.listdir(path) == []
    assert [found.severity for found in said] == ["warning", "warning"]


def test_looking(place: Place, gate: Gate) -> None:
    top = str(place.workspace)
    assert sorted(gate.listdir(".", directory=top)) == ["a", "d", "in", "loop", "out"]
    assert gate.realpath("in", directory=top) == f"{top}/d/f"
    assert gate.readlink("in", directory=top) == "d/f"
    assert gate.readlink("a", directory=top) is None
    assert gate.access("a", os.R_OK | os.W_OK, directory=top)
    assert not gate.access("/usr/bin/env", os.W_OK)
    assert gate.access("/usr/bin/env", os.X_OK)
    assert {"usr", "etc", "tmp", "bin"} <= set(gate.listdir("/"))
    assert "shadow" not in gate.listdir("/etc")
    assert gate.readlink("/bin") == (os.readlink("/bin") if os.path.islink("/bin") else None)


def test_cd(place: Place, gate: Gate) -> None:
    top = str(place.workspace)
    assert gate.enter("d/..", directory=top) == top
    assert gate.enter("/") == "/"
    assert gate.enter("/home/nobody-here") == "/home/nobody-here"
    for path, code in (("a", errno.ENOTDIR), ("missing", errno.ENOENT)):
        with pytest.raises(OSError) as caught:
            gate.enter(path, directory=top)
        assert caught.value.errno == code
    with pytest.raises(MshError):
        gate.enter(str(place.outside))


def test_own_descriptors(place: Place, gate: Gate) -> None:
    """`/dev/fd/N` is for what the script opened, and for no more than it was opened for."""
    with open(place.workspace / "a") as file:
        private = file.fileno()
        with pytest.raises(OSError):
            gate.open(f"/dev/fd/{private}", os.O_RDONLY)
        assert gate.stat(f"/dev/fd/{private}") is None
        os.set_inheritable(private, True)
        assert read(gate, f"/dev/fd/{private}", "/") == b"a\n"
        assert gate.stat(f"/proc/self/fd/{private}") is not None
        with pytest.raises(PermissionError):
            gate.open(f"/dev/fd/{private}", os.O_RDWR)


def test_fifos_block_only_who_opens_them(place: Place, gate: Gate) -> None:
    os.mkfifo(place.workspace / "p")
    top = str(place.workspace)
    assert gate.blocks("p", directory=top)
    assert not gate.blocks("a", directory=top)

    def write() -> None:
        with open(place.workspace / "p", "wb") as fifo:
            fifo.write(b"through")

    writer = threading.Thread(target=write)
    writer.start()
    assert read(gate, "p", top) == b"through"
    writer.join()


def test_devices(place: Place, gate: Gate) -> None:
    assert read(gate, "/dev/zero", "/")[:1] == b"\0"
    os.close(gate.open("/dev/null", os.O_WRONLY | os.O_CREAT | os.O_TRUNC))
    if os.geteuid() == 0:
        os.mknod(place.workspace / "mem", 0o020666, os.makedev(1, 5))
        with pytest.raises(MshError) as caught:
            gate.open("mem", os.O_RDONLY, directory=str(place.workspace))
        assert caught.value.diagnostics[0].code == "MSH402"


def test_a_path_that_is_swapped_all_the_time(place: Place) -> None:
    """10: whatever a name is changed to between judging and opening, only what was judged is opened."""
    gate = place.session().gate
    good, bad = place.workspace / "good", place.workspace / "bad"
    good.mkdir()
    (good / "f").write_text("good\n")
    bad.symlink_to(place.outside)
    (place.outside / "f").write_text("secret\n")
    name = place.workspace / "dir"
    name.symlink_to("good")
    swapper = os.fork()
    if swapper == 0:
        spare, turn = str(place.workspace / "spare"), 0
        while True:
            turn ^= 1
            os.symlink(("good", str(place.outside))[turn], spare)
            os.rename(spare, name)
    results = set()
    end = time.monotonic() + 20
    try:
        for turn in itertools.count():
            try:
                results.add(read(gate, "dir/f", str(place.workspace)))
            except MshError:
                results.add(b"refused")
            if (turn > 3000 and len(results) > 1) or time.monotonic() > end:
                break
    finally:
        os.kill(swapper, signal.SIGKILL)
        os.waitpid(swapper, 0)
    assert results == {b"good\n", b"refused"}
