"""The broker's loop: steps' waiting calls, and questions of the interpreter, one at a time."""

from __future__ import annotations

import errno
import os
import select
from array import array
from marshal import loads

from msh.sandbox.backend import process_state
from msh.sandbox.broker.answers import Answers
from msh.sandbox.broker.connections import Connections
from msh.sandbox.broker.files import Files
from msh.sandbox.broker.filter import EXECUTION, numbers
from msh.sandbox.broker.kernel import Listener
from msh.sandbox.broker.listening import Listening
from msh.sandbox.broker.names import Names
from msh.sandbox.broker.questions import Question
from msh.sandbox.broker.steps import Announcement, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from collections.abc import Callable

    from msh.sandbox.broker.kernel import Call
    from msh.sandbox.broker.prompt import Asker
    from msh.sandbox.broker.proxy import Proxy
    from msh.sandbox.broker.questions import Answer
    from msh.sandbox.broker.rules import Rules
    from msh.sandbox.view import View
    from msh.sandbox.widening import HostFiles

    Tell = Callable[[Question, Answer], None]

_TICK = 1000  # milliseconds between looks at a proxy that does not answer
_LARGEST = 1 << 18
_CUT = 0x20 | 0x08  # MSG_TRUNC, MSG_CTRUNC
_CLOEXEC = 0x40000000  # MSG_CMSG_CLOEXEC
_ENDED = select.POLLHUP | select.POLLERR | select.POLLNVAL


class Server:
    """Serves until nobody is left who could ask."""

    def __init__(
        self,
        channel: socket,
        view: View,
        host: HostFiles,
        rules: Rules,
        ask: Asker,
        tell: Tell,
        proxy: Proxy | None = None,
    ) -> None:
        self._channel = channel
        self._ask = ask
        self._poll = select.poll()
        self._handlers: dict[int, Callable[[int], None]] = {}
        self._names = numbers(os.uname().machine, files=True, network=True)
        self._wanted: Callable[[], bool] = _always
        self.answers = Answers(rules, self._ask_user, tell)
        self.files = Files(view, host, self._decide)
        self._resolving = Names(
            self._decide_name,
            self.answers.ruled,
            rules.gives_port,
            self._watch,
            self._forget,
            proxied=proxy is not None,
        )
        self.connections = Connections(self._resolving, self._decide, self._watch, self._forget, proxy)
        self.listening = Listening(self._decide, self.connections.is_outside)

    def run(self) -> None:
        """Until the last shell of the run has gone."""
        self._watch(self._channel.fileno(), self._message)
        while self._channel.fileno() in self._handlers:
            for number, events in self._poll.poll(_TICK if self.connections.talks else None):
                handler = self._handlers.get(number)
                if handler is not None:  # else what came before it has ended it
                    handler(events)
            self.connections.expire()
        self.listening.close()

    def _watch(self, number: int, handler: Callable[[int], None], events: int = select.POLLIN) -> None:
        self._handlers[number] = handler
        self._poll.register(number, events)

    def _forget(self, number: int) -> None:
        del self._handlers[number]
        self._poll.unregister(number)

    # ---- msh and its subshells -----------------------------------------------------

    def _message(self, events: int) -> None:
        data, ancillary, flags, _ = self._channel.recvmsg(_LARGEST, 64, _CLOEXEC)
        descriptors = array("i")
        for _, _, payload in ancillary:
            descriptors.frombytes(payload[: len(payload) // 4 * 4])
        if not data:
            self._forget(self._channel.fileno())
            return
        if flags & _CUT or len(descriptors) != 1:  # too long, or no free number: closed, so what is asked is denied
            for number in descriptors:
                os.close(number)
            return
        [descriptor], fields = descriptors, loads(data)
        if fields[0] == "step":
            self._begin(Step(Announcement(*fields[1:]), Listener(descriptor)))
        else:
            self._asked(Question(*fields[1:]), descriptor)

    def _asked(self, question: Question, reply: int) -> None:
        """A question of the interpreter, which waits for one byte."""
        self._wanted = lambda: not select.select([reply], [], [], 0)[0]  # readable: whoever asked is gone
        allowed = self.answers.decide(question)
        self._wanted = _always
        try:
            os.write(reply, b"y" if allowed else b"n")
        except BrokenPipeError:
            pass
        finally:
            os.close(reply)

    # ---- steps ---------------------------------------------------------------------

    def _begin(self, step: Step) -> None:
        self._watch(step.listener.fd, lambda events: self._call(step, events))

    def _call(self, step: Step, events: int) -> None:
        if not events & select.POLLIN:
            if events & _ENDED:
                self._forget(step.listener.fd)
                self.answers.forget(step.identity)
                self._resolving.end(step.identity)
                self.listening.end(step.identity)
                step.close()
            return
        call = step.listener.receive()
        if call is None:
            return
        try:
            self._judge(step, call)
        except OSError as error:  # the thread is gone, or no descriptor is free: its loss, not the others'
            step.listener.fail(call, error.errno or errno.EIO)

    def _judge(self, step: Step, call: Call) -> None:
        name = self._names[call.number]
        if name in EXECUTION:
            if step.execute() and step.network:
                self._resolving.serve(step, call.thread)
            step.listener.leave_to_the_wall(call)
        elif not step.begun:
            step.listener.leave_to_the_wall(call)  # the sandbox is being made; the step is not in it yet
        elif name == "connect":
            self.connections.connect(step, call)
        elif name == "listen":
            self.listening.listen(step, call)
        elif not self.files.handle(name, step, call):
            step.listener.leave_to_the_wall(call)

    def _decide(self, step: Step, call: Call, question: Question) -> bool:
        known = self.answers.known(question)
        if known is not None:
            return known
        # Not whether the call waits: being held interrupts it, and it is made again (Linux before 5.19).
        self._wanted = lambda: process_state(call.thread) not in "ZX"
        allowed = self.answers.decide(question)
        self._wanted = _always
        return allowed

    def _decide_name(self, step: Step, question: Question) -> bool:
        self._wanted = lambda: step.listener.fd in self._handlers
        allowed = self.answers.decide(question)
        self._wanted = _always
        return allowed

    def _ask_user(self, question: Question) -> Answer:
        return self._ask(question, self._wanted)


def _always() -> bool:
    return True
