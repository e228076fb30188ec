"""The only way the interpreter touches the file system.

Redirections, `test`, globs, `cd`, `source`, `$(<f)`: all of them name a path, and the path means what it would mean
to a step (`View.walk`), under the same grants, with the same words when it is refused. The walk ends in an O_PATH
descriptor; a file is opened by reopening that descriptor through /proc/self/fd, and a new one is created in the
directory that was found, so what was judged is what is opened, whatever is renamed meanwhile.

Paths are text of the guest's tree, absolute or relative to `directory` ("/" if not given).
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat

from msh.diagnostics import MshError
from msh.sandbox.descriptors import FIRST_OWN
from msh.sandbox.objects import directory_like, is_object
from msh.sandbox.refusal import not_a_file, refused
from msh.sandbox.view import Outside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.diagnostics import Diagnostic
    from msh.sandbox.asking import Wider
    from msh.sandbox.object_files import Objects
    from msh.sandbox.view import Place, View

_WRITING = os.O_WRONLY | os.O_RDWR
_AT_OPEN = os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW  # meaningless for a file that was found already
_SPECIAL = {stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFSOCK: "a socket"}
_OPEN_GRANTED = ("workspace", "granted", "scratch")


class Gate:
    """File system access of one run's interpreter.

    `warn` gets a diagnostic when a test or a listing looks at something outside the grants; once for each path.
    """

    def __init__(self, view: View, empty: str, scratch: str = "/tmp", *, protects: bool = True) -> None:
        self.objects: Callable[[], Objects] | None = None  # the run's, made when first used
        self._view = view
        self._empty = empty  # an empty directory on the host, to stand for those that only hold regions
        self._scratch = scratch  # a directory for nameless files
        self._protects = protects  # whether files that may only be read are opened so that no step can change them
        self._warned: set[str] = set()
        self.wider: Wider | None = None  # where somebody can be asked for what lies outside
        self.warn: Callable[[Diagnostic], None] | None = None

    def open(self, path: str, flags: int, mode: int = 0o666, *, directory: str = "/") -> int:
        """A new close-on-exec descriptor. Blocks on a FIFO as open(2) does (see `blocks`).

        Raises MshError (MSH401 not granted, MSH402 a device or socket), or OSError as open(2).
        """
        if is_object(path):
            return self._objects().open(path, flags)
        writes = bool(flags & (_WRITING | os.O_CREAT | os.O_TRUNC))
        kind = "write" if writes else "read"
        for _ in range(16):
            try:
                place = self._view.walk(path, directory, follow=not flags & os.O_EXCL)
            except Outside as outside:
                number = self.wider.open(outside.path, flags, mode) if self.wider is not None else None
                if number is not None:
                    return number
                raise refused("", path, kind, outside.path, outside.link, self._view.denials) from None
            with place:
                self._check(place, path, kind)
                if place.missing and flags & os.O_CREAT:
                    if path.endswith("/"):
                        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), path)
                    try:
                        return _create(place, flags, mode)
                    except FileExistsError:
                        if flags & os.O_EXCL:
                            raise
                        continue  # somebody made it meanwhile: judge what is there now
                return self._reopen(place, path, flags)
        raise OSError(errno.EEXIST, os.strerror(errno.EEXIST), path)

    def _check(self, place: Place, path: str, kind: str) -> None:
        region = place.region
        if kind == "write" and place.synthetic:
            raise refused("", path, kind, place.guest, "", self._view.denials)
        if region is None:
            return
        if kind == "write" and not region.writable:
            if region.kind == "granted":
                raise refused("", path, kind, place.guest, "", self._view.denials)
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        if place.stat is not None and region.kind != "device":
            what = _SPECIAL.get(stat.S_IFMT(place.stat.st_mode))
            if what is not None:
                raise not_a_file("", path, what)

    def _reopen(self, place: Place, path: str, flags: int) -> int:
        if place.descriptor >= 0:
            return _reopen_own(place.descriptor, flags, path)
        if place.synthetic or (place.stat is not None and stat.S_ISDIR(place.stat.st_mode)):
            # Never for a script: from a descriptor of a directory on the host, `..` leads a step to the host's root.
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        if place.fd < 0:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        if flags & os.O_EXCL and flags & os.O_CREAT:
            raise OSError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        try:
            if self._protects and not flags & _WRITING and _needs_protection(place):
                from msh.sandbox.readonly import open_readonly

                return open_readonly(place.host, place.fd, self._scratch)
            return os.open(f"/proc/self/fd/{place.fd}", (flags & ~_AT_OPEN) | os.O_CLOEXEC | os.O_NOCTTY)
        except OSError as error:
            raise OSError(error.errno, error.strerror, path) from None

    def blocks(self, path: str, *, directory: str = "/") -> bool:
        """Whether opening it may wait for somebody else (a FIFO): then it is opened in a fork of its own."""
        found = self._look(path, directory, True)
        return found is not None and stat.S_ISFIFO(found.st_mode)

    def stat(self, path: str, *, directory: str = "/") -> os.stat_result | None:
        """Attributes, links followed; None when there is no such name or it is not granted."""
        return self._look(path, directory, True)

    def peek(self, path: str) -> os.stat_result | None:
        """As `stat`, without a warning: for names that the script did not write, such as those along PATH."""
        warn, self.warn = self.warn, None
        try:
            return self._look(path, "/", True)
        finally:
            self.warn = warn

    def lstat(self, path: str, *, directory: str = "/") -> os.stat_result | None:
        """Attributes of the name itself."""
        return self._look(path, directory, False)

    def _objects(self) -> Objects:
        assert self.objects is not None
        return self.objects()

    def _warn(self, path: str, error: MshError) -> None:
        """Say once why something is taken for missing."""
        if self.warn is not None and path not in self._warned:
            self._warned.add(path)
            for one in error.diagnostics:
                self.warn(one.replace(severity="warning"))

    def _look(self, path: str, directory: str, follow: bool) -> os.stat_result | None:
        if is_object(path):
            try:
                return self._objects().stat(path)
            except MshError as error:
                self._warn(path, error)
                return None
        outside = self._may_ask(path, directory, follow)
        if outside is not None:
            return outside[0].stat(outside[1], follow=follow)
        place = self._find(path, directory, follow)
        if place is None:
            return None
        with place:
            if place.descriptor >= 0:
                return os.fstat(place.descriptor) if _is_scripts(place.descriptor) else None
            if place.synthetic:
                return _link_status() if place.host else os.stat(self._empty)
            return place.stat

    def _may_ask(self, path: str, directory: str, follow: bool) -> tuple[Wider, str] | None:
        """Whom to ask for a name that the script wrote and that leads outside, and where it leads."""
        if self.wider is None or self.warn is None:
            return None
        try:
            self._view.walk(path, directory, follow=follow).close()
        except Outside as outside:
            return self.wider, outside.path
        except OSError:
            return None
        return None

    def _find(self, path: str, directory: str, follow: bool = True) -> Place | None:
        """Where a name leads; None, with one warning, when that is outside."""
        try:
            return self._view.walk(path, directory, follow=follow)
        except Outside as outside:
            if not _is_kernels(outside.path):
                self._warn(path, refused("", path, "read", outside.path, outside.link, self._view.denials))
            return None
        except OSError:
            return None

    def access(self, path: str, mode: int, *, directory: str = "/") -> bool:
        """access(2) for the run's user, and writable only where it is granted."""
        if is_object(path):
            try:
                return self._objects().access(path, mode)
            except MshError as error:
                self._warn(path, error)
                return False
        outside = self._may_ask(path, directory, True)
        if outside is not None:
            return outside[0].access(outside[1], mode)
        place = self._find(path, directory)
        if place is None:
            return False
        with place:
            if place.descriptor >= 0:
                return _is_scripts(place.descriptor)
            if place.synthetic:
                return not mode & os.W_OK
            if place.fd < 0 or place.region is None or (mode & os.W_OK and not place.region.writable):
                return False
            return os.access(f"/proc/self/fd/{place.fd}", mode, effective_ids=True)

    def listdir(self, path: str, *, directory: str = "/") -> list[str]:
        """The names in a directory without `.` and `..`; none when it cannot be read. Odd bytes are surrogates.

        Raises MshError MSH408 for what is no directory but a bucket.
        """
        if is_object(path):
            raise directory_like(path)
        outside = self._may_ask(path, directory, True)
        if outside is not None:
            return outside[0].listdir(outside[1])
        place = self._find(path, directory)
        if place is None:
            return []
        with place:
            if self.wider is not None and place.guest == self.wider.home and place.synthetic:
                return self.wider.listdir(place.guest)
            names = self._view.ancestors.get(place.guest, set())
            if place.fd >= 0:
                try:
                    names = names.union(os.listdir(f"/proc/self/fd/{place.fd}"))
                except OSError:
                    return []
            return list(names)

    def readlink(self, path: str, *, directory: str = "/") -> str | None:
        """The text of a symbolic link, None when it is none."""
        place = None if is_object(path) else self._find(path, directory, False)
        if place is None:
            return None
        with place:
            if place.synthetic:
                return place.host or None
            if place.stat is None or not stat.S_ISLNK(place.stat.st_mode):
                return None
            return os.readlink("", dir_fd=place.fd)

    def realpath(self, path: str, *, directory: str = "/") -> str:
        """The canonical path in the guest's tree; the path itself when it leads nowhere."""
        place = None if is_object(path) else self._find(path, directory)
        if place is None:
            return path
        with place:
            return place.guest

    def enter(self, path: str, *, directory: str = "/") -> str:
        """For `cd`: the canonical path of a directory that may be entered.

        Raises MshError MSH401 when it is outside, or OSError (no such directory, not a directory, no permission).
        """
        if is_object(path):
            raise directory_like(path)
        try:
            place = self._view.walk(path, directory)
        except Outside as outside:
            raise refused("", path, "list", outside.path, outside.link, self._view.denials) from None
        with place:
            if place.missing:
                raise OSError(errno.ENOENT, os.strerror(errno.ENOENT), path)
            if place.stat is not None:
                if not stat.S_ISDIR(place.stat.st_mode):
                    raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
                if not os.access(f"/proc/self/fd/{place.fd}", os.X_OK, effective_ids=True):
                    raise OSError(errno.EACCES, os.strerror(errno.EACCES), path)
            return place.guest


