"""The two processes of a native sandbox: the first, which makes it and sees to its end, and the step.

Both are forks of the server. The first process is pid 1 of the sandbox's pid namespace: it makes the tree, forks the
step's process, adopts its orphans, and when the step has ended kills what is left, reports, and ends. The step's
process waits for its one request, takes in what was granted, gives up every right, and executes the program.

Nothing is imported from here on: the step's tree may not hold Python's.
"""

from __future__ import annotations

import errno
import os
import signal
import stat
import sys
from marshal import dumps

from msh.record import Record
from msh.sandbox import confine, landlock
from msh.sandbox.descriptors import above
from msh.sandbox.landlock import Rules
from msh.sandbox.launcher.child import install_notify, place_descriptors, set_limits, set_signals
from msh.sandbox.launcher.request import receive, receive_request
from msh.sandbox.native import system, tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from typing import NoReturn

    from msh.sandbox.launcher.request import Start
    from msh.sandbox.native.tree import Parts

END = b"end"  # the message that carries where the end is to be reported
_SHELL = "/bin/sh"


class Kind(Record):
    """What is the same for all sandboxes of a pool; `abi` is Landlock's version, `filter` the system-call filter."""

    parts: Parts
    network: bool
    abi: int
    filter: bytes


def live(kind: Kind, channel: socket) -> NoReturn:
    """The first process, from its fork to its end; never returns into the frames of the server."""
    status = 125
    try:
        status = _live(kind, channel)
    finally:
        failure = sys.exc_info()
        if failure[0] is not None:  # a failure here is a bug, and is shown as one
            sys.excepthook(*failure)
        os._exit(status)


def _live(kind: Kind, channel: socket) -> int:
    confine.signal_at_parents_death(signal.SIGKILL)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.umask(0o022)
    _close_but(2, channel.fileno())
    try:
        _make(kind)
        step = os.fork()
    except OSError as error:
        _refuse(channel, error)
        return 125
    if step == 0:
        become_step(kind, channel)
    os.setpgid(0, 0)  # the step's group is the step's, whoever asks
    return _see_to_the_end(step, channel)


def _make(kind: Kind) -> None:
    """Everything about the sandbox that does not depend on the step. Raises OSError."""
    system.name_host("msh")
    if not kind.network:
        system.raise_loopback()
    tree.make_root(kind.parts, network=kind.network)
    system.drop_bounding_set()
    confine.no_new_privileges()
    confine.hide()


def _refuse(channel: socket, error: OSError) -> None:
    """The sandbox could not be made: say so to whoever asks for it."""
    received = receive_request(channel)
    if received is not None:
        os.write(received[0], dumps(("failed", f"make {error.filename or ''}".strip(), error.errno or 0)))


def _close_but(*held: int) -> None:
    first = 0
    for number in sorted(held):
        os.closerange(first, number)
        first = number + 1
    os.closerange(first, (1 << 31) - 1)


def _see_to_the_end(step: int, channel: socket) -> int:
    """Adopt orphans until the step ends; kill what is left of it, and report its status and what it all has used."""
    found, user, system_time, peak = -1, 0.0, 0.0, 0
    while True:
        try:
            pid, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            break
        user, system_time = user + usage.ru_utime, system_time + usage.ru_stime
        peak = max(peak, usage.ru_maxrss)
        if pid == step:
            found = status
            try:
                os.kill(-1, signal.SIGKILL)
            except ProcessLookupError:
                continue
    data = b""
    while data != END:  # should the step have been killed before it took its request, that comes first
        data, descriptors = receive(channel)
        if not descriptors:
            return 0  # nobody has asked for anything
    try:
        os.write(descriptors[0], dumps(("ended", found, user, system_time, peak * 1024)))
    except (BrokenPipeError, ConnectionResetError):
        return 0  # nobody waits
    return 0


