"""What is made inside another namespace, by a fork that enters it and hands back what it made: a step's network
namespace, or a new one in which something can be mounted.

The namespace belongs to the user namespace that bubblewrap made, in which whoever started it has every capability: so
no root is needed, and port 53 can be bound there.
"""

from __future__ import annotations

import ctypes
import os
from array import array
from fcntl import ioctl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from collections.abc import Callable, Sequence

_NS_GET_USERNS = 0xB701
_NEWUSER, _NEWNET = 0x10000000, 0x40000000
_NEWNS = 0x00020000
_libc = ctypes.CDLL(None, use_errno=True)
_setns, _unshare = _libc.setns, _libc.unshare


def enter_network(thread: int) -> None:
    """Move this process into a thread's network namespace. Raises OSError."""
    network = os.open(f"/proc/{thread}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    owner = ioctl(network, _NS_GET_USERNS)
    if _setns(owner, _NEWUSER) != 0 or _setns(network, _NEWNET) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    os.close(owner)
    os.close(network)


def enter_mounts() -> None:
    """Move this process into a new mount namespace, an ordinary user's into a user namespace too. Raises OSError."""
    uid, gid = os.geteuid(), os.getegid()
    if _unshare(_NEWNS) == 0:
        return
    if _unshare(_NEWUSER | _NEWNS) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def made_inside(thread: int, make: Callable[[], list[socket]]) -> list[int]:
    """The descriptors of the sockets that `make` made in a thread's network namespace; none when it failed."""

    def enter_and_make() -> list[socket]:
        enter_network(thread)
        return make()

    return made_in_fork(enter_and_make)


def made_in_fork(make: Callable[[], Sequence[socket | int]]) -> list[int]:
    """The descriptors of what `make` made in a fork; none when it failed."""
    from _socket import AF_UNIX, SOCK_SEQPACKET, socketpair

    ours, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET)
    child = os.fork()
    if child == 0:
        try:
            made = make()
            opened = [one if isinstance(one, int) else one.fileno() for one in made]
            theirs.sendmsg([b"x"], [(1, 1, array("i", opened))])  # SOL_SOCKET, SCM_RIGHTS
        except OSError:
            theirs.send(b"failed")
        finally:
            os._exit(0)  # nothing may unwind into the broker's frames
    theirs.close()
    try:
        _, ancillary, _, _ = ours.recvmsg(16, 256, 0x40000000)  # MSG_CMSG_CLOEXEC
    finally:
        ours.close()
        os.waitpid(child, 0)
    numbers = array("i")
    for _, _, payload in ancillary:
        numbers.frombytes(payload)
    return list(numbers)
