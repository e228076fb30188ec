"""What the tests of questions share: places to ask in, answers, and a server to connect to."""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from tests.support.attack import USERS, Attack, Ran, attack, unavailable

QUESTION = "!!! Script is attempting to {kind} {path}, is this expected? [yes/no]"
CREDENTIALS = QUESTION.format(kind="read", path="~/.aws/credentials")


#: Each user on each backend. Tests run in half of them, which together have all; with MSH_SLOW, as for the matrix of
#: attacks, in every one.
ALL_PLACES = [(user, backend) for backend in ("bubblewrap", "native") for user in USERS]
PLACES = ALL_PLACES if "MSH_SLOW" in os.environ else [("ordinary", "bubblewrap"), ("root", "native")]
everywhere = pytest.mark.parametrize("place", ALL_PLACES, indirect=True, ids="-".join)


def shared_out(name: str, values: Sequence[object], ids: Sequence[str] | None = None) -> pytest.MarkDecorator:
    """Each value in one place, and each place with some of them."""
    cases = [(ALL_PLACES[at % 4], value) for at, value in enumerate(values)]
    names = [f"{'-'.join(place)}-{word}" for (place, _), word in zip(cases, ids or map(str, values), strict=True)]
    return pytest.mark.parametrize(("place", name), cases, indirect=["place"], ids=names)


@contextmanager
def placed(user: str, backend: str) -> Iterator[Attack]:
    """A directory to start in and a home with secrets, for a kind of user and a backend."""
    if reason := unavailable(user):
        pytest.skip(reason)
    with attack(user, "/var/tmp") as made:
        made.more = {"MSH_BACKEND": backend}
        yield made


@pytest.fixture(params=PLACES, ids="-".join)
def place(request: pytest.FixtureRequest) -> Iterator[Attack]:
    """One of them for each test."""
    with placed(*request.param) as made:
        yield made


def asked(place: Attack, answers: str, script: str, *options: str) -> Ran:
    """A run whose questions are answered by these lines."""
    return place.msh("--prompt=stdin", *options, "-c", script, stdin=answers.encode())


def questions(ran: Ran) -> list[str]:
    """What was asked, in order."""
    return re.findall(r"^(?:!!! |Allow |Forward ).*\]", ran.stderr.decode(), re.MULTILINE)


class Host:
    """A server on the host's loopback interface that says hello and counts."""

    def __init__(self, family: int = socket.AF_INET) -> None:
        self.server = socket.create_server(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), family=family)
        self.port = self.server.getsockname()[1]
        self.count = 0
        self.heard: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            self.count += 1
            with client:
                self.heard += filter(None, [client.recv(1000)])
                client.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nhello\n")


@pytest.fixture
def host() -> Iterator[Host]:
    """One server for a test."""
    made = Host()
    yield made
    made.server.close()


def allow(address: str) -> str:
    """The question about a host."""
    return f"Allow connection from {address}? [w/b]"


PROGRAM = """
import select, socket, sys
port = int(sys.argv[1])
one = socket.socket()
one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
one.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
if sys.argv[2] == "epoll":
    one.setblocking(False)
    poll = select.epoll()
    poll.register(one, select.EPOLLOUT | select.EPOLLET)
    poll.poll(0)
    print(one.connect_ex(("127.0.0.1", port)))
    print(poll.poll(5) == [(one.fileno(), select.EPOLLOUT)])
    poll.modify(one, select.EPOLLIN)
    one.send(b"GET")
    print(poll.poll(5) == [(one.fileno(), select.EPOLLIN)])
else:
    one.connect(("127.0.0.1", port))
    one.send(b"GET")
print(one.getpeername() == ("127.0.0.1", port), one.getblocking(), one.get_inheritable())
print(one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), one.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
print(one.recv(8))
"""
