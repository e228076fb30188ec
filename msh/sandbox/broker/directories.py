"""Directories of the host that are handed to steps: stand-ins, which hold names and nothing else.

A descriptor of the directory itself would lead to everything below it, and by `..` to the host's root. So a step gets
one of a small file system of its own that is made for it: every name is there, of the right type, and what it leads to
is empty and closed; `..` leads nowhere, since it is mounted nowhere (path_resolution(7): `..` of a root is itself). It
is read-only. When a name is used that is relative to such a descriptor, what the real directory holds is meant, and the
user is asked about that (`Targets`).

A directory that is opened for nothing but to be named (O_PATH) is an empty stand-in.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat

from msh.sandbox.broker.kernel import AT_FDCWD, find_in_root
from msh.sandbox.broker.namespaces import enter_mounts, made_in_fork
from msh.sandbox.descriptors import keep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_NAMES = 20_000
#: Stand-ins of one step, and names in them, each of which takes a kilobyte of the kernel's memory. When there are more
#: the oldest is forgotten: names relative to it are not found any more.
_MOST_KEPT, _MOST_NAMES_KEPT = 64, 2 * MOST_NAMES
_FSOPEN, _FSCONFIG, _FSMOUNT = 430, 431, 432  # the same on every machine
_CREATE = 6  # FSCONFIG_CMD_CREATE
_CLOEXEC = 1
_RDONLY, _NOSUID, _NODEV, _NOEXEC = 1, 2, 4, 8
_EMPTY_PATH, _MOUNT_SETATTR = 0x1000, 442
_TYPES = (stat.S_IFDIR, stat.S_IFLNK, stat.S_IFIFO, stat.S_IFSOCK)

_system = ctypes.CDLL(None, use_errno=True)


class Directories:
    """The stand-ins of all steps: which real directory each stands for."""

    def __init__(self) -> None:
        self._paths: dict[tuple[int, int], str] = {}  # device and inode of a stand-in → real path
        #: step → stand-ins by descriptor, which keeps their devices theirs, each with its number of names
        self._of_steps: dict[int, dict[int, int]] = {}

    def path(self, thread: int, number: int, root: int) -> tuple[str, bool]:
        """The path of a thread's working directory, or of a directory that it has open, and whether it is that of a
        stand-in. Raises OSError: ESTALE for what is not in its tree, whose root is `root`.

        A forgotten stand-in says that it is `/`, and the empty `etc` in one that it is `/etc`.
        """
        name = f"/proc/{thread}/cwd" if number == AT_FDCWD else f"/proc/{thread}/fd/{number}"
        path = os.readlink(name)
        if not path.startswith("/"):
            raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if not self._paths:
            return path, False
        status = os.stat(name)
        real = self._paths.get((status.st_dev, status.st_ino))
        if real is None and not _leads_to(root, path, status):
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return real or path, real is not None

    def made(self, step: int, path: str, number: int, flags: int) -> int:
        """Open a stand-in for the directory at the real `path` that `number` refers to. Raises OSError."""
        names = [] if flags & os.O_PATH else _entries(number)
        root = stand_in(names, os.fstat(number))
        status = os.fstat(root)
        self._paths[(status.st_dev, status.st_ino)] = path
        held = self._of_steps.setdefault(step, {})
        kept = keep(root)
        held[kept] = len(names)
        while len(held) > _MOST_KEPT or sum(held.values()) > _MOST_NAMES_KEPT:
            oldest = next(iter(held))
            del held[oldest]
            self._drop(oldest)
        # Not by O_PATH, which cannot be handed over; without names it is no more than that.
        return os.open(f"/proc/self/fd/{kept}", flags & os.O_NONBLOCK | os.O_DIRECTORY | os.O_CLOEXEC)

    def end(self, step: int) -> None:
        """A step has ended."""
        for number in self._of_steps.pop(step, {}):
            self._drop(number)

    def _drop(self, number: int) -> None:
        status = os.fstat(number)
        self._paths.pop((status.st_dev, status.st_ino), None)
        os.close(number)


def _leads_to(root: int, path: str, status: os.stat_result) -> bool:
    found = find_in_root(root, path)
    try:
        return os.path.samestat(os.fstat(found), status)
    finally:
        os.close(found)


def _entries(number: int) -> list[tuple[str, int, str]]:
    """Name, type and, of a link, the target of all that is in a directory. Raises OSError: EOVERFLOW for too many."""
    found: list[tuple[str, int, str]] = []
    opened = os.open(f"/proc/self/fd/{number}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with os.scandir(opened) as entries:
            for entry in entries:
                if len(found) >= MOST_NAMES:
                    raise OSError(errno.EOVERFLOW, os.strerror(errno.EOVERFLOW))
                kind, target = _type(entry), ""
                if kind == stat.S_IFLNK:
                    target = os.readlink(entry.name, dir_fd=opened)
                found.append((entry.name, kind, target))
    finally:
        os.close(opened)
    return found


def _type(entry: os.DirEntry[str]) -> int:
    if entry.is_symlink():
        return stat.S_IFLNK
    if entry.is_dir(follow_symlinks=False):
        return stat.S_IFDIR
    if entry.is_file(follow_symlinks=False):
        return stat.S_IFREG
    return stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode)


def stand_in(names: Iterable[tuple[str, int, str]], status: os.stat_result) -> int:
    """The root of a new file system with these names, which looks like a directory of this `status`. Raises OSError."""

    def make() -> list[int]:
        enter_mounts()
        tree = _file_system()
        root = os.open(f"/proc/self/fd/{tree}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for name, kind, target in names:
            _place(root, name, kind, target)
        os.fchmod(root, status.st_mode & 0o777)
        os.utime(root, ns=(status.st_atime_ns, status.st_mtime_ns))
        attributes = (ctypes.c_uint64 * 4)(_RDONLY | _NOSUID | _NODEV | _NOEXEC, 0, 0, 0)
        _checked(_system.syscall(_MOUNT_SETATTR, tree, b"", _EMPTY_PATH, ctypes.byref(attributes), 32))
        return [root]

    made = made_in_fork(make)
    if not made:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))
    return made[0]


def _file_system() -> int:
    """A file system in memory, mounted nowhere (fsmount(2))."""
    context = _checked(_system.syscall(_FSOPEN, b"tmpfs", _CLOEXEC))
    _checked(_system.syscall(_FSCONFIG, context, _CREATE, None, None, 0))
    return _checked(_system.syscall(_FSMOUNT, context, _CLOEXEC, 0))


def _place(root: int, name: str, kind: int, target: str) -> None:
    """Something of this type without content or permissions."""
    if kind == stat.S_IFDIR:
        os.mkdir(name, 0, dir_fd=root)
    elif kind == stat.S_IFLNK:
        os.symlink(target, name, dir_fd=root)
    else:
        os.mknod(name, kind if kind in _TYPES else stat.S_IFREG, dir_fd=root)


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
