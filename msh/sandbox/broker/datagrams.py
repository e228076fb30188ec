"""What a step sends without a connection (UDP): carried by the broker, to where it was allowed and nowhere else.

A datagram socket of the host could send anywhere, so a step never gets one. Instead every address is made one of the
step's own network namespace, and at an address that was allowed the broker holds a socket there, of which it carries
each datagram to the host and the answers back. So the wall is what decides: a call may be let go on once its address
was judged, whatever another thread makes of that meanwhile, since there is nobody at any other address.
"""

from __future__ import annotations

import errno
import os
from _socket import AF_INET, AF_INET6, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_STREAM, socket
from contextlib import closing
from struct import unpack_from

from msh.sandbox.broker.addresses import read_address
from msh.sandbox.broker.kernel import borrow, signed
from msh.sandbox.broker.namespaces import Inside
from msh.sandbox.broker.tables import is_bound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from msh.sandbox.broker.addresses import Address
    from msh.sandbox.broker.kernel import Call
    from msh.sandbox.broker.loop import Loop
    from msh.sandbox.broker.nameserver import NameServers
    from msh.sandbox.broker.questions import Question
    from msh.sandbox.broker.steps import Step

    #: The question about an address, and whether it is allowed.
    Judge = Callable[[Step, Call, Address], tuple[Question, bool]]

_DNS = 53
_LARGEST = 1 << 16
_AT_ONCE = 16  # datagrams, before others have their turn
_MOST_FLOWS = 8  # of an address: sockets that send to it, the oldest of which gives way
_MOST_ADDRESSES = 32  # of a step: the broker has descriptors for many steps
_MOST_MESSAGES = 1024  # of sendmmsg(2)
_HEADER, _HEADER_AND_LENGTH = 56, 64  # struct msghdr, struct mmsghdr


class Datagrams:
    """Answers sendto(2), sendmsg(2), sendmmsg(2) that name an address, and connect(2) of datagram sockets."""

    def __init__(self, judge: Judge, servers: NameServers, loop: Loop) -> None:
        self._judge = judge
        self._servers = servers
        self._loop = loop
        self._inside: dict[int, Inside] = {}  # of a step
        self._posts: dict[int, dict[tuple[str, int], _Post]] = {}  # of a step, by address

    def send(self, name: str, step: Step, call: Call) -> None:
        """Let a call go on when all its addresses are allowed."""
        addresses = list(dict.fromkeys(self._addresses(name, step, call)))
        if not step.listener.waits(call) or (addresses and not self._is_datagram(step, call)):
            return
        for address in addresses:
            code = self.open(step, call, address)
            if code:
                step.listener.fail(call, code)
                return
        step.listener.leave_to_the_wall(call)

    def open(self, step: Step, call: Call, address: Address) -> int:
        """See that what is sent to an address arrives; 0, or the errno of the call."""
        if address.port == _DNS and address.is_loopback:
            self._servers.serve(step, call.thread)
            return 0
        if not address.port or (address.is_loopback and is_bound(call.thread, address.port)):
            return 0
        posts = self._posts.setdefault(step.identity, {})
        if (address.text, address.port) in posts:
            return 0
        if step.proxy is not None:
            return errno.ENETUNREACH  # no datagram passes a proxy
        if not self._judge(step, call, address)[1]:
            return errno.ECONNREFUSED
        if len(posts) >= _MOST_ADDRESSES:
            return errno.ENOBUFS
        try:
            posts[address.text, address.port] = self._post(step, call.thread, address)
        except OSError as error:
            return error.errno or errno.EIO
        return 0

    def end(self, identity: int) -> None:
        """The step has ended: what it has sent before that is still carried."""
        for post in self._posts.pop(identity, {}).values():
            post.close()
        inside = self._inside.pop(identity, None)
        if inside is not None:
            inside.close()

    def _post(self, step: Step, thread: int, address: Address) -> _Post:
        with closing(_towards(address)):  # whether it can be reached at all
            inside = self._inside.get(step.identity)
            if inside is None:
                inside = self._inside[step.identity] = Inside(thread)
            return _Post(self._loop, inside.bound(_family(address), address.text, address.port), address)

    def _is_datagram(self, step: Step, call: Call) -> bool:
        """Streams are connected by connect(2) alone: not by TCP Fast Open, of which a program can do without."""
        with closing(socket(fileno=borrow(call.thread, signed(call.arguments[0])))) as ours:
            if ours.type & 0xF != SOCK_STREAM or ours.family not in (AF_INET, AF_INET6):
                return True
        step.listener.fail(call, errno.EOPNOTSUPP)
        return False

    def _addresses(self, name: str, step: Step, call: Call) -> Iterator[Address]:
        """The addresses of IPv4 and IPv6 that a call names."""
        if name == "sendto":
            places = [(call.arguments[4], signed(call.arguments[5]))]
        else:
            places = list(_named(name, step, call))
        for at, size in places:
            address = read_address(step.listener.read(call, at, max(0, min(size, 128))))
            if address is not None:
                yield address.replace(text=_HERE.get(address.text, address.text))


