"""What happens in a fork of the server until its program is executed."""

from __future__ import annotations

import os
import signal
import sys
from _signal import SIG_DFL, SIG_IGN  # type: ignore[import-not-found]  # has no stubs; `signal` makes enums
from _signal import signal as set_one

from msh.sandbox.descriptors import above
from msh.sandbox.launcher.request import send

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

    from msh.sandbox.backend import Notify
    from msh.sandbox.launcher.request import Start

_PYTHONS = (signal.SIGPIPE, signal.SIGXFSZ)  # which it ignores; a step must not inherit that


def become(start: Start, control: int, parent: int) -> NoReturn:
    """Runs in the fork; what goes wrong is said on `control` as (failed, stage, errno)."""
    from marshal import dumps

    floor = max(start.fds, default=2) + 1
    control = above(control, floor)
    stage = "confine"
    try:
        confine_self(start, parent)
        listener = above(start.notify.socket, floor) if start.notify is not None else -1
        place_descriptors(start.fds, floor)
        if start.notify is not None:
            install_notify(start.notify.replace(socket=listener))
        set_limits(start.limits)  # last: that of open files would be in the way of the descriptors
        stage = "execute"
        os.execve(start.program, start.argv, dict(start.environment))
    except OSError as error:
        os.write(control, dumps(("failed", stage, error.errno or 0)))
    finally:
        failure = sys.exc_info()
        if failure[0] is not None:  # a failure here is a bug, and is shown as one
            sys.excepthook(*failure)
        os._exit(126)  # nothing may unwind into the server's frames


def confine_self(start: Start, parent: int) -> None:
    """What the program inherits, but for its descriptors and filters. Raises OSError."""
    from msh.sandbox import confine

    confine.signal_at_parents_death(signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(126)
    os.setpgid(0, 0)
    set_signals(start.ignored)
    os.umask(start.mask)
    for number in start.cgroups:
        os.write(number, b"0")  # the process that writes (cgroups(7))


def set_signals(ignored: frozenset[int]) -> None:
    """Those are ignored; all others stay as they are in the server, at their default, but for what Python ignores."""
    for number in _PYTHONS:
        if number not in ignored:
            set_one(number, SIG_DFL)
    for each in ignored:
        set_one(each, SIG_IGN)


def set_limits(limits: tuple[tuple[int, int, int], ...]) -> None:
    """Resource limits of this process and what it starts (setrlimit(2))."""
    if limits:
        import resource

        for number, soft, hard in limits:
            resource.setrlimit(number, (soft, hard))


def place_descriptors(fds: Mapping[int, int], floor: int) -> None:
    """Give descriptors (new number → ours) their numbers, all below `floor`; the others are closed by exec."""
    raised = {number: above(ours, floor) for number, ours in fds.items()}
    for number, ours in raised.items():
        os.dup2(ours, number, inheritable=True)


def install_notify(notify: Notify) -> None:
    """Install the filter and send its listener; whoever has that answers the calls from now on.

    The last thing before exec: any call may be one that the filter asks about.
    """
    from _socket import socket

    from msh.sandbox import confine

    confine.no_new_privileges()
    channel = socket(fileno=notify.socket)
    listener = confine.notify_calls(notify.program)
    send(channel, notify.tag, [listener])
    channel.detach()
