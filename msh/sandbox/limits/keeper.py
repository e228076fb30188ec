"""The process around a run that has limits or a time limit.

It is what the user started; the run is its fork, which puts itself into the run's cgroup. So it can say why a run was
ended when the kernel has killed the run's own shell, end one that is stopped or hangs, and leave no cgroup behind. It
passes on the signals that are meant for the run and ends as the run ends.
"""

from __future__ import annotations

import os
import signal
import sys
import time

from msh.diagnostics import Diagnostic, MshError
from msh.sandbox.limits.clock import Clock, Watch, request
from msh.sandbox.limits.demands import required
from msh.sandbox.limits.groups import Counters, Group, run_group
from msh.sandbox.limits.tiers import Tier, block_devices

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import NoReturn

    from msh.config import Settings
    from msh.sandbox.limits.growth import Growth
    from msh.sandbox.limits.meter import Meter

OVER = 4096  # bytes that a file may have more than /tmp: a full /tmp says so before its writer is ended
SLACK = 16 * OVER  # bytes that all grants may grow more: a file that is too large ends its writer before the run
GRACE = 0.4  # seconds for a run that is over its time to end by itself, tidily
_TICK = 0.25  # seconds: a request that nobody announced is seen at the latest then
_PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGCONT)
_TERMINAL = (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGWINCH)  # the terminal sends them to the run too
_BY_KERNEL = 0x80  # si_code of those (sigaction(2))


class Run:
    """The run that this process belongs to, as its shells see it: `channel` is the way to the clock."""

    def __init__(self, bounds: Mapping[str, float], group: Group | None, channel: int, keeper: int) -> None:
        self.bounds = dict(bounds)
        self.group = group
        self.channel = channel
        self.keeper = keeper  # its pid


current: Run | None = None  # of a process below a keeper


def keep(settings: Settings, run: Callable[[], int]) -> int:
    """Run under the limits of `settings`; the status of the run. Raises MshError before anything has begun."""
    found = required(settings)
    bounds = dict(settings.limits)
    group = _group(found, bounds, _owner(settings))
    meter = _meter(bounds.get("output"), _owner(settings))
    growth = _growth(settings, bounds.get("disk"))
    read, write = os.pipe()
    keeper = os.getpid()
    signals: set[int] = {*_PASSED_ON, *_TERMINAL, signal.SIGCHLD, signal.SIGIO}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    pid = os.fork()
    if pid == 0:
        os.close(read)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        _become(Run(bounds, group, write, keeper), run, meter)
    os.close(write)
    if meter is not None:
        meter.begin()
    kept = _Keeper(pid, settings, group, read, signals, meter, growth)
    try:
        raw = kept.wait()
    finally:
        kept.tidy()
    status = kept.explained(raw)
    kept.listen_no_more()
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if status is None:
        _end_as(os.WTERMSIG(raw))
        status = 128 + os.WTERMSIG(raw)
    return status


def _owner(settings: Settings) -> int:
    """Whose rights the run will have (`workspace.become_owner`)."""
    if os.geteuid() == 0 and settings.workspace is not None:
        return os.stat(settings.workspace).st_uid
    return os.geteuid()


def _group(found: Tier, bounds: Mapping[str, float], owner: int) -> Group | None:
    """The run's group with its limits and a `shell` group in it; None where no limit needs one."""
    if not found.places or not any(name in bounds for name in ("memory", "cpu", "cpus", "pids", "throughput")):
        return None
    try:
        group = run_group(found)
        group.limit(bounds, block_devices())
        group.child("shell")
    except OSError as error:
        message = f"cannot make a cgroup: {(error.strerror or '').lower()} (`{error.filename or ''}`)"
        raise MshError(Diagnostic("MSH456", message, help="`msh doctor` shows what this host offers")) from None
    if owner != os.geteuid():
        group.give_to(owner)
    return group


