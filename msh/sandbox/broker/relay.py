"""Bytes carried both ways between two streams, in a process that waits for neither."""

from __future__ import annotations

import os
from _socket import SHUT_WR, socket
from select import POLLIN, POLLOUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.sandbox.broker.loop import Loop

    #: What is sent back instead of going on; b"" is "go on", None "more has to be seen first".
    Judge = Callable[[bytes], bytes | None]

_CHUNK = 1 << 16
_MOST_HELD = 1 << 18  # bytes that the other end has not taken


class _End:
    """One of the two. `out` is yet to be written to it, it `reads` until its end, it is `shut` when nothing follows."""

    __slots__ = ("held", "judge", "left", "number", "one", "other", "out", "reads", "shut")

    def __init__(self, one: socket) -> None:
        one.setblocking(False)
        self.one = one
        self.number = one.fileno()
        self.other = self
        self.out = b""
        self.reads = True
        self.shut = False
        self.judge: Judge | None = None
        self.held = b""
        self.left: int | None = None  # bytes that may still come from it; None: any number


class Relay:
    """Carries pairs until both directions have ended, or one end is gone."""

    def __init__(self, loop: Loop, ended: Callable[[], None]) -> None:
        """`ended` is called after each pair."""
        self._loop = loop
        self._ended = ended
        self._pairs: set[_End] = set()  # of each the end that came first
        self._finishes = False

    @property
    def count(self) -> int:
        """Of the pairs."""
        return len(self._pairs)

    def close(self) -> None:
        """End all."""
        for end in tuple(self._pairs):
            self._close(end)

    def finish(self) -> None:
        """Nothing more comes from the other ends: each pair is to end when that has been told to `one`."""
        self._finishes = True
        for end in tuple(self._pairs):
            self._go_on(end)

    def join(
        self,
        one: socket,
        other: socket,
        to_one: bytes = b"",
        to_other: bytes = b"",
        *,
        judge: Judge | None = None,
        left: int | None = None,
    ) -> None:
        """Carry between the two, each given these bytes first. `judge` looks at the beginning of what `one` says, with
        `to_other`; more than `left` bytes of it do not count.
        """
        here, there = _End(one), _End(other)
        here.other, there.other = there, here
        here.out, here.judge, here.left = to_one, judge, left
        self._pairs.add(here)
        if judge is None:
            there.out = to_other
        elif to_other:
            self._give(here, to_other)
        self._go_on(here)

    def _happened(self, end: _End, events: int) -> None:
        try:
            if end.reads and events & ~POLLOUT:
                self._take(end)
        except BlockingIOError:
            pass
        except OSError:
            self._close(end)
            return
        self._go_on(end)

    def _take(self, end: _End) -> None:
        data = os.read(end.number, _CHUNK)
        if data:
            self._give(end, data)
        else:
            end.reads = False
            end.judge = None  # what had no beginning goes nowhere

    def _give(self, end: _End, data: bytes) -> None:
        """To the other end, once it is known that it may have it."""
        if end.judge is not None:
            end.held += data
            refusal = end.judge(end.held)
            if refusal is None:
                return
            end.judge, data, end.held = None, end.held, b""
            if refusal:
                end.out += refusal
                end.reads = end.other.reads = False
                return
        if end.left is not None:
            data = data[: end.left]
            end.left -= len(data)
        end.other.out += data

    def _go_on(self, end: _End) -> None:
        """Write what can be written, and wait for what comes next."""
        try:
            for each in (end, end.other):
                _flush(each)
        except OSError:
            self._close(end)
            return
        first = end if end in self._pairs else end.other
        if first.shut and (self._finishes or first.other.shut):
            self._close(end)
            return
        for each in (end, end.other):
            reads = each.reads and len(each.other.out) < _MOST_HELD
            self._wait(each, (POLLIN if reads else 0) | (POLLOUT if each.out else 0))

    def _wait(self, end: _End, events: int) -> None:
        """An end of which nothing is wanted is left out: that it was hung up would be told again and again."""
        if events:
            self._loop.watch(end.number, lambda events: self._happened(end, events), events)
        elif end.number in self._loop:
            self._loop.forget(end.number)

    def _close(self, end: _End) -> None:
        for each in (end, end.other):
            self._wait(each, 0)
            each.one.close()
        self._pairs -= {end, end.other}
        self._ended()


def _flush(end: _End) -> None:
    while end.out:
        try:
            end.out = end.out[end.one.send(end.out) :]
        except BlockingIOError:
            return
    if not end.other.reads and not end.shut:
        end.shut = True
        end.one.shutdown(SHUT_WR)
