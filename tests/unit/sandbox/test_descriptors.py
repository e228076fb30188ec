"""Descriptors and variables: only what was named passes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from msh.sandbox import inherited
from msh.sandbox.descriptors import complete, file_actions
from msh.sandbox.readonly import copied
from tests.unit.sandbox.conftest import Place


def spawned(wanted: dict[int, int]) -> list[bytes]:
    """What a child reads from its descriptors 0, 3 and 5, spawned with these."""
    actions, spare = file_actions(wanted, ())
    read, write = os.pipe()
    script = 'for n in 0 3 5; do eval "cat <&$n"; echo; done 2>/dev/null'
    actions = [*actions, (os.POSIX_SPAWN_DUP2, write, 1)]
    pid = os.posix_spawn("/bin/sh", ["sh", "-c", script], {"PATH": "/usr/bin:/bin"}, file_actions=actions)
    os.close(write)
    with open(read, "rb") as file:
        text = file.read()
    os.waitpid(pid, 0)
    for number in spare:
        os.close(number)
    return text.splitlines()


def named(text: str) -> int:
    number = os.memfd_create("test")
    os.write(number, text.encode())
    os.lseek(number, 0, os.SEEK_SET)
    return number


def test_descriptors_may_change_places() -> None:
    """`3<&5 5<&3` in one command: neither may be closed before the other has it."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            one, two, three = named("one"), named("two"), named("three")
            os.dup2(one, 3)
            os.dup2(two, 5)
            os.dup2(three, 0)
            status = int(spawned({0: 5, 3: 0, 5: 3}) != [b"two", b"three", b"one"])
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_closed_standard_descriptor_stays_closed(place: Place) -> None:
    session = place.session()
    policy = place.policy(session=session)
    read, write = os.pipe()
    cat = policy.replace(argv=("cat",))
    assert session.start(cat, {1: 1, 2: write}).wait().status == 1
    os.close(write)
    with open(read) as file:
        assert file.read() == "cat: -: Bad file descriptor\n"


def test_inherited_variables() -> None:
    environment = {
        "PATH": "/bin",
        "LC_TIME": "C",
        "AWS_SECRET_ACCESS_KEY": "s",
        "LD_PRELOAD": "x",
        "TMPDIR": "/x",
        "MINE": "1",
    }
    assert inherited(environment) == {"PATH": "/bin", "LC_TIME": "C"}
    assert inherited(environment, ("MINE",)) == {"PATH": "/bin", "LC_TIME": "C", "MINE": "1"}


def test_a_directory_is_never_passed() -> None:
    directory = os.open("/usr", os.O_RDONLY)
    try:
        wanted, opened = complete({0: directory, 5: directory})
        assert 5 not in wanted and not stat.S_ISDIR(os.fstat(wanted[0]).st_mode)
        for number in opened:
            os.close(number)
    finally:
        os.close(directory)


def test_a_copy_stands_in_for_a_read_only_mount(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("text")
    number = os.open(tmp_path / "f", os.O_PATH)
    copy = copied(number, str(tmp_path))
    try:
        with open(f"/proc/self/fd/{copy}", "w") as again:
            again.write("changed")
        assert os.read(copy, 10) == b"changed"
        assert (tmp_path / "f").read_text() == "text"
        assert os.listdir(tmp_path) == ["f"]
    finally:
        os.close(copy)
        os.close(number)
