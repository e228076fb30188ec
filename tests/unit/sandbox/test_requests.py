"""What a proxy of msh's own takes for a request, and what it takes for the beginning of a tunnel."""

from __future__ import annotations

import ssl

import pytest

from msh.sandbox.broker.requests import BadRequest, Request, read_request
from msh.sandbox.broker.tunnels import is_for

HOST = "Host: a.test\r\n"
CLOSE = b"Connection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CONNECT a.test:443 HTTP/1.1\r\n", Request("a.test", 443)),
        ("CONNECT A.Test:443 HTTP/1.0\r\nhost: a.test:443\r\n", Request("a.test", 443)),
        ("CONNECT [::1]:8080 HTTP/1.1\r\nHost: [0::1]:8080\r\n", Request("::1", 8080)),
        ("CONNECT [::ffff:127.0.0.1]:1 HTTP/1.1\r\n", Request("127.0.0.1", 1)),
        ("GET http://a.test HTTP/1.0\r\n", Request("a.test", 80, b"GET / HTTP/1.0\r\nHost: a.test\r\n" + CLOSE, 0)),
        (
            f"PUT HTTP://a.test:80?x HTTP/1.1\r\n{HOST}Content-Length: 2\r\nProxy-Authorization: x\r\nTE: x\r\n",
            Request("a.test", 80, b"PUT /?x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\n" + CLOSE, 2),
        ),
    ],
)
def test_requests(text: str, expected: Request) -> None:
    assert read_request(text.encode() + b"\r\n") == expected


def test_chunks_have_no_known_length() -> None:
    head = f"POST http://a.test/ HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n"
    assert read_request(head.encode()).left is None


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("CONNECT 0x7f000001:80 HTTP/1.1\r\n", 403),
        ("CONNECT 2130706433:80 HTTP/1.1\r\n", 403),
        ("CONNECT 127.1:80 HTTP/1.1\r\n", 403),
        ("CONNECT 0177.0.0.1:80 HTTP/1.1\r\n", 403),
        ("CONNECT 127.0.0.1.:80 HTTP/1.1\r\n", 403),
        ("CONNECT a..test:80 HTTP/1.1\r\n", 403),
        ("CONNECT [::1%25lo]:80 HTTP/1.1\r\n", 400),
        ("CONNECT [127.0.0.1]:80 HTTP/1.1\r\n", 403),
        ("CONNECT a.test:443 HTTP/1.1\r\nHost: b.test:443\r\n", 403),
        ("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:444\r\n", 403),
        ("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nHost: a.test:443\r\n", 400),
        ("CONNECT a.test\r\nX: y:443 HTTP/1.1\r\n", 400),
        ("CONNECT a.test\rX:443 HTTP/1.1\r\n", 400),
        ("CONNECT a.test HTTP/1.1\r\n", 400),
        ("CONNECT a.test:0 HTTP/1.1\r\n", 400),
        ("CONNECT a.test:65536 HTTP/1.1\r\n", 400),
        ("CONNECT a.test:+80 HTTP/1.1\r\n", 400),
        ("CONNECT user@a.test:80 HTTP/1.1\r\n", 400),
        ("CONNECT a.test:80@b.test:80 HTTP/1.1\r\n", 400),
        ("CONNECT a%2etest:80 HTTP/1.1\r\n", 400),
        ("CONNECT  a.test:80 HTTP/1.1\r\n", 400),
        ("CONNECT a.test:80 HTTP/2.0\r\n", 400),
        ("CONNECT a.test:80 HTTP/1.1\r\nbroken\r\n", 400),
        ("CONNECT a.test:80 HTTP/1.1\r\nA: b\r\n folded\r\n", 400),
        ("CONNECT a.test:80 HTTP/1.1\r\nHost : b.test\r\n", 400),
        ("CONNECT a.test:80 HTTP/1.1\r\nA: b\nHost: b.test\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a.test\r\n", 400),
        ("GET https://a.test/ HTTP/1.1\r\nHost: a.test\r\n", 400),
        ("GET http://a.test/ HTTP/1.1\r\nHost: b.test\r\n", 403),
        ("GET http://u:p@a.test/ HTTP/1.1\r\nHost: a.test\r\n", 400),
        ("GET http://a.test\\@b.test/ HTTP/1.1\r\nHost: a.test\r\n", 400),
        ("GET http:///x HTTP/1.1\r\n", 400),
        (f"POST http://a.test/ HTTP/1.1\r\n{HOST}Content-Length: 1\r\nContent-Length: 2\r\n", 400),
        (f"POST http://a.test/ HTTP/1.1\r\n{HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", 400),
        (f"POST http://a.test/ HTTP/1.1\r\n{HOST}Transfer-Encoding: gzip, chunked\r\n", 400),
        (f"POST http://a.test/ HTTP/1.1\r\n{HOST}Content-Length: -1\r\n", 400),
        ("", 400),
        ("\0", 400),
        ("SSH-2.0-x\r\n", 400),
    ],
)
def test_refused(text: str, status: int) -> None:
    with pytest.raises(BadRequest) as caught:
        read_request(text.encode("latin-1") + b"\r\n")
    assert caught.value.status == status


def hello(name: str | None) -> bytes:
    """A real client's first words."""
    context = ssl.create_default_context()
    context.check_hostname = False
    outgoing = ssl.MemoryBIO()
    one = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        one.do_handshake()
    return outgoing.read()


def in_records(data: bytes, size: int) -> bytes:
    """The same handshake in records of so many bytes."""
    body = data[5:]
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join([data[:3] + len(piece).to_bytes(2, "big") + piece for piece in pieces])


@pytest.mark.parametrize(("name", "expected"), [("a.test", True), ("A.Test", True), ("b.test", False), (None, True)])
def test_handshakes(name: str | None, expected: bool) -> None:
    data = hello(name)
    assert is_for(data, "a.test") is expected
    assert is_for(in_records(data, 7), "a.test") is expected
    assert {is_for(data[:size], "a.test") for size in range(len(data))} == {None}


def test_handshakes_that_are_none() -> None:
    data = hello("a.test")
    assert is_for(data[:1] + b"\x02" + data[2:], "a.test") is False
    assert is_for(data[:5] + b"\x02" + data[6:], "a.test") is False
    assert is_for(data[:43] + b"\xff" + data[44:], "a.test") is False  # a session longer than the message
    assert is_for(b"\x16\x03\x01\x40\x00\x01\x00\xff\xff" + bytes(40000), "a.test") is False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", True),
        ("get /  HTTP/1.0\nhost:\ta.test:99 \n\nmore", True),
        ("GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n", True),
        ("GET / HTTP/1.1\r\nHost: b.test\r\n\r\n", False),
        ("\r\n\r\nGET / HTTP/1.1\r\nHost: b.test\r\n\r\n", False),
        ("GET / HTTP/1.1\r\nHost: a.test\r\n Host: b.test\r\n\r\n", False),
        ("GET / HTTP/1.1\rHost: b.test\r\r", False),
        ("GET http://b.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n", False),
        ("GET / HTTP/1.1\r\n\r\n", False),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", False),
        ("GET / HTTP/1.1\r\nHost: a.test\r\n", None),
        ("GET / HTT", None),
        ("", None),
        ("SSH-2.0-x\r\n", True),
        ("EHLO me\r\n", True),
        ("\0\1\2", True),
        ("x" * 40000, False),
    ],
)
def test_beginnings_of_other_protocols(text: str, expected: bool | None) -> None:
    assert is_for(text.encode("latin-1"), "a.test") is expected