def _needs_protection(place: Place) -> bool:
    """Whether a step that gets a file to read could change it through the descriptor, and must not."""
    if place.region is None or place.region.writable or place.stat is None or not stat.S_ISREG(place.stat.st_mode):
        return False
    from msh.sandbox.readonly import could_change

    return could_change(place.stat, f"/proc/self/fd/{place.fd}")


def _create(place: Place, flags: int, mode: int) -> int:
    """A new file in the directory that the walk found; FileExistsError when something has appeared there."""
    if place.parent < 0:
        raise OSError(errno.ENOENT, os.strerror(errno.ENOENT), place.guest)
    return os.open(place.name, flags | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=place.parent)


def _reopen_own(number: int, flags: int, path: str) -> int:
    """`/dev/fd/N`: a descriptor that the script has, for no more than it was opened for."""
    if not _is_scripts(number):
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), path)
    has = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE
    if has not in (os.O_RDWR, flags & os.O_ACCMODE):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), path)
    try:
        return os.open(f"/proc/self/fd/{number}", (flags & ~_AT_OPEN) | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError:
        return fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 3)  # a socket, or another user's terminal


def _is_scripts(number: int) -> bool:
    """Whether a number is one of the script's: 0 to 2, or opened to be inherited by its steps."""
    try:
        return number <= 2 or (number < FIRST_OWN and os.get_inheritable(number))
    except OSError:
        return False


def _is_kernels(path: str) -> bool:
    """/proc and /dev: looking there is so common in scripts that a warning would be noise."""
    return path.startswith(("/proc/", "/dev/"))


def _link_status() -> os.stat_result:
    return os.stat_result((stat.S_IFLNK | 0o777, 0, 0, 1, 0, 0, 0, 0, 0, 0))


__all__ = ["Gate", "MshError"]
