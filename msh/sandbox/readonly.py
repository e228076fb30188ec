"""A descriptor through which a file cannot be changed, whatever its permissions say.

A step that has a file open for reading can open it again through `/proc/self/fd/N`, for writing too, or change its mode
with fchmod(2): the descriptor leads to the host's mount of the file, past the mounts of the step's own view. So a file
that may only be read, and that the run's user could write, is opened through a read-only mount instead: a child makes
a mount namespace, clones the one file's mount there (open_tree(2), mount_setattr(2)), and hands back what it opened.
Where a host does not let it (AppArmor, Linux before 5.12), a copy of the file serves.
"""

from __future__ import annotations

import array
import errno
import fcntl
import os
import stat

from msh.sandbox.descriptors import keep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_OPEN_TREE, _MOUNT_SETATTR = 428, 442  # the same on every machine
_CLONE = 1
_EMPTY_PATH = 0x1000
_CLOEXEC = os.O_CLOEXEC
_RDONLY = 1
_NEWNS, _NEWUSER = 0x00020000, 0x10000000


def could_change(status: os.stat_result, path: str) -> bool:
    """Whether the run's user could write the object or change its mode."""
    return status.st_uid == os.geteuid() or os.access(path, os.W_OK, effective_ids=True)


def open_readonly(path: str, number: int, scratch: str) -> int:
    """Open for reading the regular file that `number` refers to and that lies at the host path `path`.

    `scratch` is a directory for the copy. Raises OSError as open(2).
    """
    opened = _from_child(path)
    if opened < 0:
        return copied(number, scratch)
    if not os.path.samestat(os.fstat(opened), os.fstat(number)):
        os.close(opened)  # something else has taken its name
        return copied(number, scratch)
    return opened


def copied(number: int, scratch: str) -> int:
    """A nameless copy of a file, open for reading."""
    source = os.open(f"/proc/self/fd/{number}", os.O_RDONLY | os.O_CLOEXEC)
    name = os.path.join(scratch, f".copy-{os.urandom(8).hex()}")
    target = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.unlink(name)
        while os.sendfile(target, source, None, 1 << 24):
            pass
        return os.open(f"/proc/self/fd/{target}", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(source)
        os.close(target)


def protect_input(scratch: str) -> Callable[[], None]:
    """msh's own standard input, when it is a file that whoever started msh may change: only to be read from now on.

    Returns what hands the position back at the end, so that `{ msh …; cat; } < file` goes on where the script stopped.
    """
    try:
        status = os.fstat(0)
        path = os.readlink("/proc/self/fd/0")
    except OSError:
        return lambda: None  # closed
    reads = fcntl.fcntl(0, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
    if not (stat.S_ISREG(status.st_mode) and status.st_nlink and reads and could_change(status, "/proc/self/fd/0")):
        return lambda: None
    original = keep(os.dup(0))
    opened = open_readonly(path, original, scratch)
    os.lseek(opened, os.lseek(original, 0, os.SEEK_CUR), os.SEEK_SET)
    os.dup2(opened, 0)
    ours = keep(opened)
    return lambda: (os.lseek(original, os.lseek(ours, 0, os.SEEK_CUR), os.SEEK_SET), None)[1]


def _from_child(path: str) -> int:
    """The file opened by the child, or -1."""
    import ctypes
    from _socket import AF_UNIX, SOCK_STREAM, socketpair

    system = ctypes.CDLL(None, use_errno=True)
    ours, theirs = socketpair(AF_UNIX, SOCK_STREAM)
    child = os.fork()
    if child == 0:
        try:
            theirs.sendmsg([b"x"], [(1, 1, array.array("i", [_through_clone(path, system)]))])  # SOL_SOCKET, SCM_RIGHTS
        finally:
            os._exit(0)  # nothing may unwind into the parent's frames
    theirs.close()
    _, ancillary, _, _ = ours.recvmsg(1, 64, 0x40000000)  # MSG_CMSG_CLOEXEC
    ours.close()
    os.waitpid(child, 0)
    return array.array("i", ancillary[0][2][:4])[0] if ancillary else -1


def _through_clone(path: str, system: object) -> int:
    """In the child: the file through a read-only mount of its own."""
    import ctypes

    from msh.sandbox.view import open_real

    call: Callable[..., int] = system.syscall  # type: ignore[attr-defined]
    unshare: Callable[[int], int] = system.unshare  # type: ignore[attr-defined]
    if unshare(_NEWNS) != 0 and unshare(_NEWUSER | _NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    found = open_real(path)
    tree = call(_OPEN_TREE, found, b"", _CLONE | _CLOEXEC | _EMPTY_PATH)
    attributes = (ctypes.c_uint64 * 4)(_RDONLY, 0, 0, 0)
    if tree < 0 or call(_MOUNT_SETATTR, tree, b"", _EMPTY_PATH, ctypes.byref(attributes), ctypes.sizeof(attributes)):
        raise OSError(ctypes.get_errno(), "open_tree")
    if not stat.S_ISREG(os.fstat(tree).st_mode):
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), path)
    return os.open(f"/proc/self/fd/{tree}", os.O_RDONLY | os.O_CLOEXEC)
