"""System calls that wait for an answer: seccomp_unotify(2) without a library.

A `Listener` is the descriptor that a filter of `filter.py` came with. A call's arguments are read once, from the memory
of the thread that waits; then the kernel is asked whether that thread still waits, so that the memory was its own. What
was read is what is judged and done: the thread's memory is not looked at again.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
from contextlib import suppress
from fcntl import ioctl
from struct import Struct

from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_libc = ctypes.CDLL(None, use_errno=True)
_syscall = _libc.syscall
_read_memory, _write_memory = _libc.process_vm_readv, _libc.process_vm_writev
for _function in (_read_memory, _write_memory):
    _function.argtypes = (
        ctypes.c_int,
        ctypes.c_void_p,
        ctypes.c_ulong,
        ctypes.c_void_p,
        ctypes.c_ulong,
        ctypes.c_ulong,
    )
    _function.restype = ctypes.c_ssize_t

_NOTIFICATION = Struct("=QIIiIQ6Q")  # struct seccomp_notif with its seccomp_data
_RESPONSE = Struct("=QqiI")
_ADDITION = Struct("=QIIII")
_HOW = Struct("=QQQ")  # struct open_how
_OPENAT2, _PIDFD_OPEN, _PIDFD_GETFD = 437, 434, 438  # the same on both machines


_RENAMEAT2 = {"x86_64": 316, "aarch64": 276}[os.uname().machine]


def _request(direction: int, number: int, size: int) -> int:
    """_IOC of asm-generic/ioctl.h, of type `!`."""
    return direction << 30 | size << 16 | 0x21 << 8 | number


_RECEIVE = _request(3, 0, _NOTIFICATION.size)
_SEND = _request(3, 1, _RESPONSE.size)
_STILL_WAITS = _request(1, 2, 8)
_ADD = _request(1, 3, _ADDITION.size)
_SET_FLAGS, _WAKE_HERE = _request(1, 4, 8), 1  # SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
_CONTINUE = 1
_ADD_AT, _ADD_AND_SEND = 1, 2
_IN_ROOT, _NO_MAGIC_LINKS, _NO_LINKS = 0x10, 0x02, 0x04
_TRIES = 1000  # each meets another rename; whoever renames that often is not let through
_PAGE = 4096
PATH_MAX = 4096
AT_FDCWD = -100


class Call(Record):
    """A call that waits. `number` is the system call's, `arguments` its six, each as 64 unsigned bits."""

    identity: int
    thread: int  # in the broker's own pid namespace
    number: int
    arguments: tuple[int, int, int, int, int, int]


