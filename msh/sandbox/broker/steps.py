"""A step as the broker knows it."""

from __future__ import annotations

import os
from marshal import dumps

from msh.record import Record
from msh.sandbox.broker.kernel import Listener
from msh.sandbox.broker.proxy import Proxy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Announcement(Record):
    """What msh says of a step before it starts.

    `named` are the real paths outside the grants that its words name, with what it does to them. `files` and `network`
    tell which calls wait (filter.py). In the directories `searched` programs look for other programs: that is no
    question. `wrapped`: the sandbox's own program is executed before the step's. `proxy` is the one that its
    connections go through, as (kind, family, address, port, text); empty for none. `outlet`: it is to have a proxy of
    msh's own (outlet.py). `home` and `hollow` stand empty in the step's tree, the first is scratch.
    """

    identity: int
    name: str
    files: bool
    network: bool
    named: tuple[tuple[str, str], ...] = ()  # (path, kind)
    searched: tuple[str, ...] = ()
    wrapped: bool = True
    proxy: tuple[str, int, str, int, str] | tuple[()] = ()
    outlet: bool = False
    home: str = ""
    hollow: tuple[str, ...] = ()

    def packed(self) -> bytes:
        """As bytes, to go with the step's listener."""
        return dumps(("step", *[getattr(self, name) for name in self.__match_args__]))


class Step:
    """One that runs. Its tree's root is held from the first call that needs it."""

    __slots__ = (
        "_programs",
        "_root",
        "hollow",
        "home",
        "identity",
        "listener",
        "name",
        "named",
        "network",
        "outlet",
        "proxy",
        "searched",
        "told",
    )

    def __init__(self, announcement: Announcement, listener: Listener) -> None:
        self.identity = announcement.identity
        self.name = announcement.name
        self.named: Mapping[str, str] = dict(announcement.named)
        self.searched = frozenset(announcement.searched)
        self.home = announcement.home
        self.hollow = frozenset(announcement.hollow)
        self.network = announcement.network
        self.outlet = announcement.outlet
        self.proxy = Proxy.unpacked(announcement.proxy) if announcement.proxy else None
        self.listener = listener
        self.told: set[str] = set()  # paths of which it was said that they are never asked for
        self._programs = -1 if announcement.wrapped else 0
        self._root = -1

    def root(self, thread: int) -> int:
        """The root directory of the step's tree. Raises OSError."""
        if self._root < 0:
            self._root = os.open(f"/proc/{thread}/root", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        return self._root

    @property
    def begun(self) -> bool:
        """Whether its program was executed, so that its sandbox is complete."""
        return self._programs > 0

    def execute(self) -> bool:
        """A program is executed; whether it is the step's own."""
        self._programs += 1
        return self._programs == 1

    def close(self) -> None:
        """The step has ended."""
        self.listener.close()
        if self._root >= 0:
            os.close(self._root)
            self._root = -1
