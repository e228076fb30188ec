"""What a step connects to, out of a network namespace that is empty.

The broker never lets a connect(2) go on: between its look and the kernel's, another thread could put another socket or
another address there, and a socket that leads out must never be connected again. It connects the step's own socket
itself, by the address that it has read, where that stays inside the sandbox; otherwise it asks, connects a socket of
the host, and puts that in the place of the step's once it is connected. Only streams: see `datagrams.py` for the rest.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import struct
from _socket import (
    AF_INET,
    AF_INET6,
    AF_UNIX,
    IPPROTO_TCP,
    SOCK_DGRAM,
    SOCK_STREAM,
    SOL_SOCKET,
    socket,
)
from contextlib import closing
from functools import partial

from msh.sandbox.broker.addresses import read_address
from msh.sandbox.broker.datagrams import Datagrams
from msh.sandbox.broker.kernel import borrow, find_in_root, signed
from msh.sandbox.broker.questions import Question
from msh.sandbox.broker.readiness import watch_again
from msh.sandbox.broker.tables import listens
from msh.sandbox.broker.ways import stream
from msh.sandbox.broker.within import Within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.sandbox.broker.addresses import Address
    from msh.sandbox.broker.kernel import Call
    from msh.sandbox.broker.loop import Loop
    from msh.sandbox.broker.names import Names
    from msh.sandbox.broker.nameserver import NameServers
    from msh.sandbox.broker.steps import Step
    from msh.sandbox.broker.ways import Ways

    Decide = Callable[[Step, Call, Question], bool]

_connect = ctypes.CDLL(None, use_errno=True).connect
_NETNS_COOKIE = 71  # SO_NETNS_COOKIE, Linux 5.14
_AF_UNSPEC = 0
_DNS = 53
#: What a program may have set on its socket before it connects: (level, option), ints all.
_OPTIONS = (
    *((SOL_SOCKET, option) for option in (5, 6, 7, 8, 9, 10, 12)),  # DONTROUTE … KEEPALIVE, OOBINLINE, PRIORITY
    *(
        (IPPROTO_TCP, option) for option in (1, 4, 5, 6, 12, 18)
    ),  # NODELAY, KEEPIDLE, -INTVL, -CNT, QUICKACK, USER_TIMEOUT
)
_DOUBLED = (7, 8)  # SNDBUF, RCVBUF: the kernel gives twice what was set (socket(7))
_TIMES = (20, 21)  # SO_RCVTIMEO, SO_SNDTIMEO: struct timeval


class _Wish:
    """The connection that a connect(2) waits for: it is to replace the step's descriptor `number`."""

    def __init__(self, step: Step, call: Call, ours: socket, question: Question, address: Address) -> None:
        self.host, self.port, self.proxy = question.target, question.port, step.proxy
        self.addresses = [address]
        self._step, self._call = step, call
        self._family = ours.family
        self._options = _options_of(ours)
        self._flags = fcntl.fcntl(ours.fileno(), fcntl.F_GETFL)

    def opened(self, address: Address) -> tuple[socket, tuple[str, int]]:
        """With the options of the step's; of its family too, where that can reach a proxy."""
        family = AF_INET6 if self.proxy is not None and ":" in address.text else self._family
        theirs = stream(family)
        _set_options(theirs, self._options)
        return theirs, address.at(family)

    def wanted(self) -> bool:
        return self._step.listener.waits(self._call)

    def failed(self, code: int) -> None:
        self._step.listener.fail(self._call, code)

    def made(self, theirs: socket) -> None:
        """Put the connected socket in the place of the step's."""
        step, call, number = self._step, self._call, signed(self._call.arguments[0])
        if not step.listener.waits(call):
            return
        fcntl.fcntl(theirs.fileno(), fcntl.F_SETFL, self._flags & os.O_NONBLOCK)
        try:
            closes = _closes_on_exec(call.thread, number)
            with watch_again(call.thread, number) as register:
                if not step.listener.replace(call, theirs.fileno(), number, close_on_exec=closes):
                    step.listener.fail(call, errno.ENETUNREACH)
                    return
                register(theirs.fileno())
        except OSError as error:  # the thread is gone, has closed its socket meanwhile, or there can be no fork
            step.listener.fail(call, error.errno or errno.EBADF)
            return
        step.listener.answer(call)


