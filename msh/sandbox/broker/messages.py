"""Messages of the name system (RFC 1035): what a step asks its name server, and the answers."""

from __future__ import annotations

from _socket import AF_INET, AF_INET6, inet_pton
from struct import pack, unpack_from

from msh.record import Record

A, AAAA = 1, 28
NO_ERROR, SERVER_FAILED, NO_SUCH_NAME = 0, 2, 3
DATAGRAM = (
    512  # bytes that a resolver takes in one, unless it says otherwise (4.2.1): the rest is asked for by a stream
)
_HEADER = 12
_RESPONSE, _CUT = 0x8180, 0x0200  # a response, recursion desired and available; not all of it
_SECONDS = 30  # for how long an answer may be kept


class Query(Record):
    """One question: its `name` in lower case, its `kind`, and the bytes that an answer begins with."""

    name: str
    kind: int
    identity: bytes
    question: bytes


def read_query(data: bytes) -> Query | None:
    """None for what is no plain query."""
    if len(data) < _HEADER or data[2] & 0xF8 or unpack_from(">H", data, 4)[0] != 1:
        return None
    labels, at = [], _HEADER
    while at < len(data) and data[at]:
        length = data[at]
        if length > 63 or at + 1 + length > len(data):
            return None
        labels.append(data[at + 1 : at + 1 + length])
        at += 1 + length
    if at + 5 > len(data):
        return None
    name = b".".join(labels).decode("ascii", "backslashreplace").lower()
    return Query(name, unpack_from(">H", data, at + 1)[0], data[:2], data[_HEADER : at + 5])


def response(query: Query, code: int, addresses: list[str] | None = None, most: int = DATAGRAM) -> bytes:
    """An answer of at most so many bytes with these addresses, all of the kind that was asked for."""
    records = b""
    count = cut = 0
    for one in addresses or ():
        raw = inet_pton(AF_INET6 if query.kind == AAAA else AF_INET, one)
        record = b"\xc0\x0c" + pack(">HHIH", query.kind, 1, _SECONDS, len(raw)) + raw
        if _HEADER + len(query.question) + len(records) + len(record) > most:
            cut = _CUT
            break
        records += record
        count += 1
    return query.identity + pack(">HHHHH", _RESPONSE | cut | code, 1, count, 0, 0) + query.question + records
