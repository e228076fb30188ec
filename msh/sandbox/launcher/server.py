"""The server's loop: requests in, processes started and waited for, ends reported.

It is a fork of msh with nothing but this left to do: one thread, no timers, three kinds of events.

    the request socket   a new request; its end says that msh is gone
    a control socket     a signal to deliver; its end says that the shell that asked is gone
    SIGCHLD              somebody has ended: perhaps a step, perhaps an orphan that the server has adopted
"""

from __future__ import annotations

import os
import select
import signal
import stat
import sys
from _socket import socket
from marshal import dumps, loads

from msh.sandbox.descriptors import file_actions
from msh.sandbox.launcher.request import receive_request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from msh.sandbox.launcher.request import Start

    Report = tuple[str, int, float, float, int]

_DEFAULTED = [signal.SIGPIPE, signal.SIGXFSZ]  # Python ignores these; a step must not inherit that
_END_FIRST = 500  # of 1000; 0 is what programs have
_ANYTHING_READ = select.POLLIN | select.POLLHUP | select.POLLERR


class Running:
    """A step that the server has started: where its end is reported, and how its processes are signalled."""

    def __init__(self, pid: int, control: socket) -> None:
        self.pid = pid
        self.control = control
        self.gone = False  # its pid may be another's

    def signal(self, number: int) -> None:
        """Deliver a signal to the step's own processes, or end all of it."""
        from msh.sandbox.bubblewrap import signal_step

        signal_step(self.pid, number)


class Server:
    """The state of the loop. `requests` is the socket on which they come."""

    def __init__(self, requests: socket) -> None:
        self.requests = requests
        self.running: dict[int, Running] = {}  # by pid
        self.controls: dict[int, Running] = {}  # by the control socket's number
        self.poll = select.poll()
        self._open = True

    def serve(self) -> None:
        """Until nobody can ask any more; then everything is ended."""
        from msh.sandbox.supervisor import end_all

        ended = _wake_on_child()
        self.poll.register(self.requests, _ANYTHING_READ)
        self.poll.register(ended, select.POLLIN)
        self.prepare()
        while self._open:
            self.idle()
            for number, _ in self.poll.poll():
                if number == ended:
                    self._reap(ended)
                elif number == self.requests.fileno():
                    self._request()
                elif number in self.controls:
                    self._hear(self.controls[number])
                else:
                    self.other(number)
        end_all()

    def prepare(self) -> None:
        """Before the first request."""

    def idle(self) -> None:
        """Before each wait for events."""

    def other(self, number: int) -> None:
        """A descriptor that a kind of server waits for itself is readable."""

    def over(self, step: Running, report: Report) -> None:
        """A step has ended: tell the shell that asked, if it is still there."""
        if step.control.fileno() in self.controls:
            tell(step.control, report)
            self._release(step)

    def ended(self, pid: int) -> None:
        """A child has ended that is no step."""

    def start(self, start: Start, control: socket) -> Running:
        """Start what is asked for. Raises OSError, whose file name is the stage."""
        if start.plain:
            return Running(_spawn(start), control)
        from msh.sandbox.launcher.child import started

        return Running(started(start), control)

    def _request(self) -> None:
        """One request."""
        received = receive_request(self.requests)
        if received is None:
            self._open = False
            return
        number, start = received
        control = socket(fileno=number)
        try:
            step = self.start(start, control)
        except OSError as error:
            tell(control, ("failed", str(error.filename or "execute"), error.errno or 0))
            control.close()
        else:
            tell(control, ("started", step.pid))
            self.running[step.pid] = self.controls[number] = step
            self.poll.register(number, _ANYTHING_READ)
        finally:
            self.forget(start)

    def forget(self, start: Start) -> None:
        """Close the descriptors of a request that was carried out."""
        notify = () if start.notify is None else (start.notify.socket,)
        for number in (*start.fds.values(), *start.cgroups, *notify):
            os.close(number)

    def _hear(self, step: Running) -> None:
        """A signal to be delivered, or the end of the shell that waits."""
        try:
            message = step.control.recv(64)
        except ConnectionResetError:
            message = b""
        if not message:
            self._release(step)
        if not step.gone:
            step.signal(loads(message) if message else signal.SIGKILL)

    def _release(self, step: Running) -> None:
        self.poll.unregister(step.control)
        del self.controls[step.control.fileno()]
        step.control.close()

    def _reap(self, ended: int) -> None:
        """Collect whoever has ended."""
        os.read(ended, 4096)
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            step = self.running.pop(pid, None)
            if step is None:
                self.ended(pid)
            else:
                step.gone = True
                self.over(step, ("ended", status, usage.ru_utime, usage.ru_stime, usage.ru_maxrss * 1024))


def tell(control: socket, message: tuple[str | int | float, ...]) -> None:
    """Report something to the shell that asked, if it is still there."""
    try:
        control.send(dumps(message))
    except (BrokenPipeError, ConnectionResetError):
        return  # its control socket says so too, and the loop will hear


def run(requests: socket, server: Callable[[socket], Server] = Server) -> NoReturn:
    """The life of the server's process, a fork of msh; never returns into the frames of msh."""
    try:
        _settle(requests.fileno())
        server(requests).serve()
    finally:
        failure = sys.exc_info()
        if failure[0] is not None:  # a failure here is a bug, and is shown as one
            sys.excepthook(*failure)
        os._exit(0 if failure[0] is None else 70)


def _settle(requests: int) -> None:
    """Take leave of msh: its terminal, handlers, descriptors and saved rights; become the parent of all orphans."""
    import gc

    from msh.sandbox import confine

    os.setsid()
    for number in range(1, signal.NSIG):
        if number not in (signal.SIGKILL, signal.SIGSTOP, 32, 33, *_DEFAULTED):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in map(int, os.listdir("/proc/self/fd")):
        if number not in (2, requests):
            try:
                os.close(number)
            except OSError:
                continue  # the listing's own descriptor
    for number in (0, 1) if _may_keep_errors() else (0, 1, 2):
        os.dup2(os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC), number)
    os.setresuid(os.geteuid(), os.geteuid(), os.geteuid())
    os.chdir("/")
    confine.adopt_orphans()
    confine.end_first(_END_FIRST)  # and what it starts
    gc.freeze()
    gc.disable()


def _may_keep_errors() -> bool:
    """Whether standard error is open, and no pipe: at the end of `{ step; } 2>&1 | reader`, the reader waits until
    nobody has its other end any more.
    """
    try:
        return not stat.S_ISFIFO(os.fstat(2).st_mode)
    except OSError:
        return False


def _wake_on_child() -> int:
    """A descriptor that becomes readable when a child has ended."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    return read


def _spawn(start: Start) -> int:
    """The pid of a process that needs nothing but posix_spawn(3); signals and mask are this process's for a moment."""
    actions, spare = file_actions(start.fds, ())
    defaulted = [number for number in _DEFAULTED if number not in start.ignored]
    for number in start.ignored:
        signal.signal(number, signal.SIG_IGN)
    os.umask(start.mask)
    try:
        return os.posix_spawn(
            start.program,
            start.argv,
            dict(start.environment),
            file_actions=actions,
            setpgroup=0,
            setsigmask=[],
            setsigdef=defaulted,
        )
    except OSError as error:
        raise OSError(error.errno, error.strerror, "execute") from None
    finally:
        for number in start.ignored:
            signal.signal(number, signal.SIG_IGN if number in _DEFAULTED else signal.SIG_DFL)
        for number in spare:
            os.close(number)