def become_step(kind: Kind, channel: socket) -> NoReturn:
    """The step's process: wait for the request, then execute it."""
    os.setsid()
    control, stage = -1, "confine"
    try:
        rules = _standing_rules(kind)
        received = receive_request(channel)
        if received is None:
            os._exit(0)
        control, start = received
        floor = max(start.fds, default=2) + 1
        control = above(control, floor)
        stage = "view"
        _take_in(start, rules)
        stage = "confine"
        _confine(kind, start, rules, floor)
        stage = "execute"
        _execute(start)
    except OSError as error:
        where = f"{stage} {error.filename}" if isinstance(error.filename, str) and stage != "execute" else stage
        if control >= 0:
            os.write(control, dumps(("failed", where, error.errno or 0)))
    finally:
        failure = sys.exc_info()
        if failure[0] is not None:
            sys.excepthook(*failure)
        os._exit(126)


def _take_in(start: Start, rules: Rules) -> None:
    """Make what was granted part of the tree, then the tree read-only. `rules` gets what of it can be written to."""
    view = start.view
    assert view is not None
    root = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    for what, path, text, number in view.operations:
        if what == "mount":
            _mount(root, start.pins[number], path)
            if view.pins[number][1]:
                rules.allow(start.pins[number], landlock.WRITING)
        elif what == "scratch":
            _scratch(root, path)
            if number:
                rules.allow_path(path, landlock.WRITING)
        elif what == "link":
            _link(root, path, text)
        elif what == "dir":
            os.close(tree.make_place(root, path, directory=True))
        else:
            _seal(path)
    _seal("/")
    os.close(root)
    os.chdir(view.directory)


def _mount(root: int, granted: int, target: str) -> None:
    place = tree.make_place(root, target, directory=stat.S_ISDIR(os.fstat(granted).st_mode))
    system.attach(granted, place)
    os.close(place)


def _scratch(root: int, path: str) -> None:
    os.close(tree.make_place(root, path, directory=True))
    system.mount("tmpfs", path, system.NOSUID | system.NODEV, "mode=0755")


def _link(root: int, path: str, target: str) -> None:
    above_, _, name = path.rpartition("/")
    place = tree.make_place(root, above_ or "/", directory=True)
    try:
        os.symlink(target, name, dir_fd=place)
    except FileExistsError:
        if os.readlink(name, dir_fd=place) != target:
            raise
    finally:
        os.close(place)


def _seal(path: str) -> None:
    """No more changes to a directory that was made for others to be mounted in."""
    place = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    system.restrict_mount(place, writable=False, whole=False)
    os.close(place)


def _standing_rules(kind: Kind) -> Rules:
    """What every step may do, for Landlock; the grants that can be written to are added to it."""
    rules = Rules(kind.abi)
    rules.allow_path("/", landlock.READING)
    rules.allow_path("/dev", landlock.WRITING | landlock.IOCTL_DEV)
    rules.allow_path("/proc", landlock.READING | landlock.WRITE_FILE)
    for mount in kind.parts.of(network=kind.network):
        if mount.writable:
            rules.allow_path(mount.target, landlock.WRITING)
    return rules


def _confine(kind: Kind, start: Start, rules: Rules, floor: int) -> None:
    """Give up everything that the program is not to have. The order counts: each may forbid what comes before it."""
    for number in start.cgroups:
        os.write(number, b"0")
    os.umask(start.mask)
    set_signals(start.ignored)
    for ours in start.fds.values():
        rules.allow(ours, landlock.rights_of(ours))
    rules.restrict()
    confine.drop_capabilities()
    notify = start.notify
    listener = above(notify.socket, floor) if notify is not None else -1
    place_descriptors(start.fds, floor)
    set_limits(start.limits)
    confine.filter_calls(kind.filter)
    if notify is not None:
        install_notify(notify.replace(socket=listener))


def _execute(start: Start) -> None:
    environment = dict(start.environment)
    try:
        os.execve(start.program, start.argv, environment)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
    # A text without `#!`, which execvp(3) gives to the shell.
    os.execve(_SHELL, ("sh", start.program, *start.argv[1:]), environment)
