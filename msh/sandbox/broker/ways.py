"""Connections of the host on their way: to an address that was allowed, or through a proxy, and never waited for."""

from __future__ import annotations

import errno
import os
from _socket import SO_ERROR, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM, SOL_SOCKET, socket
from contextlib import closing
from select import POLLIN, POLLOUT
from time import monotonic

from msh.sandbox.broker.proxy import Dialogue, ProxyRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from msh.sandbox.broker.addresses import Address
    from msh.sandbox.broker.loop import Loop
    from msh.sandbox.broker.proxy import Proxy

    class Wish(Protocol):
        """A connection that was allowed: `host` and `port` are where to, `addresses` what to try in turn."""

        host: str
        port: int
        proxy: Proxy | None
        addresses: list[Address]

        def opened(self, address: Address) -> tuple[socket, tuple[str, int]]:
            """A stream that does not wait, made for an address, and that address as it has to be connected to."""

        def wanted(self) -> bool:
            """Whether anybody still waits."""

        def made(self, theirs: socket) -> None:
            """It stands."""

        def failed(self, code: int) -> None:
            """It does not come to be."""


_MOST_TOLD = 10
_PATIENCE = 5.0  # seconds for an address while there is another


class _Way:
    """One attempt: `theirs` is on its way to `target`; `left` are the addresses that come after."""

    __slots__ = ("dialogue", "left", "target", "theirs", "until", "wish")

    def __init__(self, wish: Wish, theirs: socket, target: tuple[str, int], left: list[Address]) -> None:
        self.wish = wish
        self.theirs = theirs
        self.target = target
        self.left = left
        self.dialogue: Dialogue | None = None
        self.until = monotonic() + _PATIENCE


class Ways:
    """All that are on their way."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._ways: dict[int, _Way] = {}
        self._told: set[str] = set()

    def __bool__(self) -> bool:
        """Whether there are any, so that `expire` is to be called now and then."""
        return bool(self._ways)

    def begin(self, wish: Wish) -> None:
        """Set out; the wish hears of the end."""
        self._next(wish, [*wish.addresses] if wish.proxy is None else [wish.proxy.address], errno.ENETUNREACH)

    def expire(self) -> None:
        """Give up a proxy that says nothing, an address that does not answer, and what nobody waits for any more."""
        for way in list(self._ways.values()):
            if not way.wish.wanted():
                self._end(way, errno.ECONNREFUSED, "")
            elif way.dialogue is not None and way.dialogue.is_late:
                self._end(way, errno.ECONNREFUSED, "it does not answer")
            elif way.left and way.dialogue is None and monotonic() > way.until:
                self._drop(way)
                self._next(way.wish, way.left, errno.ETIMEDOUT)

    def _next(self, wish: Wish, left: list[Address], code: int) -> None:
        """Try the addresses in turn; `code` is what came of those before."""
        while left:
            address, left = left[0], left[1:]
            try:
                theirs, target = wish.opened(address)
            except OSError as error:
                code = error.errno or errno.EIO
                continue
            started = theirs.connect_ex(target)
            if started in (0, errno.EINPROGRESS):
                self._set_out(_Way(wish, theirs, target, left))
                return
            theirs.close()
            code = started
        self._tell(wish, _unreachable(code))
        wish.failed(code)

    def _set_out(self, way: _Way) -> None:
        self._ways[way.theirs.fileno()] = way
        self._loop.watch(way.theirs.fileno(), lambda events: self._reached(way), POLLOUT, calm=True)

    def _reached(self, way: _Way) -> None:
        """The host's socket stands, or does not come to stand."""
        # The second call makes it a connected one (inet_stream_connect in Linux). Left as connecting, it would be
        # free for another connection at the end of this one, by a sendto(2) with MSG_FASTOPEN.
        code = way.theirs.getsockopt(SOL_SOCKET, SO_ERROR) or way.theirs.connect_ex(way.target)
        if code:
            self._drop(way)
            self._next(way.wish, way.left, code)
        elif way.wish.proxy is None:
            self._arrive(way)
        else:
            self._talk(way, way.wish.proxy)

    def _talk(self, way: _Way, proxy: Proxy) -> None:
        """Tell the proxy where to."""
        try:
            way.dialogue = Dialogue(proxy, way.theirs, way.wish.host, way.wish.port)
        except (ProxyRefused, OSError) as error:
            self._end(way, errno.ECONNREFUSED, str(error))
            return
        self._loop.watch(way.theirs.fileno(), lambda events: self._answered(way), POLLIN, calm=True)

    def _answered(self, way: _Way) -> None:
        try:
            stands = way.dialogue is None or way.dialogue.advance()
        except (ProxyRefused, OSError) as error:
            self._end(way, errno.ECONNREFUSED, str(error))
            return
        if stands:
            self._arrive(way)

    def _arrive(self, way: _Way) -> None:
        number = way.theirs.fileno()
        self._loop.forget(number)
        del self._ways[number]
        with closing(way.theirs):
            way.wish.made(way.theirs)

    def _drop(self, way: _Way) -> None:
        number = way.theirs.fileno()
        self._loop.forget(number)
        del self._ways[number]
        way.theirs.close()

    def _end(self, way: _Way, code: int, reason: str) -> None:
        """First told: after a step's end nobody waits for the broker."""
        self._drop(way)
        if reason:
            self._tell(way.wish, reason)
        way.wish.failed(code)

    def _tell(self, wish: Wish, reason: str) -> None:
        """Why a proxy makes no connection, each reason once: the step itself sees a refused connection, and not why."""
        if wish.proxy is None or reason in self._told or len(self._told) == _MOST_TOLD:
            return
        self._told.add(reason)
        from msh.diagnostics import Diagnostic
        from msh.render import report

        message = f"the proxy `{wish.proxy.text}` made no connection to `{wish.host}`, port {wish.port}: {reason}"
        help_ = "see that it runs, that its kind and port are named right, and what it lets through"
        report([Diagnostic("MSH414", message, help=help_, severity="note")], count=False)


def stream(family: int) -> socket:
    """A stream of the host that does not wait."""
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC)


def _unreachable(code: int) -> str:
    return f"it cannot be reached: {os.strerror(code)}"