def _meter(limit: float | None, owner: int) -> Meter | None:
    if limit is None:
        return None
    from msh.sandbox.limits.meter import Meter

    meter = Meter({number: number for number in (1, 2) if _is_open(number)}, int(limit))
    for place in meter.places.values():
        os.fchown(place, owner, -1)  # who opens /dev/stdout again asks for the pipe by its mode
    return meter


def _growth(settings: Settings, limit: float | None) -> Growth | None:
    """What the run may write to, as it is before."""
    if limit is None:
        return None
    from msh.sandbox.limits.growth import Growth

    granted = [path for path in settings.allow_write if path.startswith("/")]
    return Growth(granted if settings.workspace is None else [settings.workspace, *granted], int(limit) + SLACK)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _become(this: Run, run: Callable[[], int], meter: Meter | None) -> NoReturn:
    """In the fork: the run itself."""
    global current
    status = None
    try:
        current = this
        bind()
        if meter is not None:
            for number, place in meter.places.items():
                os.dup2(place, number)
            meter.close()
        if this.group is not None:
            shells(this.group).join(0)
        status = run()
    except MshError as error:
        from msh.diagnostics import exit_status
        from msh.render import report

        report(error.diagnostics)
        status = exit_status(error.diagnostics)
    except KeyboardInterrupt:
        status = 130
    finally:
        failure = sys.exc_info()
        if status is None and failure[0] is not None:
            sys.excepthook(*failure)
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(70 if status is None else status & 0xFF)


def shells(group: Group) -> Group:
    """The group of the run's shells."""
    return group.below("shell")


def bind() -> None:
    """Make this process end with its keeper. Again after its user has changed: the kernel forgets it then."""
    if current is None:
        return
    from msh.sandbox.confine import signal_at_parents_death

    signal_at_parents_death(signal.SIGKILL)
    if os.getppid() != current.keeper:
        os._exit(137)


def tell_refusal() -> None:
    """A shell of the run could not fork: whether a limit was met is for the keeper to say."""
    if current is not None:
        request(current.channel, Watch(0, 0, -1.0, -1.0, "", (), ""))


def settle(settings: Settings, tmp: str) -> bool:
    """What a run does about its limits once it has a private directory; whether the keeper is to remove that."""
    bind()
    size = dict(settings.limits).get("disk")
    if size is None or current is None:
        return False
    from msh.sandbox.limits.groups import as_root
    from msh.sandbox.limits.scratch import mount

    with as_root():
        mount(tmp, int(size))
    bind()
    return True


def bound_files(settings: Settings) -> None:
    """Bound what this run's own shells write to a file, once msh has written its own."""
    size = dict(settings.limits).get("disk")
    if size is None or current is None:
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(size) + OVER, hard))


def _end_as(number: int) -> None:
    """End by the signal that ended the run, so that whoever started it sees that."""
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


