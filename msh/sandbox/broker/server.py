"""The broker's loop: steps' waiting calls, and questions of the interpreter, one at a time.

While a question is open the loop goes on with what asks nothing. The launcher waits for each step to execute: without
that no other could start or be heard of.
"""

from __future__ import annotations

import errno
import os
import select
from array import array
from collections import deque
from marshal import loads

from msh.render import report
from msh.sandbox.backend import process_state
from msh.sandbox.broker.answers import Answers
from msh.sandbox.broker.connections import Connections
from msh.sandbox.broker.directories import Directories
from msh.sandbox.broker.entries import Entries
from msh.sandbox.broker.files import Files
from msh.sandbox.broker.filter import EXECUTION, SENDING, numbers
from msh.sandbox.broker.kernel import Listener
from msh.sandbox.broker.listening import Listening
from msh.sandbox.broker.lookups import Lookups
from msh.sandbox.broker.loop import Loop, is_readable
from msh.sandbox.broker.names import Names
from msh.sandbox.broker.nameserver import NameServers
from msh.sandbox.broker.outlets import Outlets
from msh.sandbox.broker.questions import Question
from msh.sandbox.broker.steps import Announcement, Step
from msh.sandbox.broker.targets import Targets
from msh.sandbox.broker.ways import Ways
from msh.sandbox.broker.within import PATIENCE
from msh.sandbox.refusal import refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from collections.abc import Callable

    from msh.sandbox.broker.kernel import Call
    from msh.sandbox.broker.prompt import Asker
    from msh.sandbox.broker.questions import Answer
    from msh.sandbox.broker.rules import Rules
    from msh.sandbox.view import View
    from msh.sandbox.widening import HostFiles

    Tell = Callable[[Question, Answer], None]

_TICK = 1.0  # seconds between looks at what is on its way
_PATIENCE = 0.2  # seconds between looks at whether a question still matters
_MOST_WAITING = 64  # questions of shells; who comes after them is not heard before the first is answered
_LARGEST = 1 << 18
_CUT = 0x20 | 0x08  # MSG_TRUNC, MSG_CTRUNC
_CLOEXEC = 0x40000000  # MSG_CMSG_CLOEXEC
_ENDED = select.POLLHUP | select.POLLERR | select.POLLNVAL


