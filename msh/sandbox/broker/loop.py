"""Descriptors and what is done when something happens to them: the loop of the broker, and of those that it forks."""

from __future__ import annotations

import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Handler = Callable[[int], None]


class Loop:
    """Calls each handler with the events of its descriptor (poll(2))."""

    __slots__ = ("_handlers", "_poll")

    def __init__(self) -> None:
        self._poll = select.poll()
        self._handlers: dict[int, Handler] = {}

    def __contains__(self, number: int) -> bool:
        return number in self._handlers

    def watch(self, number: int, handler: Handler, events: int = select.POLLIN) -> None:
        """From now on, or with another handler or other events than until now."""
        self._handlers[number] = handler
        self._poll.register(number, events)

    def forget(self, number: int) -> None:
        """Before it is closed."""
        del self._handlers[number]
        self._poll.unregister(number)

    def turn(self, patience: float | None = None) -> None:
        """Wait, at most so many seconds, and handle what has happened."""
        for number, events in self._poll.poll(None if patience is None else patience * 1000):
            handler = self._handlers.get(number)
            if handler is not None:  # else what came before it has ended it
                handler(events)
