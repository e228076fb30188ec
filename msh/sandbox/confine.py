"""What a process can take away from itself by prctl(2) and capset(2): dumps, privileges, system calls."""

from __future__ import annotations

import ctypes
import errno
import os

_SET_PDEATHSIG, _SET_DUMPABLE, _SET_SECCOMP = 1, 4, 22
_SET_NO_NEW_PRIVS, _SET_CHILD_SUBREAPER, _CAP_AMBIENT = 38, 36, 47
_MODE_FILTER, _AMBIENT_CLEAR_ALL = 2, 4
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SECCOMP_MODE_FILTER, _NEW_LISTENER, _WAIT_KILLABLE = 1, 8, 32
_CAPABILITY_VERSION_3 = 0x20080522

_system = ctypes.CDLL(None, use_errno=True)
_prctl = _system.prctl
_prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]


_capset = _system.capset
_CAPABILITIES = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
_NONE = (ctypes.c_uint32 * 6)()


class _Program(ctypes.Structure):
    """struct sock_fprog of linux/filter.h."""

    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def hide() -> None:
    """Close this process to others of its user: environment, memory, descriptors, also those of its forks.

    /proc/PID/environ and its kind are then for root with CAP_SYS_PTRACE only (ptrace(2), access mode checking). A
    program that it executes is as open as any other.
    """
    _control(_SET_DUMPABLE, 0)


def show() -> None:
    """Undo `hide`, and what the kernel does by itself when a process changes its user."""
    _control(_SET_DUMPABLE, 1)


def adopt_orphans() -> None:
    """Become the parent of descendants whose parents end, so that they can be found and ended."""
    _control(_SET_CHILD_SUBREAPER, 1)


def signal_at_parents_death(number: int) -> None:
    """Have the kernel send a signal when the thread that made this process ends."""
    _control(_SET_PDEATHSIG, number)


def end_first(weight: int) -> None:
    """Have this process, and what it starts, ended before others for want of memory, as far as it may still say so.

    1000 is before all others of its control group (proc_pid_oom_score_adj(5)).
    """
    try:
        number = os.open("/proc/self/oom_score_adj", os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        os.write(number, b"%d" % weight)
    except OSError:
        return  # it has been made less likely to be ended than it may say itself
    finally:
        os.close(number)


def dispose(number: int, *, ignored: bool) -> None:
    """Ignore a signal, or let it do what it does by default, without Python knowing (signal(2))."""
    _system.signal(number, ctypes.c_void_p(int(ignored)))  # SIG_IGN, SIG_DFL


def drop_capabilities() -> None:
    """Give up every capability; with `no_new_privileges` none comes back, whatever is executed and whoever is uid 0."""
    _prctl(_CAP_AMBIENT, _AMBIENT_CLEAR_ALL, 0, 0, 0)
    if _capset(_CAPABILITIES, _NONE) != 0:
        raise _error()


def no_new_privileges() -> None:
    """From now on nothing that is executed gains rights: setuid bits and file capabilities mean nothing."""
    _control(_SET_NO_NEW_PRIVS, 1)


def filter_calls(program: bytes) -> None:
    """Hold this process and what it starts to a filter of `seccomp.compile_filter`. Needs no_new_privs."""
    description = _Program(len(program) // 8, program)
    _control(_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(description))


def notify_calls(program: bytes) -> int:
    """As `filter_calls`, for a filter that hands calls to somebody else (SECCOMP_RET_USER_NOTIF); its listener."""
    description = _Program(len(program) // 8, program)
    number = _SECCOMP[os.uname().machine]
    listener = -1
    for flags in (_NEW_LISTENER | _WAIT_KILLABLE, _NEW_LISTENER):  # signals do not interrupt what waits: Linux 5.19
        listener = _system.syscall(number, _SECCOMP_MODE_FILTER, flags, ctypes.byref(description))
        if listener >= 0 or ctypes.get_errno() != errno.EINVAL:
            break
    if listener < 0:
        raise _error()
    return listener


def _control(option: int, first: int, second: int = 0) -> None:
    if _prctl(option, first, second, 0, 0) != 0:
        raise _error()


def _error() -> OSError:
    code = ctypes.get_errno()
    return OSError(code, os.strerror(code))
