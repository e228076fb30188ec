"""Addresses of sockets as the kernel writes them (struct sockaddr_in, sockaddr_in6)."""

from __future__ import annotations

from _socket import AF_INET, AF_INET6, inet_ntop
from struct import unpack_from

from msh import hosts
from msh.record import Record

_MAPPED = b"\0" * 10 + b"\xff\xff"


class Address(Record):
    """`text` is the address, an IPv4 one also where it is mapped into IPv6; `family` is that of the socket's own."""

    family: int
    text: str
    port: int

    def at(self, family: int) -> tuple[str, int]:
        """For a socket of a family: (host, port)."""
        mapped = family == AF_INET6 and ":" not in self.text
        return (f"::ffff:{self.text}" if mapped else self.text, self.port)

    @property
    def is_loopback(self) -> bool:
        """The host itself; the unspecified address means it too (connect(2) on Linux)."""
        return self.text.startswith("127.") or self.text in ("::1", "::", "0.0.0.0")

    @property
    def is_private(self) -> bool:
        """One that a name of the public DNS has no business to lead to: this host, this network, a cloud's metadata."""
        from ipaddress import ip_address

        return not ip_address(self.text).is_global


def read_address(data: bytes) -> Address | None:
    """None for what is no address of IPv4 or IPv6, or is cut short."""
    if len(data) < 2:
        return None
    family, port = int.from_bytes(data[:2], "little"), int.from_bytes(data[2:4], "big")
    if family == AF_INET and len(data) >= 8:
        return Address(AF_INET, inet_ntop(AF_INET, data[4:8]), port)
    if family == AF_INET6 and len(data) >= 24:
        (raw,) = unpack_from("16s", data, 8)
        if raw.startswith(_MAPPED):
            return Address(AF_INET6, inet_ntop(AF_INET, raw[12:]), port)
        return Address(AF_INET6, inet_ntop(AF_INET6, raw), port)
    return None


def address_of(text: str, port: int) -> Address | None:
    """The address that a text is; None for anything else."""
    found = hosts.address_of(text)
    return None if found is None else Address(*found, port)
