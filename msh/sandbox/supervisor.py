"""The process between msh and a step that has no pid namespace: it confines itself, starts the step, and ends with it.

It is a fork of msh that gives up what the step must not have (the step inherits that), spawns the step, and from then
on only waits. As the reaper of its descendants it can end all of them when the step is over, whatever sessions and
groups they made, and when msh ends, however that ends. Its signals:

    END          everything ends now, status 137; also sent by the kernel when msh is gone
    SIGCHLD      a descendant has ended: perhaps the step
    the others   go on to the step's process group
"""

from __future__ import annotations

import os
import resource
import signal
import sys

from msh.record import Record
from msh.sandbox import confine, landlock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

END = signal.SIGRTMAX
PLACE = 0x7FFFFFF1  # no pid is as large
_DEFAULTED = [signal.SIGPIPE, signal.SIGXFSZ]  # Python ignores these; a step must not inherit that
_EVERY = signal.valid_signals()


class Start(Record):
    """What the supervisor does, prepared as far as can be: what a fork touches has to be copied for it.

    Numbers are descriptors of the process that it is a fork of: `held` all that are needed, in their order, `actions`
    those that become the step's, as posix_spawn(3) takes them. `ruleset` is Landlock's, -1 where there is none.
    `filter` has `PLACE` where the supervisor's own pid belongs. `limits` are pairs of RLIMIT_ number and value.
    `report` gets the step's pid, or what failed as `stage errno`.
    """

    program: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    held: tuple[int, ...]
    actions: list[tuple[int, int, int]]
    directory: int
    ruleset: int
    report: int
    filter: bytes
    limits: tuple[tuple[int, int], ...]
    ignored: frozenset[int]


def supervise(start: Start, parent: int) -> NoReturn:
    """Runs in the fork, all signals blocked; never returns into the frames of msh."""
    status = 126
    stage = "confine"
    try:
        _confine(start, parent)
        stage = "execute"
        step = _spawn(start)
        os.write(start.report, str(step).encode())
        _close_but(())
        status = _wait(step)
    except OSError as error:
        os.write(start.report, f"{stage} {error.errno or 0}".encode())
    finally:
        failure = sys.exc_info()
        if failure[0] is not None:  # a failure here is a bug, and is shown as one
            sys.excepthook(*failure)
        os._exit(status)


def _confine(start: Start, parent: int) -> None:
    """Everything that the step inherits. Descriptors first: what nobody named is gone before anything is started."""
    os.setsid()
    _close_but(start.held)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    confine.hide()
    confine.adopt_orphans()
    confine.drop_capabilities()
    confine.signal_at_parents_death(END)
    if os.getppid() != parent:
        os._exit(126)
    os.fchdir(start.directory)
    confine.no_new_privileges()
    if start.ruleset >= 0:
        landlock.restrict(start.ruleset)
    own = os.getpid()
    confine.filter_calls(start.filter.replace(_word(PLACE), _word(own)).replace(_word(-PLACE), _word(-own)))


def _word(value: int) -> bytes:
    return (value & 0xFFFFFFFF).to_bytes(4, "little")


def _spawn(start: Start) -> int:
    """The step's pid. It has a process group of its own, in a session that it does not lead: no terminal can become its
    controlling one.
    """
    for _, source, number in start.actions:  # not by posix_spawn, which takes no source above a limit of files
        os.dup2(source, number)
        os.set_inheritable(number, True)  # onto itself dup2 changes nothing
    for limit, value in start.limits:
        resource.setrlimit(limit, (value, value))
    return os.posix_spawn(
        start.program,
        start.argv,
        start.environment,
        setpgroup=0,
        setsigmask=[],
        setsigdef=[number for number in _DEFAULTED if number not in start.ignored],
    )


def _close_but(held: tuple[int, ...]) -> None:
    first = 0
    for number in held:
        if first < number:  # an empty range would be taken as one without end
            os.closerange(first, number)
        first = number + 1
    os.closerange(first, (1 << 31) - 1)


def _wait(step: int) -> int:
    """The step's status as `$?`, when nothing of it is left."""
    status = -1
    while status < 0:
        number = signal.sigwaitinfo(_EVERY).si_signo
        if number == END:
            status = 128 + signal.SIGKILL
        elif number == signal.SIGCHLD:
            status = _reap(step)
        else:
            _forward(step, number)
    end_all()
    return status


def _reap(step: int) -> int:
    """Collect who has ended; the step's status when it is among them, else -1."""
    found = -1
    while True:
        try:
            pid, raw = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == step:
            code = os.waitstatus_to_exitcode(raw)
            found = code if code >= 0 else 128 - code
        if pid == 0:
            return found


def _forward(step: int, number: int) -> None:
    try:
        os.killpg(step, number)
    except OSError:
        return  # the group is gone, or a setuid program in it is somebody else's


def end_all() -> None:
    """Kill every descendant. Who loses its parent becomes a child of this process, and is killed in its turn."""
    while True:
        for pid in _children():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _children() -> list[int]:
    """The pids of this process's children."""
    own = os.getpid()
    try:
        with open(f"/proc/self/task/{own}/children", "rb") as file:
            return [int(word) for word in file.read().split()]
    except FileNotFoundError:  # a kernel without CONFIG_PROC_CHILDREN
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if parent_of(pid) == own]


def parent_of(pid: int) -> int:
    """The parent's pid (proc_pid_stat(5)), 0 when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b") ")[2].split()[1])
    except (OSError, IndexError):
        return 0
