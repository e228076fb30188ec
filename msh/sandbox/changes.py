"""What a run changed under an overlay: read from the layer, compared with the real directory, put into it on request.

In a layer (Linux, filesystems/overlayfs) a name that was removed is a character device 0/0, a directory that replaces
one has the attribute `user.overlay.opaque`, and everything else is what is there now.
"""

from __future__ import annotations

import os
import stat

from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.sandbox.overlay import Layer

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_BLOCK = 1 << 20


class Entry(Record):
    """A name as it was or is: enough to show it, and to tell later whether it is still the same."""

    mode: int  # st_mode
    size: int
    inode: int
    mtime_ns: int
    target: str = ""  # of a symbolic link

    @property
    def kind(self) -> str:
        """file, directory, link, fifo, socket or device."""
        return _KINDS.get(stat.S_IFMT(self.mode), "device")


_KINDS = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "link",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
}


class Change(Record):
    """One name that is not as it was. `path` is relative to the layer's directory, in parts.

    `action`: created, modified (content or target), deleted, mode (permissions), touched (modification time alone).
    """

    layer: Layer
    path: tuple[str, ...]
    action: str
    old: Entry | None
    new: Entry | None

    @property
    def name(self) -> str:
        """The path as text; a directory's ends with a slash."""
        entry = self.new or self.old
        return "/".join(self.path) + ("/" if entry is not None and entry.kind == "directory" else "")


def changes(layer: Layer) -> list[Change]:
    """All changes of a layer in the order of their paths, so each directory before what is in it."""
    return sorted(_found(layer), key=lambda change: change.path)


def _found(layer: Layer) -> Iterator[Change]:
    pending: list[tuple[str, ...]] = [()]
    while pending:
        path = pending.pop()
        upper = open_below(layer.upper, path)
        real = _real_directory(layer, path)
        try:
            inner: list[tuple[str, ...]] = []
            for change in _of_directory(layer, path, upper, real):
                if change.action:
                    yield change
                if change.new is not None and change.new.kind == "directory":
                    _make_readable(change.path[-1], upper, change.new)
                    inner.append(change.path)
            pending += reversed(inner)
        finally:
            os.close(upper)
            if real >= 0:
                os.close(real)


def open_below(top: int, path: tuple[str, ...]) -> int:
    """A directory by its parts, no link followed. Raises OSError."""
    found = os.dup(top)
    for name in path:
        try:
            inner = os.open(name, _DIRECTORY, dir_fd=found)
        finally:
            os.close(found)
        found = inner
    return found


def open_file(name: str, directory: int, entry: Entry) -> int:
    """A file of the layer, open for reading whatever mode the script gave it: `entry` has kept that."""
    _make_readable(name, directory, entry)
    return os.open(name, FILE, dir_fd=directory)


def entry_of(name: str, directory: int) -> Entry | None:
    """What a directory has under a name; None when there is nothing."""
    try:
        found = os.stat(name, dir_fd=directory, follow_symlinks=False)
        target = os.readlink(name, dir_fd=directory) if stat.S_ISLNK(found.st_mode) else ""
    except FileNotFoundError:
        return None
    return Entry(found.st_mode, found.st_size, found.st_ino, found.st_mtime_ns, target)


def _real_directory(layer: Layer, path: tuple[str, ...]) -> int:
    try:
        return open_below(layer.real, path)
    except OSError:
        return -1  # it is new, or replaces something that is no directory


def _of_directory(layer: Layer, path: tuple[str, ...], upper: int, real: int) -> Iterator[Change]:
    """Each name of one directory of the layer; `action` is empty for a directory that is itself as it was."""
    names = sorted(os.listdir(upper))
    if real >= 0 and _is_opaque(upper):
        for name in sorted(set(os.listdir(real)) - set(names)):
            yield Change(layer, (*path, name), "deleted", entry_of(name, real), None)
    for name in names:
        new = entry_of(name, upper)
        old = entry_of(name, real) if real >= 0 else None
        assert new is not None
        if _is_whiteout(name, upper):
            if old is not None:
                yield Change(layer, (*path, name), "deleted", old, None)
        elif old is None or old.kind != new.kind:
            if old is not None:
                yield Change(layer, (*path, name), "deleted", old, None)
            yield Change(layer, (*path, name), "created", None, new)
        else:
            action = _difference(name, upper, real, old, new)
            if action or new.kind == "directory":
                yield Change(layer, (*path, name), action, old, new)


def _difference(name: str, upper: int, real: int, old: Entry, new: Entry) -> str:
    if old.target != new.target or (new.kind == "file" and not _same_bytes(name, upper, real, old, new)):
        return "modified"
    if old.mode != new.mode:
        return "mode"
    return "touched" if new.kind == "file" and old.mtime_ns != new.mtime_ns else ""


def _same_bytes(name: str, upper: int, real: int, old: Entry, new: Entry) -> bool:
    if old.size != new.size:
        return False
    try:
        before = os.open(name, FILE, dir_fd=real)
    except PermissionError:  # then the script could not read it either, and a time tells whether it wrote
        return old.mtime_ns == new.mtime_ns
    with open(open_file(name, upper, new), "rb") as one, open(before, "rb") as other:
        while block := one.read(_BLOCK):
            if block != other.read(_BLOCK):
                return False
    return True


def _make_readable(name: str, directory: int, entry: Entry) -> None:
    wanted = stat.S_IRWXU if entry.kind == "directory" else stat.S_IRUSR
    if entry.mode & wanted != wanted:
        os.chmod(name, stat.S_IMODE(entry.mode) | wanted, dir_fd=directory)


def _is_whiteout(name: str, directory: int) -> bool:
    found = os.stat(name, dir_fd=directory, follow_symlinks=False)
    return stat.S_ISCHR(found.st_mode) and found.st_rdev == 0


def _is_opaque(directory: int) -> bool:
    try:
        return os.getxattr(directory, "user.overlay.opaque") == b"y"
    except OSError:
        return False
