"""Steps that listen, and the host's ports that lead to them after a yes."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from tests.support.asking import asked, place, questions
from tests.support.attack import Attack, Ran

__all__ = ["place"]  # fixture

SERVER = """
import socket, sys, threading
def serve(server):
    while True:
        try: client, _ = server.accept()
        except OSError: return
        threading.Thread(target=answer, args=(client,)).start()
def answer(client):
    found = b""
    while data := client.recv(65536): found += data
    client.sendall(b"%d from inside: " % len(found) + found[:9])
    client.close()
    if found == b"stop": ended.set()
ended = threading.Event()
for text in sys.argv[1:]:
    host, _, port = text.rpartition(":")
    server = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((host, int(port)))
    server.listen(5)
    server.listen(64)
    threading.Thread(target=serve, args=(server,), daemon=True).start()
ended.wait(30)
"""


def free_port() -> int:
    """One that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
        return port


class Run:
    """A script that listens, in a thread."""

    def __init__(self, place: Attack, answers: str, *listeners: str) -> None:
        (place.directory / "p.py").write_text(SERVER)
        self.ran: list[Ran] = []
        script = "python3 -I p.py " + " ".join(f"'{one}'" for one in listeners)
        self._thread = threading.Thread(target=lambda: self.ran.append(asked(place, answers, script, "--net=ask")))
        self._thread.start()

    def end(self) -> Ran:
        self._thread.join(50)
        return self.ran[0]


def said(host: str, port: int, data: bytes, patience: float = 30) -> bytes:
    """What comes back from a host's port, once somebody listens there."""
    until = time.monotonic() + patience
    while True:
        try:
            one = socket.create_connection((host, port), 10)
            break
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
    with one:
        one.sendall(data)
        one.shutdown(socket.SHUT_WR)
        found = b""
        while more := one.recv(65536):
            found += more
        return found


@pytest.mark.escape(75)
@pytest.mark.parametrize("inside", ["127.0.0.1", "0.0.0.0", "127.0.0.7", "::1", "::"])
def test_a_port_is_forwarded(place: Attack, inside: str) -> None:
    """By IPv4 and IPv6, whichever the step listens with."""
    port = free_port()
    run = Run(place, "yes\n", f"{inside}:{port}")
    assert said("127.0.0.1", port, b"hello") == b"5 from inside: hello"
    assert said("::1", port, b"again") == b"5 from inside: again"
    assert said("127.0.0.1", port, b"stop") == b"4 from inside: stop"
    ran = run.end()
    assert questions(ran) == [f"Forward port {port} of this host to it? [yes/no]"]
    with pytest.raises(ConnectionRefusedError):
        said("127.0.0.1", port, b"", patience=1)


def test_two_listeners_and_many_connections(place: Attack) -> None:
    first, second = free_port(), free_port()
    run = Run(place, "yes\nyes\n", f"127.0.0.1:{first}", f"::1:{second}")
    much = b"x" * 1_000_000
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda port=port: found.append(said("127.0.0.1", port, much)))
        for port in (first, second) * 5
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    assert found == [b"1000000 from inside: xxxxxxxxx"] * 10
    assert said("127.0.0.1", second, b"stop") == b"4 from inside: stop"
    assert len(questions(run.end())) == 2


def test_one_is_forwarded_and_one_is_not(place: Attack) -> None:
    first, second = free_port(), free_port()
    run = Run(place, "no\nyes\n", f"127.0.0.1:{first}", f"127.0.0.1:{second}")
    assert said("127.0.0.1", second, b"hello") == b"5 from inside: hello"
    with pytest.raises(ConnectionRefusedError):
        said("127.0.0.1", first, b"", patience=0)
    said("127.0.0.1", second, b"stop")
    assert len(questions(run.end())) == 2


def test_a_port_of_the_host_that_is_taken(place: Attack) -> None:
    """Is said, and nobody else's connections are led away."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (place.directory / "p.py").write_text(
            f"import socket; socket.create_server(('127.0.0.1', {port})); print('on')"
        )
        ran = asked(place, "yes\n", "python3 -I p.py", "--net=ask")
        assert (ran.stdout, f"port {port} of this host cannot be forwarded" in ran.stderr.decode()) == (b"on\n", True)
