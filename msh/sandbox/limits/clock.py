"""What has to be looked at while something runs: deadlines and processor time of steps and of runs.

A shell that waits for one step cannot watch another, and a stopped one watches nothing. So the watching is done by a
process that does nothing else: the keeper of the run (`keeper.py`), or one that is forked when a step first needs it
(`channel`). Requests come over a pipe, each with the pid of what is to be watched. What goes beyond is ended, and why
is written to a file beforehand, where whoever waits for it finds it.
"""

from __future__ import annotations

import marshal
import os
import signal
import time

from msh.record import Record
from msh.sandbox.limits.groups import Group, start_time
from msh.sandbox.limits.tiers import Tier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NoReturn

    from msh.sandbox.limits.growth import Growth

_LENGTH = 4  # bytes before each request that say how long it is
_LEAST = 0.004  # seconds between two looks
_PROCESSORS = os.cpu_count() or 1


class Watch(Record):
    """Something to be ended: by `deadline` (monotonic seconds), or when its group has used `cpu` seconds; -1 is none.

    `group` are pairs of a controller and a directory, of a tier called `tier`; empty when there is no cgroup. `verdict`
    is the path of the file for the reason, `growth` that of one with what may grow how much (`Growth.write`), empty
    when nothing says that.
    """

    pid: int
    began: int  # its start time, so that a pid of another process means nothing
    deadline: float
    cpu: float
    tier: str
    group: tuple[tuple[str, str], ...]
    verdict: str
    growth: str = ""


class _Watched:
    def __init__(self, watch: Watch, handle: int) -> None:
        self.watch = watch
        self.handle = handle
        self.group = Group(Tier(watch.tier), dict(watch.group)) if watch.group else None
        self.growth = _growth(watch.growth) if watch.growth else None

    def beyond(self) -> tuple[str, float]:
        """The kind of limit it has gone beyond, empty if none, and the seconds in which it cannot."""
        left = 3600.0
        if self.watch.deadline >= 0:
            left = self.watch.deadline - time.monotonic()
            if left <= 0:
                return "timeout", 0.0
        if self.watch.cpu >= 0 and self.group is not None:
            unused = self.watch.cpu - (self.group.cpu() or 0.0)
            if unused <= 0:
                return "cpu", 0.0
            left = min(left, unused / _PROCESSORS)
        if self.growth is not None:
            pause = self.growth.check()
            if pause == 0.0:
                return "disk", 0.0
            left = min(left, pause)
        return "", left

    def end(self, kind: str) -> None:
        write_verdict(self.watch.verdict, kind)
        if self.group is not None:
            self.group.kill()
        try:
            signal.pidfd_send_signal(self.handle, signal.SIGKILL)
        except OSError:
            return  # it ended meanwhile


class Clock:
    """Watches; made of requests, asked again and again."""

    def __init__(self) -> None:
        self._watched: list[_Watched] = []
        self._rest = b""
        self.refusals = 0  # forks that shells could not make

    def add(self, watch: Watch) -> None:
        """Begin to watch, unless it has ended. A pid of 0 says that a shell could not fork."""
        if watch.pid == 0:
            self.refusals += 1
            return
        try:
            handle = os.pidfd_open(watch.pid)
        except OSError:
            return
        if start_time(watch.pid) != watch.began:
            os.close(handle)
            return
        self._watched.append(_Watched(watch, handle))

    def feed(self, data: bytes) -> None:
        """Bytes from the pipe of requests."""
        self._rest += data
        while len(self._rest) >= _LENGTH:
            end = _LENGTH + int.from_bytes(self._rest[:_LENGTH], "little")
            if len(self._rest) < end:
                return
            request, self._rest = self._rest[_LENGTH:end], self._rest[end:]
            self.add(Watch(*marshal.loads(request)))

    def check(self) -> float:
        """End what has gone beyond; the seconds until the next look is worth while."""
        nearest = 3600.0
        for watched in list(self._watched):
            if _has_ended(watched.handle):
                kind, left = "", 0.0
            else:
                kind, left = watched.beyond()
                if kind:
                    watched.end(kind)
            if left <= 0:
                self._watched.remove(watched)
                os.close(watched.handle)
            else:
                nearest = min(nearest, left)
        return max(nearest, _LEAST)


def _growth(path: str) -> Growth | None:
    """What a step has written down of its grants; None when it has ended already and removed that."""
    from msh.sandbox.limits.growth import Growth

    try:
        return Growth.read(path)
    except FileNotFoundError:
        return None


def _has_ended(handle: int) -> bool:
    import select

    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(0))


def write_verdict(path: str, kind: str) -> None:
    """Say why something is about to be ended. The first reason stays."""
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except OSError:
        return
    os.write(number, kind.encode())
    os.close(number)


def take_verdict(path: str) -> str:
    """The reason, empty if there was none; it is removed."""
    try:
        with open(path, "rb") as file:
            kind = file.read(16).decode("ascii", "replace")
        os.unlink(path)
    except OSError:
        return ""
    return kind


def request(channel: int, watch: Watch) -> None:
    """Ask for something to be watched. Raises OSError when nobody watches any more."""
    data = marshal.dumps(tuple([getattr(watch, name) for name in watch.__match_args__]))
    os.write(channel, len(data).to_bytes(_LENGTH, "little") + data)  # whole, since it is shorter than PIPE_BUF


_own: dict[int, int] = {}  # pid → channel: a fork does not use its parent's, which ends with the parent


def channel() -> int:
    """The pipe to a process that watches for this one, started when first asked for. It ends with this one."""
    pid = os.getpid()
    if pid not in _own:
        read, write = os.pipe()
        if os.fork() == 0:
            os.close(write)
            _serve(read)
        os.close(read)
        from msh.sandbox.descriptors import keep

        _own[pid] = keep(write)
    return _own[pid]


def _serve(requests: int) -> NoReturn:
    """Watch until nobody is left to ask."""
    import select

    try:
        for number in range(1, signal.NSIG):
            _ignore(number)
        _close_but(requests)
        os.setsid()
        clock, poll = Clock(), select.poll()
        poll.register(requests, select.POLLIN)
        while True:
            if poll.poll(clock.check() * 1000):
                data = os.read(requests, 65536)
                if not data:
                    break
                clock.feed(data)
    finally:
        os._exit(0)  # nothing may unwind into the frames of msh


def _ignore(number: int) -> None:
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        return  # SIGKILL, SIGSTOP, those of the C library


def _close_but(kept: int) -> None:
    for first, end in _gaps((kept,)):
        os.closerange(first, end)


def _gaps(kept: Iterable[int]) -> list[tuple[int, int]]:
    found, first = [], 0
    for number in sorted(kept):
        if first < number:
            found.append((first, number))
        first = number + 1
    return [*found, (first, 1 << 20)]
