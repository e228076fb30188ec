"""The broker's side of the proxies inside steps (`outlet.py`): what may be connected is judged and made here."""

from __future__ import annotations

import errno
import os
import signal
from _socket import AF_INET6, AF_UNIX, SOCK_SEQPACKET, socket, socketpair
from array import array
from marshal import dumps, loads

from msh.sandbox import confine
from msh.sandbox.broker.addresses import address_of
from msh.sandbox.broker.client import close_all_but, wait_or_kill
from msh.sandbox.broker.namespaces import enter_network
from msh.sandbox.broker.outlet import READY, Outlet, listener
from msh.sandbox.broker.questions import Question
from msh.sandbox.broker.ways import stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.sandbox.broker.addresses import Address
    from msh.sandbox.broker.lookups import Lookups
    from msh.sandbox.broker.loop import Loop
    from msh.sandbox.broker.names import Names
    from msh.sandbox.broker.proxy import Proxy
    from msh.sandbox.broker.steps import Step
    from msh.sandbox.broker.ways import Ways

    Decide = Callable[[Step, Question], bool]

_LARGEST = 1 << 12
_PATIENCE = 1.0  # seconds for one to end by itself


class _Wish:
    """The connection that a request in a step's proxy waits for."""

    def __init__(self, channel: socket, number: int, question: Question, proxy: Proxy | None) -> None:
        self.host, self.port, self.proxy = question.target, question.port, proxy
        self.addresses: list[Address] = []
        self._channel = channel
        self._number = number

    def opened(self, address: Address) -> tuple[socket, tuple[str, int]]:
        """A stream of the address's family."""
        family = AF_INET6 if ":" in address.text else address.family
        return stream(family), address.at(family)

    def wanted(self) -> bool:
        return self._channel.fileno() >= 0

    def made(self, theirs: socket) -> None:
        """Hand it over."""
        self._say(200, "", theirs.fileno())

    def failed(self, code: int) -> None:
        self.refuse(502, os.strerror(code).lower())

    def refuse(self, status: int, reason: str) -> None:
        """The request gets a response with this status."""
        self._say(status, reason)

    def _say(self, status: int, reason: str, *numbers: int) -> None:
        rights = [(1, 1, array("i", numbers))] if numbers else []  # SOL_SOCKET, SCM_RIGHTS
        if self._channel.fileno() < 0:
            return
        try:
            self._channel.sendmsg([dumps((self._number, status, reason))], rights, 0x4000)  # MSG_NOSIGNAL
        except OSError:
            return  # it is gone, or has more answers than it reads


class Outlets:
    """One proxy for each step that is to have one."""

    def __init__(self, loop: Loop, names: Names, lookups: Lookups, decide: Decide, ways: Ways) -> None:
        self._loop = loop
        self._names = names
        self._lookups = lookups
        self._decide = decide
        self._ways = ways
        self._channels: dict[int, tuple[socket, int]] = {}  # of a step, with the pid

    def serve(self, step: Step, thread: int) -> None:
        """Start it; it listens when this returns."""
        ours, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET)
        broker = os.getpid()
        pid = os.fork()
        if pid == 0:
            _run(theirs, thread, broker)
        theirs.close()
        if ours.recv(_LARGEST) != READY:  # else the step is without, and its connections fail
            ours.close()
            os.waitpid(pid, 0)
            return
        ours.setblocking(False)
        self._channels[step.identity] = (ours, pid)
        self._loop.watch(ours.fileno(), lambda events: self._asked(step, ours))

    def end(self, identity: int) -> None:
        """The step has ended."""
        channel, pid = self._channels.pop(identity, (None, 0))
        if channel is not None:
            if channel.fileno() in self._loop:
                self._loop.forget(channel.fileno())
            channel.close()
            wait_or_kill(pid, _PATIENCE)

    def _asked(self, step: Step, channel: socket) -> None:
        data = channel.recv(_LARGEST)
        if not data:  # it is gone
            self._loop.forget(channel.fileno())
            return
        number, host, port = loads(data)
        question = Question("connect", host, step.name, step.identity, port)
        wish = _Wish(channel, number, question, step.proxy)
        if not (self._names.covers(question) or self._decide(step, question)):
            wish.refuse(403, "not allowed")
            return
        address = address_of(host, port)
        if address is not None or step.proxy is not None:
            wish.addresses = [address] if address is not None else []
            self._ways.begin(wish)
        else:
            self._lookups.find(host, lambda found: self._found(step, question, wish, found))

    def _found(self, step: Step, question: Question, wish: _Wish, found: list[str]) -> None:
        """A name that was allowed leads to these addresses; where a name must not lead is judged for itself."""
        addresses = [address for text in found if (address := address_of(text, question.port)) is not None]
        allowed = [address for address in addresses if self._may(step, question, address)]
        if allowed:
            wish.addresses = allowed
            self._ways.begin(wish)
        elif addresses:
            wish.refuse(403, "not allowed: the name leads to an address of this host or a private network")
        else:
            wish.refuse(502, "no such name")

    def _may(self, step: Step, question: Question, address: Address) -> bool:
        if address.is_private:
            return self._decide(step, question.replace(target=address.text, address=address.text))
        return not self._names.is_denied(question.replace(address=address.text))


def _run(channel: socket, thread: int, broker: int) -> None:
    """In the fork."""
    try:
        confine.signal_at_parents_death(signal.SIGKILL)
        if os.getppid() == broker:
            close_all_but({2, channel.fileno()})
            enter_network(thread)
            server = listener()
            channel.send(READY)
            channel.setblocking(False)
            Outlet(server, channel).run()
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.ECONNRESET):
            raise
    finally:
        os._exit(0)  # nothing may unwind into the broker's frames
