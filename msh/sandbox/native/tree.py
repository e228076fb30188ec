"""The file tree of a native sandbox: the parts that all share, made once by the server, and the tree of each.

The server keeps what every step sees (`/usr`, `/etc`, devices …) mounted below a directory of its own mount namespace.
A sandbox's first process has a copy of that namespace; it makes a new root, moves those mounts to their places, and
lets go of everything else. So a sandbox costs some ten system calls, and never sees the host.

Places in the tree are made and opened one component at a time without following links: a step of the same run may
have put some where it may write.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

from msh.record import Record
from msh.sandbox.native import system

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.sandbox.backend import Base
    from msh.sandbox.policy import Mount

_PLACE = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
_QUIET = system.NOSUID | system.NODEV
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_DEVICE_LINKS = (
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
    ("core", "/proc/kcore"),
    ("ptmx", "pts/ptmx"),
)
HIDDEN = ("/proc/1",)  # the sandbox's own first process is outside the filter
_KERNEL = ("/proc/sys",)  # writable for uid 0 even without capabilities, and so are
_KERNEL_OF_ROOT = ("/proc/acpi", "/proc/asound", "/proc/fs", "/proc/scsi")


class Parts(Record):
    """What the server keeps mounted below `directory`: `mounts` of the base in their order, `network_mounts`."""

    directory: str
    base: Base

    def of(self, *, network: bool) -> tuple[Mount, ...]:
        """The base mounts of a step."""
        return (*self.base.mounts, *(self.base.network_mounts if network else ()))

    def at(self, number: int) -> str:
        """Where the mount of this number lies."""
        return f"{self.directory}/{number}"


def make_parts(directory: str, base: Base) -> Parts:
    """In the server's own mount namespace: mount all parts below `directory`. Raises OSError."""
    parts = Parts(directory, base)
    system.propagate_nothing()
    mounts = parts.of(network=True)
    trees = [_shared(mount) for mount in mounts]  # before anything covers what they come from
    system.mount("tmpfs", directory, _QUIET, "mode=0755")
    for number, tree in enumerate(trees):
        _settle(tree, parts.at(number))
    os.mkdir(f"{directory}/empty", 0o555)
    _make_devices(f"{directory}/dev")
    for name in ("new", "scratch"):
        os.mkdir(f"{directory}/{name}")
    return parts


def _shared(mount: Mount) -> int:
    number = os.open(mount.source, os.O_PATH | os.O_CLOEXEC)
    try:
        tree = system.clone_tree(number)
    finally:
        os.close(number)
    system.restrict_mount(tree, writable=mount.writable)
    return tree


def _settle(tree: int, path: str) -> None:
    """Mount a tree at a new path; closes it."""
    if stat.S_ISDIR(os.fstat(tree).st_mode):
        os.mkdir(path, 0o755)
    else:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    place = os.open(path, _PLACE)
    try:
        system.attach(tree, place)
    finally:
        os.close(place)
        os.close(tree)


def _make_devices(path: str) -> None:
    """The harmless devices and the usual links; `shm` and `pts` are each sandbox's own."""
    os.mkdir(path)
    system.mount("tmpfs", path, system.NOSUID, "mode=0755")
    for name in _DEVICES:
        number = os.open(f"/dev/{name}", os.O_PATH | os.O_CLOEXEC)
        tree = system.clone_tree(number, whole=False)
        os.close(number)
        system.restrict_mount(tree, writable=True, devices=True)
        _settle(tree, f"{path}/{name}")
    for name, target in _DEVICE_LINKS:
        os.symlink(target, f"{path}/{name}")
    for name in ("shm", "pts"):
        os.mkdir(f"{path}/{name}")
    place = os.open(path, _PLACE)
    system.restrict_mount(place, writable=False, devices=True, whole=False)
    os.close(place)


def make_root(parts: Parts, *, network: bool) -> None:
    """In a sandbox's first process: make its tree of the parts and enter it. Raises OSError."""
    new = f"{parts.directory}/new"
    system.mount("tmpfs", new, _QUIET, "mode=0755")
    root = os.open(new, _PLACE | os.O_DIRECTORY)
    for number, mount in enumerate(parts.of(network=network)):
        _move(parts.at(number), root, mount.target)
    for path, target in parts.base.links:
        os.symlink(target, new + path)
    _move(f"{parts.directory}/dev", root, "/dev")
    system.mount("tmpfs", f"{new}/dev/shm", _QUIET, "mode=01777")
    system.mount("devpts", f"{new}/dev/pts", system.NOSUID | system.NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    os.mkdir(f"{new}/proc")
    system.mount("proc", f"{new}/proc", _QUIET | system.NOEXEC)
    _cover(new, parts)
    os.close(root)
    system.enter_root(new)


def _cover(new: str, parts: Parts) -> None:
    for path in HIDDEN:
        _copy(f"{parts.directory}/empty", new + path)
    for path in (*_KERNEL, *(_KERNEL_OF_ROOT if os.geteuid() == 0 else ())):
        if os.path.isdir(new + path):
            _copy(new + path, new + path)


def _copy(source: str, path: str) -> None:
    """Mount a directory, read-only, over another."""
    number = os.open(source, _PLACE)
    tree = system.clone_tree(number)
    system.restrict_mount(tree, writable=False)
    place = os.open(path, _PLACE)
    system.attach(tree, place)
    for each in (number, tree, place):
        os.close(each)


def _move(source: str, root: int, target: str) -> None:
    number = os.open(source, _PLACE)
    place = make_place(root, target, directory=stat.S_ISDIR(os.fstat(number).st_mode))
    system.attach(number, place)
    os.close(number)
    os.close(place)


def make_place(root: int, path: str, *, directory: bool) -> int:
    """A descriptor of a path below `root`; what is missing is made, and no link is followed. Raises OSError."""
    path = path.strip("/") or "."
    if directory:
        return _make_directory(root, path)
    above, _, last = path.rpartition("/")
    at = _make_directory(root, above or ".")
    try:
        return os.open(last, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600, dir_fd=at)
    except FileExistsError:
        place = os.open(last, _PLACE, dir_fd=at)
    finally:
        os.close(at)
    if stat.S_ISLNK(os.fstat(place).st_mode):
        os.close(place)
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
    return place


def _make_directory(root: int, path: str) -> int:
    with suppress(FileNotFoundError):
        return system.open_plain(root, path, os.O_DIRECTORY)
    at = os.dup(root)
    for name in path.split("/"):
        at = _into(at, name)
    return at


def _into(at: int, name: str) -> int:
    """The directory of that name in `at`, made if it is missing; closes `at`."""
    try:
        try:
            return os.open(name, _PLACE | os.O_DIRECTORY, dir_fd=at)
        except FileNotFoundError:
            os.mkdir(name, 0o755, dir_fd=at)
            return os.open(name, _PLACE | os.O_DIRECTORY, dir_fd=at)
    finally:
        os.close(at)


def granted(path: str, *, writable: bool) -> int:
    """In the server: a copy of the mount of a granted path, mounted nowhere yet.

    Raises OSError; its file name is the path when that is no longer there, or a link is on the way to it.
    """
    number = system.open_plain(system.AT_FDCWD, path)
    try:
        tree = system.clone_tree(number)
    finally:
        os.close(number)
    system.restrict_mount(tree, writable=writable)
    return tree