class _Later(Exception):
    """A call has to be judged again: it asks, and a question is open."""


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
    ) -> None:
        self._channel = channel
        self._denials = view.denials
        self._ask = ask
        self._loop = Loop()
        self._names = numbers(os.uname().machine, files=True, network=True)
        self._wanted: Callable[[], bool] = _always
        self._is_asking = False
        self._waiting: deque[tuple[Question, int]] = deque()  # questions of shells
        self._later: deque[tuple[Step, Call]] = deque()
        self._ended: list[Step] = []
        self.answers = answers = Answers(rules, self._ask_user, tell)
        self._directories = Directories()
        targets = Targets(view, host, self._directories)
        files = Files(targets, host, self._directories, self._decide, answers.made, self._refuse)
        entries = Entries(targets, self._decide, answers.made, self._refuse)
        self._acts = files.handlers | entries.handlers
        lookups = Lookups(self._loop)
        names = Names(self._decide_later, answers.ruled, answers.scope, rules.gives_port, lookups)
        self._servers = NameServers(names, self._loop)
        self._ways = Ways(self._loop)
        self._outlets = Outlets(self._loop, names, lookups, self._decide_later, self._ways)
        self.connections = Connections(names, self._servers, self._decide, self._loop, self._ways)
        self.listening = Listening(self._decide, self.connections.is_outside)

    def run(self) -> None:
        """Until the last shell of the run has gone."""
        self._hear()
        while self._channel.fileno() in self._loop:
            self._turn()
            self._catch_up()
        self.listening.close()

    def _turn(self, patience: float | None = None, *, calm: bool = False) -> None:
        within = self.connections.within
        if patience is None and self._ways:
            patience = _TICK
        self._loop.turn(PATIENCE if within else patience, calm=calm)
        self._ways.expire()
        within.again()

    def _catch_up(self) -> None:
        """With what came while a question was open."""
        while self._ended or self._waiting or self._later:
            while self._ended:
                self._end(self._ended.pop())
            if self._waiting:
                self._asked(*self._waiting.popleft())
                self._hear()
            if self._later:
                step, call = self._later.popleft()
                if step.listener.waits(call):
                    self._answer(step, call)

    # ---- msh and its subshells -----------------------------------------------------

    def _hear(self) -> None:
        """Steps are announced also while a question is open."""
        self._loop.watch(self._channel.fileno(), self._message, calm=len(self._waiting) < _MOST_WAITING)

    def _message(self, events: int) -> None:
        data, ancillary, flags, _ = self._channel.recvmsg(_LARGEST, 64, _CLOEXEC)
        descriptors = array("i")
        for _, _, payload in ancillary:
            descriptors.frombytes(payload[: len(payload) // 4 * 4])
        if not data:
            self._loop.forget(self._channel.fileno())
            return
        if flags & _CUT or len(descriptors) != 1:  # too long, or no free number: closed, so what is asked is denied
            for number in descriptors:
                os.close(number)
            return
        [descriptor], fields = descriptors, loads(data)
        if fields[0] == "step":
            self._watch(Step(Announcement(*fields[1:]), Listener(descriptor)))
        else:
            self._waiting.append((Question(*fields[1:]), descriptor))
            self._hear()

    def _asked(self, question: Question, reply: int) -> None:
        """A question of the interpreter, which waits for one byte."""
        self._wanted = lambda: not is_readable(reply)  # else whoever asked is gone
        allowed = self.answers.decide(question)
        self._wanted = _always
        try:
            os.write(reply, b"y" if allowed else b"n")
        except BrokenPipeError:
            pass
        finally:
            os.close(reply)

    # ---- steps ---------------------------------------------------------------------

    def _watch(self, step: Step) -> None:
        self._loop.watch(step.listener.fd, lambda events: self._call(step, events), calm=not self._ask.holds)

    def _call(self, step: Step, events: int) -> None:
        if not events & select.POLLIN:
            if events & _ENDED:
                self._loop.forget(step.listener.fd)
                self._ended.append(step)  # it may be the one that asks
            return
        call = step.listener.receive()
        if call is not None:
            self._answer(step, call)

    def _end(self, step: Step) -> None:
        self.answers.forget(step.identity)
        self._servers.end(step.identity)
        self._outlets.end(step.identity)
        self.connections.datagrams.end(step.identity)
        self.listening.end(step.identity)
        self._directories.end(step.identity)
        step.close()

    def _answer(self, step: Step, call: Call) -> None:
        try:
            self._judge(step, call)
        except _Later:
            self._later.append((step, call))
        except OSError as error:  # the thread is gone, or no descriptor is free: its loss, not the others'
            step.listener.fail(call, error.errno or errno.EIO)

    def _judge(self, step: Step, call: Call) -> None:
        name = self._names[call.number]
        if name in EXECUTION:
            if step.execute() and step.network:
                self._servers.serve(step, call.thread)
                if step.outlet:
                    self._outlets.serve(step, call.thread)
            step.listener.leave_to_the_wall(call)
        elif not step.begun:
            step.listener.leave_to_the_wall(call)  # the sandbox is being made; the step is not in it yet
        elif name == "connect":
            self.connections.connect(step, call)
        elif name in SENDING:
            self.connections.datagrams.send(name, step, call)
        elif name == "listen":
            self.listening.listen(step, call)
        else:
            self._acts[name](step, call)

    def _decide(self, step: Step, call: Call, question: Question) -> bool:
        known = self.answers.known(question)
        if known is not None:
            return known
        if self._is_asking:
            raise _Later
        # Not whether the call waits: being held interrupts it, and it is made again (Linux before 5.19).
        self._wanted = lambda: process_state(call.thread) not in "ZX"
        allowed = self.answers.decide(question)
        self._wanted = _always
        return allowed

    def _refuse(self, step: Step, call: Call, kind: str, path: str) -> None:
        """What is never asked for: the call fails, and it is said once what would grant it."""
        step.listener.fail(call, errno.EACCES)
        if path not in step.told:
            step.told.add(path)
            error = refused(step.name, path, kind, path, "", self._denials)
            report([one.replace(severity="warning") for one in error.diagnostics])

    def _decide_later(self, step: Step, question: Question) -> bool:
        self._wanted = lambda: not step.listener.is_over
        allowed = self.answers.decide(question)
        self._wanted = _always
        return allowed

    def _ask_user(self, question: Question) -> Answer:
        self._is_asking = True
        try:
            return self._ask(question, self._readable)
        finally:
            self._is_asking = False

    def _readable(self, number: int) -> bool:
        """Wait for what the user types, and let all go on meanwhile that asks nothing."""
        heard: list[int] = []
        self._loop.watch(number, heard.append, calm=True)
        try:
            while not heard and self._wanted():
                self._turn(_PATIENCE, calm=True)
        finally:
            self._loop.forget(number)
        return bool(heard)


def _always() -> bool:
    return True
