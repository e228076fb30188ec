"""The processes of a run: held while a question is open."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager

from msh.sandbox.backend import children, process_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_ROUNDS = 20  # a process that is not held yet may fork: look until nothing new is found


@contextmanager
def held(top: int) -> Iterator[None]:
    """Stop all that descends from `top`, but for this process; let go what was not stopped before.

    `top` itself, which is msh, goes on: stopped, it would look to the user's shell like a job that was suspended.
    """
    stopped: set[int] = set()
    try:
        for _ in range(_ROUNDS):
            found = {pid for pid in _descendants(top) if pid not in stopped and process_state(pid) not in "TtZ"}
            if not found:
                break
            for pid in found:
                if _signalled(pid, signal.SIGSTOP):
                    stopped.add(pid)
        yield
    finally:
        for pid in stopped:
            _signalled(pid, signal.SIGCONT)


def _descendants(top: int) -> Iterator[int]:
    left = [pid for pid in children(top) if pid != os.getpid()]
    while left:
        pid = left.pop()
        yield pid
        left += children(pid)


def _signalled(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except OSError:
        return False
    return True


def umask_of(thread: int) -> int:
    """The mask of a thread for what it makes. Raises OSError."""
    with open(f"/proc/{thread}/status", "rb") as file:
        for line in file:
            if line.startswith(b"Umask:"):
                return int(line[6:], 8)
    return 0o022
