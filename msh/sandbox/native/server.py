"""The fork server with sandboxes of its own: some are always ready, each is used once.

The server itself lives in a user and a mount namespace: there it is allowed to make namespaces and mounts, for an
ordinary user too. It still sees the host's tree, so that what is granted can be found in it.
"""

from __future__ import annotations

import os
import signal
from _socket import AF_UNIX, SOCK_CLOEXEC, SOCK_SEQPACKET, socket, socketpair

from msh.sandbox import confine, landlock
from msh.sandbox.backend import children
from msh.sandbox.launcher.request import send_request
from msh.sandbox.launcher.server import Running, Server
from msh.sandbox.launcher.spawn import fork_into
from msh.sandbox.native import inside, system
from msh.sandbox.native.inside import Kind
from msh.sandbox.native.tree import granted, make_parts
from msh.sandbox.seccomp import compile_filter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.sandbox.backend import Base
    from msh.sandbox.launcher.request import Start

MOST_READY, FEW = 4, 2
_ALONE = system.NEWNS | system.NEWPID | system.NEWIPC | system.NEWUTS | system.NEWCGROUP


class Box:
    """A sandbox that waits for its step: its first process, and the socket on which the request goes."""

    def __init__(self, pid: int, channel: socket) -> None:
        self.pid = pid
        self.channel = channel


class Pool:
    """The sandboxes of one kind that are ready; as many as have been asked for, up to a few."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.ready: list[Box] = []
        self.asked = 0

    def take(self) -> Box:
        """One of them, or a new one."""
        self.asked += 1
        return self.ready.pop(0) if self.ready else _box(self.kind)


class Boxed(Running):
    """A step in a native sandbox; its pid is that of the sandbox's first process."""

    ended_by = 0

    def signal(self, number: int) -> None:
        """To the step's process group; SIGKILL, and what comes before there is one, ends the sandbox."""
        try:
            if number == signal.SIGKILL or not self._deliver(number):
                self.ended_by = number
                os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # it ended meanwhile

    def _deliver(self, number: int) -> bool:
        """Whether there was a group to signal."""
        for step in children(self.pid)[:1]:
            try:
                os.killpg(step, number)
            except ProcessLookupError:
                return False
            return True
        return False

    def status(self, raw: int) -> int:
        """What ended it, when it was ended before it began."""
        return self.ended_by or raw


class NativeServer(Server):
    """A `Server` that also starts requests with a view."""

    def __init__(self, requests: socket, base: Base, directory: str, programs: tuple[str, ...]) -> None:
        """`directory` is an empty directory of the host's, for the server's own mounts; in `programs` programs lie."""
        super().__init__(requests)
        self.base = base
        self.directory = directory
        self.programs = programs
        self.pools: dict[tuple[bool, bool], Pool] = {}  # by whether there is a network, whether programs are hidden
        self.trouble: OSError | None = None

    def prepare(self) -> None:
        """Enter the namespaces and make what all sandboxes share; what fails is said when somebody asks for one."""
        import array as array
        import fcntl as fcntl
        import resource as resource  # before the tree changes

        try:
            self._enter()
            parts = make_parts(self.directory, self.base)
        except OSError as error:
            self.trouble = error
            return
        machine, abi = os.uname().machine, landlock.version()
        for network in (False, True):
            calls = compile_filter(machine, network=network)
            for narrow in (True, False):
                hidden = self.programs if narrow else ()
                self.pools[network, narrow] = Pool(Kind(parts, network, hidden, abi, calls))
        self.pools[False, True].asked = 1  # the commonest

    def _enter(self) -> None:
        uid, gid = os.geteuid(), os.getegid()
        confine.show()  # or the maps could not be written
        system.unshare(system.NEWUSER | system.NEWNS)
        system.map_ids(uid, gid)

    def idle(self) -> bool:
        """Make one sandbox ready if there are too few; whether more are wanted.

        While steps run they are left alone, unless there is hardly one left for the next.
        """
        enough = FEW if self.running else MOST_READY
        pool = next((pool for pool in self.pools.values() if len(pool.ready) < min(enough, pool.asked)), None)
        if pool is None:
            return False
        pool.ready.append(_box(pool.kind))
        return True

    def start(self, start: Start, control: socket) -> Running:
        """Give the request to a sandbox. Raises OSError."""
        view = start.view
        if view is None:
            return super().start(start, control)
        if self.trouble is not None:
            raise self.trouble
        pins: list[int] = []
        try:
            for (path, writable), pin in zip(view.pins, start.pins, strict=True):
                pins.append(granted(path, pin, writable=writable))
            box = self.pools[view.network, view.narrow].take()
            send_request(box.channel, control.fileno(), start.replace(pins=tuple(pins)))
            box.channel.close()
        finally:
            for number in pins:
                os.close(number)
        return Boxed(box.pid, control)

    def ended(self, pid: int) -> None:
        """Forget a sandbox that ended before it was used."""
        for pool in self.pools.values():
            for box in [box for box in pool.ready if box.pid == pid]:
                box.channel.close()
                pool.ready.remove(box)


def _box(kind: Kind) -> Box:
    """A new sandbox. Raises OSError."""
    ours, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC)
    pid = fork_into(_ALONE | (0 if kind.network else system.NEWNET))
    if pid == 0:
        inside.live(kind, theirs)
    theirs.close()
    return Box(pid, ours)
