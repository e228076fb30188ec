"""Datagrams, names over streams, and what leaves without a connection, through the real command line."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.support.asking import Host, allow, asked, host, place, questions
from tests.support.attack import Attack

__all__ = ["host", "place"]  # fixtures


class Echo:
    """Answers datagrams on the host's loopback interface, and keeps what came."""

    def __init__(self, family: int = socket.AF_INET) -> None:
        self.one = socket.socket(family, socket.SOCK_DGRAM)
        self.one.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        self.port = self.one.getsockname()[1]
        self.heard: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            data, sender = self.one.recvfrom(9999)
            if data == b"stop":
                return
            self.heard.append(data)
            self.one.sendto(b"back: " + data, sender)

    def close(self) -> None:
        with socket.socket(self.one.family, socket.SOCK_DGRAM) as one:
            one.sendto(b"stop", self.one.getsockname())
        self._thread.join(5)
        self.one.close()


@pytest.fixture(params=["127.0.0.1", "::1"])
def echo(request: pytest.FixtureRequest) -> Iterator[tuple[str, Echo]]:
    """An address and who is there."""
    try:
        made = Echo(socket.AF_INET6 if ":" in request.param else socket.AF_INET)
    except OSError:
        pytest.skip("no IPv6 here")
    yield request.param, made
    made.close()


SEND = """
import socket, sys
host, port = sys.argv[1], int(sys.argv[2])
family = socket.AF_INET6 if ":" in host else socket.AF_INET
def connected(one):
    one.connect((host, port)); one.send(b"connected")
def several(one):
    import ctypes, struct
    libc = ctypes.CDLL(None, use_errno=True)
    data = ctypes.create_string_buffer(b"several", 7)
    raw = socket.inet_pton(family, host)
    rest = bytes(4) + raw + bytes(4) if ":" in host else raw + bytes(8)
    name = struct.pack("=H2s", family, port.to_bytes(2, "big")) + rest
    name = ctypes.create_string_buffer(name, len(name))
    vector = ctypes.create_string_buffer(struct.pack("=QQ", ctypes.addressof(data), 7), 16)
    there = ctypes.addressof(name), len(name.raw), ctypes.addressof(vector)
    header = struct.pack("=QI4xQQQQI4xI4x", *there, 1, 0, 0, 0, 0)
    if libc.sendmmsg(one.fileno(), header * 2, 2, 0) < 0: raise OSError(ctypes.get_errno(), "sendmmsg")
ways = {
    "connect": connected,
    "sendto": lambda one: one.sendto(b"sendto", (host, port)),
    "sendmsg": lambda one: one.sendmsg([b"send", b"msg"], [], 0, (host, port)),
    "sendmmsg": several,
}
one = socket.socket(family, socket.SOCK_DGRAM)
one.settimeout(float(sys.argv[4]) if sys.argv[4:] else 10)
try:
    ways[sys.argv[3]](one)
    print(one.recvfrom(99)[0].decode())
except OSError as error:
    print(error.errno)
"""


@pytest.mark.escape(70)
@pytest.mark.parametrize("way", ["connect", "sendto", "sendmsg", "sendmmsg"])
def test_datagrams_are_asked_for(place: Attack, echo: tuple[str, Echo], way: str) -> None:
    address, there = echo
    (place.directory / "p.py").write_text(SEND)
    script = f"python3 -I p.py {address} {there.port} {way}"
    ran = asked(place, "b\n", script, "--net=ask")
    assert (ran.stdout, questions(ran), there.heard) == (b"111\n", [allow(address)], []), ran.output.decode()
    ran = asked(place, "w\n", f"{script}; {script}", "--net=ask")
    assert questions(ran) == [allow(address)], ran.output.decode()
    assert ran.stdout.decode() == f"back: {there.heard[0].decode()}\n" * 2
    assert f"step `python3` sends datagrams to `{address}`, port {there.port};" in ran.stderr.decode()
    ran = place.msh("-c", f"{script} 0.5")  # which nobody answers
    assert (ran.stdout[:4] == b"back", len(there.heard)) == (False, 4 if way == "sendmmsg" else 2)


@pytest.mark.escape(67)
def test_datagrams_to_another_port(place: Attack) -> None:
    first, second = Echo(), Echo()
    (place.directory / "p.py").write_text(SEND)
    script = f"python3 -I p.py 127.0.0.1 {first.port} sendto; python3 -I p.py 127.0.0.1 {second.port} sendto"
    ran = place.msh("--net=ask", "--allow-net", f"127.0.0.1:{first.port}", "-c", script)
    assert (ran.stdout, len(first.heard), second.heard) == (b"back: sendto\n111\n", 1, []), ran.output
    first.close()
    second.close()


SWAPPED = """
import ctypes, socket, struct, sys, threading
allowed, other = int(sys.argv[1]), int(sys.argv[2])
libc = ctypes.CDLL(None, use_errno=True)
one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
name = ctypes.create_string_buffer(struct.pack("=H2s4s8x", 2, allowed.to_bytes(2, "big"), bytes([127, 0, 0, 1])), 16)
ports = [port.to_bytes(2, "big") for port in (allowed, other)]
ended = False
def swap():
    while not ended:
        for port in ports: ctypes.memmove(ctypes.addressof(name) + 2, port, 2)
threading.Thread(target=swap).start()
for _ in range(300): libc.sendto(one.fileno(), b"x", 1, 0, name, 16)
ended = True
"""