#: The unspecified address means this host (connect(2) on Linux).
_HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def _named(name: str, step: Step, call: Call) -> Iterator[tuple[int, int]]:
    """Where the addresses of sendmsg(2) and sendmmsg(2) stand in memory, and their sizes."""
    count, width = (min(call.arguments[2] & 0xFFFFFFFF, _MOST_MESSAGES), _HEADER_AND_LENGTH)
    if name == "sendmsg":
        count, width = 1, _HEADER
    for number in range(count):
        header = step.listener.read(call, call.arguments[1] + number * width, 12)
        if len(header) < 12:
            return
        at, size = unpack_from("=QI", header)
        if at and size:
            yield at, size


class _Post:
    """A socket at an address inside, and for each sender one of the host that is connected to it."""

    def __init__(self, loop: Loop, inside: socket, address: Address) -> None:
        self._loop = loop
        self._inside = inside
        self._address = address
        self._flows: dict[tuple[str, int], socket] = {}
        loop.watch(inside.fileno(), lambda events: self._outwards(), calm=True)

    def close(self) -> None:
        """Carry what has come, and end."""
        self._outwards()
        for one in (self._inside, *self._flows.values()):
            self._loop.forget(one.fileno())
            one.close()

    def _outwards(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                data, sender = self._inside.recvfrom(_LARGEST)
            except OSError:
                return
            _said(lambda data=data, sender=sender: self._flow(sender).send(data))  # type: ignore[misc]  # mypy cannot infer a lambda with a default

    def _flow(self, sender: tuple[str, int]) -> socket:
        found = self._flows.get(sender)
        if found is None:
            if len(self._flows) >= _MOST_FLOWS:
                oldest = self._flows.pop(next(iter(self._flows)))
                self._loop.forget(oldest.fileno())
                oldest.close()
            found = self._flows[sender] = _towards(self._address)
            self._loop.watch(found.fileno(), lambda events: self._inwards(found, sender), calm=True)
        return found

    def _inwards(self, one: socket, sender: tuple[str, int]) -> None:
        for _ in range(_AT_ONCE):
            try:
                data = one.recv(_LARGEST)
            except OSError:
                return
            _said(lambda data=data: self._inside.sendto(data, sender))  # type: ignore[misc]  # as above


def _said(say: Callable[[], object]) -> None:
    """A datagram may get lost."""
    try:
        say()
    except OSError:
        return


def _family(address: Address) -> int:
    return AF_INET6 if ":" in address.text else AF_INET


def _towards(address: Address) -> socket:
    """A socket of the host that sends to an address. Raises OSError."""
    one = socket(_family(address), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC)
    code = one.connect_ex((address.text, address.port))
    if code:
        one.close()
        raise OSError(code, os.strerror(code))
    return one
