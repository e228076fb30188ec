"""A proxy of msh's own over real sockets: what it asks, what it carries, what it refuses."""

from __future__ import annotations

import socket
import threading
from array import array
from collections.abc import Iterator
from marshal import dumps, loads

import pytest

from msh.sandbox.broker.outlet import Outlet


class Running:
    """An outlet in a thread; this side is the broker's."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.channel.settimeout(5)
        self.held = [self.server, theirs]
        self.outlet = Outlet(self.server, theirs)
        self.thread = threading.Thread(target=self.outlet.run)
        self.thread.start()

    def client(self, text: str) -> socket.socket:
        """Somebody who asks."""
        one = socket.create_connection(self.server.getsockname(), 5)
        self.held.append(one)
        one.sendall(text.encode("latin-1"))
        return one

    def asked(self) -> tuple[int, str, int]:
        """What comes to the broker."""
        number, host, port = loads(self.channel.recv(9999))
        return number, host, port

    def allow(self, number: int) -> socket.socket:
        """The server's end of a connection that is handed over."""
        ours, theirs = socket.socketpair()
        self.channel.sendmsg([dumps((number, 200, ""))], [(1, 1, array("i", [theirs.fileno()]))])
        theirs.close()
        ours.settimeout(5)
        self.held.append(ours)
        return ours

    def close(self) -> None:
        self.channel.close()
        self.thread.join(5)
        for one in self.held:
            one.close()
        assert not self.thread.is_alive()


@pytest.fixture
def running() -> Iterator[Running]:
    """One for a test."""
    made = Running()
    yield made
    made.close()


def everything(one: socket.socket) -> bytes:
    """Up to the end."""
    found = b""
    while data := one.recv(9999):
        found += data
    return found


def test_a_tunnel(running: Running) -> None:
    client = running.client("CONNECT Example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\nSSH-2.0-x\r\n")
    number, host, port = running.asked()
    assert (host, port) == ("example.org", 443)
    server = running.allow(number)
    assert server.recv(99) == b"SSH-2.0-x\r\n"
    server.sendall(b"hello")
    server.shutdown(socket.SHUT_WR)
    assert everything(client) == b"HTTP/1.1 200 Connection established\r\n\r\nhello"
    client.sendall(b"more")
    client.close()
    assert everything(server) == b"more"


def test_much_both_ways_at_once(running: Running) -> None:
    client = running.client("CONNECT a.test:1 HTTP/1.1\r\n\r\n")
    server = running.allow(running.asked()[0])
    much = bytes(range(1, 251)) * 20_000
    sender = threading.Thread(target=lambda: (server.sendall(much), server.shutdown(socket.SHUT_WR)))
    other = threading.Thread(target=lambda: (client.sendall(b"\0" + much), client.shutdown(socket.SHUT_WR)))
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(everything(server)))
    for thread in (sender, other, reader):
        thread.start()
    assert everything(client).partition(b"\r\n\r\n")[2] == much
    for thread in (sender, other, reader):
        thread.join(10)
    assert got == [b"\0" + much]


def test_a_plain_request_is_passed_on_alone(running: Running) -> None:
    client = running.client(
        "POST http://a.test:81/x?y HTTP/1.1\r\nHost: a.test:81\r\nProxy-Connection: keep-alive\r\n"
        "Content-Length: 4\r\nA: b\r\n\r\nbodyGET http://a.test:81/ HTTP/1.1\r\nHost: other\r\n\r\n"
    )
    number, host, port = running.asked()
    assert (host, port) == ("a.test", 81)
    server = running.allow(number)
    server.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    server.shutdown(socket.SHUT_WR)
    assert everything(client) == b"HTTP/1.1 200 OK\r\n\r\n"
    client.close()
    head = b"POST /x?y HTTP/1.1\r\nHost: a.test:81\r\nContent-Length: 4\r\nA: b\r\nConnection: close\r\n\r\n"
    assert everything(server) == head + b"body"


@pytest.mark.parametrize(("status", "reason"), [(403, b"not allowed"), (502, b"no such name")])
def test_what_the_broker_refuses(running: Running, status: int, reason: bytes) -> None:
    client = running.client("CONNECT a.test:1 HTTP/1.1\r\n\r\n")
    running.channel.send(dumps((running.asked()[0], status, reason.decode())))
    answer = everything(client)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert reason in answer


def test_many_wait_and_some_go(running: Running) -> None:
    """Who has gone when the answer comes is passed over."""
    clients = [running.client(f"CONNECT a{i}.test:1 HTTP/1.1\r\n\r\n") for i in range(20)]
    numbers = {host: number for number, host, _ in [running.asked() for _ in clients]}
    for client in clients[::2]:
        client.close()
    for i in range(20):
        server = running.allow(numbers[f"a{i}.test"])
        if i % 2:
            server.sendall(b"x")
            server.close()
            assert everything(clients[i]).endswith(b"\r\n\r\nx")


def test_slow_and_long_requests(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("msh.sandbox.broker.outlet._PATIENCE", 0.5)
    client = running.client("CONNECT a.test:1 HTTP/1.1\r\nX")
    assert everything(client).startswith(b"HTTP/1.1 408 ")
    client = running.client("CONNECT a.test:1 HTTP/1.1\r\n" + "X: y\r\n" * 5000)
    assert everything(client).startswith(b"HTTP/1.1 431 ")


def test_what_is_sent_for_another_host_gets_no_further(running: Running) -> None:
    client = running.client("CONNECT a.test:80 HTTP/1.1\r\n\r\n")
    server = running.allow(running.asked()[0])
    client.sendall(b"GET / HTTP/1.1\r\nHo")
    client.sendall(b"st: b.test\r\n\r\n")
    assert b"\r\n\r\nHTTP/1.1 403 " in everything(client)
    assert everything(server) == b""
