"""A directory as entries, both ways, for names that nobody trusts.

A manifest was written by whoever could write to the bucket, and the tree by a script. So every path is opened component
by component from a directory that is held open, no link is ever followed, and a path that would lead elsewhere is an
error (MSH509). Files come first and links last, so that no link of the same manifest can stand in the way of a file.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

from msh.aws.commit import Entry
from msh.diagnostics import Diagnostic, MshError
from msh.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "link", stat.S_IFIFO: "fifo"}


class Seen(Record):
    """A name as it is on disk. `stamp` differs whenever a file's content may: no script can set a change time."""

    kind: str
    mode: int
    mtime_ns: int
    size: int
    stamp: tuple[int, ...]
    target: str = ""


def seen(status: os.stat_result, target: str = "") -> Seen | None:
    """None for what a manifest cannot hold: sockets and devices."""
    kind = _KINDS.get(stat.S_IFMT(status.st_mode))
    if kind is None:
        return None
    size = status.st_size if kind == "file" else 0
    return Seen(kind, stat.S_IMODE(status.st_mode), status.st_mtime_ns, size, _stamp(status), target)


def stamp(descriptor: int) -> tuple[int, ...]:
    """The stamp of an open file."""
    return _stamp(os.fstat(descriptor))


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def scan(top: int, without: Collection[str] = ()) -> dict[str, Seen]:
    """All names below an open directory; `without` are names directly in it that do not count."""
    found: dict[str, Seen] = {}
    waiting = [""]
    while waiting:
        directory = waiting.pop()
        descriptor = os.open(".", _DIRECTORY, dir_fd=top) if not directory else enter(top, directory.split("/"))
        try:
            for name in os.listdir(descriptor):
                path = f"{directory}/{name}" if directory else name
                one = None if path in without else _look(name, descriptor)
                if one is not None:
                    found[path] = one
                    if one.kind == "directory":
                        waiting.append(path)
        finally:
            os.close(descriptor)
    return found


def _look(name: str, directory: int) -> Seen | None:
    status = os.stat(name, dir_fd=directory, follow_symlinks=False)
    target = os.readlink(name, dir_fd=directory) if stat.S_ISLNK(status.st_mode) else ""
    if stat.S_ISDIR(status.st_mode) and status.st_mode & 0o500 != 0o500 and os.geteuid() != 0:
        # What ran here has ended, so nothing can swap the name meanwhile. The entry keeps the mode that it had.
        os.chmod(name, 0o700, dir_fd=directory)
    return seen(status, target)


def create(
    top: int, files: Mapping[str, Entry], take: Callable[[str, int, str], int] | None = None
) -> Iterator[tuple[str, Entry, int]]:
    """Make the entries below an open directory. Gives each file, empty and open, to be filled; `finish` later.

    `take(key, directory, name)` may put a file with the content there that somebody has already, and gives a descriptor
    of it, else -1. Such a file is complete.
    Raises MshError MSH509 for a path that leads out of the directory or through a link.
    """
    for path in files:
        components(path)
    ordered = sorted(files)
    for path in ordered:
        if files[path].kind == "directory":
            os.close(_make(top, components(path)))
    for path in ordered:
        entry = files[path]
        if entry.kind in ("file", "fifo"):
            *parents, name = components(path)
            directory = _make(top, parents)
            try:
                if entry.kind == "fifo":
                    os.mkfifo(name, entry.mode, dir_fd=directory)
                    continue
                descriptor = take(entry.key, directory, name) if take is not None and entry.key else -1
                if descriptor >= 0:
                    seal(descriptor, entry)
                    continue
                flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
                descriptor = os.open(name, flags, 0o600, dir_fd=directory)
            except OSError as error:
                raise _refused(path, error) from None
            finally:
                os.close(directory)
            yield path, entry, descriptor


def seal(descriptor: int, entry: Entry) -> None:
    """Give a file its mode and time, and close it."""
    try:
        os.fchmod(descriptor, entry.mode)
        os.utime(descriptor, ns=(entry.mtime_ns, entry.mtime_ns))
    finally:
        os.close(descriptor)


def finish(top: int, files: Mapping[str, Entry]) -> None:
    """After all files are there: links, then modes and times of directories, the deepest first."""
    for path in sorted(files):
        entry = files[path]
        if entry.kind == "link":
            *parents, name = components(path)
            directory = _make(top, parents)
            try:
                os.symlink(entry.target, name, dir_fd=directory)
                os.utime(name, ns=(entry.mtime_ns, entry.mtime_ns), dir_fd=directory, follow_symlinks=False)
            except ValueError as error:
                raise lies(path, str(error)) from None
            except OSError as error:
                raise _refused(path, error) from None
            finally:
                os.close(directory)
    for path in sorted(files, reverse=True):
        if files[path].kind == "directory":
            seal(enter(top, components(path)), files[path])


def open_file(top: int, path: str) -> int:
    """A file that `scan` has found, for reading."""
    *parents, name = path.split("/")
    directory = enter(top, parents)
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            return os.open(name, flags, dir_fd=directory)
        except PermissionError:
            os.chmod(name, 0o600, dir_fd=directory)  # its owner's own rights were taken away: `chmod 000 f`
            return os.open(name, flags, dir_fd=directory)
    finally:
        os.close(directory)


def components(path: str) -> list[str]:
    """The names of a relative path. Raises MshError MSH509 for any other."""
    parts = path.split("/")
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise lies(path, "it is no relative path within the workspace")
    return parts


def enter(top: int, parts: Sequence[str]) -> int:
    """Open a directory, every component itself and no link."""
    descriptor = os.open(".", _DIRECTORY, dir_fd=top)
    for part in parts:
        inner = _below(part, descriptor, parts)
        os.close(descriptor)
        descriptor = inner
    return descriptor


def _make(top: int, parts: Sequence[str]) -> int:
    """As `enter`, making what is missing; such directories can be written until `finish`."""
    descriptor = os.open(".", _DIRECTORY, dir_fd=top)
    for part in parts:
        try:
            os.mkdir(part, 0o755, dir_fd=descriptor)
        except FileExistsError:
            pass
        except OSError as error:
            os.close(descriptor)
            raise _refused("/".join(parts), error) from None
        inner = _below(part, descriptor, parts)
        os.close(descriptor)
        descriptor = inner
    return descriptor


def _below(part: str, directory: int, parts: Sequence[str]) -> int:
    try:
        return os.open(part, _DIRECTORY, dir_fd=directory)
    except OSError as error:
        os.close(directory)
        raise lies("/".join(parts), f"`{part}` is no directory ({(error.strerror or '').lower()})") from None


def _refused(path: str, error: OSError) -> Exception:
    """Why an entry cannot be made: the disk is full, or it is no entry that can be made."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return error if full else lies(path, (error.strerror or "").lower())


def lies(path: str, why: str) -> MshError:
    """A manifest, or an object of it, that is not what it says."""
    message = f"the manifest's entry {path[:200]!r} cannot be staged: {why}"
    help_ = "nothing that msh writes has such entries: look for who else writes to the bucket"
    return MshError(Diagnostic("MSH509", message, help=help_))