class Connections:
    """Answers connect(2) of all steps."""

    def __init__(self, names: Names, servers: NameServers, decide: Decide, loop: Loop, ways: Ways) -> None:
        self._names = names
        self._servers = servers
        self._decide = decide
        self._ways = ways
        self.within = Within()
        self.datagrams = Datagrams(partial(self.judged, datagrams=True), servers, loop)
        with closing(stream(AF_INET)) as own:
            self._cookie = _cookie(own)

    def connect(self, step: Step, call: Call) -> None:
        """Answer a call, now or when the host's connection stands."""
        number, address, size = signed(call.arguments[0]), call.arguments[1], signed(call.arguments[2])
        data = step.listener.read(call, address, max(0, min(size, 128)))
        try:
            ours = socket(fileno=borrow(call.thread, number))
        except OSError as error:
            step.listener.fail(call, error.errno or errno.EBADF)
            return
        with closing(ours):
            if not step.listener.waits(call):
                return
            if self.is_outside(ours):
                step.listener.fail(call, errno.EISCONN)  # it leads out, and to where the user was asked about
            elif ours.family == AF_UNIX:
                self.within.begin(step, call, ours, lambda one: _connect_unix(one, data, step, call))
            else:
                self._internet(step, call, ours, data)

    def is_outside(self, one: socket) -> bool:
        """Whether a socket is one of the host's network namespace."""
        return _cookie(one) == self._cookie

    def _internet(self, step: Step, call: Call, ours: socket, data: bytes) -> None:
        address = read_address(data) if ours.family in (AF_INET, AF_INET6) else None
        kind = ours.type & 0xF
        if address is not None and kind == SOCK_STREAM:
            if address.port == _DNS and address.is_loopback:
                self._servers.serve(step, call.thread)
            elif not (address.is_loopback and listens(call.thread, address.port)):
                self._outwards(step, call, ours, address)
                return
        elif address is not None and kind == SOCK_DGRAM:
            code = self.datagrams.open(step, call, address)
            if code:
                step.listener.fail(call, code)
                return
        self.within.begin(step, call, ours, lambda one: _connect_raw(one, data))

    def _outwards(self, step: Step, call: Call, ours: socket, address: Address) -> None:
        question, allowed = self.judged(step, call, address)
        if allowed:
            self._ways.begin(_Wish(step, call, ours, question, address))
        else:
            step.listener.fail(call, errno.ECONNREFUSED)

    def judged(self, step: Step, call: Call, address: Address, *, datagrams: bool = False) -> tuple[Question, bool]:
        """The question about an address, and whether it is allowed."""
        question = self._question(step, address).replace(datagrams=datagrams)
        return question, self._names.covers(question) or self._decide(step, call, question)

    def _question(self, step: Step, address: Address) -> Question:
        """What is asked about an address: by the name that was looked up for it, unless that must not lead there."""
        where = address.text
        if self._names.stands_for(step, address):
            host, where = self._names.name_of(address), ""
        else:
            host = "" if address.is_private else self._names.name_of(address)
        return Question("connect", host or address.text, step.name, step.identity, address.port, where)


def _cookie(one: socket) -> bytes:
    """Which network namespace a socket belongs to."""
    return one.getsockopt(SOL_SOCKET, _NETNS_COOKIE, 8)


def _connect_raw(one: socket, data: bytes) -> None:
    if _connect(one.fileno(), data, len(data)) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _connect_unix(one: socket, data: bytes, step: Step, call: Call) -> None:
    """A socket of the Unix domain: by its name in the step's tree, never by that name on the host."""
    path = data[2:].partition(b"\0")[0]
    if not path:
        _connect_raw(one, data)  # abstract: of the step's own network namespace
        return
    text = os.fsdecode(path)
    if not text.startswith("/"):
        text = os.path.join(os.readlink(f"/proc/{call.thread}/cwd"), text)
    found = find_in_root(step.root(call.thread), text)
    try:
        _connect_raw(one, struct.pack("H", AF_UNIX) + f"/proc/self/fd/{found}".encode() + b"\0")
    finally:
        os.close(found)


def _options_of(one: socket) -> list[tuple[int, int, int | bytes]]:
    """What was set on a socket, as it is to be set on another."""
    found: list[tuple[int, int, int | bytes]] = [
        (SOL_SOCKET, option, one.getsockopt(SOL_SOCKET, option, 16)) for option in _TIMES
    ]
    with closing(stream(one.family)) as fresh:
        for level, option in _OPTIONS:
            try:
                value = one.getsockopt(level, option)
                if value != fresh.getsockopt(level, option):
                    halved = level == SOL_SOCKET and option in _DOUBLED
                    found.append((level, option, value // 2 if halved else value))
            except OSError:
                continue  # an option that this kernel has not
    return found


def _set_options(one: socket, options: list[tuple[int, int, int | bytes]]) -> None:
    for level, option, value in options:
        try:
            one.setsockopt(level, option, value)
        except OSError:
            continue  # one that this user may not set


def _closes_on_exec(thread: int, number: int) -> bool:
    with open(f"/proc/{thread}/fdinfo/{number}") as file:
        for line in file:
            if line.startswith("flags:"):
                return bool(int(line.split()[1], 8) & os.O_CLOEXEC)
    return False
