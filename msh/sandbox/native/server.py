"""The fork server with sandboxes of its own: some are always ready, each is used once.

The server itself lives in a user and a mount namespace: there it is allowed to make namespaces and mounts, for an
ordinary user too. It still sees the host's tree, so that what is granted can be found in it.
"""

from __future__ import annotations

import errno
import os
import select
import signal
from _socket import MSG_DONTWAIT
from itertools import product

from msh.sandbox import confine, landlock
from msh.sandbox.launcher.server import Running, Server
from msh.sandbox.native import system
from msh.sandbox.native.inside import Box, Kind, usual_processes
from msh.sandbox.native.maker import Maker
from msh.sandbox.native.tree import granted, make_parts
from msh.sandbox.seccomp import compile_filter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket

    from msh.sandbox.backend import Base
    from msh.sandbox.launcher.request import Start
    from msh.sandbox.launcher.server import Report

#: Whether there is a network, whether programs are hidden, whether the places stand; the commonest first.
_KINDS = tuple(product((False, True), (True, False), (True, False)))


class Boxed(Running):
    """A step in a native sandbox."""

    def __init__(self, pid: int, control: socket, box: Box) -> None:
        super().__init__(pid, control)
        self.box = box

    def signal(self, number: int) -> None:
        """To the step's process group; SIGKILL ends the sandbox."""
        try:
            if number == signal.SIGKILL:
                self.box.end()
            else:
                os.killpg(self.pid, number)
        except ProcessLookupError:
            return  # it ended meanwhile


class NativeServer(Server):
    """A `Server` that starts requests with a view, and no others."""

    def __init__(self, requests: socket, base: Base, directory: str, programs: tuple[str, ...]) -> None:
        """`directory` is an empty directory of the host's, for the server's own mounts; in `programs` programs lie."""
        super().__init__(requests)
        self.base = base
        self.directory = directory
        self.programs = programs
        self.trouble = OSError(errno.ECANCELED, os.strerror(errno.ECANCELED), "make")  # when there is no maker
        self._leaving: dict[int, tuple[Boxed, Report]] = {}  # steps that have ended, by the process that keeps others
        self._maker: Maker | None = None

    def prepare(self) -> None:
        """Enter the namespaces and make what all sandboxes share; what fails is said when somebody asks for one."""
        import array as array  # before the tree changes
        import fcntl as fcntl

        try:
            self._enter()
            parts = make_parts(self.directory, self.base)
        except OSError as error:
            self.trouble = error
            return
        os.umask(0o022)
        machine, abi = os.uname().machine, landlock.version()
        filters = [compile_filter(machine, network=network) for network in (False, True)]
        kinds = [
            Kind(
                parts,
                network,
                self.programs if narrow else (),
                self.base.standing if standing else (),
                abi,
                filters[network],
                usual_processes(),
            )
            for network, narrow, standing in _KINDS
        ]
        self._maker = Maker(tuple(kinds))
        self._maker.expect(0)
        self.poll.register(self._maker.channel, select.POLLIN)

    def _enter(self) -> None:
        uid, gid = os.geteuid(), os.getegid()
        confine.show()  # or the maps could not be written
        system.unshare(system.NEWUSER | system.NEWNS)
        system.map_ids(uid, gid)
        system.drop_bounding_set()

    def idle(self) -> None:
        if self._maker is not None:
            self._maker.refill(busy=bool(self.running))

    def other(self, number: int) -> None:
        """The maker has answered, unless that was heard already."""
        if self._maker is not None and number == self._maker.channel.fileno():
            try:
                self._maker.receive(MSG_DONTWAIT)
            except OSError as error:  # one that was a failure is said to the next who asks
                if error.errno == errno.ECANCELED:
                    self.poll.unregister(number)
                    self._maker, self.trouble = None, error

    def start(self, start: Start, control: socket) -> Running:
        """Have a sandbox run it. Raises OSError, whose file name is the stage."""
        view = start.view
        assert view is not None  # what this process makes is born in a sandbox (`Box.start`)
        if self._maker is None:
            raise self.trouble
        trees: list[int] = []
        try:
            for path, writable in view.granted:
                trees.append(granted(path, writable=writable))
            box = self._maker.take(_KINDS.index((view.network, view.narrow, view.standing)))
            return self._boxed(start, trees, control, box)
        finally:
            for number in trees:
                os.close(number)

    def _boxed(self, start: Start, trees: list[int], control: socket, box: Box) -> Boxed:
        try:
            return Boxed(box.start(start, trees), control, box)
        except OSError:
            box.end()
            box.close()
            raise

    def over(self, step: Running, report: Report) -> None:
        """The end is told when nothing of the sandbox lives; its namespaces may be taken apart later."""
        if not isinstance(step, Boxed):
            super().over(step, report)
            return
        if step.box.is_empty():
            super().over(step, report)
        else:
            self._leaving[step.box.first] = step, report
        step.box.end()
        step.box.close()

    def ended(self, pid: int) -> None:
        """The first process of a sandbox has ended: after its step, or before there was one."""
        left = self._leaving.pop(pid, None)
        if left is not None:
            super().over(*left)
        if self._maker is not None:
            self._maker.lose(pid)
