"""The processes of a run: held while a question is open.

What msh has started is stopped. msh itself is not: stopped, it would look to the user's shell like a job that was
suspended. It is told by a signal that no script can trap, whose handler waits for a lock that the broker holds. Nor are
its servers, which write nothing: they end what is stopped when the time is over, or when msh is gone.
"""

from __future__ import annotations

import fcntl
import os
import signal
from contextlib import contextmanager

from msh.sandbox.backend import children, process_state
from msh.sandbox.broker.loop import is_readable
from msh.sandbox.descriptors import keep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

SIGNAL = signal.SIGURG  # ignored wherever nobody handles it
_PATIENCE = 0.3  # seconds in which msh comes to its handler; one long act of a builtin may keep it
_ROUNDS = 20  # a process that is not held yet may fork: look until nothing new is found


class Shell:
    """msh's own shell, which goes on with builtins while a step of it asks: made in it, before the broker is."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._lock = keep(os.memfd_create("msh-held", os.MFD_CLOEXEC))
        heard, said = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._heard, self._said = keep(heard), keep(said)
        signal.signal(SIGNAL, self._wait)

    def descriptors(self) -> tuple[int, int]:
        """What the broker needs of it."""
        return self._lock, self._heard

    def _wait(self, number: int, frame: FrameType | None) -> None:
        """In msh: say that nothing is written from now on, until the broker has let go of the lock, or is gone."""
        try:
            os.write(self._said, b"x")
            fcntl.flock(self._lock, fcntl.LOCK_SH)
            fcntl.flock(self._lock, fcntl.LOCK_UN)
        except OSError:
            return  # the broker is gone

    @contextmanager
    def held(self) -> Iterator[None]:
        """In the broker: nothing of the run but the broker itself writes to the terminal."""
        lock = os.open(f"/proc/self/fd/{self._lock}", os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._tell()
            with stopped(self._pid):
                yield
        finally:
            os.close(lock)

    def _tell(self) -> None:
        while is_readable(self._heard) and os.read(self._heard, 512):
            continue  # of questions before
        if _signalled(self._pid, SIGNAL):
            is_readable(self._heard, _PATIENCE)


@contextmanager
def stopped(top: int) -> Iterator[None]:
    """Stop all that descends from `top`, but for this process; let go what was not stopped before."""
    held: set[int] = set()
    try:
        for _ in range(_ROUNDS):
            found = {pid for pid in _written_by(top) if pid not in held and process_state(pid) not in "TtZ"}
            if not found:
                break
            for pid in found:
                if _signalled(pid, signal.SIGSTOP):
                    held.add(pid)
        yield
    finally:
        for pid in held:
            _signalled(pid, signal.SIGCONT)


def _written_by(top: int) -> Iterator[int]:
    """All that descends from it and may write: not this process, nor a server."""
    stack = _stack(top)
    left = [pid for pid in children(top) if pid != os.getpid()]
    while left:
        pid = left.pop()
        if not _is_server(pid, top, stack):
            yield pid
        left += children(pid)


def _is_server(pid: int, top: int, stack: bytes) -> bool:
    """Whether it is a fork of msh that has left its session: the launcher, and what will be a step when it is executed.

    A fork has its stack where msh has it; where that is, no step can choose (PR_SET_MM needs CAP_SYS_RESOURCE).
    """
    try:
        return os.getsid(pid) != os.getsid(top) and stack not in (b"", b"0") and _stack(pid) == stack
    except OSError:
        return False


def _stack(pid: int) -> bytes:
    """Where its stack begins, `0` for who may not know (proc_pid_stat(5), `startstack`); empty when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b") ")[2].split()[25]
    except (OSError, IndexError):
        return b""


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
