"""Descriptors and what is done when something happens to them: the loop of the broker, and of those that it forks."""

from __future__ import annotations

import select
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Handler = Callable[[int], None]


def is_readable(number: int, patience: float = 0) -> bool:
    """Whether there is something to read, or an end, within so many seconds. Of any number, unlike select(2)."""
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return bool(poll.poll(patience * 1000))


class Loop:
    """Calls each handler with the events of its descriptor (poll(2)).

    A handler may wait for a person: in turns of the loop within its own, which call only those handlers that are
    `calm`, as they never wait so themselves.
    """

    __slots__ = ("_all", "_calm", "_handlers", "_turns")

    def __init__(self) -> None:
        self._all, self._calm = select.poll(), select.poll()
        self._handlers: dict[int, Handler] = {}
        self._turns = 0

    def __contains__(self, number: int) -> bool:
        return number in self._handlers

    def watch(self, number: int, handler: Handler, events: int = select.POLLIN, *, calm: bool = False) -> None:
        """From now on, or with another handler or other events than until now."""
        self._handlers[number] = handler
        self._all.register(number, events)
        if calm:
            self._calm.register(number, events)
        else:
            self._excite(number)

    def forget(self, number: int) -> None:
        """Before it is closed."""
        del self._handlers[number]
        self._all.unregister(number)
        self._excite(number)

    def _excite(self, number: int) -> None:
        with suppress(KeyError):  # it was not
            self._calm.unregister(number)

    def turn(self, patience: float | None = None, *, calm: bool = False) -> None:
        """Wait, at most so many seconds, and handle what has happened."""
        self._turns += 1
        this = self._turns
        happened = (self._calm if calm else self._all).poll(None if patience is None else patience * 1000)
        for number, events in happened:
            handler = self._handlers.get(number)
            if handler is not None:  # else what came before it has ended it
                handler(events)
            if self._turns != this:  # there was a turn within this one: what has happened may have been handled
                return
