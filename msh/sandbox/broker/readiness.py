"""Programs that wait for a socket with epoll before it is connected (Go, Node, libuv, curl's multi interface).

They have registered the socket that the broker replaces; with that its registration goes. So the new socket is
registered in its place, with the same events and data: by a fork, in which it can have the same number, since the
kernel knows a registration by file and number.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import contextmanager, suppress
from struct import pack

from msh.sandbox.broker.kernel import borrow
from msh.sandbox.descriptors import above

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_epoll_ctl = ctypes.CDLL(None, use_errno=True).epoll_ctl
_ADD = 1
_EPOLL = "anon_inode:[eventpoll]"


@contextmanager
def watch_again(thread: int, number: int) -> Iterator[Callable[[int], None]]:
    """What registers a new socket wherever the step's descriptor `number` is registered now. Raises OSError."""
    found: list[tuple[int, int, int]] = []
    try:
        for epoll in _epolls(thread):
            with suppress(OSError):  # closed meanwhile
                for events, data in _registered(thread, epoll, number):
                    found.append((borrow(thread, epoll), events, data))
        yield lambda fd: _in_fork(fd, number, found) if found else None
    finally:
        for epoll, _, _ in found:
            os.close(epoll)


def _epolls(thread: int) -> list[int]:
    directory = f"/proc/{thread}/fd"
    found = []
    for name in os.listdir(directory):
        try:
            if os.readlink(f"{directory}/{name}") == _EPOLL:
                found.append(int(name))
        except OSError:
            continue
    return found


def _registered(thread: int, epoll: int, number: int) -> list[tuple[int, int]]:
    """Events and data of a descriptor's registrations (proc_pid_fdinfo(5))."""
    found = []
    with open(f"/proc/{thread}/fdinfo/{epoll}") as file:
        for line in file:
            words = line.split()
            if words[:1] == ["tfd:"] and int(words[1]) == number:
                found.append((int(words[3], 16), int(words[5], 16)))
    return found


def _in_fork(fd: int, number: int, found: list[tuple[int, int, int]]) -> None:
    child = os.fork()
    if child == 0:
        try:
            floor = number + 1
            raised = [(above(epoll, floor), events, data) for epoll, events, data in found]
            os.dup2(fd, number)
            for epoll, events, data in raised:
                layout = "=IQ" if os.uname().machine == "x86_64" else "IQ"  # packed on x86 only (epoll_event(3type))
                _epoll_ctl(epoll, _ADD, number, pack(layout, events, data))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
