"""Names: every look-up of a step comes to a server of ours on port 53 of its own loopback interface.

A name is asked about before anything leaves: data can leave in a name alone. The answer is remembered, so that a
connection to the address is shown, and allowed, by its name: the name that was looked up covers the first port that it
is used with, and another port is asked again. A name never covers a private address (a name that changes its mind).
When connections go through a proxy, no name is looked up here: it gets an address that only stands for it, and the
proxy is told the name.
"""

from __future__ import annotations

import os
import select
from _socket import (
    AF_INET,
    AF_INET6,
    SO_REUSEADDR,
    SOCK_CLOEXEC,
    SOCK_DGRAM,
    SOCK_STREAM,
    SOL_SOCKET,
    inet_pton,
    socket,
)
from struct import pack, unpack_from

from msh.sandbox.broker.namespaces import made_inside
from msh.sandbox.broker.questions import Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.sandbox.broker.addresses import Address
    from msh.sandbox.broker.steps import Step

_PORT = 53
_LARGEST = 4096
_HEADER = 12
_A, _AAAA, _ANY = 1, 28, 255
_NO_ERROR, _SERVER_FAILED, _NO_SUCH_NAME, _NOT_IMPLEMENTED = 0, 2, 3, 4
_RESPONSE = 0x8180  # a response, recursion desired and available
_SECONDS = 30  # for how long an answer may be kept


class Names:
    """The servers of all steps, and which names were looked up."""

    def __init__(
        self,
        decide: Callable[[Step, Question], bool],
        ruled: Callable[[Question], bool | None],
        gives_port: Callable[[Question], bool],
        watch: Callable[[int, Callable[[int], None], int], None],
        forget: Callable[[int], None],
        *,
        proxied: bool = False,
    ) -> None:
        self._decide = decide
        self._ruled = ruled
        self._gives_port = gives_port
        self._proxied = proxied
        self._watch = watch
        self._forget = forget
        self._servers: dict[int, list[socket]] = {}
        self._of: dict[str, str] = {}  # address → name
        self._credit: set[str] = set()  # names that were allowed and have not been connected to
        self._covered: set[tuple[str, int]] = set()
        self._resolved: dict[str, list[str]] = {}

    def serve(self, step: Step, thread: int) -> None:
        """Make the server in the step's namespace, once."""
        if step.identity in self._servers:
            return
        sockets = [socket(fileno=number) for number in made_inside(thread, _server)]
        if sockets:  # else it is tried again at the first look-up
            self._servers[step.identity] = sockets
        for one in sockets:
            self._watch(one.fileno(), lambda events, one=one: self._query(step, one), select.POLLIN)  # type: ignore[misc]  # mypy cannot infer a lambda with a default

    def end(self, identity: int) -> None:
        """The step has ended."""
        for one in self._servers.pop(identity, []):
            self._forget(one.fileno())
            one.close()

    def name_of(self, address: Address) -> str:
        """The name that was last answered with this address; "" if none was."""
        return self._of.get(address.text, "")

    def is_internal(self, address: Address) -> bool:
        """Whether an address only stands for a name."""
        return self._proxied and address.text in self._of

    def covers(self, question: Question) -> bool:
        """Whether looking the name up was asked, this is its first port, and no rule denies that one."""
        if self._ruled(question) is False:
            return False
        if question.target in self._credit:
            self._credit.discard(question.target)
            self._covered.add((question.target, question.port))
        return (question.target, question.port) in self._covered

    def _query(self, step: Step, server: socket) -> None:
        if server.type & 0xF == SOCK_STREAM:
            _refuse(server)
            return
        data, sender = server.recvfrom(_LARGEST)
        asked = read_query(data)
        if asked is None:
            return
        name, kind, end = asked
        server.sendto(self._response(step, data, name, kind, end), sender)

    def _response(self, step: Step, data: bytes, name: str, kind: int, end: int) -> bytes:
        if not name or (self._proxied and not is_plain(name)):
            return response(data, end, _NO_SUCH_NAME)
        if not self._decide(step, Question("look up", name, step.name, step.identity)):
            return response(data, end, _NO_SUCH_NAME)
        if kind not in (_A, _AAAA):
            return response(data, end, _NO_ERROR)
        addresses = self._resolved.get(name)
        if addresses is None:
            addresses = self._resolved[name] = self._stand_in() if self._proxied else resolve(name)
            if self._gives_port(Question("look up", name, step.name, step.identity)):
                self._credit.add(name)
        for address in addresses:
            self._of[address] = name
        chosen = [one for one in addresses if (":" in one) == (kind == _AAAA)]
        return response(data, end, _NO_ERROR if addresses else _NO_SUCH_NAME, kind, chosen)

    def _stand_in(self) -> list[str]:
        """An address that nobody has (RFC 2544): 198.18.0.1 and up; none when all are used."""
        number = len(self._resolved) + 1
        return [f"198.{18 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"] if number < 1 << 17 else []


def is_plain(name: str) -> bool:
    """Whether a name means the same to everybody: no odd characters, and no other spelling of an address (`0x7f.1`)."""
    labels = name.split(".")
    plain = all(label and label.isascii() and label.replace("-", "").replace("_", "").isalnum() for label in labels)
    return plain and len(name) <= 253 and not labels[-1].isdigit() and not labels[-1].startswith("0x")


def _server() -> list[socket]:
    """Runs inside the step's network namespace."""
    made = []
    for kind in (SOCK_DGRAM, SOCK_STREAM):
        one = socket(AF_INET, kind | SOCK_CLOEXEC)
        one.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        one.bind(("127.0.0.1", _PORT))
        if kind == SOCK_STREAM:
            one.listen(8)
        made.append(one)
    return made


def _refuse(server: socket) -> None:
    """Over a stream nothing is answered: responses are short."""
    number, _ = server._accept()  # type: ignore[attr-defined]  # the C type's own
    os.close(number)


def read_query(data: bytes) -> tuple[str, int, int] | None:
    """Name, type, and where the question ends (RFC 1035, 4.1); None for what is no plain query."""
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
    return name, unpack_from(">H", data, at + 1)[0], at + 5


def response(query: bytes, end: int, code: int, kind: int = 0, addresses: list[str] | None = None) -> bytes:
    """A response with these addresses."""
    found = (addresses or [])[:20]
    header = query[:2] + pack(">HHHHH", _RESPONSE | code, 1, len(found), 0, 0)
    records = b""
    for one in found:
        raw = inet_pton(AF_INET6 if kind == _AAAA else AF_INET, one)
        records += b"\xc0\x0c" + pack(">HHIH", kind, 1, _SECONDS, len(raw)) + raw
    return header + query[_HEADER:end] + records


def resolve(name: str) -> list[str]:
    """The addresses that the host knows for a name; none for a name that it does not know."""
    from _socket import gaierror, getaddrinfo

    try:
        found = getaddrinfo(name, None, 0, SOCK_STREAM)
    except (gaierror, UnicodeError):
        return []
    return list(dict.fromkeys([str(entry[4][0]).partition("%")[0] for entry in found]))
