"""A proxy that connections go through: what is said to it before a socket is a step's.

Two ways of asking: CONNECT of HTTP (RFC 9110, 9.3.6) and SOCKS version 5 (RFC 1928), both without a password. Of the
proxy's answer not a byte more is read than belongs to it: what comes after is the step's.
"""

from __future__ import annotations

from _socket import AF_INET, AF_INET6, MSG_PEEK, SOCK_STREAM, inet_pton
from functools import cache
from time import monotonic

from msh.record import Record
from msh.sandbox.broker.addresses import Address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from collections.abc import Generator

    #: Yields what to send and how many bytes the answer has, 0 for one that ends with an empty line; takes the answer.
    Exchange = Generator[tuple[bytes, int], bytes, None]

_PATIENCE = 30.0  # seconds for all that the proxy has to say
_LONGEST = 16384  # bytes of an answer
_END = b"\r\n\r\n"
_ADDRESS_SIZES = {1: 4, 4: 16}  # of SOCKS' address types
_REFUSALS = (
    "it does not speak SOCKS 5",
    "it failed",
    "its rules forbid it",
    "network unreachable",
    "host unreachable",
    "connection refused",
)


class ProxyRefused(Exception):
    """Why a proxy makes no connection, in words that may be its own."""


class Proxy(Record):
    """`text` is the proxy as it was given."""

    kind: str  # http, socks5
    address: Address
    text: str

    def packed(self) -> tuple[str, int, str, int, str]:
        """As plain values."""
        return (self.kind, self.address.family, self.address.text, self.address.port, self.text)

    @classmethod
    def unpacked(cls, values: tuple[str, int, str, int, str]) -> Proxy:
        """From `packed`."""
        kind, family, address, port, text = values
        return cls(kind, Address(family, address, port), text)


@cache
def find_proxy(text: str) -> Proxy:
    """The proxy of a setting, its name looked up on this host, once. Raises MshError (MSH414)."""
    from _socket import gaierror, getaddrinfo

    from msh.diagnostics import Diagnostic, MshError
    from msh.hosts import split_host

    kind, _, place = text.partition("://")
    host, port = split_host(place)
    try:
        found = [(entry[0], str(entry[4][0])) for entry in getaddrinfo(host, port, 0, SOCK_STREAM)]
    except (gaierror, UnicodeError) as error:
        message = f"the proxy `{text}` is not known on this host: {error}"
        raise MshError(Diagnostic("MSH414", message, help="give its address, or look at its name")) from None
    family, address = min(found)  # IPv4 where there is both: every socket of a step can be replaced by one of it
    return Proxy(kind, Address(family, address, port), text)


class Dialogue:
    """What is said over a socket that leads to a proxy, as far as it has come. Never waits."""

    def __init__(self, proxy: Proxy, one: socket, host: str, port: int) -> None:
        """Raises ProxyRefused, OSError."""
        self._socket = one
        self._exchange = (_socks if proxy.kind == "socks5" else _connect)(host, port)
        self._heard = b""
        self._until = monotonic() + _PATIENCE
        self._say(next(self._exchange))

    @property
    def is_late(self) -> bool:
        return monotonic() > self._until

    def advance(self) -> bool:
        """Take in what has come; whether the connection stands. Raises ProxyRefused, OSError."""
        while True:
            try:
                data = self._some() if self._size else self._up_to_empty_line()
            except BlockingIOError:
                return False
            if not data:
                raise ProxyRefused("it closed the connection")
            self._heard += data
            if len(self._heard) > _LONGEST:
                raise ProxyRefused("its answer has no end")
            if not (len(self._heard) == self._size if self._size else self._heard.endswith(_END)):
                continue
            try:
                self._say(self._exchange.send(self._heard))
            except StopIteration:
                return True

    def _say(self, turn: tuple[bytes, int]) -> None:
        data, self._size = turn
        self._heard = b""
        if self._socket.send(data) != len(data):  # nothing else is on its way: this always fits
            raise ProxyRefused("it does not read")

    def _some(self) -> bytes:
        return self._socket.recv(self._size - len(self._heard))

    def _up_to_empty_line(self) -> bytes:
        """What has come, but nothing after the empty line."""
        waiting = self._socket.recv(4096, MSG_PEEK)
        end = (self._heard + waiting).find(_END)
        return self._socket.recv(len(waiting) if end < 0 else end + len(_END) - len(self._heard))


def _connect(host: str, port: int) -> Exchange:
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    answer = yield f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode("ascii"), 0
    line = answer.partition(b"\r\n")[0].decode("ascii", "backslashreplace")
    version, _, status = line.partition(" ")
    if not version.startswith("HTTP/1."):
        raise ProxyRefused("it does not speak HTTP")
    if not (status[:1] == "2" and status[:3].isdigit() and status[3:4] in ("", " ")):
        raise ProxyRefused(status[:80])


def _socks(host: str, port: int) -> Exchange:
    if (yield b"\x05\x01\x00", 2) != b"\x05\x00":
        raise ProxyRefused("it wants a password, or does not speak SOCKS 5")
    answer = yield b"\x05\x01\x00" + _socks_address(host) + port.to_bytes(2, "big"), 5
    if answer[0] != 5 or answer[1]:
        raise ProxyRefused(_REFUSALS[answer[1]] if answer[1] < len(_REFUSALS) else f"SOCKS error {answer[1]}")
    size = _ADDRESS_SIZES.get(answer[3], answer[4] + 1)  # a name begins with its length
    yield b"", size - 1 + 2


def _socks_address(host: str) -> bytes:
    if ":" in host:
        return b"\x04" + inet_pton(AF_INET6, host)
    try:
        return b"\x01" + inet_pton(AF_INET, host)
    except OSError:
        name = host.encode("ascii")
        return b"\x03" + bytes([len(name)]) + name
