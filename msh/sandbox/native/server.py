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
from msh.sandbox.launcher.request import send, send_request
from msh.sandbox.launcher.server import Running, Server
from msh.sandbox.native import inside, system
from msh.sandbox.native.inside import END, Kind
from msh.sandbox.native.tree import granted, make_parts
from msh.sandbox.seccomp import compile_filter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.sandbox.backend import Base
    from msh.sandbox.launcher.request import Start

MOST_READY = 4
_ALONE = system.NEWNS | system.NEWPID | system.NEWIPC | system.NEWUTS | system.NEWCGROUP


class Box:
    """A sandbox that waits for its step: its first process, and the socket on which the request goes."""

    def __init__(self, pid: int, channel: socket) -> None:
        self.pid = pid
        self.channel = channel


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

    def __init__(self, requests: socket, base: Base, directory: str) -> None:
        """`directory` is an empty directory of the host's, for the server's own mounts."""
        super().__init__(requests)
        self.base = base
        self.directory = directory
        self.kinds: dict[bool, Kind] = {}
        self.ready: list[Box] = []
        self.asked = 0
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
            self.kinds[network] = Kind(parts, network, abi, compile_filter(machine, network=network))
        self.idle()

    def _enter(self) -> None:
        uid, gid = os.geteuid(), os.getegid()
        confine.show()  # or the maps could not be written
        system.unshare(system.NEWUSER | system.NEWNS)
        system.map_ids(uid, gid)

    def idle(self) -> bool:
        """Make one sandbox ready if there are too few; whether more are wanted."""
        wanted = min(MOST_READY, self.asked + 1)
        if self.trouble is None and len(self.ready) < wanted:
            self.ready.append(self._box(self.kinds[False]))
        return self.trouble is None and len(self.ready) < wanted

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
            box = self._take(view.network)
            send_request(box.channel, control.fileno(), start.replace(pins=tuple(pins)))
            send(box.channel, END, [control.fileno()])
            box.channel.close()
        finally:
            for number in pins:
                os.close(number)
        return Boxed(box.pid, control)

    def ended(self, pid: int) -> None:
        """Forget a sandbox that ended before it was used."""
        for box in [box for box in self.ready if box.pid == pid]:
            box.channel.close()
            self.ready.remove(box)

    def _take(self, network: bool) -> Box:
        self.asked += 1
        if network or not self.ready:
            return self._box(self.kinds[network])
        return self.ready.pop(0)

    def _box(self, kind: Kind) -> Box:
        """A new sandbox. Raises OSError."""
        ours, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC)
        pid = system.fork_into(_ALONE | (0 if kind.network else system.NEWNET))
        if pid == 0:
            inside.live(kind, theirs)
        theirs.close()
        return Box(pid, ours)
