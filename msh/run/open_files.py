"""Descriptors that a script keeps open from one command to the next (`exec 3< f`, `exec > log 2>&1`), in a snapshot.

A file is opened again by its name, at the offset where it was; numbers that shared one offset share it again. What is a
copy of one of the shell's own 0, 1 and 2 becomes a copy of those. Nothing else can be carried: of a pipe, a FIFO, or a
file without a name, the number is closed afterwards.
"""

from __future__ import annotations

import fcntl
import os
import stat

from msh.diagnostics import MshError
from msh.run.descriptors import is_open
from msh.run.encoding import decode_text, encode_text
from msh.sandbox.descriptors import FIRST_OWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypedDict

    from msh.run.encoding import Text
    from msh.run.shell import Shell

    class Opened(TypedDict, total=False):
        """`numbers` that share an open file: one of the shell's `own`, or the file `path`, opened with `flags`."""

        numbers: list[int]
        own: int
        path: Text
        flags: int
        offset: int


STANDARD = (0, 1, 2)
_KEPT = os.O_ACCMODE | os.O_APPEND  # of the flags; a file that is truncated or created again would be another


class Own:
    """The descriptors 0, 1 and 2 that a shell begins with; copies of them, which no command gets."""

    def __init__(self) -> None:
        self.copies = {n: fcntl.fcntl(n, fcntl.F_DUPFD_CLOEXEC, FIRST_OWN) for n in STANDARD if is_open(n)}
        self._known = {n: _identity(copy) for n, copy in self.copies.items()}

    def of(self, number: int) -> int | None:
        """Which of them a descriptor is a copy of; itself first."""
        identity = _identity(number)
        candidates = sorted(self._known, key=lambda n: n != number)
        return next((n for n in candidates if self._known[n] == identity), None)

    def input_offset(self) -> int | None:
        """Where standard input stands, None when it is no regular file."""
        copy = self.copies.get(0)
        return os.lseek(copy, 0, os.SEEK_CUR) if copy is not None and _is_regular(copy) else None

    def seek_input(self, offset: int) -> None:
        """Go on where standard input was left."""
        if self.input_offset() is not None:
            os.lseek(self.copies[0], offset, os.SEEK_SET)


def opened(sh: Shell, own: Own) -> tuple[list[Opened], list[int]]:
    """What stands at numbers where it does not stand by itself, and which of 0, 1 and 2 are closed."""
    found: list[Opened] = []
    for number in sorted(sh.descriptors.opened):
        which = own.of(number)
        if which == number:
            continue
        if which is not None:
            found.append({"numbers": [number], "own": which})
            continue
        shared = next((one for one in found if "path" in one and _shares_offset(one["numbers"][0], number)), None)
        if shared is not None:
            shared["numbers"].append(number)
        elif (path := _path(sh, number)) is not None:
            flags = fcntl.fcntl(number, fcntl.F_GETFL) & _KEPT
            offset = os.lseek(number, 0, os.SEEK_CUR)
            found.append({"numbers": [number], "path": encode_text(path), "flags": flags, "offset": offset})
    return found, [n for n in own.copies if n not in sh.descriptors.opened]


def reopen(sh: Shell, own: Own, files: list[Opened], closed: list[int]) -> None:
    """Put everything back at its numbers. A file that is not there any more leaves them closed."""
    for one in files:
        first, *others = one["numbers"]
        if "own" in one:
            source = own.copies.get(one["own"])
            fd = None if source is None else os.dup(source)
        else:
            fd = _open(sh, one)
        if fd is not None:
            sh.descriptors.place(fd, first)
            for number in others:
                os.dup2(first, number)
                sh.descriptors.opened.add(number)
    for number in closed:
        sh.descriptors.close(number)


def _open(sh: Shell, one: Opened) -> int | None:
    try:
        fd = sh.gate.open(decode_text(one["path"]), one["flags"])
    except (OSError, MshError):
        return None
    os.lseek(fd, one["offset"], os.SEEK_SET)
    return fd


def _identity(number: int) -> tuple[int, int, int]:
    found = os.fstat(number)
    return found.st_dev, found.st_ino, fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE


def _is_regular(number: int) -> bool:
    return stat.S_ISREG(os.fstat(number).st_mode)


def _shares_offset(one: int, other: int) -> bool:
    """Whether two numbers are of one open file: moving the one moves the other."""
    if _identity(one) != _identity(other):
        return False
    before, there = os.lseek(one, 0, os.SEEK_CUR), os.lseek(other, 0, os.SEEK_CUR)
    if before != there:
        return False
    os.lseek(one, before + 1, os.SEEK_SET)
    moved = os.lseek(other, 0, os.SEEK_CUR) != there
    os.lseek(one, before, os.SEEK_SET)
    return moved


def _path(sh: Shell, number: int) -> str | None:
    """The name, in the run's view, of a file or a device that has one there."""
    status = os.fstat(number)
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISCHR(status.st_mode)) or not status.st_nlink:
        return None
    host = os.readlink(f"/proc/self/fd/{number}")
    regions = sh.resources.session.view.regions.values()
    for region in sorted(regions, key=lambda region: len(region.source), reverse=True):
        if host == region.source or host.startswith(region.source.rstrip("/") + "/"):
            return region.target + host[len(region.source.rstrip("/")) :] if region.target != "/" else host
    return None
