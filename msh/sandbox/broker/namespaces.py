"""What is made inside another namespace, by a fork that enters it and hands back what it made: a step's network
namespace, or a new one in which something can be mounted.

The namespace belongs to the user namespace that bubblewrap made, in which whoever started it has every capability: so
no root is needed, and port 53 can be bound there.
"""

from __future__ import annotations

import ctypes
import errno
import os
from array import array
from fcntl import ioctl
from marshal import dumps, loads
from struct import pack

from msh.sandbox.broker.client import close_all_but

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from collections.abc import Callable, Sequence

_NS_GET_USERNS = 0xB701
_NEWUSER, _NEWNET = 0x10000000, 0x40000000
_NEWNS = 0x00020000
_AF_NETLINK, _IPV6_FREEBIND = 16, 78
_READY = b"ready"
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


class Inside:
    """A process in a step's network namespace that binds sockets there, where every address is now the step's own."""

    def __init__(self, thread: int) -> None:
        """Raises OSError."""
        from _socket import AF_UNIX, SOCK_SEQPACKET, socketpair

        self._channel, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET)
        self._pid = os.fork()
        if self._pid == 0:
            try:
                close_all_but({2, theirs.fileno()})
                enter_network(thread)
                _own_every_address()
                theirs.send(_READY)
                _bind_all(theirs)
            finally:
                os._exit(0)  # nothing may unwind into the broker's frames
        theirs.close()
        if self._channel.recv(16) != _READY:
            self.close()
            raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))

    def bound(self, family: int, host: str, port: int) -> socket:
        """A datagram socket at an address. Raises OSError."""
        self._channel.send(dumps((family, host, port)))
        data, ancillary, _, _ = self._channel.recvmsg(16, 64, 0x40000000)  # MSG_CMSG_CLOEXEC
        numbers = array("i")
        for _, _, payload in ancillary:
            numbers.frombytes(payload)
        if not numbers:
            code = int.from_bytes(data, "big") or errno.ENETUNREACH
            raise OSError(code, os.strerror(code))
        from _socket import socket

        return socket(fileno=numbers[0])

    def close(self) -> None:
        """End it."""
        self._channel.close()
        os.waitpid(self._pid, 0)


def _bind_all(channel: socket) -> None:
    """In the fork, until nobody asks any more: a socket, or an errno, for each request."""
    from _socket import AF_INET6, IPPROTO_IPV6, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, socket

    while request := channel.recv(1024):
        family, host, port = loads(request)
        one = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC)
        try:
            if family == AF_INET6:
                one.setsockopt(IPPROTO_IPV6, _IPV6_FREEBIND, 1)
            one.bind((host, port))
            channel.sendmsg([b"bound"], [(1, 1, array("i", [one.fileno()]))])  # SOL_SOCKET, SCM_RIGHTS
        except OSError as error:
            channel.send((error.errno or errno.EIO).to_bytes(4, "big"))
        one.close()


def _own_every_address() -> None:
    """A route of type `local` for all addresses, by rtnetlink(7): the loopback interface takes what is sent to any."""
    from _socket import AF_INET, AF_INET6, SOCK_CLOEXEC, SOCK_RAW, socket

    channel = socket(_AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0)
    for family, scope in ((AF_INET, 254), (AF_INET6, 0)):  # RT_SCOPE_HOST
        message = pack("BBBBBBBBI", family, 0, 0, 0, 255, 3, scope, 2, 0)  # RT_TABLE_LOCAL, RTPROT_BOOT, RTN_LOCAL
        output = pack("HHI", 8, 4, 1)  # RTA_OIF: the loopback interface is the first of each namespace
        size = 16 + len(message) + len(output)
        channel.send(pack("IHHII", size, 24, 0x405, 1, 0) + message + output)  # RTM_NEWROUTE; REQUEST, ACK, CREATE
        channel.recv(1024)
    channel.close()
