"""The side of msh and its subshells: one launcher a run, and the steps that it has started."""

from __future__ import annotations

import os
import signal
import sys
import time
from _signal import SIG_IGN, getsignal  # type: ignore[import-not-found]  # without the enumerations of `signal`
from _socket import AF_UNIX, MSG_DONTWAIT, MSG_PEEK, SOCK_CLOEXEC, SOCK_SEQPACKET, socket, socketpair
from marshal import dumps, loads

from msh.sandbox.backend import Process
from msh.sandbox.descriptors import keep
from msh.sandbox.launcher.request import Start, send_request
from msh.sandbox.policy import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from msh.diagnostics import MshError
    from msh.sandbox.backend import Controls, Judge
    from msh.sandbox.policy import Outcome

_LIMITS = 16  # RLIMIT_ numbers of Linux
_INHERITED = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)  # when whoever started msh ignores them


class LaunchedProcess(Process):
    """A step below the launcher. What happens to it arrives on the control socket.

    `failure` is (stage, errno) when the program could not be executed; `usage` is known at the end.
    """

    def __init__(
        self,
        control: socket,
        created: tuple[str, ...] = (),
        report: int = -1,
        judge: Judge | None = None,
        failed: Callable[[str, int], MshError] | None = None,
    ) -> None:
        """`failed` says what to tell the user about a failure."""
        super().__init__(0, created, None, report, judge)
        self.failure: tuple[str, int] | None = None
        self._control = control
        self._failed = failed
        self._status = -1
        self._began = time.monotonic()

    @property
    def pid(self) -> int:  # known only when the launcher has answered, asked for when needed
        """The sandbox's pid; 0 when it could not be started."""
        while self._pid == 0 and self._status < 0:
            self._receive()
        return self._pid

    @pid.setter
    def pid(self, value: int) -> None:
        self._pid = value

    def wait(self) -> Outcome:
        """Wait for the end; how it ended."""
        while self.outcome is None and self._status < 0:
            self._receive()
        return self.finish(self._status)

    def poll(self) -> Outcome | None:
        """How it ended, or None while it runs."""
        while self.outcome is None and self._status < 0 and self._pending():
            self._receive()
        return self.finish(self._status) if self._status >= 0 else self.outcome

    def ended(self) -> bool:
        """Whether it has ended; leaves it to be waited for."""
        while self._pid == 0 and self._status < 0 and self._pending():
            self._receive()
        return self.outcome is not None or self._status >= 0 or (self._pid != 0 and self._pending())

    def handle(self) -> int:
        """A descriptor of the caller's own that is readable when the step has ended."""
        _ = self.pid
        if self._status >= 0:
            return os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
        return keep(os.dup(self._control.fileno()))

    def signal(self, number: int) -> None:
        """Deliver a signal to the step's own processes; SIGKILL ends the sandbox as a whole."""
        if self.outcome is not None or self._status >= 0:
            return
        try:
            self._control.send(dumps(int(number)))
        except (BrokenPipeError, ConnectionResetError):
            return  # it ended meanwhile; `wait` says how

    def shared(self) -> Process | None:
        """In a fork of the process that started it; what arrives is left to that one. None when it has not begun."""
        if self._pid == 0 or self.outcome is not None or self._status >= 0:
            return None
        return SharedProcess(self._pid, socket(fileno=keep(os.dup(self._control.fileno()))))

    def abandon(self) -> None:
        """Forget a step of the process that this one is a fork of."""
        self._control.close()

    def _pending(self) -> bool:
        """Whether something has arrived."""
        try:
            self._control.recv(1, MSG_PEEK | MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except ConnectionResetError:
            return True
        return True

    def _receive(self) -> None:
        """Take in one message."""
        try:
            message = self._control.recv(4096)
        except ConnectionResetError:
            message = b""
        if not message:
            self._end(signal.SIGKILL)
            return
        what, *values = loads(message)
        if what == "started":
            self._pid = values[0]
        elif what == "failed":
            self.failure = (values[0], values[1])
            if self._pid == 0:
                self._end(126 << 8)
        else:
            user, system, peak = values[1:]
            self.usage = Usage(peak, user + system, time.monotonic() - self._began)
            self._end(values[0])

    def _end(self, status: int) -> None:
        self._status = status
        self._control.close()

    def _judged(self, code: int) -> Outcome | None:
        judged = super()._judged(code)
        if self.failure is None or self._failed is None:
            return judged
        [found] = self._failed(*self.failure).diagnostics
        return self._invalid(found)


class SharedProcess(LaunchedProcess):
    """A step that a shell above has started. It is never waited for: that would take its messages away."""

    def __init__(self, pid: int, control: socket) -> None:
        super().__init__(control)
        self.pid = pid

    def ended(self) -> bool:
        """Whether it has: the end is the last message, and after that the other side is closed."""
        try:
            message = self._control.recv(4096, MSG_PEEK | MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except ConnectionResetError:
            return True
        return not message or loads(message)[0] != "started"


class Launcher:
    """A server that is made when first asked, and the way to it for all forks of whoever made this."""

    def __init__(self, serve: Callable[[socket], NoReturn]) -> None:
        """`serve` is the life of the server's process."""
        self._serve = serve
        self._channel: socket | None = None
        self.server = 0
        self._owner = 0

    def begin(self) -> None:
        """Make the server unless there is one. What this process forks from now on shares it."""
        if self._channel is not None:
            return
        ours, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC)
        self._owner = os.getpid()
        self.server = os.fork()
        if self.server == 0:
            ours.close()
            self._serve(theirs)
        theirs.close()
        self._channel = socket(fileno=keep(ours.detach()))

    def start(self, start: Start, ignored: frozenset[int], controls: Controls) -> socket:
        """Ask for a process; the control socket on which the server answers.

        Signals, mask and limits of this process and `controls` are added to what is asked for. Raises OSError.
        """
        self.begin()
        groups: list[int] = []
        ours, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC)
        try:
            for path in controls.cgroups:
                groups.append(os.open(f"{path}/cgroup.procs", os.O_WRONLY | os.O_CLOEXEC))
            start = Start(
                start.program,
                start.argv,
                start.environment,
                start.fds,
                ignored_signals(ignored),
                current_mask(),
                (*self._limits(), *controls.limits),
                tuple(groups),
                controls.notify,
                start.view,
            )
            self._send(theirs.fileno(), start)
        finally:
            theirs.close()
            for number in groups:
                os.close(number)
        return socket(fileno=keep(ours.detach()))

    def _send(self, control: int, start: Start) -> None:
        """Send a request; should the server have been killed, to a new one."""
        assert self._channel is not None
        try:
            send_request(self._channel, control, start)
        except (BrokenPipeError, ConnectionResetError):
            self.close()
            self.begin()
            assert self._channel is not None
            send_request(self._channel, control, start)

    def _limits(self) -> tuple[tuple[int, int, int], ...]:
        """Resource limits that this process has set (`ulimit`) and the server has not."""
        resource = sys.modules.get("resource")
        if resource is None:
            return ()  # then nobody can have
        own = [(number, *resource.getrlimit(number)) for number in range(_LIMITS)]
        return tuple([each for each in own if resource.prlimit(self.server, each[0]) != each[1:]])

    def close(self) -> None:
        """Let go of the server; it ends everything when nobody holds it any more. Its maker waits for that."""
        if self._channel is None:
            return
        self._channel.close()
        self._channel = None
        if self._owner == os.getpid():
            os.waitpid(self.server, 0)


def ignored_signals(traps: frozenset[int]) -> frozenset[int]:
    """The signals that a step is to ignore: those of the script's traps, and those that this process ignores itself."""
    own = [number for number in _INHERITED if getsignal(number) == SIG_IGN]
    return traps.union(own)


def current_mask() -> int:
    """The umask of this process."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
