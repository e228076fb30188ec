"""What happens in a native sandbox: its first process makes it, takes in one request, starts the step, sees to its end.

The first process is a fork of the server and pid 1 of the sandbox's pid namespace. Nothing that depends on the step is
left when the request comes but its own mounts; then it gives up every right, and starts the program. It adopts orphans,
and when the step has ended it kills what is left, reports, and ends.

The program is started by posix_spawn(3), which shares memory until it is executed: a fork of Python is dear to make and
to throw away. Where something has to happen in the step's process alone (limits, control groups, a notify filter), it
is made by `spawn`, which does the same and more.

Nothing is imported from here on: the step's tree may not hold Python's.
"""

from __future__ import annotations

import errno
import os
import signal
import stat
import sys
from marshal import dumps

from msh.limits import DEFAULTS
from msh.record import Record
from msh.sandbox import confine, landlock
from msh.sandbox.descriptors import file_actions
from msh.sandbox.kernel import PIDS, has
from msh.sandbox.landlock import Rules
from msh.sandbox.launcher.child import hold, set_signals
from msh.sandbox.launcher.request import receive_request
from msh.sandbox.launcher.spawn import spawn
from msh.sandbox.native import system, tree
from msh.sandbox.programs import MAIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from typing import NoReturn

    from msh.sandbox.launcher.request import Start
    from msh.sandbox.native.tree import Parts

_SHELL = "/bin/sh"
_COUNTED = has(PIDS)  # looked up before the sandbox is entered


class Kind(Record):
    """What is the same for all sandboxes of a pool; `abi` is Landlock's version, `filter` the system-call filter.

    `hidden` are the directories of programs that are empty, of which the main one is filled and sealed by the step.
    """

    parts: Parts
    network: bool
    hidden: tuple[str, ...]
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
    trouble: OSError | None = None
    try:
        rules = _make(kind)
    except OSError as error:
        trouble = error
    received = receive_request(channel)
    if received is None:
        return 0  # the server has ended
    control, start = received
    try:
        if trouble is not None:
            raise trouble
        step = _start(kind, start, rules, control)
    except OSError as error:
        os.write(control, dumps(("failed", str(error.filename or "confine"), error.errno or 0)))
        return 125
    _close_but(control)
    return _see_to_the_end(step, control)


def _make(kind: Kind) -> Rules:
    """Everything about the sandbox that does not depend on the step; Landlock's rules of it. Raises OSError."""
    system.name_host("msh")
    if not kind.network:
        system.raise_loopback()
    tree.make_root(kind.parts, network=kind.network)
    for path in kind.hidden:
        system.mount("tmpfs", path, system.NOSUID | system.NODEV, "mode=0755")
        if path != MAIN:
            _seal(path)
    system.drop_bounding_set()
    confine.no_new_privileges()
    confine.hide()
    return _standing_rules(kind)


def _close_but(*held: int) -> None:
    first = 0
    for number in sorted(held):
        os.closerange(first, number)
        first = number + 1
    os.closerange(first, (1 << 31) - 1)


def _start(kind: Kind, start: Start, rules: Rules, control: int) -> int:
    """Confine this process, start the step, and return its pid. Raises OSError, whose file name is the stage."""
    _take_in(start, rules)
    for ours in start.fds.values():
        rules.allow(ours, landlock.rights_of(ours))
    os.umask(start.mask)
    set_signals(start.ignored)
    rules.restrict()
    confine.drop_capabilities()
    if not (start.limits or start.cgroups):
        _limit_by_default()
    if start.plain:
        confine.filter_calls(kind.filter)
        return _spawned(start)
    step = _prepared(kind, start)
    confine.filter_calls(kind.filter)
    return step


def _limit_by_default() -> None:
    """Of this user namespace alone, and of no weight for the machine's root (setrlimit(2))."""
    import resource  # which the server has loaded

    soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    most = int(DEFAULTS["pids"])
    if _COUNTED and (hard == resource.RLIM_INFINITY or hard > most):
        resource.setrlimit(resource.RLIMIT_NPROC, (most if soft == resource.RLIM_INFINITY else min(soft, most), most))


def _spawned(start: Start) -> int:
    actions, _ = file_actions(start.fds, ())
    environment = dict(start.environment)
    try:
        try:
            return os.posix_spawn(
                start.program, start.argv, environment, file_actions=actions, setsid=True, setsigmask=[]
            )
        except OSError as error:
            if error.errno != errno.ENOEXEC:
                raise
        # A text without `#!`, which execvp(3) gives to the shell.
        argv = ("sh", start.program, *start.argv[1:])
        return os.posix_spawn(_SHELL, argv, environment, file_actions=actions, setsid=True, setsigmask=[])
    except OSError as error:
        raise OSError(error.errno, error.strerror, "execute") from None


def _prepared(kind: Kind, start: Start) -> int:
    """A step whose process has limits, groups or a filter of its own."""

    def prepare() -> None:
        os.setsid()
        hold(start, kind.filter)

    return spawn(prepare, start.program, start.argv, dict(start.environment), shell=True)


def _see_to_the_end(step: int, control: int) -> int:
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
    try:
        os.write(control, dumps(("ended", found, user, system_time, peak * 1024)))
    except (BrokenPipeError, ConnectionResetError):
        return 0  # nobody waits
    return 0


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
        elif what == "mode":
            _set_mode(root, path, number)
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


def _set_mode(root: int, path: str, mode: int) -> None:
    place = tree.make_place(root, path, directory=True)
    opened = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=place)
    os.fchmod(opened, mode)
    os.close(opened)
    os.close(place)


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
