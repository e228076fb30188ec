"""The private directories of a run, on the host.

Everything lies under `<temporary directory>/msh-<uid>`, mode 0700. A run's own directory there holds its `/tmp`; it is
removed at the end. A run that was killed leaves its directory behind, with nobody holding its lock: the next run of the
same user removes it. The synthetic `/etc` is built once and shared by the runs of a user (`etc.py`).
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat

from msh.diagnostics import Diagnostic, MshError
from msh.sandbox.descriptors import keep


class Runtime:
    """The directory of one run, and the lock that says it is in use.

    `base` is the user's directory, `path` the run's, `tmp` what its steps see as `/tmp`, `empty` a directory nobody
    can write.
    """

    def __init__(self) -> None:
        self.base = _user_directory()
        self._lock = -1
        self.path = self._make()
        self.tmp = os.path.join(self.path, "tmp")
        self.empty = os.path.join(self.path, "empty")
        os.mkdir(self.tmp)
        os.chmod(self.tmp, 0o1777)  # as any /tmp; the directory around it is private
        os.mkdir(self.empty, 0o555)
        self.owner = os.getpid()

    @property
    def nothing(self) -> str:
        """An empty file that nobody can write, made when first used: to hide a file behind."""
        path = os.path.join(self.path, "nothing")
        if not os.path.exists(path):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o444))
        return path

    def _make(self) -> str:
        for _ in range(100):
            name = f"run-{os.urandom(8).hex()}"
            path = os.path.join(self.base, name)
            # The lock comes first: a directory without a held lock is somebody's remains.
            self._lock = keep(os.open(f"{path}.lock", os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            if os.path.exists(f"{path}.lock"):  # else a run that was cleaning up took it for stale
                os.mkdir(path, 0o700)
                return path
            os.close(self._lock)
        raise OSError(errno.EEXIST, os.strerror(errno.EEXIST), self.base)

    def remove_stale(self) -> bool:
        """Remove what runs that were killed left behind; whether there was any."""
        return remove_stale(self.base)

    def leave(self) -> None:
        """Let go of the run's directory without removing it: a later `remove_stale` does."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def close(self) -> None:
        """Remove the run's directory; only the process that made it does."""
        if self._lock >= 0 and self.owner == os.getpid():
            remove_tree(self.path)
            if os.path.exists(f"{self.path}.lock"):
                os.unlink(f"{self.path}.lock")
            os.close(self._lock)
            self._lock = -1


def remove_stale(base: str) -> bool:
    """Remove what killed runs left in a user's directory; whether there was any."""
    removed = False
    try:
        names = os.listdir(base)
    except OSError:  # there never was a run, or a worker's step has removed what is in its /tmp
        return False
    for name in names:
        if name.startswith("run-") and name.endswith(".lock"):
            path = os.path.join(base, name)
            try:
                lock = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            except OSError:
                continue
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove_tree(path.removesuffix(".lock"))
                os.unlink(path)
                removed = True
            except OSError:
                continue  # in use, or another run is removing it
            finally:
                os.close(lock)
    return removed


def remove_left(uid: int) -> None:
    """The same for the runs of a user, with no more rights than that user has."""
    before = os.geteuid()
    if before != uid:
        os.seteuid(uid)
    try:
        remove_stale(_place(uid))
    finally:
        if before != uid:
            os.seteuid(before)


def _place(uid: int) -> str:
    top = os.environ.get("TMPDIR", "/tmp")
    if not (top.startswith("/") and os.access(top, os.W_OK | os.X_OK)):
        top = "/tmp"
    return os.path.join(os.path.realpath(top), f"msh-{uid}")


def _user_directory() -> str:
    """`/tmp/msh-<uid>`, made if missing; refused when somebody else could have put it there."""
    path = _place(os.geteuid())
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        found = os.lstat(path)
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            message = f"`{path}` is not a private directory of uid {os.geteuid()}"
            raise MshError(
                Diagnostic("MSH443", message, help="remove it, or set `TMPDIR` to a directory of yours")
            ) from None
    return path


def remove_tree(path: str) -> None:
    """Remove a directory whatever a hostile step left in it: no link is followed, and depth costs nothing.

    A directory found inside is moved up beside the others and emptied in its turn, so neither recursion nor the length
    of a path grows with the depth of the tree.
    """
    try:
        top = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    prefix = f".{os.urandom(8).hex()}-"  # nobody could have made such a name before
    try:
        moved = _empty(top, top, prefix, 0)
        done = 0
        while done < moved:
            name = f"{prefix}{done}"
            inner = _open_directory(name, top)
            moved = _empty(inner, top, prefix, moved)
            os.close(inner)
            os.rmdir(name, dir_fd=top)
            done += 1
    finally:
        os.close(top)
    os.rmdir(path)


def _empty(directory: int, top: int, prefix: str, moved: int) -> int:
    """Unlink the files of a directory and move its directories to `top`, numbered from `moved`; the next number."""
    with os.scandir(directory) as entries:
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                os.unlink(entry.name, dir_fd=directory)
            elif directory != top or not entry.name.startswith(prefix):
                os.close(_open_directory(entry.name, directory))  # one without write permission could not be moved
                os.rename(entry.name, f"{prefix}{moved}", src_dir_fd=directory, dst_dir_fd=top)
                moved += 1
    return moved


def _open_directory(name: str, parent: int) -> int:
    """A directory to be emptied, made accessible to its owner."""
    if os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode & 0o700 != 0o700 and os.geteuid() != 0:
        # The step's processes are gone, so nothing can swap the name between the two calls.
        os.chmod(name, 0o700, dir_fd=parent)
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
