"""What a step says first in a tunnel to a host that was allowed: a handshake or a request for another is refused.

Only the beginning is looked at, and nothing is decrypted: what an allowed server makes of the rest is its own.
"""

from __future__ import annotations

import re

from msh.hosts import host_in_url

_MOST = 1 << 15  # bytes of a beginning
_HANDSHAKE, _CLIENT_HELLO, _SERVER_NAME = 22, 1, 0
_REQUEST = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ +(\S+) +HTTP/\d.*", re.IGNORECASE)
_HOST = re.compile(rb"[ \t]*host[ \t]*:[ \t]*(.*?)[ \t]*", re.IGNORECASE)


def is_for(data: bytes, host: str) -> bool | None:
    """Whether what begins with these bytes may go to a host; None while that cannot be told."""
    found = _hello_is_for(data, host) if data[:1] == bytes([_HANDSHAKE]) else _request_is_for(data, host)
    return False if found is None and len(data) > _MOST else found


# ---- TLS (RFC 8446, 5.1 and 4.1.2; RFC 6066, 3) ----------------------------------------------------


def _hello_is_for(data: bytes, host: str) -> bool | None:
    hello = _handshake(data)
    if hello is None:
        return None
    try:
        names = _server_names(_Reader(hello))
    except IndexError:
        return False
    return all(name.lower().decode("ascii", "backslashreplace") == host for name in names)


def _handshake(data: bytes) -> bytes | None:
    """The first message, which may lie in several records; None while it is incomplete, b"" when it is no hello."""
    message, at = b"", 0
    while len(data) >= at + 5:
        if data[at] != _HANDSHAKE or data[at + 1] != 3:
            return b""
        size = int.from_bytes(data[at + 3 : at + 5], "big")
        message += data[at + 5 : at + 5 + size]
        at += 5 + size
        if message and message[0] != _CLIENT_HELLO:
            return b""
        if len(message) >= 4 and len(message) >= 4 + (length := int.from_bytes(message[1:4], "big")):
            return message[4 : 4 + length]
    return None


def _server_names(hello: _Reader) -> list[bytes]:
    hello.take(2 + 32)  # version, random
    for width in (1, 2, 1):  # session, cipher suites, compression methods
        hello.vector(width)
    names = []
    extensions = _Reader(hello.vector(2)) if hello else _Reader(b"")
    while extensions:
        kind, body = extensions.number(2), _Reader(extensions.vector(2))
        if kind == _SERVER_NAME:
            entries = _Reader(body.vector(2))
            while entries:
                entries.number(1)
                names.append(entries.vector(2))
    return names


class _Reader:
    """Takes numbers and vectors off the front of bytes. Raises IndexError where they end too early."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __bool__(self) -> bool:
        return bool(self._data)

    def take(self, size: int) -> bytes:
        if len(self._data) < size:
            raise IndexError
        found, self._data = self._data[:size], self._data[size:]
        return found

    def number(self, width: int) -> int:
        return int.from_bytes(self.take(width), "big")

    def vector(self, width: int) -> bytes:
        return self.take(self.number(width))


# ---- HTTP, as the most lenient server would read it ------------------------------------------------


def _request_is_for(data: bytes, host: str) -> bool | None:
    text = data.lstrip(b"\r\n")  # which servers pass over (RFC 9112, 2.2)
    line, newline, rest = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").partition(b"\n")
    if any(byte > 0x7E or (byte < 0x20 and byte != 0x09) for byte in line):
        return True  # some protocol that is not HTTP
    if not newline:
        return None
    request = _REQUEST.fullmatch(line)
    if request is None:
        return True
    head, end, _ = (b"\n" + rest).partition(b"\n\n")
    if not end:
        return None
    hosts = [found[1] for each in head.split(b"\n") if (found := _HOST.fullmatch(each))]
    _, separator, place = request[1].partition(b"://")
    if separator:
        hosts.append(re.split(rb"[/?#]", place)[0])
    return bool(hosts) and all(_name(each) == host for each in hosts)


def _name(authority: bytes) -> str:
    """The host of HOST[:PORT]; "" for what is none."""
    text = authority.decode("latin-1")
    name = text.partition("]")[0] + "]" if text.startswith("[") else text.partition(":")[0]
    return host_in_url(name)
