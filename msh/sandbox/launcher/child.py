"""A process of the server's that needs more than posix_spawn(3): limits, control groups, a filter that asks."""

from __future__ import annotations

import os
import resource
import signal

from msh.sandbox import confine
from msh.sandbox.backend import HANDOVER
from msh.sandbox.descriptors import above
from msh.sandbox.launcher.request import send
from msh.sandbox.launcher.spawn import spawn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from msh.sandbox.backend import Notify
    from msh.sandbox.launcher.request import Start

_BEFORE_SHELLS = 1000  # of the same run: the step is to be said to have met a limit, not who started it
_PYTHONS = (signal.SIGPIPE, signal.SIGXFSZ)  # which it ignores; a step must not inherit that


def started(start: Start) -> int:
    """The pid of a process that executes what is asked for. Raises OSError, whose file name is the stage."""
    parent = os.getpid()

    def prepare() -> None:
        confine.signal_at_parents_death(signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(126)
        os.setpgid(0, 0)
        take_over(start)
        hold(start)

    return spawn(prepare, start.program, start.argv, dict(start.environment))


def take_over(start: Start) -> None:
    """In a new process: what it inherits of the shell that asked for it."""
    set_signals(start.ignored)
    os.umask(start.mask)


def hold(start: Start, program: bytes = b"") -> None:
    """In a new process, last of all: its groups, descriptors, filters and limits. `program` is a
    filter before the one that asks.

    Raises OSError.
    """
    for number in start.cgroups:
        os.write(number, b"0")  # the process that writes (cgroups(7))
    if start.cgroups:
        confine.end_first(_BEFORE_SHELLS)
    floor = max(start.fds, default=2) + 1
    notify = start.notify
    if notify is not None:
        notify = notify.replace(socket=above(notify.socket, floor))
    place_descriptors(start.fds, floor)
    if program:
        confine.filter_calls(program)
    if notify is not None:
        install_notify(notify)  # any call from now on may be one that it asks about
    for number, soft, hard in start.limits:  # that of open files would be in the way of all the others
        resource.setrlimit(number, (soft, hard))


def set_signals(ignored: frozenset[int]) -> None:
    """Those are ignored; all others stay as they are in the server, at their default, but for what Python ignores."""
    for number in _PYTHONS:
        if number not in ignored:
            confine.dispose(number, ignored=False)
    for each in ignored:
        confine.dispose(each, ignored=True)


def place_descriptors(fds: Mapping[int, int], floor: int) -> None:
    """Give descriptors (new number → ours) their numbers, all below `floor`; the others are closed by exec."""
    raised = {number: above(ours, floor) for number, ours in fds.items()}
    for number, ours in raised.items():
        os.dup2(ours, number, inheritable=True)


def install_notify(notify: Notify) -> None:
    """Install the filter and send its listener; whoever has that answers the calls from now on.

    It is not kept here: a process that holds its own listener waits for itself for ever when nobody answers.
    """
    from _socket import socket

    confine.no_new_privileges()
    channel = socket(fileno=notify.socket)
    try:
        listener = confine.notify_calls(notify.program)
        try:
            send(channel, notify.tag, [listener], HANDOVER)
        finally:
            os.close(listener)
    finally:
        channel.detach()
