"""A proxy of msh's own inside a step's network namespace, for programs whose sockets cannot be replaced.

It is a process for itself: a fork of the broker that holds nothing of the broker's, has moved into the step's network
namespace, and reads what a hostile step sends it. Where a request may go it asks the broker, which judges, looks up and
connects, and hands it the connected socket. So the worst that can become of it is what the step may do anyway.
"""

from __future__ import annotations

from _socket import AF_INET, SO_REUSEADDR, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM, SOL_SOCKET, socket
from array import array
from functools import partial
from marshal import dumps, loads
from time import monotonic

from msh.sandbox.broker.loop import Loop
from msh.sandbox.broker.relay import Relay
from msh.sandbox.broker.requests import END, LONGEST, BadRequest, Request, read_request, refusal
from msh.sandbox.broker.tunnels import is_for

HOST, PORT = "127.0.0.1", 3128
READY = b"ready"
_MOST = 128  # connections at a time; more wait in the kernel
_PATIENCE = 20.0  # seconds for a whole request
_LARGEST = 1 << 12
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


def listener() -> socket:
    """What clients inside the namespace connect to."""
    server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK)
    server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    server.bind((HOST, PORT))
    server.listen(_MOST)
    return server


class _Client:
    """One that has not been connected yet: `heard` of its request so far, the `request` once it is read."""

    __slots__ = ("heard", "one", "request", "until")

    def __init__(self, one: socket) -> None:
        self.one = one
        self.heard = b""
        self.request: Request | None = None
        self.until = monotonic() + _PATIENCE


class Outlet:
    """Takes requests from `server`, asks over `channel`, and carries what was allowed."""

    def __init__(self, server: socket, channel: socket) -> None:
        self._loop = Loop()
        self._server = server
        self._channel = channel
        self._clients: dict[int, _Client] = {}
        self._relay = Relay(self._loop, self._accept_again)

    def run(self) -> None:
        """Until the step has ended."""
        self._loop.watch(self._channel.fileno(), self._answered)
        self._accept_again()
        while self._channel.fileno() in self._loop:
            self._loop.turn(1.0 if self._clients else None)
            for client in [one for one in self._clients.values() if one.request is None and monotonic() > one.until]:
                self._refuse(client, 408, "the request took too long")
        for client in tuple(self._clients.values()):
            self._forget(client).close()
        self._relay.close()

    def _accept_again(self) -> None:
        number = self._server.fileno()
        if len(self._clients) + self._relay.count < _MOST:
            self._loop.watch(number, self._accept)
        elif number in self._loop:
            self._loop.forget(number)

    def _accept(self, events: int) -> None:
        try:
            number, _ = self._server._accept()  # type: ignore[attr-defined]  # the C type's own
        except OSError:
            return
        one = socket(fileno=number)
        one.setblocking(False)
        client = self._clients[number] = _Client(one)
        self._loop.watch(number, lambda events: self._heard(client))
        self._accept_again()

    def _heard(self, client: _Client) -> None:
        try:
            data = client.one.recv(_LARGEST)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        client.heard += data
        if not data:
            self._forget(client).close()
            self._accept_again()
            return
        head, end, rest = client.heard.partition(END)
        if end:
            client.heard = rest
            self._ask(client, head + end)
        elif len(client.heard) > LONGEST:
            self._refuse(client, 431, "the request is too long")

    def _ask(self, client: _Client, head: bytes) -> None:
        try:
            if len(head) > LONGEST:
                raise BadRequest(431, "the request is too long")
            client.request = request = read_request(head)
        except BadRequest as error:
            self._refuse(client, error.status, str(error))
            return
        self._loop.forget(client.one.fileno())  # what it says now comes later
        try:
            self._channel.send(dumps((client.one.fileno(), request.host, request.port)))
        except OSError:
            self._refuse(client, 502, "too many requests at once")

    def _answered(self, events: int) -> None:
        """What the broker says to a request: a connected socket, or the status of a refusal."""
        data, ancillary, _, _ = self._channel.recvmsg(_LARGEST, 64, 0x40000000)  # MSG_CMSG_CLOEXEC
        numbers = array("i")
        for _, _, payload in ancillary:
            numbers.frombytes(payload)
        if not data:
            self._loop.forget(self._channel.fileno())
            return
        number, status, reason = loads(data)
        client = self._clients[number]
        if numbers and client.request is not None:
            self._connect(self._forget(client), client.heard, client.request, socket(fileno=numbers[0]))
        else:
            self._refuse(client, status, reason)

    def _connect(self, one: socket, rest: bytes, request: Request, theirs: socket) -> None:
        if request.is_tunnel:
            self._relay.join(one, theirs, _ESTABLISHED, rest, judge=partial(_judge, request.host))
        else:
            rest = rest if request.left is None else rest[: request.left]
            left = None if request.left is None else request.left - len(rest)
            self._relay.join(one, theirs, b"", request.head + rest, left=left)

    def _refuse(self, client: _Client, status: int, reason: str) -> None:
        one = self._forget(client)
        try:
            one.send(refusal(status, reason))
            one.recv(LONGEST)  # what was not read would make the end a reset, and the response get lost
        except OSError:
            pass
        one.close()
        self._accept_again()

    def _forget(self, client: _Client) -> socket:
        number = client.one.fileno()
        if number in self._loop:
            self._loop.forget(number)
        del self._clients[number]
        return client.one


def _judge(host: str, data: bytes) -> bytes | None:
    allowed = is_for(data, host)
    if allowed is None:
        return None
    return b"" if allowed else refusal(403, "what is sent is for another host")
