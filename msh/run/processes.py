"""Child processes of a shell: forked subshells, sandboxed steps, and the table of background jobs."""

from __future__ import annotations

import os
import sys
from _signal import SIG_BLOCK, SIG_UNBLOCK, pthread_sigmask  # type: ignore[import-not-found]  # without enumerations
from contextlib import suppress

from msh.run.descriptors import keep
from msh.run.numbers import is_decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, Protocol

    from msh.run.relatives import Relative
    from msh.syntax.nodes import Command

    class Process(Protocol):
        """A process that this shell has started, whatever runs in it; perhaps by way of another."""

        @property
        def pid(self) -> int: ...

        def wait(self) -> int:
            """Wait for the end; the status as `$?` shows it."""

        def ended(self) -> bool:
            """Whether it has ended; leaves it to be waited for."""

        def handle(self) -> int:
            """A descriptor of the caller's own that is readable when it has ended."""

        def signal(self, number: int) -> None:
            """Send a signal to the program inside."""


LINGERING: list[int] = []  # process numbers of forks that have told their status and stay
PR_SET_PDEATHSIG = 1
SIGKILL = 9
HELD = (1, 2, 3, 10, 12, 14, 15)  # SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM


class Fork:
    """A forked shell: a subshell, a stage of a pipeline, a background list.

    `teller`: a pipe on which one that stays on tells its status (`lingering.py`), -1 for one that will not.
    """

    __slots__ = ("_status", "parent", "pid", "teller")

    def __init__(self, pid: int, teller: int = -1) -> None:
        self.pid = pid
        self.parent = os.getpid()
        self.teller = teller
        self._status: int | None = None

    def wait(self) -> int:
        if self._status is None:
            told = self._told()
            self._status = told[0] if told else shell_status(os.waitpid(self.pid, 0)[1])
        return self._status

    def _told(self) -> bytes:
        if self.teller < 0:
            return b""
        try:
            told = os.read(self.teller, 1)
        finally:
            os.close(self.teller)
            self.teller = -1
        if told:
            LINGERING.append(self.pid)
            lingering()
        return told

    def ended(self) -> bool:
        if self.teller >= 0:
            if not readable(self.teller, 0):
                return False
            self.wait()  # at once: it has told its status, and may stay for what it has started
        return self._status is not None or ended(self.pid)

    def handle(self) -> int:
        if self._status is not None:
            return os.open(os.devnull, os.O_RDONLY)  # always readable
        return os.dup(self.teller) if self.teller >= 0 else os.pidfd_open(self.pid)

    def signal(self, number: int) -> None:
        if self._status is None:
            with suppress(ProcessLookupError):  # it has just been waited for
                os.kill(self.pid, number)


def shell_status(raw: int) -> int:
    """A `waitpid` status as `$?`: 128+n for signal n (POSIX XCU 2.8.2)."""
    code = os.waitstatus_to_exitcode(raw)
    return code if code >= 0 else 128 - code


def fork(run: Callable[[], int], *, lingers: bool = False) -> Fork:
    """Run a function in a forked process that exits with what it returns and dies with this one.

    One that `lingers` may tell its status before it exits, on `Teller.writer`. Signals are held in it until
    `Signals.enter_subshell`: what it inherits is its parent's, and what came to it before would be lost with that.

    That a fork dies with its parent, and a step with the fork that started it, makes the end of a run the end of
    everything it started, however it ends (escape-case 53).
    """
    parent = os.getpid()
    bind = _parent_death_signal()
    reader, writer = (keep(fd) for fd in os.pipe()) if lingers else (-1, -1)
    pthread_sigmask(SIG_BLOCK, HELD)
    pid = -1
    try:
        pid = os.fork()
    finally:
        if pid:
            pthread_sigmask(SIG_UNBLOCK, HELD)
    if pid:
        if lingers:
            os.close(writer)
        return Fork(pid, reader)
    Teller.replace(writer)
    LINGERING.clear()
    if lingers:
        os.close(reader)
    _child(run, parent, bind)


class Teller:
    """The pipe of this process, -1 when it has none."""

    writer = -1

    @classmethod
    def replace(cls, writer: int) -> None:
        """In a new process: that of its parent is not its own."""
        if cls.writer >= 0:
            os.close(cls.writer)
        cls.writer = writer

    @classmethod
    def take(cls) -> int:
        """The pipe, to be used once."""
        writer, cls.writer = cls.writer, -1
        return writer


def _child(run: Callable[[], int], parent: int, bind: Callable[[], object]) -> NoReturn:
    status = None
    try:
        bind()
        if os.getppid() == parent:
            status = run()
    finally:
        # Nothing may unwind into the parent's frames: a failure here is a bug and is shown as one.
        if status is None and sys.exc_info()[0] is not None:
            sys.excepthook(*sys.exc_info())
        os._exit(70 if status is None else status & 0xFF)


