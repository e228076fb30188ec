"""What a step connects to, out of a network namespace that is empty.

The broker never lets a connect(2) go on: between its look and the kernel's, another thread could put another socket or
another address there, and a socket that leads out must never be connected again. It connects the step's own socket
itself, by the address that it has read, where that stays inside the sandbox; otherwise it asks, connects a socket of
the host, and puts that in the place of the step's once it is connected. Only streams: a datagram socket of the host
could send to anywhere.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import select
import struct
from _socket import (
    AF_INET,
    AF_INET6,
    AF_UNIX,
    IPPROTO_TCP,
    SO_ERROR,
    SO_SNDTIMEO,
    SOCK_CLOEXEC,
    SOCK_DGRAM,
    SOCK_NONBLOCK,
    SOCK_STREAM,
    SOL_SOCKET,
    socket,
)

from msh.record import Record
from msh.sandbox.broker.addresses import read_address
from msh.sandbox.broker.kernel import borrow, find_in_root, signed
from msh.sandbox.broker.proxy import Dialogue, ProxyRefused
from msh.sandbox.broker.questions import Question
from msh.sandbox.broker.readiness import watch_again

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.sandbox.broker.addresses import Address
    from msh.sandbox.broker.kernel import Call
    from msh.sandbox.broker.names import Names
    from msh.sandbox.broker.proxy import Proxy
    from msh.sandbox.broker.steps import Step

    Decide = Callable[[Step, Call, Question], bool]
    Watch = Callable[[int, Callable[[int], None], int], None]

_connect = ctypes.CDLL(None, use_errno=True).connect
_NETNS_COOKIE = 71  # SO_NETNS_COOKIE, Linux 5.14
_AF_UNSPEC = 0
_DNS = 53
_MOST_TOLD = 10
_PATIENCE = struct.pack("ll", 2, 0)  # seconds that a step's own server may take to let it in
#: What a program may have set on its socket before it connects: (level, option), ints all.
_OPTIONS = (
    *((SOL_SOCKET, option) for option in (5, 6, 7, 8, 9, 10, 12)),  # DONTROUTE … KEEPALIVE, OOBINLINE, PRIORITY
    *(
        (IPPROTO_TCP, option) for option in (1, 4, 5, 6, 12, 18)
    ),  # NODELAY, KEEPIDLE, -INTVL, -CNT, QUICKACK, USER_TIMEOUT
)
_TIMES = (20, 21)  # SO_RCVTIMEO, SO_SNDTIMEO: struct timeval


class _Way(Record):
    """A connection being made for a call: `theirs` is the host's socket on its way to `target`, and to replace the
    step's descriptor `number`, whose file has these `flags`. `host` and `port` are where the step wants to.
    """

    step: Step
    call: Call
    theirs: socket
    target: tuple[str, int]
    number: int
    flags: int
    host: str
    port: int


class Connections:
    """Answers connect(2) of all steps. `watch` and `forget` are the loop's. With a proxy, all goes through it."""

    def __init__(
        self, names: Names, decide: Decide, watch: Watch, forget: Callable[[int], None], proxy: Proxy | None = None
    ) -> None:
        self._names = names
        self._decide = decide
        self._watch = watch
        self._forget = forget
        self._proxy = proxy
        self._talks: dict[int, tuple[_Way, Dialogue]] = {}
        self._told: set[str] = set()
        with _closing(_stream(AF_INET)) as own:
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
        with _closing(ours):
            if not step.listener.waits(call):
                return
            if self.is_outside(ours):
                step.listener.fail(call, errno.EISCONN)  # it leads out, and to where the user was asked about
            elif ours.family == AF_UNIX:
                self._answer(step, call, lambda: _connect_unix(ours, data, step, call))
            else:
                self._internet(step, call, ours, data)

    def is_outside(self, one: socket) -> bool:
        """Whether a socket is one of the host's network namespace."""
        return _cookie(one) == self._cookie

    def _answer(self, step: Step, call: Call, act: Callable[[], None]) -> None:
        try:
            act()
        except OSError as error:
            step.listener.fail(call, error.errno or errno.EIO)
        else:
            step.listener.answer(call)

    def _internet(self, step: Step, call: Call, ours: socket, data: bytes) -> None:
        address = read_address(data)
        stream = ours.type & 0xF == SOCK_STREAM and ours.family in (AF_INET, AF_INET6)
        if address is not None and address.port == _DNS and address.is_loopback:
            self._names.serve(step, call.thread)
        elif address is not None and stream and not (address.is_loopback and _listens(call.thread, address.port)):
            self._outwards(step, call, ours, address)
            return
        self._answer(step, call, lambda: _connect_inside(ours, data))

    def _outwards(self, step: Step, call: Call, ours: socket, address: Address) -> None:
        where = address.text
        if self._names.is_internal(address):
            host, where = self._names.name_of(address), ""
        else:
            host = "" if address.is_private else self._names.name_of(address)
        question = Question("connect", host or address.text, step.name, step.identity, address.port, where)
        if not (self._names.covers(question) or self._decide(step, call, question)):
            step.listener.fail(call, errno.ECONNREFUSED)
            return
        first = address if self._proxy is None else self._proxy.address
        family = AF_INET6 if first is not address and ":" in first.text else ours.family
        try:
            theirs = _opened(ours, family, first.at(family))
        except OSError as error:
            code = error.errno or errno.EIO
            self._tell(question.target, address.port, _unreachable(code))
            step.listener.fail(call, code)
            return
        number, flags = signed(call.arguments[0]), fcntl.fcntl(ours.fileno(), fcntl.F_GETFL)
        way = _Way(step, call, theirs, first.at(family), number, flags, question.target, address.port)
        self._watch(theirs.fileno(), lambda events: self._reached(way), select.POLLOUT)

    def _reached(self, way: _Way) -> None:
        """The host's socket stands, or does not come to stand."""
        self._forget(way.theirs.fileno())
        # The second call makes it a connected one (inet_stream_connect in Linux). Left as connecting, it would be
        # free for another connection at the end of this one, by a sendto(2) with MSG_FASTOPEN.
        code = way.theirs.getsockopt(SOL_SOCKET, SO_ERROR) or way.theirs.connect_ex(way.target)
        if code:
            self._end(way, code, _unreachable(code))
        elif self._proxy is None:
            self._hand_over(way)
        else:
            self._talk(way, self._proxy)

    def _talk(self, way: _Way, proxy: Proxy) -> None:
        """Tell the proxy where to."""
        try:
            dialogue = Dialogue(proxy, way.theirs, way.host, way.port)
        except (ProxyRefused, OSError) as error:
            self._end(way, errno.ECONNREFUSED, str(error))
            return
        number = way.theirs.fileno()
        self._talks[number] = (way, dialogue)
        self._watch(number, lambda events: self._answered(number), select.POLLIN)

    def _answered(self, number: int) -> None:
        way, dialogue = self._talks[number]
        try:
            if not dialogue.advance():
                return
        except (ProxyRefused, OSError) as error:
            self._hang_up(number)
            self._end(way, errno.ECONNREFUSED, str(error))
            return
        self._hang_up(number)
        self._hand_over(way)

    def _hang_up(self, number: int) -> None:
        self._forget(number)
        del self._talks[number]

    @property
    def talks(self) -> bool:
        """Whether a proxy has yet to answer, so that `expire` is to be called now and then."""
        return bool(self._talks)

    def expire(self) -> None:
        """Give up a proxy that says nothing, and what nobody waits for any more."""
        for number, (way, dialogue) in list(self._talks.items()):
            waits = way.step.listener.waits(way.call)
            if dialogue.is_late or not waits:
                self._hang_up(number)
                self._end(way, errno.ECONNREFUSED, "it does not answer" if waits else "")

    def _end(self, way: _Way, code: int, reason: str = "") -> None:
        """It does not come to be. First told: after the step's end nobody waits for the broker."""
        way.theirs.close()
        if reason:
            self._tell(way.host, way.port, reason)
        way.step.listener.fail(way.call, code)

    def _tell(self, host: str, port: int, reason: str) -> None:
        """Why a proxy makes no connection, each reason once: the step itself sees a refused connection, and not why."""
        if self._proxy is None or reason in self._told or len(self._told) == _MOST_TOLD:
            return
        self._told.add(reason)
        from msh.diagnostics import Diagnostic
        from msh.render import report

        message = f"the proxy `{self._proxy.text}` made no connection to `{host}`, port {port}: {reason}"
        help_ = "see that it runs, that `--proxy` names its kind and port, and what it lets through"
        report([Diagnostic("MSH414", message, help=help_, severity="note")], count=False)

    def _hand_over(self, way: _Way) -> None:
        """Put the connected socket in the place of the step's."""
        step, call, theirs, number = way.step, way.call, way.theirs, way.number
        with _closing(theirs):
            if not step.listener.waits(call):
                return
            fcntl.fcntl(theirs.fileno(), fcntl.F_SETFL, way.flags & os.O_NONBLOCK)
            try:
                again, closes = watch_again(call.thread, number), _closes_on_exec(call.thread, number)
            except OSError as error:  # the thread is gone, or has closed its socket meanwhile
                step.listener.fail(call, error.errno or errno.EBADF)
                return
            if not step.listener.replace(call, theirs.fileno(), number, close_on_exec=closes):
                step.listener.fail(call, errno.ENETUNREACH)
                return
            again(theirs.fileno())
            step.listener.answer(call)


