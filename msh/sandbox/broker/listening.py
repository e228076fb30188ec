"""A step that starts to listen: inside its sandbox it may, and the user is asked whether the host may reach it.

After a yes a relay, a fork of the broker's, listens on the same port of the host's loopback interface and carries each
connection into the step's network namespace, which it has entered. When the step has ended it takes no more
connections, hands over what the step had sent, and ends.
"""

from __future__ import annotations

import errno
import os
import select
import signal
from _socket import AF_INET, SO_REUSEADDR, SOCK_CLOEXEC, SOCK_STREAM, SOL_SOCKET, socket

from msh.sandbox import confine
from msh.sandbox.broker.client import close_all_but, wait_or_kill
from msh.sandbox.broker.kernel import borrow, signed
from msh.sandbox.broker.namespaces import enter_network
from msh.sandbox.broker.prompt import write
from msh.sandbox.broker.questions import Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.sandbox.broker.kernel import Call
    from msh.sandbox.broker.steps import Step

_LOOPBACK = "127.0.0.1"
_PATIENCE = 1.0  # seconds for what a step had sent when it ended
_MOST = 256  # connections at a time
_CHUNK = 1 << 16


class Listening:
    """Answers listen(2) of all steps. `is_outside` tells a socket of the host's namespace."""

    def __init__(self, decide: Callable[[Step, Call, Question], bool], is_outside: Callable[[socket], bool]) -> None:
        self._decide = decide
        self._is_outside = is_outside
        self._relays: dict[int, list[tuple[int, int]]] = {}  # of a step: pid, and a pipe that tells it of the end

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
            if ours.family != AF_INET and not _is_ipv6(ours):
                step.listener.answer(call)
                return
            port = ours.getsockname()[1]
        except OSError as error:
            step.listener.fail(call, error.errno or errno.EIO)
            return
        finally:
            ours.close()
        if self._decide(step, call, Question("listen", _LOOPBACK, step.name, step.identity, port)):
            self._forward(step, call.thread, port)
        step.listener.answer(call)

    def end(self, identity: int) -> None:
        """The step has ended, and its relays with it."""
        relays = self._relays.pop(identity, [])
        for _, tells in relays:
            os.close(tells)
        for pid, _ in relays:
            wait_or_kill(pid, _PATIENCE)

    def close(self) -> None:
        """The run has ended."""
        for identity in tuple(self._relays):
            self.end(identity)

    def _forward(self, step: Step, thread: int, port: int) -> None:
        server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC)
        try:
            server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
            server.bind((_LOOPBACK, port))
            server.listen(16)
            self._relays.setdefault(step.identity, []).append(_relay(server, thread, port))
        except OSError as error:
            write(2, f"msh: port {port} of this host cannot be forwarded: {(error.strerror or '').lower()}\n")
        finally:
            server.close()


def _is_ipv6(one: socket) -> bool:
    return one.family == 10  # AF_INET6


def _relay(server: socket, thread: int, port: int) -> tuple[int, int]:
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
            close_all_but({0, 1, 2, server.fileno(), over})
            _carry(server, port, over)
    finally:
        os._exit(0)  # nothing may unwind into the broker's frames


def _carry(server: socket, port: int, over: int) -> None:
    """Accept on the host, connect inside, and copy both ways until both sides have ended; until `over` does."""
    others: dict[int, int] = {}
    waiting = [server.fileno(), over]
    while waiting or others:
        ready, _, _ = select.select([*(waiting if len(others) < 2 * _MOST else waiting[1:]), *others], [], [])
        for number in ready:
            if number == over:
                waiting.clear()
            elif number == server.fileno() and waiting:
                _accept(server, port, others)
            elif number in others and not _copied(number, others[number]):
                for one in (number, others[number]):
                    others.pop(one)
                    os.close(one)


def _accept(server: socket, port: int, others: dict[int, int]) -> None:
    client: int = server._accept()[0]  # type: ignore[attr-defined]  # the C type's own
    inside = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC)
    try:
        inside.connect((_LOOPBACK, port))
    except OSError:
        inside.close()
        os.close(client)
        return
    number = inside.detach()
    others[client], others[number] = number, client


def _copied(source: int, target: int) -> bool:
    """Whether there was more; at the end of one direction the connection ends, once what was sent has arrived."""
    try:
        data = os.read(source, _CHUNK)
        left = memoryview(data)
        while left:
            left = left[os.write(target, left) :]
    except OSError:
        return False
    return bool(data)
