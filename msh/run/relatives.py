"""What a shell above has started in the background, as its subshells know it: they may signal it, and nothing else.

`job & ( sleep 9; kill $! ) &` is how scripts limit a time. A subshell is no parent of that job, so it cannot wait for
it, and its number may long be another process's. So a fork is asked whose child it is before it gets a signal, and a
step is reached over a socket of its own.
"""

from __future__ import annotations

import os
import signal

from msh.run.processes import Fork
from msh.run.steps import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from msh.run.processes import Process
    from msh.sandbox.backend import Process as SandboxProcess


class Relative:
    """A process of a shell above. `step` is the sandbox's side of a step, None for a fork."""

    __slots__ = ("parent", "pid", "step")

    def __init__(self, pid: int, parent: int, step: SandboxProcess | None = None) -> None:
        self.pid = pid
        self.parent = parent
        self.step = step

    def signal(self, number: int) -> bool:
        """Send it, 0 for nothing; False when the process has ended."""
        if self.step is not None:
            if self.step.ended():
                return False
            if number:
                self.step.signal(number)
            return True
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return False
        try:
            if not _runs_below(self.pid, self.parent):
                return False
            signal.pidfd_send_signal(handle, number)
        except ProcessLookupError:
            return False
        finally:
            os.close(handle)
        return True


def relatives(processes: Iterable[Process]) -> dict[int, Relative]:
    """Of the processes that a shell has started, those that a fork of it may signal: number → process.

    Called in the fork, before it starts a step of its own and lets go of what is not its.
    """
    found: dict[int, Relative] = {}
    for process in processes:
        if isinstance(process, Fork):
            found[process.pid] = Relative(process.pid, process.parent)
        elif isinstance(process, Step) and (shared := process.shared()) is not None:
            found[process.pid] = Relative(process.pid, 0, shared)
    return found


def _runs_below(pid: int, parent: int) -> bool:
    """Whether the process is a child of that one, and not only waited for (proc_pid_stat(5))."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            state, above = file.read().rpartition(b")")[2].split()[:2]
    except OSError:
        return False
    return int(above) == parent and state != b"Z"
