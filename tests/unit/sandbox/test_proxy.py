"""What is said to a proxy, over a real pair of sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from msh.diagnostics import MshError
from msh.sandbox.broker.addresses import Address
from msh.sandbox.broker.proxy import Dialogue, Proxy, ProxyRefused, find_proxy

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """The broker's end, which never waits, and the proxy's."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.settimeout(5)
    with ours, theirs:
        yield ours, theirs


def begin(pair: Pair, kind: str, host: str = "example.org", port: int = 443) -> Dialogue:
    """A dialogue that has said its first words."""
    proxy = Proxy(kind, Address(socket.AF_INET, "127.0.0.1", 1), f"{kind}://127.0.0.1:1")
    return Dialogue(proxy, pair[0], host, port)


def feed(pair: Pair, dialogue: Dialogue, data: bytes) -> list[bool]:
    """What comes of each byte, one at a time."""
    found = []
    for byte in data:
        pair[1].sendall(bytes([byte]))
        found.append(dialogue.advance())
    return found


@pytest.mark.parametrize("text", ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 204\r\nVia: a\r\nX: b\r\n\r\n"])
def test_connect_in_single_bytes(pair: Pair, text: str) -> None:
    dialogue = begin(pair, "http")
    assert pair[1].recv(999) == b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n"
    assert feed(pair, dialogue, text.encode()) == [False] * (len(text) - 1) + [True]


def test_what_comes_after_the_answer_is_the_steps(pair: Pair) -> None:
    dialogue = begin(pair, "http", "::1", 22)
    assert pair[1].recv(999).startswith(b"CONNECT [::1]:22 HTTP/1.1\r\n")
    pair[1].sendall(b"HTTP/1.1 200 OK\r\n\r\nSSH-2.0-x\r\n\r\n")
    assert dialogue.advance()
    assert pair[0].recv(99) == b"SSH-2.0-x\r\n\r\n"


@pytest.mark.parametrize(
    ("host", "sent"),
    [
        ("example.org", b"\x03\x0bexample.org"),
        ("192.0.2.1", b"\x01\xc0\x00\x02\x01"),
        ("::1", b"\x04" + bytes(15) + b"\x01"),
    ],
)
@pytest.mark.parametrize("bound", [b"\x01" + bytes(4), b"\x04" + bytes(16), b"\x03\x02ab", b"\x03\x00"])
def test_socks(pair: Pair, host: str, sent: bytes, bound: bytes) -> None:
    dialogue = begin(pair, "socks5", host, 258)
    assert pair[1].recv(99) == b"\x05\x01\x00"
    assert feed(pair, dialogue, b"\x05\x00") == [False, False]
    assert pair[1].recv(99) == b"\x05\x01\x00" + sent + b"\x01\x02"
    answer = b"\x05\x00\x00" + bound + b"\x00\x00"
    assert feed(pair, dialogue, answer) == [False] * (len(answer) - 1) + [True]


@pytest.mark.parametrize(
    ("kind", "answers", "reason"),
    [
        ("http", [b"HTTP/1.1 403 Forbidden\r\n\r\n"], "403 Forbidden"),
        ("http", [b"HTTP/1.1 2000 OK\r\n\r\n"], "2000 OK"),
        ("http", [b"SSH-2.0-x\r\n\r\n"], "does not speak HTTP"),
        ("http", [b""], "closed the connection"),
        ("http", [b"x" * 20000], "has no end"),
        ("socks5", [b"\x05\xff"], "wants a password"),
        ("socks5", [b"HTTP"], "does not speak SOCKS"),
        ("socks5", [b"\x05\x00", b"\x05\x02\x00\x01\x00"], "its rules forbid it"),
        ("socks5", [b"\x05\x00", b"\x05\x63\x00\x01\x00"], "SOCKS error 99"),
        ("socks5", [b"\x05\x00", b"\x04\x00\x00\x01\x00"], "does not speak SOCKS"),
    ],
)
def test_refused(pair: Pair, kind: str, answers: list[bytes], reason: str) -> None:
    dialogue = begin(pair, kind)
    with pytest.raises(ProxyRefused, match=reason):
        for answer in answers:
            if answer:
                pair[1].sendall(answer)
            else:
                pair[1].shutdown(socket.SHUT_WR)
            assert not dialogue.advance()


def test_a_proxy_is_found_once() -> None:
    assert find_proxy("http://127.0.0.1:3128").address == Address(socket.AF_INET, "127.0.0.1", 3128)
    with pytest.raises(MshError) as caught:
        find_proxy("socks5://nowhere.invalid:1")
    assert caught.value.diagnostics[0].code == "MSH414"
