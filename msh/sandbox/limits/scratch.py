"""A private /tmp of a fixed size: a file system of its own, which only this run sees.

It is mounted in a mount namespace that this process enters, and that its subshells and sandboxes inherit: nothing is
left mounted when they are gone, however they end. An ordinary user needs a user namespace for it, in which only this
user exists.
"""

from __future__ import annotations

import ctypes
import os

from msh.diagnostics import Diagnostic, MshError
from msh.sandbox.confine import drop_capabilities

_NEWNS, _NEWUSER = 0x00020000, 0x10000000
_NOSUID, _NODEV, _REC, _SLAVE = 2, 4, 1 << 14, 1 << 19
_PAGE = 4096

_system = ctypes.CDLL(None, use_errno=True)
_mount = _system.mount
_mount.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p]


def mount(path: str, size: int) -> None:
    """Mount an empty file system of `size` bytes at `path`. Raises MshError MSH456 where this host forbids it."""
    try:
        _enter_namespace()
        _check(_mount(b"none", b"/", None, _REC | _SLAVE, None))
        options = f"size={size},nr_inodes={size // _PAGE + 16},mode=1777"
        _check(_mount(b"msh", os.fsencode(path), b"tmpfs", _NOSUID | _NODEV, options.encode()))
        if os.geteuid() != 0:
            drop_capabilities()  # those over the user namespace: the user's rights to files are to be what they were
    except OSError as error:
        from msh.sandbox.doctor import namespace_cure, namespace_reason

        reason = namespace_reason(error.errno or 0) or (error.strerror or "").lower()
        message = f"a limit of disk space cannot be held here: no file system for /tmp ({reason})"
        raise MshError(Diagnostic("MSH456", message, help=namespace_cure())) from None


def _enter_namespace() -> None:
    if os.geteuid() == 0 and _system.unshare(_NEWNS) == 0:
        return
    uid, gid = os.geteuid(), os.getegid()
    _check(_system.unshare(_NEWUSER | _NEWNS))
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def _check(result: int) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
