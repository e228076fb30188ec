"""One shell in a process of its own, below a worker that stays as it was.

    worker ──fork──▶ keeper ──fork──▶ shell ──▶ steps
      ▲ stdout, stderr: pipes, drained by a thread each      outcome: a file in memory, since the disk may be full

The worker's process has the libraries loaded and the script parsed; the shell gets both by the fork and can change
nothing in the worker: no variable, directory, descriptor, mask. The keeper is a subreaper (prctl(2)): whatever the
script leaves running becomes its child when its parent ends, and it ends all of them, also when time is up. So when the
keeper has ended, nothing runs, both pipes are at their end, and the tree of files holds still.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
import time
from typing import IO, TYPE_CHECKING

from msh.record import Record
from msh.sandbox.confine import adopt_orphans, signal_at_parents_death
from msh.sandbox.descriptors import FIRST_OWN, keep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import NoReturn

    from msh.aws.commit import Json

_LATE = 124


class Ended(Record):
    """How a shell ended: its outcome, None when it had none; by what signal; or that time was up."""

    outcome: Mapping[str, Json] | None
    signal: int = 0
    late: bool = False


def run_shell(
    shell: Callable[[], Mapping[str, object]],
    stdin: int,
    drains: tuple[Callable[[IO[bytes]], None], Callable[[IO[bytes]], None]],
    seconds: float | None,
) -> Ended:
    """Run `shell` in a fork and return its outcome, a JSON document.

    `stdin` becomes its descriptor 0. `drains` get its standard output and standard error as streams, each in a thread,
    and have to read them to their end. `seconds`: then everything is killed. What a drain raises is raised here, once
    all has ended.
    """
    outputs, errors = os.pipe(), os.pipe()
    with open(os.memfd_create("outcome"), "w+b") as file:
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            _keep(shell, parent, (stdin, outputs[1], errors[1]), file.fileno(), seconds)
        for end in (outputs[1], errors[1]):
            os.close(end)
        threads = [_Drain(drain, end) for drain, end in zip(drains, (outputs[0], errors[0]), strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        for thread in threads:
            if thread.error is not None:
                raise thread.error
        file.seek(0)
        document = file.read()
    if code == _LATE:
        return Ended(None, late=True)
    return Ended(json.loads(document) if document else None, signal=code - 128 if code > 128 else max(-code, 0))


class _Drain(threading.Thread):
    """Reads a pipe to its end. When it fails, the pipe is closed, so that the script cannot hang on it."""

    def __init__(self, drain: Callable[[IO[bytes]], None], descriptor: int) -> None:
        super().__init__(daemon=True)
        self._drain = drain
        self._descriptor = descriptor
        self.error: BaseException | None = None

    def run(self) -> None:
        with open(self._descriptor, "rb", buffering=0) as file:
            try:
                self._drain(file)
            except BaseException as error:  # noqa: BLE001  it is raised in the thread that waits
                self.error = error


# ---- in the fork ---------------------------------------------------------------------


def _keep(
    shell: Callable[[], Mapping[str, object]],
    parent: int,
    descriptors: tuple[int, int, int],
    outcome: int,
    seconds: float | None,
) -> NoReturn:
    """The keeper: start the shell, wait for it or for the end of its time, end all, tell by the exit status."""
    status = 70
    try:
        _die_with(parent)
        adopt_orphans()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        keeper = os.getpid()
        pid = os.fork()
        if pid == 0:
            _become(shell, keeper, descriptors, outcome)
        for descriptor in {*descriptors, 0, 1, 2}:
            os.close(descriptor)
        status = _wait(pid, seconds)
        end_children()
    finally:
        os._exit(status)


def _become(
    shell: Callable[[], Mapping[str, object]], keeper: int, descriptors: tuple[int, int, int], outcome: int
) -> NoReturn:
    """The shell. Nothing may unwind into the frames of the worker: a failure here is a bug and is shown as one."""
    status = 70
    try:
        os.setsid()
        _die_with(keeper)
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
        outcome = keep(outcome)
        os.closerange(3, FIRST_OWN)  # the worker's; the numbers are the script's now
        gc.freeze()  # so that nothing of the worker closes such a number when it is collected
        _reset_signals()
        document = json.dumps(shell()).encode("ascii")
        with open(outcome, "wb", closefd=False) as file:
            file.write(document)
        status = 0
    finally:
        if status:
            sys.excepthook(*sys.exc_info())
        os._exit(status)


def _die_with(parent: int) -> None:
    signal_at_parents_death(signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(70)  # it had ended before we asked


def _reset_signals() -> None:
    """As a shell is started: nothing blocked, and what the worker's runtime handles is as by default."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGCHLD, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


def _wait(pid: int, seconds: float | None) -> int:
    """The status of the shell as a shell gives it, `_LATE` when time was up."""
    end = None if seconds is None else time.monotonic() + seconds
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        rest = 3600.0 if end is None else end - time.monotonic()
        if rest <= 0:
            return _LATE
        signal.sigtimedwait({signal.SIGCHLD}, rest)


def end_children() -> None:
    """Kill all that is below this process, again until there is nothing: what is killed leaves its children to us."""
    while True:
        for pid in _children():
            os.kill(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _children() -> list[int]:
    """This process's children; from all processes where the kernel does not list them."""
    me, found = os.getpid(), []
    try:
        with open(f"/proc/self/task/{me}/children", "rb") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        names = [name for name in os.listdir("/proc") if name.isdigit()]
    for name in names:
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b") ")[2].split()
        except OSError:
            continue
        if int(fields[1]) == me:
            found.append(int(name))
    return found
