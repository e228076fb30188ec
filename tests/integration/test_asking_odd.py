"""What a hostile step says to the broker that no program would say: it is refused, and the broker serves on."""

from __future__ import annotations

import shlex

import pytest

from tests.support.asking import asked, place
from tests.support.attack import Attack

__all__ = ["place"]  # a fixture

#: `call(number on x86_64, on aarch64, ...)` is a system call with a path and other arguments; 0 or an errno.
CALLS = """
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def call(x86, arm, *arguments):
    number = x86 if os.uname().machine == "x86_64" else arm
    words = [ctypes.c_ulong(one & (1 << 64) - 1) if isinstance(one, int) else one for one in arguments]
    return min(0, libc.syscall(number, *words)) and ctypes.get_errno()
path, here = os.environ["HOME"].encode() + b"/data/a", -100
"""


@pytest.fixture(autouse=True)
def data(place: Attack) -> None:
    """A directory of the user's, with one file."""
    assert place.shell("mkdir ~/data && echo text > ~/data/a").status == 0


@pytest.mark.parametrize(
    ("act", "result"),
    [
        ("call(76, 45, path, -1)", 22),  # truncate
        ("call(280, 88, here, path, struct.pack('4q', (1 << 63) - 1, (1 << 63) - 1, 0, 0), 0)", 22),  # utimensat
        ("call(280, 88, here, path, struct.pack('4q', 0, 1_000_000_000, 0, 0), 0)", 22),
        ("call(280, 88, here, path, struct.pack('4q', 0, 0, 0, -1), 0)", 22),
        ("call(257, 56, here, path, 1 << 31, 0)", 0),  # openat
        ("call(257, 56, here, path + b'2', os.O_CREAT | os.O_WRONLY, -1)", 0),
        ("call(264 + 52, 276, here, path, here, path + b'2', -1)", 22),  # renameat2
        ("call(90, 0, path, -1) if os.uname().machine == 'x86_64' else 1", 1),  # chmod
    ],
)
def test_numbers_that_no_program_gives(place: Attack, act: str, result: int) -> None:
    script = f"{CALLS}\nprint({act})\nprint(open(path).read(), end='')"
    ran = asked(place, "yes\nyes\nyes\n", f"python3 -Ic {shlex.quote(script)}")
    assert b"Traceback" not in ran.stderr, ran.stderr.decode()
    assert ran.stdout.decode() == f"{result}\ntext\n", ran.stderr.decode()