class _closing:
    """Closes a socket at the end of a block."""

    def __init__(self, one: socket) -> None:
        self._one = one

    def __enter__(self) -> socket:
        return self._one

    def __exit__(self, *_: object) -> None:
        self._one.close()


def _stream(family: int) -> socket:
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC)


def _opened(ours: socket, family: int, target: tuple[str, int]) -> socket:
    """A socket of the host on its way to a target, with the options of the step's. Raises OSError."""
    theirs = _stream(family)
    _copy_options(ours, theirs)
    code = theirs.connect_ex(target)
    if code not in (0, errno.EINPROGRESS):
        theirs.close()
        raise OSError(code, os.strerror(code))
    return theirs


def _unreachable(code: int) -> str:
    return f"it cannot be reached: {os.strerror(code)}"


def _cookie(one: socket) -> bytes:
    """Which network namespace a socket belongs to."""
    return one.getsockopt(SOL_SOCKET, _NETNS_COOKIE, 8)


def _connect_raw(one: socket, data: bytes) -> None:
    if _connect(one.fileno(), data, len(data)) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _connect_inside(one: socket, data: bytes) -> None:
    """Connect the step's own socket, in its own namespace; the broker waits for its server no longer than it must."""
    if one.type & 0xF == SOCK_DGRAM:
        _connect_raw(one, data)
        return
    before = one.getsockopt(SOL_SOCKET, SO_SNDTIMEO, 16)
    one.setsockopt(SOL_SOCKET, SO_SNDTIMEO, _PATIENCE)
    try:
        _connect_raw(one, data)
    finally:
        one.setsockopt(SOL_SOCKET, SO_SNDTIMEO, before)


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


def _copy_options(source: socket, target: socket) -> None:
    for level, option in _OPTIONS:
        try:
            value = source.getsockopt(level, option)
            if value != target.getsockopt(level, option):
                target.setsockopt(level, option, value // 2 if level == SOL_SOCKET and option in (7, 8) else value)
        except OSError:
            continue  # an option that this kernel or this user has not
    for option in _TIMES:
        target.setsockopt(SOL_SOCKET, option, source.getsockopt(SOL_SOCKET, option, 16))


def _listens(thread: int, port: int) -> bool:
    """Whether something in the step's own namespace listens on a port (proc_net(5))."""
    wanted = f":{port:04X}"
    for name in ("tcp", "tcp6"):
        try:
            with open(f"/proc/{thread}/net/{name}") as file:
                next(file)
                for line in file:
                    words = line.split()
                    if words[3] == "0A" and words[1].endswith(wanted):
                        return True
        except OSError:
            continue
    return False


def _closes_on_exec(thread: int, number: int) -> bool:
    with open(f"/proc/{thread}/fdinfo/{number}") as file:
        for line in file:
            if line.startswith("flags:"):
                return bool(int(line.split()[1], 8) & os.O_CLOEXEC)
    return False
