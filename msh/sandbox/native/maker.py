"""Sandboxes made ahead, by a process beside the server: no step waits while the next one's sandbox is being made.

The maker is a fork of the server. It takes the number of a kind, makes a sandbox of it, and answers with the pid of its
first process, which is the server's child, and three descriptors.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from _socket import AF_UNIX, SOCK_CLOEXEC, SOCK_SEQPACKET, socket, socketpair
from marshal import dumps, loads

from msh.sandbox import confine
from msh.sandbox.landlock import Rules
from msh.sandbox.launcher.request import receive, send
from msh.sandbox.launcher.spawn import CLONE_PARENT, spawn
from msh.sandbox.native.inside import FIRST, Box, make

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from msh.sandbox.native.inside import Kind

MOST_READY, FEW = 4, 2


class Maker:
    """The server's side: the sandboxes that are ready of each kind, as many as were asked for, up to a few."""

    def __init__(self, kinds: tuple[Kind, ...]) -> None:
        """Start the process."""
        self.channel, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC)
        self._kinds = kinds
        self._ready: tuple[list[Box], ...] = tuple([[] for _ in kinds])
        self._asked, self._coming = [0 for _ in kinds], [0 for _ in kinds]
        server = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            _live(theirs, kinds, server)
        theirs.close()

    def expect(self, kind: int) -> None:
        """One of that kind will be wanted."""
        self._asked[kind] += 1

    def take(self, kind: int) -> Box:
        """One that is ready, or a new one. Raises OSError, whose file name is the stage."""
        self.expect(kind)
        if not self._ready[kind] and not self._coming[kind]:
            self._order(kind)
        while not self._ready[kind]:
            self.receive()
        return self._ready[kind].pop(0)

    def refill(self, *, busy: bool) -> None:
        """Order what is missing. While steps run they are left alone, unless there is hardly one left for the next."""
        enough = FEW if busy else MOST_READY
        for kind, asked in enumerate(self._asked):
            while len(self._ready[kind]) + self._coming[kind] < min(enough, asked):
                self._order(kind)

    def receive(self, flags: int = 0) -> None:
        """Take in an answer. Raises OSError, whose file name is the stage, when it was a failure."""
        data, descriptors = receive(self.channel, flags)
        if not data:  # it was killed
            raise OSError(errno.ECANCELED, os.strerror(errno.ECANCELED), "make")
        kind, pid, code, stage = loads(data)
        self._coming[kind] -= 1
        if not descriptors:
            self._asked[kind] = 0  # not again until somebody asks
            raise OSError(code, os.strerror(code), stage)
        self._ready[kind].append(Box(self._kinds[kind], pid, *descriptors))

    def lose(self, pid: int) -> None:
        """The first process of a sandbox has ended; when it was one that is ready, forget that."""
        for ready in self._ready:
            for box in [box for box in ready if box.first == pid]:
                box.close()
                ready.remove(box)

    def _order(self, kind: int) -> None:
        self.channel.send(bytes([kind]))
        self._coming[kind] += 1


def _live(channel: socket, kinds: tuple[Kind, ...], server: int) -> NoReturn:
    """The maker's process; never returns into the frames of the server."""
    try:
        confine.signal_at_parents_death(signal.SIGKILL)
        os.closerange(3, channel.fileno())
        os.closerange(channel.fileno() + 1, (1 << 31) - 1)
        watched = os.pidfd_open(server)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        while order := channel.recv(1):
            _answer(channel, order[0], kinds[order[0]], watched)
    finally:
        failure = sys.exc_info()
        if failure[0] is not None:  # a failure here is a bug, and is shown as one
            sys.excepthook(*failure)
        os._exit(0 if failure[0] is None else 70)


def _answer(channel: socket, number: int, kind: Kind, server: int) -> None:
    descriptors: list[int] = []
    try:
        rules = Rules(kind.abi)
        descriptors.append(rules.number if rules.number >= 0 else os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC))
        flags = kind.namespaces | CLONE_PARENT
        pid = spawn(lambda: make(kind, rules, server), FIRST, ("first",), {}, flags=flags)
        descriptors.append(os.pidfd_open(pid))
        descriptors.append(os.open(f"/proc/{pid}/task/{pid}/children", os.O_RDONLY | os.O_CLOEXEC))
        send(channel, dumps((number, pid, 0, "")), descriptors)
    except OSError as error:
        channel.send(dumps((number, 0, error.errno or 0, str(error.filename or "make"))))
    finally:
        for each in descriptors:
            os.close(each)