@pytest.mark.escape(68, 70)
def test_an_address_that_changes_meanwhile(place: Attack) -> None:
    """Whatever was looked at: there is nobody in the step's namespace at an address that was not allowed."""
    first, second = Echo(), Echo()
    (place.directory / "p.py").write_text(SWAPPED)
    script = f"python3 -I p.py {first.port} {second.port}"
    for _ in range(5):  # on a machine with other work to do, all 300 may find the other port
        place.msh("--net=ask", "--allow-net", f"127.0.0.1:{first.port}", "-c", script)
        if first.heard:
            break
    assert (len(first.heard) > 0, second.heard) == (True, [])
    first.close()
    second.close()


OTHER_WAYS = """
import socket, sys
port = int(sys.argv[1])
def tried(name, act):
    try: print(name, act())
    except OSError as error: print(name, "refused")
tried("fastopen", lambda: socket.socket().sendto(b"x", 0x20000000, ("127.0.0.1", port)))
tried("fastopen by sendmsg", lambda: socket.socket().sendmsg([b"x"], [], 0x20000000, ("127.0.0.1", port)))
tried("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
tried("raw ipv6", lambda: socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58))
tried("ping", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 1))
tried("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3))
tried("vsock", lambda: socket.socket(40, socket.SOCK_STREAM))
tried("sctp", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132).connect(("127.0.0.1", port)))
def route():
    import struct
    one = socket.socket(16, socket.SOCK_RAW, 0)
    body = struct.pack("BBBBBBBBI", 2, 0, 0, 0, 254, 4, 0, 1, 0) + struct.pack("HHI", 8, 4, 1)
    one.send(struct.pack("IHHII", 16 + len(body), 24, 0x405, 1, 0) + body)
    if struct.unpack_from("i", one.recv(999), 16)[0]: raise OSError
tried("netlink", route)
"""


@pytest.mark.escape(70)
def test_other_ways_out(place: Attack, host: Host) -> None:
    """Even where connections to this very host and port are allowed."""
    (place.directory / "p.py").write_text(OTHER_WAYS)
    ran = place.msh("--net=ask", "--allow-net=127.0.0.1", "-c", f"python3 -I p.py {host.port}")
    lines = ran.stdout.decode().splitlines()
    assert (len(lines), [line for line in lines if not line.endswith(" refused")]) == (9, []), ran.output.decode()
    assert host.count == 0


@pytest.mark.escape(73)
@pytest.mark.parametrize("address", ["10.0.2.2", "0.0.0.0", "127.0.0.53", "[::]", "[::ffff:127.0.0.1]", "own"])
def test_the_host_by_another_address(place: Attack, address: str) -> None:
    """No other address of the host, nor one that tools for namespaces lead to it, goes round the question."""
    with socket.create_server(("", 0)) as server:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.connect(("192.0.2.1", 9))
            text = one.getsockname()[0] if address == "own" else address
        server.settimeout(0)
        script = f"curl -sS -m 5 'http://{text}:{server.getsockname()[1]}/'"
        ran = asked(place, "b\n", script, "--net=ask")
        assert (ran.status, len(questions(ran))) == (7, 1), ran.output.decode()
        ran = place.msh("--net=ask", "--deny-net=0.0.0.0/0", "--deny-net=::/0", "-c", script)
        assert ran.status == 7
        with pytest.raises(BlockingIOError):
            server.accept()


QUERY = """
import socket, struct, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
query = bytes(2) + b"\\1\\0\\0\\1" + bytes(6) + b"\\x09localhost\\0\\0\\1\\0\\1"
one = socket.socket(family, socket.SOCK_STREAM)
one.settimeout(10)
one.connect((sys.argv[1], 53))
one.sendall(b"".join(struct.pack(">H", len(query)) + query for _ in range(2)))
found = b""
while len(found) < 2 * (2 + len(query) + 16): found += one.recv(999) or 1/0
print(socket.inet_ntoa(found[-4:]), found[5] & 15)
"""


@pytest.mark.escape(69)
@pytest.mark.parametrize("server", ["127.0.0.1", "::1"])
def test_names_over_streams(place: Attack, server: str) -> None:
    (place.directory / "p.py").write_text(QUERY)
    ran = asked(place, "w\n", f"python3 -I p.py {server}", "--net=ask")
    assert (ran.stdout, questions(ran)) == (b"127.0.0.1 0\n", [allow("localhost")]), ran.output.decode()


def test_a_name_server_elsewhere_is_a_connection(place: Attack) -> None:
    """Names can leave by it, so it is asked about by address, like any."""
    (place.directory / "p.py").write_text(SEND)
    ran = asked(place, "b\n", "python3 -I p.py 192.0.2.53 53 sendto", "--net=ask")
    assert (ran.stdout, questions(ran)) == (b"111\n", [allow("192.0.2.53")])