class Listener:
    """The waiting calls of one step."""

    __slots__ = ("_buffer", "_vector", "fd")

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._buffer = ctypes.create_string_buffer(_PAGE)
        self._vector = (ctypes.c_size_t * 4)()
        # One of the two always waits for the other, so they are best on one processor: another would have to be woken.
        with suppress(OSError):  # Linux before 6.6
            ioctl(fd, _SET_FLAGS, _WAKE_HERE)

    def close(self) -> None:
        """From now on the step's calls fail with ENOSYS."""
        os.close(self.fd)
        self.fd = -1

    @property
    def is_over(self) -> bool:
        """Whether nobody is left whose calls could come."""
        poll = select.poll()
        poll.register(self.fd, 0)  # an end is told whether asked for or not
        return bool(poll.poll(0))

    def receive(self) -> Call | None:
        """The next call, None when its thread was ended meanwhile."""
        data = bytearray(_NOTIFICATION.size)
        try:
            ioctl(self.fd, _RECEIVE, data, True)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.EINTR):
                return None
            raise
        identity, thread, _, number, _, _, *arguments = _NOTIFICATION.unpack(data)
        return Call(identity, thread, number, tuple(arguments))

    def waits(self, call: Call) -> bool:
        """Whether the thread still waits, so that what was read of its memory was its own."""
        if self.fd < 0:
            return False
        try:
            ioctl(self.fd, _STILL_WAITS, call.identity.to_bytes(8, "little"))
        except OSError:
            return False
        return True

    def leave_to_the_wall(self, call: Call) -> None:
        """Let the kernel do the call as if there were no broker."""
        self._respond(call, 0, 0, _CONTINUE)

    def answer(self, call: Call, value: int = 0) -> None:
        """What the call returns."""
        self._respond(call, value, 0, 0)

    def fail(self, call: Call, code: int) -> None:
        """The call fails with this errno."""
        self._respond(call, 0, -code, 0)

    def _respond(self, call: Call, value: int, code: int, flags: int) -> None:
        if self.fd < 0:
            return
        try:
            ioctl(self.fd, _SEND, _RESPONSE.pack(call.identity, value, code, flags))
        except OSError as error:
            if error.errno != errno.ENOENT:  # the thread was ended
                raise

    def give(self, call: Call, fd: int, *, close_on_exec: bool) -> None:
        """The call returns a new descriptor, a duplicate of `fd`. Made and returned in one act (Linux 5.14)."""
        flags = os.O_CLOEXEC if close_on_exec else 0
        try:
            ioctl(self.fd, _ADD, _ADDITION.pack(call.identity, _ADD_AND_SEND, fd, 0, flags))
        except OSError as error:
            if error.errno == errno.ENOENT:
                return
            self.fail(call, error.errno or errno.EIO)  # the step has no free number

    def replace(self, call: Call, fd: int, number: int, *, close_on_exec: bool) -> bool:
        """Put a duplicate of `fd` in the place of the step's descriptor `number`; whether that was done."""
        flags = os.O_CLOEXEC if close_on_exec else 0
        try:
            ioctl(self.fd, _ADD, _ADDITION.pack(call.identity, _ADD_AT, fd, number, flags))
        except OSError:
            return False
        return True

    def read(self, call: Call, address: int, size: int) -> bytes:
        """Up to a page of the thread's memory; less, or nothing, where it has none."""
        count = self._transfer(_read_memory, call.thread, address, size)
        return self._buffer.raw[:count] if count > 0 else b""

    def text(self, call: Call, address: int) -> bytes | None:
        """A NUL-terminated text; None when it is no readable memory or longer than a path may be."""
        found = b""
        while len(found) < PATH_MAX:
            at = address + len(found)
            chunk = self.read(call, at, min(256, _PAGE - at % _PAGE))
            end = chunk.find(b"\0")
            if end >= 0:
                return found + chunk[:end]
            if not chunk:
                return None
            found += chunk
        return None

    def write(self, call: Call, address: int, data: bytes) -> bool:
        """Fill the thread's memory; whether all was written."""
        ctypes.memmove(self._buffer, data, len(data))
        return self._transfer(_write_memory, call.thread, address, len(data)) == len(data)

    def _transfer(self, function: Callable[..., int], thread: int, address: int, size: int) -> int:
        vector = self._vector
        vector[0], vector[1] = ctypes.addressof(self._buffer), size
        vector[2], vector[3] = address, size
        here = ctypes.addressof(vector)
        count: int = function(thread, here, 1, here + 16, 1, 0)
        return count


def signed(argument: int) -> int:
    """The int that the kernel takes from an argument: its low 32 bits."""
    low = argument & 0xFFFFFFFF
    return low - (1 << 32) if low & 0x80000000 else low


def find_in_root(root: int, path: str, flags: int = 0) -> int:
    """An O_PATH descriptor of an absolute path, with the root directory `root`. Raises OSError."""
    how = _HOW.pack(os.O_PATH | os.O_CLOEXEC | flags, 0, _IN_ROOT | _NO_MAGIC_LINKS)
    for _ in range(_TRIES):
        try:
            return _checked(_syscall(_OPENAT2, root, os.fsencode(path), how, len(how)))
        except BlockingIOError:  # somewhere something was renamed or mounted while it went up by a `..` (openat2(2))
            continue
    raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN), path)


def find_straight(path: str) -> int:
    """An O_PATH descriptor of an absolute path of the host in which no component is a link. Raises OSError."""
    how = _HOW.pack(os.O_PATH | os.O_CLOEXEC, 0, _NO_LINKS | _NO_MAGIC_LINKS)
    return _checked(_syscall(_OPENAT2, AT_FDCWD, os.fsencode(path), how, len(how)))


def rename(from_directory: int, old: str, to_directory: int, new: str, flags: int) -> None:
    """renameat2(2). Raises OSError."""
    _checked(
        _syscall(_RENAMEAT2, from_directory, os.fsencode(old), to_directory, os.fsencode(new), ctypes.c_uint(flags))
    )


def borrow(thread: int, number: int) -> int:
    """A duplicate of a descriptor of another process (pidfd_getfd(2)). Raises OSError."""
    process = _checked(_syscall(_PIDFD_OPEN, _process_of(thread), 0))
    try:
        return _checked(_syscall(_PIDFD_GETFD, process, number, 0))
    finally:
        os.close(process)


def _process_of(thread: int) -> int:
    with open(f"/proc/{thread}/status", "rb") as file:
        for line in file:
            if line.startswith(b"Tgid:"):
                return int(line[5:])
    raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
