"""What of the host lies outside a run's view: found and opened for whoever the user lets have it.

A name is followed on the host by descriptors, one component at a time (`View.walk`); what was found before the user is
asked is what is opened after. Only regular files are opened: no device, no socket. Never anything of /proc, nor of the
runs' own directories.
"""

from __future__ import annotations

import errno
import os
import stat

from msh.sandbox.broker.kernel import find_straight
from msh.sandbox.descriptors import keep
from msh.sandbox.readonly import could_change, open_readonly
from msh.sandbox.view import Outside, Place, Region, View

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Accept = Callable[[os.stat_result | None], bool]

_NEVER = ("/proc", "/dev", "/sys")
_MOST_KEPT = 16
_WRITING = os.O_WRONLY | os.O_RDWR
_AT_OPEN = os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


class HostFiles:
    """What of the host may be asked for. `hidden` is the directory of the runs' own files, `scratch` one for copies."""

    def __init__(self, hidden: str, scratch: str) -> None:
        self._never = (*_NEVER, hidden)
        self._scratch = scratch
        self._readonly: list[int] = []
        self._view = View((Region("/", "/", "granted"),), ())

    def find(self, path: str, accept: Accept, *, follow: bool = True) -> Place | None:
        """What a path leads to, or a missing name in a directory, if `accept` takes its attributes (None when missing);
        else None: there is nothing to ask for.

        The place's `guest` is the real path.
        """
        try:
            place = self._straight(path) or self._view.walk(path, "/", follow=follow)
        except (OSError, Outside):
            return None
        if accept(place.stat) and self._may_be_asked_for(place):
            return place
        place.close()
        return None

    def entry(self, path: str) -> Place | None:
        """A name in a directory, whatever stands there or nothing: its `parent` and `name` are what can be changed."""
        if path.rstrip("/").rpartition("/")[2] in ("", ".", ".."):
            return None
        try:
            place = self._view.walk(path.rstrip("/"), "/", follow=False)
        except (OSError, Outside):
            return None
        is_file = place.stat is not None and not stat.S_ISDIR(place.stat.st_mode)
        if place.parent >= 0 and self._may_be_asked_for(place) and not (is_file and path.endswith("/")):
            return place
        place.close()
        return None

    def _may_be_asked_for(self, place: Place) -> bool:
        real = place.guest
        there = place.stat is not None or place.parent >= 0
        return there and not any(real == never or real.startswith(f"{never}/") for never in self._never)

    def _straight(self, path: str) -> Place | None:
        """In one system call, where the path is the real one; None where it has to be walked."""
        if os.path.normpath(path) != path:
            return None
        try:
            fd = find_straight(path)
        except OSError:
            return None
        place = Place(path, ())
        place.fd, place.stat = fd, os.fstat(fd)
        return place

    def open(self, place: Place, flags: int, mode: int) -> int:
        """Open what was found, or make it. Raises OSError as open(2)."""
        if place.fd < 0:
            return os.open(place.name, flags | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=place.parent)
        if flags & os.O_CREAT and flags & os.O_EXCL:
            raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))
        own = f"/proc/self/fd/{place.fd}"
        if not flags & _WRITING and place.stat is not None and could_change(place.stat, own):
            return self._open_readonly(place, flags)
        return os.open(own, (flags & ~_AT_OPEN) | os.O_CLOEXEC | os.O_NOCTTY)

    def _open_readonly(self, place: Place, flags: int) -> int:
        """Through a read-only mount, kept for the next time: what is opened through it again is read-only too."""
        kept = next((fd for fd in self._readonly if os.path.sameopenfile(fd, place.fd)), -1)
        if kept < 0:
            kept = keep(open_readonly(place.guest, place.fd, self._scratch))
            if not os.path.sameopenfile(kept, place.fd):
                return kept  # a copy, as the file was just now
            self._readonly.append(kept)
            if len(self._readonly) > _MOST_KEPT:
                os.close(self._readonly.pop(0))
        return os.open(f"/proc/self/fd/{kept}", (flags & ~_AT_OPEN) | os.O_CLOEXEC | os.O_NOCTTY)


def regular(status: os.stat_result | None) -> bool:
    """What is opened."""
    return status is not None and stat.S_ISREG(status.st_mode)


def regular_or_new(status: os.stat_result | None) -> bool:
    """What is opened, or made."""
    return status is None or stat.S_ISREG(status.st_mode)


def listable(status: os.stat_result | None) -> bool:
    """What holds names."""
    return status is not None and stat.S_ISDIR(status.st_mode)


def enterable(status: os.stat_result | None) -> bool:
    """What can be a working directory, or where names start from."""
    return listable(status)


def readable(status: os.stat_result | None) -> bool:
    """What is opened for reading, or to be listed."""
    return regular(status) or listable(status)


def visible(status: os.stat_result | None) -> bool:
    """What has attributes."""
    return status is not None


def is_still(place: Place) -> bool:
    """Whether a name still stands for what was found: what is removed or renamed goes by its name."""
    try:
        now = os.stat(place.name, dir_fd=place.parent, follow_symlinks=False)
    except FileNotFoundError:
        return place.stat is None
    except OSError:
        return False
    return place.stat is not None and os.path.samestat(now, place.stat)


def kind_of(flags: int) -> str:
    """What opening with these flags is called in a question."""
    mode = flags & os.O_ACCMODE
    if mode == os.O_RDWR:
        return "read and write"
    return "write" if mode == os.O_WRONLY or flags & (os.O_TRUNC | os.O_CREAT) else "read"
