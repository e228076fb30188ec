"""File descriptors of the shell: which belong to the script, and how they are moved and put back.

The script's descriptors have their real numbers, so forks and spawned steps inherit them as they are. Whatever
msh itself keeps open is close-on-exec and lies at or above `FIRST_OWN`.
"""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import contextmanager

from msh.sandbox.descriptors import FIRST_OWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST_ALLOCATED = 10  # {name}> takes numbers from here, as bash does
LAST_ALLOCATED = 63  # ends of pipes that the script gets a name or number of, from here down


def keep(fd: int) -> int:
    """Move a descriptor of our own out of the script's way; closes the old number."""
    own = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, FIRST_OWN)
    os.close(fd)
    return own


class Descriptors:
    """The numbers that the script may use, 0 to 2 and what it opened itself."""

    def __init__(self) -> None:
        self.opened: set[int] = {fd for fd in (0, 1, 2) if is_open(fd)}
        self._aside: set[int] = set()  # what this process alone has a use for: copies to be put back, ends of pipes

    def place(self, fd: int, number: int) -> None:
        """Give an open file the script's number; closes `fd`."""
        if fd == number:
            os.set_inheritable(fd, True)
        else:
            os.dup2(fd, number)
            os.close(fd)
        self.opened.add(number)

    def save(self, number: int) -> int | None:
        """A copy of what the number stands for now, None when it is closed."""
        if number not in self.opened:
            return None
        copy = fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, FIRST_OWN)
        self._aside.add(copy)
        return copy

    def forget(self, saved: int) -> None:
        """What `save` gave is not to be put back."""
        self._aside.discard(saved)
        os.close(saved)

    @contextmanager
    def aside(self, numbers: set[int]) -> Iterator[None]:
        """Descriptors that no fork made meanwhile keeps."""
        self._aside |= numbers
        try:
            yield
        finally:
            self._aside -= numbers

    def drop_aside(self) -> None:
        """In a fork, which puts nothing back: a reader waits for the end of all that could write."""
        while self._aside:
            os.close(self._aside.pop())

    def restore(self, number: int, saved: int | None) -> None:
        """Undo: what `save` gave stands at the number again."""
        if saved is None:
            self.close(number)
        else:
            os.dup2(saved, number)
            self.forget(saved)
            self.opened.add(number)

    def close(self, number: int) -> None:
        """`n>&-`; closing a closed number is no error."""
        if number in self.opened:
            self.opened.discard(number)
            os.close(number)

    def allocate(self, fd: int) -> int:
        """`{name}> file`: the first free number from 10; closes `fd`. OSError when all are used up."""
        number = fcntl.fcntl(fd, fcntl.F_DUPFD, FIRST_ALLOCATED)
        os.close(fd)
        if number >= FIRST_OWN:
            os.close(number)
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        self.opened.add(number)
        return number

    def allocate_last(self, fd: int) -> int:
        """The end of a coprocess or a process substitution: the last number below 64 that is free; closes `fd`."""
        number = next((n for n in range(LAST_ALLOCATED, FIRST_ALLOCATED, -1) if not is_open(n)), 0)
        if not number:
            return self.allocate(fd)
        self.place(fd, number)
        return number

    def inherited(self) -> dict[int, int]:
        """What a step gets: number in the step → number here."""
        return {fd: fd for fd in self.opened}


def is_open(fd: int) -> bool:
    """Whether the number is an open descriptor."""
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def write_all(fd: int, data: bytes) -> None:
    """Write everything; short writes (pipes, signals) are continued."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
