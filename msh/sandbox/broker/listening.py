"""A step that starts to listen: inside its sandbox it may, and the user is asked whether the host may reach it.

After a yes a relay, a fork of the broker's, listens on the same port of the host's loopback interface (IPv4 and IPv6)
and carries each connection into the step's network namespace, which it has entered. When the step has ended it takes no
more connections, hands over what the step had sent, and ends.
"""

from __future__ import annotations

import errno
import os
import signal
from _socket import (
    AF_INET,
    AF_INET6,
    IPPROTO_IPV6,
    IPV6_V6ONLY,
    SO_REUSEADDR,
    SOCK_CLOEXEC,
    SOCK_NONBLOCK,
    SOCK_STREAM,
    SOL_SOCKET,
    socket,
)
from contextlib import suppress

from msh.sandbox import confine
from msh.sandbox.broker.client import close_all_but, wait_or_kill
from msh.sandbox.broker.kernel import borrow, signed
from msh.sandbox.broker.loop import Loop
from msh.sandbox.broker.namespaces import enter_network
from msh.sandbox.broker.prompt import write
from msh.sandbox.broker.questions import Question
from msh.sandbox.broker.relay import Relay

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.sandbox.broker.kernel import Call
    from msh.sandbox.broker.steps import Step

    Target = tuple[int, str, int]  # family, address and port inside

_LOOPBACK = {AF_INET: "127.0.0.1", AF_INET6: "::1"}
_ANY = ("0.0.0.0", "::")
_PATIENCE = 1.0  # seconds for what a step had sent when it ended
_MOST = 256  # connections at a time


class Listening:
    """Answers listen(2) of all steps. `is_outside` tells a socket of the host's namespace."""

    def __init__(self, decide: Callable[[Step, Call, Question], bool], is_outside: Callable[[socket], bool]) -> None:
        self._decide = decide
        self._is_outside = is_outside
        self._relays: dict[int, dict[int, tuple[int, int]]] = {}  # by step and port: pid, a pipe that tells of the end

    def listen(self, step: Step, call: Call) -> None:
        """Let it listen inside, and ask about the host."""
        try:
            ours = socket(fileno=borrow(call.thread, signed(call.arguments[0])))
        except OSError as error:
            step.listener.fail(call, error.errno or errno.EBADF)
            return
        try:
            if not step.listener.waits(call):
                return
            if self._is_outside(ours):
                raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
            ours.listen(max(0, signed(call.arguments[1])))
            target = _target(ours)
        except OSError as error:
            step.listener.fail(call, error.errno or errno.EIO)
            return
        finally:
            ours.close()
        if target is not None and target[2] not in self._relays.get(step.identity, {}):
            question = Question("listen", _LOOPBACK[AF_INET], step.name, step.identity, target[2])
            if self._decide(step, call, question):
                self._forward(step, call.thread, target)
        step.listener.answer(call)

    def end(self, identity: int) -> None:
        """The step has ended, and its relays with it."""
        relays = self._relays.pop(identity, {}).values()
        for _, tells in relays:
            os.close(tells)
        for pid, _ in relays:
            wait_or_kill(pid, _PATIENCE)

    def close(self) -> None:
        """The run has ended."""
        for identity in tuple(self._relays):
            self.end(identity)

    def _forward(self, step: Step, thread: int, target: Target) -> None:
        servers: list[socket] = []
        try:
            servers.append(_server(AF_INET, target[2]))
            with suppress(OSError):  # no IPv6 here, or somebody else's port
                servers.append(_server(AF_INET6, target[2]))
            self._relays.setdefault(step.identity, {})[target[2]] = _relay(servers, thread, target)
        except OSError as error:
            reason = (error.strerror or "").lower()
            write(2, f"msh: port {target[2]} of this host cannot be forwarded: {reason}\n")
        finally:
            for server in servers:
                server.close()


def _target(one: socket) -> Target | None:
    """Where a listening socket is reached from inside; None for one that is not of the internet."""
    if one.family not in _LOOPBACK:
        return None
    host, port = one.getsockname()[:2]
    return one.family, _LOOPBACK[one.family] if host in _ANY else host, port


def _server(family: int, port: int) -> socket:
    server = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK)
    try:
        server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        if family == AF_INET6:
            server.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)
        server.bind((_LOOPBACK[family], port))
        server.listen(64)
    except OSError:
        server.close()
        raise
    return server


def _relay(servers: list[socket], thread: int, target: Target) -> tuple[int, int]:
    """Fork the process that carries connections: its pid, and what to close when the step has ended. It holds nothing
    else of the broker's.
    """
    broker = os.getpid()
    over, tells = os.pipe()
    pid = os.fork()
    if pid:
        os.close(over)
        return pid, tells
    try:
        confine.signal_at_parents_death(signal.SIGKILL)
        if os.getppid() == broker:
            enter_network(thread)
            close_all_but({0, 1, 2, over, *[server.fileno() for server in servers]})
            _Forwarding(servers, target, over).run()
    finally:
        os._exit(0)  # nothing may unwind into the broker's frames


class _Forwarding:
    """Accepts on the host and connects inside, until `over` ends."""

    def __init__(self, servers: list[socket], target: Target, over: int) -> None:
        self._servers = servers
        self._target = target
        self._over = over
        self._loop = Loop()
        self._relay = Relay(self._loop, self._take)

    def run(self) -> None:
        """Until the step has ended and all that it had sent is handed over."""
        self._loop.watch(self._over, self._finish)
        self._take()
        while self._over in self._loop or self._relay.count:
            self._loop.turn()

    def _take(self) -> None:
        """Take more connections, unless there are too many, or the step has ended."""
        takes = self._over in self._loop and self._relay.count < _MOST
        for server in self._servers:
            if takes:
                self._loop.watch(server.fileno(), lambda events, server=server: self._accept(server))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            elif server.fileno() in self._loop:
                self._loop.forget(server.fileno())

    def _accept(self, server: socket) -> None:
        try:
            number, _ = server._accept()  # type: ignore[attr-defined]  # the C type's own
        except OSError:
            return
        family, host, port = self._target
        client, inside = socket(fileno=number), socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK)
        if inside.connect_ex((host, port)) in (0, errno.EINPROGRESS):
            self._relay.join(client, inside)
            self._take()
        else:
            client.close()
            inside.close()

    def _finish(self, events: int) -> None:
        self._loop.forget(self._over)
        self._take()
        self._relay.finish()
