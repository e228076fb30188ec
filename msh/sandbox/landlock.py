"""Landlock (landlock(7)): the files a process may open, by the rules of the process itself, without namespaces.

It narrows opening, not looking: names, sizes and times stay visible, and modes can be changed by whoever owns a file.
Linux has it since 5.13, in steps ("ABIs"): what a kernel does not know is left out of a ruleset, and `version` says how
far it goes.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import stat
from struct import pack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every machine
_VERSION, _PATH_BENEATH = 1, 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
_MAKE = 0x1FF0  # remove and make names of every kind
_REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
_KNOWN = ((1, 0x1FFF), (2, _REFER), (3, TRUNCATE), (5, IOCTL_DEV))
_SCOPED, _SCOPES = 6, 3  # since this ABI: abstract Unix sockets and signals stay within the domain

READING = EXECUTE | READ_FILE | READ_DIR
WRITING = READING | WRITE_FILE | _MAKE | _REFER | TRUNCATE

_system = ctypes.CDLL(None, use_errno=True)
_call = _system.syscall
_call.restype = ctypes.c_long


def version() -> int:
    """The kernel's ABI; 0 when it has no Landlock or does not use it."""
    found: int = _call(_CREATE, None, ctypes.c_size_t(0), _VERSION)
    return max(0, found)


def ruleset(abi: int, rules: Iterable[tuple[int, int]]) -> int:
    """A descriptor of a ruleset that allows each (descriptor of a file or directory, rights), and nothing else.

    Raises OSError.
    """
    handled = _handled(abi)
    attributes = pack("=QQQ", handled, 0, _SCOPES if abi >= _SCOPED else 0)
    size = 24 if abi >= _SCOPED else 8
    number = _checked(_call(_CREATE, attributes, ctypes.c_size_t(size), 0))
    os.set_inheritable(number, False)
    for place, rights in rules:
        _add(number, place, rights & handled)
    return number


def _handled(abi: int) -> int:
    handled = 0
    for since, rights in _KNOWN:
        handled |= rights if abi >= since else 0
    return handled


class Rules:
    """A ruleset that grows rule by rule; nothing where the kernel has no Landlock."""

    def __init__(self, abi: int, number: int = -1) -> None:
        """`number` is a descriptor of the ruleset when there is one already."""
        self._handled = _handled(abi)
        self.number = number if number >= 0 or not abi else ruleset(abi, ())

    def allow(self, place: int, rights: int) -> None:
        """These rights for the file or below the directory of a descriptor. Raises OSError."""
        if self._handled:
            _add(self.number, place, rights & self._handled)

    def allow_path(self, path: str, rights: int) -> None:
        """The same for a path."""
        if self._handled:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            _add(self.number, place, rights & self._handled)
            os.close(place)

    def restrict(self) -> None:
        """Hold this process to them. Needs no_new_privs."""
        if self._handled:
            restrict(self.number)


def _add(number: int, place: int, allowed: int) -> None:
    if not stat.S_ISDIR(os.fstat(place).st_mode):
        allowed &= _OF_FILES
    failed = allowed and _call(_ADD, number, _PATH_BENEATH, pack("=Qi", allowed, place), 0) != 0
    if failed and ctypes.get_errno() != errno.EBADFD:  # a pipe, a memory file: on no file system, so always open
        raise _error()


def rights_of(number: int) -> int:
    """What a descriptor is open for, so that `/dev/stdout` and its kind can be opened again for that."""
    mode = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE
    reads = 0 if mode == os.O_WRONLY else READ_FILE
    return reads if mode == os.O_RDONLY else reads | WRITE_FILE | TRUNCATE


def restrict(number: int) -> None:
    """Hold this process and what it starts to the ruleset. Needs no_new_privs. Raises OSError."""
    _checked(_call(_RESTRICT, number, 0))


def _checked(result: object) -> int:
    assert isinstance(result, int)
    if result < 0:
        raise _error()
    return result


def _error() -> OSError:
    code = ctypes.get_errno()
    return OSError(code, os.strerror(code))
