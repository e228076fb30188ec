"""Looking names up on the host without waiting: by forks, since getaddrinfo(3) waits and nothing else knows as it does
what a name means here (nsswitch.conf, search lists, name servers on other machines).

A thread would do as well but for the broker's other forks, which must not happen while a thread holds a lock.
"""

from __future__ import annotations

import os
import signal

from msh.sandbox import confine
from msh.sandbox.broker.client import close_all_but

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.sandbox.broker.loop import Loop

    Then = Callable[[list[str]], None]

_MOST = 16  # at a time; what comes after waits for its turn
_PATIENCE = 30  # seconds, more than resolvers take by themselves
_LONGEST = 4096  # bytes: what a pipe takes in one piece
_MOST_ADDRESSES = 64


class Lookups:
    """Names that are being looked up, and what was found: a name keeps its addresses for the run."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._found: dict[str, list[str]] = {}
        self._waiting: dict[str, list[Then]] = {}  # in the order of their first question
        self._running: dict[int, tuple[int, str]] = {}  # a pipe's descriptor: pid, name

    def find(self, name: str, then: Then) -> None:
        """Have `then` called with the addresses of a name, none for one that is not known; at once if it can be."""
        found = self._found.get(name)
        if found is not None:
            then(found)
            return
        self._waiting.setdefault(name, []).append(then)
        self._start()

    def _start(self) -> None:
        running = {name for _, name in self._running.values()}
        for name in [name for name in self._waiting if name not in running][: _MOST - len(running)]:
            try:
                self._begin(name)
            except OSError:  # no free descriptor or process
                self._tell(name, [])

    def _begin(self, name: str) -> None:
        ours, theirs = os.pipe2(os.O_CLOEXEC)
        try:
            pid = os.fork()
            if pid == 0:
                _look_up(name, theirs)
        except OSError:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        self._running[ours] = (pid, name)
        self._loop.watch(ours, lambda events: self._ended(ours))

    def _ended(self, number: int) -> None:
        self._loop.forget(number)
        pid, name = self._running.pop(number)
        addresses = os.read(number, _LONGEST).decode("ascii").split()
        os.close(number)
        os.waitpid(pid, 0)
        if addresses:  # else it may be known the next time
            self._found[name] = addresses
        self._tell(name, addresses)
        self._start()

    def _tell(self, name: str, addresses: list[str]) -> None:
        for then in self._waiting.pop(name):
            then(addresses)


def _look_up(name: str, answers: int) -> None:
    """In the fork: it holds nothing of the broker's, and does not outlive its time."""
    try:
        confine.signal_at_parents_death(signal.SIGKILL)
        signal.alarm(_PATIENCE)
        close_all_but({2, answers})
        os.write(answers, " ".join(resolve(name)[:_MOST_ADDRESSES]).encode("ascii"))
    finally:
        os._exit(0)  # nothing may unwind into the broker's frames


def resolve(name: str) -> list[str]:
    """The addresses that the host knows for a name, the best first; none for a name that it does not know."""
    from _socket import SOCK_STREAM, gaierror, getaddrinfo

    try:
        found = getaddrinfo(name, None, 0, SOCK_STREAM)
    except (gaierror, UnicodeError):
        return []
    return list(dict.fromkeys([str(entry[4][0]).partition("%")[0] for entry in found]))
