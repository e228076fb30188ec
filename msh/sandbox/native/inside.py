"""What is done inside a native sandbox, by two processes that borrow the server's memory (`launcher/spawn.py`).

    the first     makes what does not depend on the step, and executes a program that waits for ever (`first.py`)
    the step      enters when the request has come, puts in what was granted, gives up every right, and executes its
                  program

Until the step executes its program nothing foreign is in the sandbox, and from then on nothing of the server.

Nothing is imported from here on: the step's tree may not hold Python's.
"""

from __future__ import annotations

import os
import resource
import signal
import stat

from msh.limits import DEFAULTS
from msh.record import Record
from msh.sandbox import confine, landlock
from msh.sandbox.kernel import PIDS, has
from msh.sandbox.landlock import Rules
from msh.sandbox.launcher.child import hold, take_over
from msh.sandbox.launcher.spawn import spawn
from msh.sandbox.native import first, system, tree
from msh.sandbox.programs import MAIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from msh.sandbox.launcher.request import Start, View
    from msh.sandbox.native.tree import Parts
    from msh.sandbox.policy import Mount

_NAMESPACES = system.NEWNS | system.NEWPID | system.NEWIPC | system.NEWUTS | system.NEWCGROUP
FIRST = "/.first"


class Kind(Record):
    """What is the same for all sandboxes of a pool; `abi` is Landlock's version, `filter` the system-call filter.

    `hidden` are the directories of programs that are empty, of which the main one is filled and sealed by the step;
    `standing` other empty places, sealed by the step where they are not for writing; `processes` the limit of them for
    a step without limits.
    """

    parts: Parts
    network: bool
    hidden: tuple[str, ...]
    standing: tuple[Mount, ...]
    abi: int
    filter: bytes
    processes: tuple[int, int] | None

    @property
    def namespaces(self) -> int:
        """Those that a sandbox has for itself, as clone(2) and setns(2) name them."""
        return _NAMESPACES | (0 if self.network else system.NEWNET)


class Box:
    """A sandbox that is ready for one step.

    `first` is its first process, `handle` a pidfd of that, `_family` a file that names that one's children.
    """

    def __init__(self, kind: Kind, first: int, rules: int, handle: int, family: int) -> None:
        self.kind = kind
        self.first = first
        self.handle = handle
        self._rules = Rules(kind.abi, rules)
        self._family = family

    def start(self, start: Start, trees: Sequence[int]) -> int:
        """The pid of the step, a child of this process. Raises OSError, whose file name is the stage.

        What this process makes from now on is born in the sandbox: nothing but the next step, in its own.
        """
        system.enter(self.handle, system.NEWPID)
        return spawn(
            lambda: self._begin(start, trees), start.program, start.argv, dict(start.environment), may_be_text=True
        )

    def _begin(self, start: Start, trees: Sequence[int]) -> None:
        """In the step: enter the sandbox, make what was granted part of it, and give up every right."""
        system.enter(self.handle, self.kind.namespaces & ~system.NEWPID)
        assert start.view is not None
        _take_in(start.view, trees, self._rules)
        for ours in start.fds.values():
            self._rules.allow(ours, landlock.rights_of(ours))
        os.setsid()
        confine.no_new_privileges()
        self._rules.restrict()
        confine.drop_capabilities()
        if self.kind.processes and not (start.limits or start.cgroups):
            resource.setrlimit(resource.RLIMIT_NPROC, self.kind.processes)
        take_over(start)
        hold(start, self.kind.filter)

    def is_empty(self) -> bool:
        """Whether nothing lives in it but the first process: those whose parents have ended are its children."""
        return not os.pread(self._family, 1, 0)

    def end(self) -> None:
        """Kill all that is in it."""
        signal.pidfd_send_signal(self.handle, signal.SIGKILL)

    def close(self) -> None:
        """Let go of it."""
        for number in (self.handle, self._family, self._rules.number):
            os.close(number)


def usual_processes() -> tuple[int, int] | None:
    """The limit of processes that steps have by default, None where it is lower anyway.

    Of this user namespace alone, and of no weight for the machine's root (setrlimit(2)).
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    most = int(DEFAULTS["pids"])
    if not has(PIDS) or (hard != resource.RLIM_INFINITY and hard <= most):
        return None
    return most if soft == resource.RLIM_INFINITY else min(soft, most), most


def make(kind: Kind, rules: Rules, server: int) -> None:
    """In the first process: everything about the sandbox that does not depend on the step, for Landlock too."""
    confine.signal_at_parents_death(signal.SIGKILL)
    if system.has_ended(server):  # before it could be told
        os._exit(0)
    os.setsid()
    os.umask(0o022)
    system.name_host("msh")
    if not kind.network:
        system.raise_loopback()
    tree.make_root(kind.parts, network=kind.network)
    for path in kind.hidden:
        system.mount("tmpfs", path, system.NOSUID | system.NODEV, "mode=0755")
        if path != MAIN:
            system.seal(path)
    _allow_standing(kind, rules)
    root = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    for mount in kind.standing:
        _scratch(root, mount.target, rules, writable=mount.writable)
    first.write_executable(FIRST)
    confine.dispose(signal.SIGCHLD, ignored=True)
    confine.no_new_privileges()
    rules.restrict()  # as they are now: what the step is granted is not for this one
    confine.drop_capabilities()
    confine.filter_calls(kind.filter)
    os.closerange(0, (1 << 31) - 1)


def _take_in(view: View, trees: Sequence[int], rules: Rules) -> None:
    """Make what was granted part of the tree, then the tree read-only. `rules` gets what of it can be written to."""
    os.unlink(FIRST)
    root = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    for what, path, text, number in view.operations:
        if what == "mount":
            _mount(root, trees[number], path)
            if view.granted[number][1]:
                rules.allow(trees[number], landlock.WRITING)
        elif what == "scratch":
            _scratch(root, path, rules, writable=bool(number))
        elif what == "link":
            _link(root, path, text)
        elif what == "dir":
            os.close(tree.make_place(root, path, directory=True))
        elif what == "mode":
            _set_mode(root, path, number)
        else:
            system.seal(path)
    system.seal("/")
    os.close(root)
    os.chdir(view.directory)


def _mount(root: int, granted: int, target: str) -> None:
    place = tree.make_place(root, target, directory=stat.S_ISDIR(os.fstat(granted).st_mode))
    system.attach(granted, place)
    os.close(place)


def _scratch(root: int, path: str, rules: Rules, *, writable: bool) -> None:
    os.close(tree.make_place(root, path, directory=True))
    system.mount("tmpfs", path, system.NOSUID | system.NODEV, "mode=0755")
    if writable:
        rules.allow_path(path, landlock.WRITING)


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


def _allow_standing(kind: Kind, rules: Rules) -> None:
    """What every step may do; the grants that can be written to are added to it."""
    rules.allow_path("/", landlock.READING)
    rules.allow_path("/dev", landlock.WRITING | landlock.IOCTL_DEV)
    rules.allow_path("/proc", landlock.READING | landlock.WRITE_FILE)
    for mount in kind.parts.of(network=kind.network):
        if mount.writable:
            rules.allow_path(mount.target, landlock.WRITING)
