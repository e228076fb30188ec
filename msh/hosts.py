"""Hosts as people write them: names, addresses, ranges of addresses, with a port or without; proxies.

A host has one spelling here, which is what rules and questions compare: names in lower case, addresses as inet_ntop(3)
writes them, an IPv4 address also where it is mapped into IPv6. What could be read as two hosts (`127.1`) is none.
"""

from __future__ import annotations

from _socket import AF_INET, AF_INET6, inet_ntop, inet_pton

_MAPPED = b"\0" * 10 + b"\xff\xff"
PROXIES = "`http://HOST:PORT` or `socks5://HOST:PORT`"


def is_plain(name: str) -> bool:
    """Whether a name means the same to everybody: no odd characters, and no other spelling of an address (`0x7f.1`)."""
    labels = name.split(".")
    plain = all(label and label.isascii() and label.replace("-", "").replace("_", "").isalnum() for label in labels)
    return plain and len(name) <= 253 and not labels[-1].isdigit() and not labels[-1].startswith("0x")


def address_of(text: str) -> tuple[int, str] | None:
    """Family and spelling of an address; None for anything else."""
    for family in (AF_INET, AF_INET6):
        try:
            raw = inet_pton(family, text)
        except (OSError, ValueError):
            continue
        if raw.startswith(_MAPPED):
            return AF_INET, inet_ntop(AF_INET, raw[12:])
        return family, inet_ntop(family, raw)
    return None


def host_in_url(text: str) -> str:
    """A host of a host in a URL, where an IPv6 address stands in brackets; "" where readers could differ."""
    inner = text[1:-1] if text.startswith("[") and text.endswith("]") else ""
    if inner or ":" in text:
        found = address_of(inner)
        return found[1] if found is not None and ":" in inner else ""
    found = address_of(text)
    if found is not None:
        return found[1]
    return text.lower() if is_plain(text.lower()) else ""


def read_host(text: str) -> str:
    """`HOST[:PORT]` in its one spelling: a name, `*.NAME` for all below one, an address, or a range of them
    (`10.0.0.0/8`); an IPv6 address before a port stands in brackets. Raises ValueError with what is wrong.
    """
    if "://" in text:
        raise ValueError("a host is wanted, not a URL")
    host, port = split_host(text)
    if port < 0:
        raise ValueError("the port is no number from 1 to 65535")
    found = _canonical(host)
    if not port:
        return found
    return f"[{found}]:{port}" if ":" in found else f"{found}:{port}"


def _canonical(host: str) -> str:
    address, slash, bits = host.partition("/")
    found = address_of(address)
    if slash:
        if found is None or not bits.isascii() or not bits.isdigit() or int(bits) > len(_raw(found[1])) * 8:
            raise ValueError("a range is an address and a number of bits, such as `10.0.0.0/8`")
        if _masked(found[1], int(bits)) != _raw(found[1]):
            raise ValueError(f"`{address}` has more than {int(bits)} bits: nobody can tell which range is meant")
        return f"{found[1]}/{int(bits)}"
    if found is not None:
        return found[1]
    if not host.isascii():
        raise ValueError("write the name as the name system has it (`xn--…`)")
    name = host.removesuffix(".")
    if not is_plain(name.removeprefix("*.")):
        number = host.replace(".", "").isalnum() and (host[:1].isdigit())
        raise ValueError(
            "write the address in full, such as `127.0.0.1`" if number else "expected a name, an address or a range"
        )
    return name


def split_host(text: str) -> tuple[str, int]:
    """Host and port of `HOST[:PORT]`; 0 for any port, -1 for what is no port."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        port = rest.removeprefix(":")
        if not bracket or (rest and (port == rest or not port)):
            return host.lower(), -1
    elif text.count(":") == 1:
        host, colon, port = text.partition(":")
        if colon and not port:
            return host.lower(), -1
    else:
        host, port = text, ""
    if not port:
        return host.lower(), 0
    good = port.isascii() and port.isdigit() and 0 < int(port) < 1 << 16
    return host.lower(), int(port) if good else -1


def read_proxy(text: str) -> str:
    """`KIND://HOST:PORT` without a slash at its end. Raises ValueError with what is expected."""
    scheme, _, rest = text.partition("://")
    place = rest.removesuffix("/")
    try:
        host, port = split_host(read_host(place))
    except ValueError:
        host, port = "", 0
    if scheme not in ("http", "socks5") or port == 0 or "*" in host or "/" in host:
        raise ValueError(PROXIES)
    return f"{scheme}://{place}"


class Range:
    """A range of addresses: those whose first bits are its own."""

    __slots__ = ("_bits", "_raw")

    def __init__(self, text: str) -> None:
        """Of `read_host`'s spelling."""
        address, _, bits = text.partition("/")
        self._raw, self._bits = _raw(address), int(bits)

    def __contains__(self, text: str) -> bool:
        found = address_of(text)
        return (
            found is not None and len(_raw(found[1])) == len(self._raw) and _masked(found[1], self._bits) == self._raw
        )


def _raw(address: str) -> bytes:
    return inet_pton(AF_INET6 if ":" in address else AF_INET, address)


def _masked(address: str, bits: int) -> bytes:
    raw = _raw(address)
    kept = len(raw) * 8 - bits
    return (int.from_bytes(raw, "big") >> kept << kept).to_bytes(len(raw), "big")
