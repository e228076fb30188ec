"""The name servers of steps: datagrams and streams on port 53 of a step's own loopback interface, IPv4 and IPv6."""

from __future__ import annotations

from _socket import (
    AF_INET,
    AF_INET6,
    IPPROTO_IPV6,
    IPV6_V6ONLY,
    SO_REUSEADDR,
    SOCK_CLOEXEC,
    SOCK_DGRAM,
    SOCK_NONBLOCK,
    SOCK_STREAM,
    SOL_SOCKET,
    socket,
)

from msh.sandbox.broker.messages import read_query
from msh.sandbox.broker.namespaces import made_inside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.sandbox.broker.loop import Loop
    from msh.sandbox.broker.names import Names
    from msh.sandbox.broker.steps import Step

PORT = 53
_LARGEST = 4096  # bytes of a query, far more than one with a name has
_STREAM = 0xFFFF  # bytes of an answer over a stream
_MOST_STREAMS = 16  # of a step at a time


class NameServers:
    """One for each step that may ask for connections."""

    def __init__(self, names: Names, loop: Loop) -> None:
        self._names = names
        self._loop = loop
        self._sockets: dict[int, list[socket]] = {}  # of a step: its servers, then its streams
        self._heard: dict[int, bytes] = {}  # of a stream

    def serve(self, step: Step, thread: int) -> None:
        """Make the server in the step's namespace, once."""
        if step.identity in self._sockets:
            return
        sockets = [socket(fileno=number) for number in made_inside(thread, _servers)]
        if sockets:  # else it is tried again at the first look-up
            self._sockets[step.identity] = sockets
        for one in sockets:
            act = self._accept if one.type & 0xF == SOCK_STREAM else self._datagram
            self._loop.watch(one.fileno(), lambda events, act=act, one=one: act(step, one))  # type: ignore[misc]  # mypy cannot infer a lambda with a default

    def end(self, identity: int) -> None:
        """The step has ended."""
        self._names.end(identity)
        for one in self._sockets.pop(identity, []):
            self._close(one)

    def _close(self, one: socket) -> None:
        self._loop.forget(one.fileno())
        self._heard.pop(one.fileno(), None)
        one.close()

    def _datagram(self, step: Step, server: socket) -> None:
        try:
            data, sender = server.recvfrom(_LARGEST)
        except BlockingIOError:
            return
        query = read_query(data)
        if query is None:
            return

        def reply(answer: bytes) -> None:
            if server.fileno() >= 0:
                _said(lambda: server.sendto(answer, sender))

        self._names.answer(step, query, reply)

    def _accept(self, step: Step, server: socket) -> None:
        try:
            number, _ = server._accept()  # type: ignore[attr-defined]  # the C type's own
        except OSError:
            return
        one = socket(fileno=number)
        one.setblocking(False)
        held = self._sockets[step.identity]
        if len(held) >= _MOST_STREAMS:
            one.close()
            return
        held.append(one)
        self._heard[number] = b""
        self._loop.watch(number, lambda events: self._stream(step, one))

    def _stream(self, step: Step, one: socket) -> None:
        """Queries that begin with their length (RFC 1035, 4.2.2)."""
        number = one.fileno()
        try:
            data = one.recv(_LARGEST)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        heard = self._heard[number] + data
        while len(heard) >= 2 and len(heard) >= 2 + (size := int.from_bytes(heard[:2], "big")):
            query = read_query(heard[2 : 2 + size])
            heard = heard[2 + size :]
            if query is None:
                data = b""
                break
            self._names.answer(step, query, lambda answer: self._say(one, answer), _STREAM)
        if not data or len(heard) > _LARGEST:
            self._sockets[step.identity].remove(one)
            self._close(one)
        else:
            self._heard[number] = heard

    def _say(self, one: socket, answer: bytes) -> None:
        if one.fileno() >= 0:
            _said(lambda: one.send(len(answer).to_bytes(2, "big") + answer))


def _said(say: Callable[[], object]) -> None:
    """Who asks and does not listen gets no answer, and asks again."""
    try:
        say()
    except OSError:
        return


def _servers() -> list[socket]:
    """Runs inside the step's network namespace."""
    made = []
    for family, host in ((AF_INET, "127.0.0.1"), (AF_INET6, "::1")):
        for kind in (SOCK_DGRAM, SOCK_STREAM):
            try:
                made.append(_server(family, kind, host))
            except OSError:
                if family == AF_INET:
                    raise
                continue  # a kernel without IPv6
    return made


def _server(family: int, kind: int, host: str) -> socket:
    one = socket(family, kind | SOCK_CLOEXEC | SOCK_NONBLOCK)
    one.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    if family == AF_INET6:
        one.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)
    one.bind((host, PORT))
    if kind == SOCK_STREAM:
        one.listen(8)
    return one
