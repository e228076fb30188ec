"""The system calls that the standard library has no words for: namespaces and mounts, by ctypes.

All raise OSError. Numbers are the same on every machine where no table says otherwise.
"""

from __future__ import annotations

import ctypes
import os
from select import select
from struct import pack

_system = ctypes.CDLL(None, use_errno=True)
_call = _system.syscall
_call.restype = ctypes.c_long

NEWNS, NEWCGROUP, NEWUTS = 0x00020000, 0x02000000, 0x04000000
NEWIPC, NEWUSER, NEWPID, NEWNET = 0x08000000, 0x10000000, 0x20000000, 0x40000000

NOSUID, NODEV, NOEXEC = 2, 4, 8  # as flags of mount(2)
SLAVE, RECURSIVE = 1 << 19, 1 << 14

_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_OPEN_TREE, _MOVE_MOUNT, _OPENAT2, _MOUNT_SETATTR = 428, 429, 437, 442
_NO_LINKS = 0x04  # RESOLVE_NO_SYMLINKS
AT_FDCWD = -100
_CLONE_TREE, _CLOEXEC = 1, os.O_CLOEXEC
_EMPTY_PATH, _WHOLE_TREE = 0x1000, 0x8000  # AT_EMPTY_PATH, AT_RECURSIVE
_FROM_EMPTY, _TO_EMPTY = 0x4, 0x40  # MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_T_EMPTY_PATH
_DETACH = 2
_ATTRIBUTE_RDONLY, _ATTRIBUTE_NOSUID, _ATTRIBUTE_NODEV = 1, 2, 4
_SEALED = _ATTRIBUTE_RDONLY | _ATTRIBUTE_NOSUID | _ATTRIBUTE_NODEV
_NO_FOLLOW = 0x100  # AT_SYMLINK_NOFOLLOW
_BOUNDING_DROP, _LAST_CAPABILITY = 24, 63
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1  # of network interfaces (netdevice(7))


def known_machine() -> bool:
    """Whether the numbers here are known for this machine."""
    return os.uname().machine in _PIVOT_ROOT


def _checked(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), what)
    return result


def unshare(flags: int) -> None:
    """Leave namespaces for new ones (unshare(2))."""
    _checked(_system.unshare(flags), "unshare")


def has_ended(process: int) -> bool:
    """Whether a process has, given by a pidfd."""
    return bool(select([process], [], [], 0)[0])


def enter(process: int, kinds: int) -> None:
    """Move this process into namespaces of another, given by a pidfd; for pids, what it starts (setns(2))."""
    _checked(_system.setns(process, kinds), "setns")


def map_ids(uid: int, gid: int) -> None:
    """Be the same user and group in this process's new user namespace, and nobody else (user_namespaces(7))."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        number = os.open(f"/proc/self/{name}", os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(number, text.encode())
        finally:
            os.close(number)


def propagate_nothing() -> None:
    """No mount made from now on in this mount namespace is seen in another."""
    _checked(_system.mount(None, b"/", None, ctypes.c_ulong(SLAVE | RECURSIVE), None), "mount")


def mount(kind: str, path: str, flags: int, options: str = "") -> None:
    """A new file system of a kind at a path."""
    data = os.fsencode(options) or None
    done = _system.mount(kind.encode(), os.fsencode(path), kind.encode(), ctypes.c_ulong(flags), data)
    _checked(done, f"mount {kind} at {path}")


def open_plain(directory: int, path: str, flags: int = 0) -> int:
    """An O_PATH descriptor of a path, relative to that of a directory, on which no link may be (openat2(2)).

    Raises OSError with the path; ELOOP for a link, whatever it leads to.
    """
    how = pack("=QQQ", os.O_PATH | os.O_CLOEXEC | flags, 0, _NO_LINKS)
    return _checked(_call(_OPENAT2, directory, os.fsencode(path), how, ctypes.c_size_t(len(how))), path)


def clone_tree(place: int, *, whole: bool = True) -> int:
    """A copy of the mount that a descriptor lies on, from there downwards: a descriptor of it, mounted nowhere yet."""
    flags = _CLONE_TREE | _CLOEXEC | _EMPTY_PATH | (_WHOLE_TREE if whole else 0)
    return _checked(_call(_OPEN_TREE, place, b"", flags), "open_tree")


def restrict_mount(tree: int, *, writable: bool, devices: bool = False, whole: bool = True) -> None:
    """No setuid bits, no devices and, unless writable, no changes by way of a mount."""
    attributes = _ATTRIBUTE_NOSUID | (0 if devices else _ATTRIBUTE_NODEV) | (0 if writable else _ATTRIBUTE_RDONLY)
    _restrict(tree, b"", _EMPTY_PATH | (_WHOLE_TREE if whole else 0), attributes)


def seal(path: str) -> None:
    """No more changes by way of the mount at a path, which is not followed by a link at its end."""
    _restrict(AT_FDCWD, os.fsencode(path), _NO_FOLLOW, _SEALED)


def _restrict(place: int, path: bytes, flags: int, attributes: int) -> None:
    words = pack("=QQQQ", attributes, 0, 0, 0)
    _checked(_call(_MOUNT_SETATTR, place, path, flags, words, ctypes.c_size_t(len(words))), "mount_setattr")


def attach(tree: int, place: int) -> None:
    """Mount what `clone_tree` gave, or move a mount, to where a descriptor leads."""
    _checked(_call(_MOVE_MOUNT, tree, b"", place, b"", _FROM_EMPTY | _TO_EMPTY), "move_mount")


def enter_root(path: str) -> None:
    """Make a mount the root, and let go of all that was mounted before."""
    os.chdir(path)
    _checked(_call(_PIVOT_ROOT[os.uname().machine], b".", b"."), "pivot_root")
    _checked(_system.umount2(b".", _DETACH), "umount2")
    os.chdir("/")


def name_host(name: str) -> None:
    """The host name of this process's namespace."""
    _checked(_system.sethostname(name.encode(), len(name)), "sethostname")


def raise_loopback() -> None:
    """Switch the loopback interface of a new network namespace on."""
    import fcntl
    from _socket import AF_INET, SOCK_DGRAM, socket

    any_socket = socket(AF_INET, SOCK_DGRAM)
    words = bytearray(pack("16sH14x", b"lo", 0))
    fcntl.ioctl(any_socket, _GET_FLAGS, words)
    words[16] |= _UP
    fcntl.ioctl(any_socket, _SET_FLAGS, words)
    any_socket.close()


def drop_bounding_set() -> None:
    """Nothing that is executed from now on has a capability, whoever it runs as."""
    for number in range(_LAST_CAPABILITY + 1):
        if _system.prctl(_BOUNDING_DROP, number, 0, 0, 0) != 0:
            return  # there are no more
