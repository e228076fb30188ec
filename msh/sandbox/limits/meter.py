"""Counts what is printed: a process between whoever prints and where it goes, made only where output has a limit.

It passes on exactly as many bytes as the limit says. What would go beyond ends whoever printed it.
"""

from __future__ import annotations

import os
import select
import signal
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import NoReturn

BEYOND = 3  # exit status of a meter that met its limit
_PIPE, _FILE = select.PIPE_BUF, 1 << 16  # bytes that can be written without waiting once a descriptor is writable


class Meter:
    """Pipes in place of descriptors 1 and 2, and later the process that reads them.

    `places` has, by number, the descriptor to print to instead; numbers that led to one file share a pipe, so that what
    is printed there stays in order.
    """

    def __init__(self, targets: Mapping[int, int], limit: int) -> None:
        """`targets` are the real ones, by number."""
        self.places: dict[int, int] = {}
        self.pid = 0
        self._limit = limit
        self._streams: list[tuple[int, int]] = []
        for number, target in targets.items():
            shared = next((n for n in self.places if os.path.sameopenfile(targets[n], target)), None)
            if shared is not None:
                self.places[number] = self.places[shared]
            else:
                read, self.places[number] = os.pipe()
                self._streams.append((read, target))

    def begin(self, end: Callable[[], None] = lambda: None) -> None:
        """Fork the process; when the limit is met it calls `end` and exits with `BEYOND`. Closes our ends."""
        self.pid = os.fork()
        if self.pid == 0:
            _pass_on(self._streams, self._limit, end)
        self.close()

    def close(self) -> None:
        """Close our ends: the process sees the end of what is printed when nobody else has them."""
        for number in {*self.places.values(), *[read for read, _ in self._streams]}:
            os.close(number)
        self.places, self._streams = {}, []

    def wait(self) -> bool:
        """Wait until all was passed on; whether the limit was met."""
        pid, self.pid = self.pid, 0
        return pid != 0 and os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == BEYOND


def _pass_on(streams: list[tuple[int, int]], limit: int, end: Callable[[], None]) -> NoReturn:
    status = 1
    try:
        for number in range(1, signal.NSIG):
            _ignore(number)
        _close_but([number for stream in streams for number in stream])
        status = 0 if _copy(streams, limit) else BEYOND
        if status == BEYOND:
            end()
    finally:
        os._exit(status)  # nothing may unwind into the frames of msh


def _copy(streams: list[tuple[int, int]], limit: int) -> bool:
    """Copy until the end, or until more than `limit` bytes come; whether it was the end."""
    left = limit
    poll = select.poll()
    targets = dict(streams)
    sources = {target: source for source, target in streams}
    chunks = {source: _chunk(target) for source, target in streams}
    for source in targets:
        poll.register(source, select.POLLIN)
    while targets:
        for number, _ in poll.poll():
            if number in targets:  # there is something to copy: once it can be written
                poll.unregister(number)
                poll.register(targets[number], select.POLLOUT)
                continue
            source = sources[number]
            poll.unregister(number)
            data = os.read(source, min(chunks[source], left) or 1)
            if data and left == 0:
                return False
            if data and _write(number, data):
                left -= len(data)
                poll.register(source, select.POLLIN)
            else:
                del targets[source]
                os.close(source)  # who goes on printing gets SIGPIPE
    return True


def _chunk(target: int) -> int:
    mode = os.fstat(target).st_mode
    return _FILE if stat.S_ISREG(mode) else _PIPE


def _write(target: int, data: bytes) -> bool:
    """Whether somebody takes it."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(target, view) :]
        except BlockingIOError:
            poll = select.poll()
            poll.register(target, select.POLLOUT)
            poll.poll()
        except OSError:
            return False
    return True


def _ignore(number: int) -> None:
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        return  # SIGKILL, SIGSTOP, those of the C library


def _close_but(kept: Iterable[int]) -> None:
    first = 0
    for number in sorted(set(kept)):
        if first < number:
            os.closerange(first, number)
        first = number + 1
    os.closerange(first, 1 << 20)
