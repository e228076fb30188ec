"""Connections of a step to its own servers: the broker makes them on the step's own socket, and never waits for them.

A server that takes nobody in would else hold the broker, and with it every other step that may ask. So the socket does
not wait while the broker connects it; where the step would have waited, it is tried again until somebody takes it in.
"""

from __future__ import annotations

import errno
import os
from _socket import SO_SNDTIMEO, SOL_SOCKET, socket
from fcntl import F_GETFL, F_SETFL, fcntl
from struct import unpack
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.sandbox.broker.kernel import Call
    from msh.sandbox.broker.steps import Step

    Connect = Callable[[socket], None]

PATIENCE = 0.02  # seconds between two attempts
_MOST = 64  # of a step, since each holds a descriptor: who comes after them is refused
_ON_THE_WAY = (errno.EINPROGRESS, errno.EALREADY, errno.EAGAIN)


class _Wait:
    """A connect(2) that was not over at once; `code` is what came of the last attempt."""

    __slots__ = ("call", "code", "connect", "one", "step", "until")

    def __init__(self, step: Step, call: Call, one: socket, connect: Connect, code: int) -> None:
        self.step, self.call, self.one, self.connect, self.code = step, call, one, connect, code
        seconds, microseconds = unpack("ll", one.getsockopt(SOL_SOCKET, SO_SNDTIMEO, 16))
        limited = seconds or microseconds
        self.until = monotonic() + seconds + microseconds / 1e6 if limited else float("inf")


class Within:
    """Answers calls, now or when a server has taken them in."""

    def __init__(self) -> None:
        self._waits: list[_Wait] = []

    def __bool__(self) -> bool:
        """Whether any wait, so that `again` is to be called now and then."""
        return bool(self._waits)

    def begin(self, step: Step, call: Call, one: socket, connect: Connect) -> None:
        """Connect the step's own socket, a duplicate that is the caller's to close."""
        waits = not fcntl(one.fileno(), F_GETFL) & os.O_NONBLOCK
        code = _attempt(one, connect) if waits else _code(one, connect)
        if not waits or code not in _ON_THE_WAY:
            _say(step, call, code)
        elif sum([wait.step is step for wait in self._waits]) >= _MOST:
            step.listener.fail(call, errno.ECONNREFUSED)
        else:
            self._waits.append(_Wait(step, call, socket(fileno=os.dup(one.fileno())), connect, code))

    def again(self) -> None:
        """Try all that wait."""
        for wait in tuple(self._waits):
            if wait.step.listener.waits(wait.call):
                wait.code = _attempt(wait.one, wait.connect)
                if wait.code in _ON_THE_WAY and monotonic() < wait.until:
                    continue
                _say(wait.step, wait.call, wait.code)
            wait.one.close()
            self._waits.remove(wait)


def _attempt(one: socket, connect: Connect) -> int:
    """The errno of a connect(2) that does not wait, 0 when it stands."""
    flags = fcntl(one.fileno(), F_GETFL)
    fcntl(one.fileno(), F_SETFL, flags | os.O_NONBLOCK)
    try:
        code = _code(one, connect)
        # What the loopback interface has answered meanwhile is taken in after the first.
        return _code(one, connect) if code == errno.EINPROGRESS else code
    finally:
        fcntl(one.fileno(), F_SETFL, flags)


def _code(one: socket, connect: Connect) -> int:
    try:
        connect(one)
    except OSError as error:
        return error.errno or errno.EIO
    return 0


def _say(step: Step, call: Call, code: int) -> None:
    if code:
        step.listener.fail(call, code)
    else:
        step.listener.answer(call)
