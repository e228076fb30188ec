"""Puts the changes of a dry run into the real directory."""

from __future__ import annotations

import os
import shutil
import stat

from msh.diagnostics import Diagnostic, MshError
from msh.sandbox.changes import Change, entry_of, open_below, open_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from msh.sandbox.changes import Entry

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


def commit(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Make all of them; those that cannot be (sockets, devices) are given back.

    Raises MshError, MSH417: something of it was changed by somebody else meanwhile, and nothing was done; MSH418: it
    failed on the way, and what was done before stays done.
    """
    _refuse_conflicts(changes)
    left = []
    for done, change in enumerate(changes):
        try:
            if not _apply(change):
                left.append(change)
        except OSError as error:
            reason = (error.strerror or "").lower()
            message = f"`{change.name}` could not be committed: {reason}; {done} of {len(changes)} changes were made"
            raise MshError(Diagnostic("MSH418", message, help="mend the cause and run the script again")) from None
    for change in reversed(changes):
        if change.new is not None and change.new.kind == "directory":
            parent = open_below(change.layer.real, change.path[:-1])
            os.chmod(change.path[-1], stat.S_IMODE(change.new.mode), dir_fd=parent)
            os.close(parent)
    return tuple(left)


def _refuse_conflicts(changes: Sequence[Change]) -> None:
    deleted = {(each.layer.path, each.path) for each in changes if each.action == "deleted"}
    created: set[tuple[str, tuple[str, ...]]] = set()
    for change in changes:
        place = (change.layer.path, change.path)
        is_inner = (change.layer.path, change.path[:-1]) in created  # of a directory that is new as well
        if change.action == "created":
            created.add(place)
            if is_inner or place in deleted:
                continue
        if _now(change) != change.old:
            message = f"`{change.name}` was changed by something else while the changes were looked at"
            raise MshError(Diagnostic("MSH417", message, help="nothing was committed; run the script again"))


def _now(change: Change) -> Entry | None:
    try:
        directory = open_below(change.layer.real, change.path[:-1])
    except OSError:
        return None
    try:
        return entry_of(change.path[-1], directory)
    finally:
        os.close(directory)


def _apply(change: Change) -> bool:
    real = open_below(change.layer.real, change.path[:-1])
    try:
        if change.new is None:
            _delete(change, real)
            return True
        upper = open_below(change.layer.upper, change.path[:-1])
        try:
            return _put(change, change.new, upper, real)
        finally:
            os.close(upper)
    finally:
        os.close(real)


def _delete(change: Change, real: int) -> None:
    name = change.path[-1]
    if change.old is not None and change.old.kind == "directory":
        shutil.rmtree(name, dir_fd=real)
    else:
        os.unlink(name, dir_fd=real)


def _put(change: Change, new: Entry, upper: int, real: int) -> bool:
    name = change.path[-1]
    if change.action == "mode":
        if new.kind != "directory":  # a directory's comes last: it may forbid what is still to be done in it
            os.chmod(name, stat.S_IMODE(new.mode), dir_fd=real)
    elif change.action == "touched":
        os.utime(name, ns=(new.mtime_ns, new.mtime_ns), dir_fd=real, follow_symlinks=False)
    elif new.kind == "directory":
        os.mkdir(name, 0o700, dir_fd=real)
        _own(name, upper, real)
    elif new.kind == "file":
        _copy(name, new, upper, real)
    elif new.kind == "link":
        _into_place(name, upper, real, lambda made: os.symlink(new.target, made, dir_fd=real))
    elif new.kind == "fifo":
        os.mkfifo(name, stat.S_IMODE(new.mode), dir_fd=real)
    else:
        return False
    return True


def _copy(name: str, new: Entry, upper: int, real: int) -> None:
    """The content under a name of its own, then renamed: who reads meanwhile sees the old or the new, never half."""

    def make(made: str) -> None:
        source = open_file(name, upper, new)
        target = os.open(made, _NEW, 0o600, dir_fd=real)
        try:
            while os.sendfile(target, source, None, 1 << 30):
                pass
        finally:
            os.close(source)
            os.close(target)

    def finish(made: str) -> None:
        os.chmod(made, stat.S_IMODE(new.mode), dir_fd=real)
        os.utime(made, ns=(new.mtime_ns, new.mtime_ns), dir_fd=real)

    _into_place(name, upper, real, make, finish)


def _into_place(name: str, upper: int, real: int, make: Maker, finish: Maker = lambda made: None) -> None:
    made = f".msh-{os.urandom(8).hex()}"
    try:
        make(made)
        _own(name, upper, real, made)
        finish(made)  # after the owner: a change of owner takes setuid bits away
        os.rename(made, name, src_dir_fd=real, dst_dir_fd=real)
    except OSError:
        if entry_of(made, real) is not None:
            os.unlink(made, dir_fd=real)
        raise


def _own(name: str, upper: int, real: int, made: str | None = None) -> None:
    """The owner that the run gave it; only root has a choice."""
    if os.geteuid() == 0:
        found = os.stat(name, dir_fd=upper, follow_symlinks=False)
        os.chown(made or name, found.st_uid, found.st_gid, dir_fd=real, follow_symlinks=False)


if TYPE_CHECKING:
    from collections.abc import Callable

    Maker = Callable[[str], None]
