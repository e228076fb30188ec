"""The broker as msh and its subshells see it: made once, asked over one socket that all of them hold."""

from __future__ import annotations

import os
import signal
import sys
from marshal import dumps

from msh.sandbox.descriptors import keep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from collections.abc import Callable, Iterable

    from msh.sandbox.broker.questions import Question


_PATIENCE = 1.0  # seconds for the broker to end by itself
#: What the terminal, or `timeout`, sends to all of msh's process group: msh decides what it means, and the broker ends
#: with msh.
_IGNORED = (
    *(signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE),
    *(signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU),
)


class Broker:
    """A handle on the broker. Forks of msh use it too; the process that made it ends it."""

    def __init__(self, serve: Callable[[socket], None], needed: Iterable[int] = ()) -> None:
        """Start it: `serve` runs in a fork, with its end of the socket and the descriptors `needed`, until nobody holds
        another end.
        """
        from _socket import AF_UNIX, SOCK_SEQPACKET, socketpair

        from msh.sandbox import confine

        ours, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET)
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            status = 70
            try:
                confine.signal_at_parents_death(signal.SIGKILL)
                ours.close()
                channel = _settle(theirs, needed)
                if os.getppid() == parent:
                    serve(channel)
                    status = 0
            except BaseException:
                sys.excepthook(*sys.exc_info())  # a bug, shown as one
                raise
            finally:
                os._exit(status)  # nothing may unwind into msh's frames
        theirs.close()
        self._owner = parent
        self._number = keep(ours.detach())

    @property
    def number(self) -> int:
        """The descriptor of the socket to which steps' listeners are sent."""
        return self._number

    def ask(self, question: Question) -> bool:
        """Whether it is allowed. When the broker is gone, nothing is."""
        from _socket import AF_UNIX, SOCK_STREAM, socketpair

        fields = ("ask", *[getattr(question, name) for name in question.__match_args__])
        ours, theirs = socketpair(AF_UNIX, SOCK_STREAM)
        try:
            self._send(dumps(fields), theirs.fileno())
            theirs.close()
            return ours.recv(1) == b"y"
        except (BrokenPipeError, ConnectionError):
            return False
        finally:
            ours.close()
            theirs.close()

    def _send(self, data: bytes, descriptor: int) -> None:
        send(self._number, data, descriptor)

    def close(self) -> None:
        """End it; only the process that made it does."""
        if self._owner != os.getpid() or self._number < 0:
            return
        os.close(self._number)  # by which it knows; it may still have to hand over what steps had sent
        self._number = -1
        wait_or_kill(self.pid, _PATIENCE)


def send(number: int, data: bytes, descriptor: int) -> None:
    """One message with one descriptor. Raises OSError (EPIPE: the broker is gone)."""
    from _socket import socket
    from array import array

    channel = socket(fileno=number)
    try:
        channel.sendmsg([data], [(1, 1, array("i", [descriptor]))], 0x4000)  # SOL_SOCKET, SCM_RIGHTS; MSG_NOSIGNAL
    finally:
        channel.detach()


def _settle(channel: socket, needed: Iterable[int]) -> socket:
    """In the fork: nothing of the script's is held open, and nothing but the end of msh ends it."""
    for number in range(1, signal.SIGSYS + 1):
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_IGN if number in _IGNORED else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    from _socket import socket

    kept = keep(channel.detach())
    close_all_but({0, 1, 2, kept, *needed})
    nothing = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return socket(fileno=kept)


def wait_or_kill(pid: int, seconds: float) -> None:
    """Let a child end by itself within a time, and end it then."""
    from msh.sandbox.broker.loop import is_readable

    handle = os.pidfd_open(pid)
    try:
        ready = is_readable(handle, seconds)
    finally:
        os.close(handle)
    if not ready:
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def close_all_but(kept: set[int]) -> None:
    """In a fork: close what it does not need."""
    for number in [int(name) for name in os.listdir("/proc/self/fd")]:
        if number not in kept:
            try:
                os.close(number)
            except OSError:
                continue  # the listing's own