def _parent_death_signal() -> Callable[[], object]:
    """`prctl(PR_SET_PDEATHSIG, SIGKILL)`, loaded before the fork so that children share it."""
    import ctypes

    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)


class Job:
    """A background list: `processes` of its pipeline, the last of which gives its status."""

    __slots__ = ("coprocess", "node", "noticed", "number", "processes", "status")

    def __init__(self, number: int, processes: tuple[Process, ...], node: Command) -> None:
        self.number = number
        self.processes = processes
        self.node = node
        self.status: int | None = None
        self.coprocess = ""  # the name of its variables
        self.noticed = False  # its end, by the trap of SIGCHLD

    @property
    def text(self) -> str:
        """The command as `jobs` shows it."""
        from msh.run.shown import inline

        return inline(self.node)

    @property
    def pid(self) -> int:
        return self.processes[-1].pid

    def wait(self) -> int:
        """Wait for all its processes; the status of the last."""
        if self.status is None:
            self.status = [process.wait() for process in self.processes][-1]
        return self.status

    def until_ended(self) -> None:
        """Wait for the end of all its processes and leave their statuses to `wait`: a signal may interrupt this."""
        for process in self.processes:
            handle = process.handle()
            try:
                readable(handle)
            finally:
                os.close(handle)

    def poll(self) -> bool:
        """Whether all its processes have ended, without waiting."""
        return self.status is not None or all(process.ended() for process in self.processes)

    def signal(self, number: int) -> None:
        for process in self.processes:
            process.signal(number)


class Jobs:
    """The background jobs of this shell, by number."""

    def __init__(self, listed: dict[int, Job] | None = None, last_pid: int | None = None) -> None:
        self.table: dict[int, Job] = {}
        self.listed = listed or {}  # in a subshell: the parent's, which `jobs` still shows
        self.finished: dict[int, int] = {}  # pid → status, of jobs already waited for
        self.others: dict[int, Process] = {}  # of process substitutions, which `wait PID` knows too
        self.relatives: dict[int, Relative] = {}  # of the shells above: `kill` knows them
        self.last_pid = last_pid  # $!

    def of_fork(self) -> Jobs:
        """In a fork of this shell: no jobs of its own so far."""
        jobs = Jobs(self.table, self.last_pid)
        jobs.relatives = self.relatives
        if self.table or self.others:
            from msh.run.relatives import relatives

            processes = [process for job in self.table.values() for process in job.processes]
            jobs.relatives = self.relatives | relatives([*processes, *self.others.values()])
        return jobs

    def add(self, processes: tuple[Process, ...], node: Command) -> Job:
        number = max(self.table, default=0) + 1
        job = self.table[number] = Job(number, processes, node)
        self.last_pid = job.pid
        return job

    def by_pid(self, pid: int) -> Job | None:
        return next((job for job in self.table.values() if any(p.pid == pid for p in job.processes)), None)

    def find(self, spec: str) -> Job | None:
        """`%n`, `%%`, `%+`, `%-`, `%text`, `%?text`, or a process id."""
        if not spec.startswith("%"):
            return self.by_pid(int(spec)) if is_decimal(spec) else None
        name = spec[1:]
        if is_decimal(name):
            return self.table.get(int(name))
        numbers = sorted(self.table)
        if name in ("", "%", "+", "-"):
            index = -2 if name == "-" and len(numbers) > 1 else -1
            return self.table[numbers[index]] if numbers else None
        jobs = reversed(self.table.values())
        if name.startswith("?"):
            return next((job for job in jobs if name[1:] in job.text), None)
        return next((job for job in jobs if job.text.startswith(name)), None)

    def wait(self, job: Job) -> int:
        """Wait for a job and forget it; its status stays known to `wait PID`."""
        status = job.wait()
        self.finished[job.pid] = status
        self.table.pop(job.number, None)
        return status

    def wait_any(self, jobs: tuple[Job, ...]) -> Job | None:
        """The first of these to end, None when there is none."""
        if not jobs:
            return None
        import select

        handles = {job.processes[-1].handle(): job for job in jobs if job.status is None}
        try:
            ready = next((job for job in jobs if job.status is not None), None)
            if ready is None:
                poll = select.poll()
                for handle in handles:
                    poll.register(handle, select.POLLIN)
                ready = handles[poll.poll()[0][0]]
            return ready
        finally:
            for handle in handles:
                os.close(handle)

    def running(self) -> tuple[Job, ...]:
        return tuple([job for job in self.table.values() if not job.poll()])


def lingering() -> tuple[int, ...]:
    """The forks of this process that have told their status and are still there; those that are not are let go of."""
    LINGERING[:] = [pid for pid in LINGERING if os.waitpid(pid, os.WNOHANG) == (0, 0)]
    return tuple(LINGERING)


def readable(fd: int, timeout: int | None = None) -> bool:
    """Wait, at most `timeout` milliseconds, until there is something to read or the other end is closed."""
    import select

    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(timeout))


def ended(pid: int) -> bool:
    """Whether a child has ended; leaves it to be waited for."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True