class _Keeper:
    """Waits for the run, and ends it where it goes beyond its limits."""

    def __init__(
        self,
        pid: int,
        settings: Settings,
        group: Group | None,
        channel: int,
        signals: set[int],
        meter: Meter | None,
        growth: Growth | None,
    ) -> None:
        self.pid = pid
        self._meter = meter
        self._growth = growth
        self.group = group
        self.settings = settings
        self.bounds = dict(settings.limits)
        self.verdict = ""
        self.counters = Counters()
        self._shells = Counters()
        self._signals = signals
        self._channel = channel
        self._clock = Clock()
        os.set_blocking(channel, False)
        _announce(channel)
        self._deadline = None if settings.timeout is None else time.monotonic() + settings.timeout + GRACE

    def wait(self) -> int:
        """The run's wait status."""
        while True:
            self._read()
            left = min(self._clock.check(), self._check(), _TICK if self._channel >= 0 else 3600.0)
            got = signal.sigtimedwait(self._signals, left)
            if got is not None:
                self._got(got.si_signo, got.si_code)
            if self._meter is not None and _has_ended(self._meter.pid):
                if self._meter.wait():
                    self._end("output")
                self._meter = None
            pid, raw = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return raw

    def _read(self) -> None:
        if self._channel < 0:
            return
        try:
            data = os.read(self._channel, 65536)
        except BlockingIOError:
            return
        if data:
            self._clock.feed(data)
        else:
            os.close(self._channel)
            self._channel = -1

    def _got(self, number: int, code: int) -> None:
        if number in _PASSED_ON or (number in (signal.SIGINT, signal.SIGQUIT) and code != _BY_KERNEL):
            self._send(number)
        elif number == signal.SIGTSTP:
            os.kill(os.getpid(), signal.SIGSTOP)

    def _send(self, number: int) -> None:
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return

    def _check(self) -> float:
        """End the run when it is beyond a limit; the seconds in which it cannot be."""
        left = 3600.0
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                self._end("timeout")
                return 3600.0
        limit = self.bounds.get("cpu")
        if limit is not None and self.group is not None and not self.verdict:
            unused = limit - (self.group.cpu() or 0.0)
            if unused <= 0:
                self._end("cpu")
                return 3600.0
            left = min(left, max(unused / (os.cpu_count() or 1), 0.004))
        if self._growth is not None and not self.verdict:
            pause = self._growth.check()
            if pause == 0.0:
                self._end("disk")
                return 3600.0
            left = min(left, pause)
        return left

    def _end(self, kind: str) -> None:
        """End all of the run; its shell is told by nobody, since it may hang."""
        self.verdict = self.verdict or kind
        self._deadline = None
        if self.group is not None:
            self.counters = self.group.counters()
            self.group.kill()
        self._send(signal.SIGKILL)

    def tidy(self) -> None:
        """Nothing of the run stays: neither its processes nor its groups nor, if it was killed, its directories."""
        self._read()  # what the run said last
        if self.group is not None:
            shell = shells(self.group)
            self._shells, self.counters = shell.counters(), self.group.counters()
            self.group.kill()
            self.group.remove()
        from msh.sandbox.runtime import remove_left

        remove_left(_owner(self.settings))
        if self._meter is not None and self._meter.wait():
            self.verdict = self.verdict or "output"
        if self._growth is not None and not self.verdict and self._growth.bytes() > self._growth.limit:
            self.verdict = "disk"

    def listen_no_more(self) -> None:
        """Forget signals that came too late to be passed on."""
        if self._channel >= 0:
            os.close(self._channel)
        while signal.sigtimedwait(self._signals, 0) is not None:
            continue

    def explained(self, raw: int) -> int | None:
        """The run's status when it did not just end; says why. None when a signal ended it that nobody here sent."""
        from msh.sandbox.limits.verdict import KILLED, Evidence, explain, judge

        killed = os.WIFSIGNALED(raw)
        status = 128 + os.WTERMSIG(raw) if killed else os.WEXITSTATUS(raw)
        refused = self._shells.refused + self.counters.refused  # v2 counts where the limit is, v1 who was refused
        refused = refused if self._clock.refusals else 0  # else of the launcher's, which tries again
        evidence = Evidence(self.verdict, self._shells.killed, refused)
        outcome = judge(1 if refused and not killed else status or 1, evidence)
        bounds = {**self.bounds, **({} if self.settings.timeout is None else {"time": self.settings.timeout})}
        said = explain(outcome, "the run" if self.verdict or killed else "a shell of the run", bounds, {})
        if said is None:
            return None if killed else status
        from msh.render import report

        report((said,))
        return (status if outcome.kind == "pids" else outcome.status) if status else KILLED


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _announce(channel: int) -> None:
    """Have the kernel send SIGIO when there is something to read."""
    import fcntl

    fcntl.fcntl(channel, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(channel, fcntl.F_SETFL, fcntl.fcntl(channel, fcntl.F_GETFL) | os.O_ASYNC)
