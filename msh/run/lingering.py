"""Subshells that have ended for the script while their background commands go on: `(command &)`.

In bash these are left to themselves. Here nothing outlives the run, and a process is bound to the one that started it:
so a subshell that leaves commands behind tells its parent its status through a pipe, gives up its standard streams,
and stays to hold what it started until that ends, or its parent does.
"""

from __future__ import annotations

import os

from msh.run.processes import lingering

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.shell import Shell


def linger(sh: Shell, writer: int) -> None:
    """Tell the parent, and wait for the jobs without the script's descriptors, whose readers wait for their end."""
    running = sh.jobs.running()
    os.write(writer, bytes([sh.status & 0xFF]))
    os.close(writer)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in sh.descriptors.opened:
        os.dup2(null, fd)
    for job in running:
        job.wait()
    for pid in lingering():
        os.waitpid(pid, 0)
