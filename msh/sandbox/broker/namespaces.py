"""What is made inside a step's network namespace, by a fork that enters it and hands back what it made.

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
    from collections.abc import Callable

_NS_GET_USERNS = 0xB701
_NEWUSER, _NEWNET = 0x10000000, 0x40000000
_setns = ctypes.CDLL(None, use_errno=True).setns


def enter_network(thread: int) -> None:
    """Move this process into a thread's network namespace. Raises OSError."""
    network = os.open(f"/proc/{thread}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    owner = ioctl(network, _NS_GET_USERNS)
    if _setns(owner, _NEWUSER) != 0 or _setns(network, _NEWNET) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    os.close(owner)
    os.close(network)


def made_inside(thread: int, make: Callable[[], list[socket]]) -> list[int]:
    """The descriptors of the sockets that `make` made in a thread's network namespace; none when it failed."""

    def enter_and_make() -> list[socket]:
        enter_network(thread)
        return make()

    return made_in_fork(enter_and_make)


def made_in_fork(make: Callable[[], list[socket]]) -> list[int]:
    """The descriptors of the sockets that `make` made in a fork; none when it failed."""
    from _socket import AF_UNIX, SOCK_SEQPACKET, socketpair

    ours, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET)
    child = os.fork()
    if child == 0:
        try:
            made = make()
            theirs.sendmsg([b"x"], [(1, 1, array("i", [one.fileno() for one in made]))])  # SOL_SOCKET, SCM_RIGHTS
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
