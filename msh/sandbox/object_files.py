"""Objects as files: copies for the interpreter's redirections and for steps, sent back when what writes them is done.

An object is copied whole before it is used, and uploaded whole when the command or the redirection that may have
changed it ends, also when that failed, as a file keeps what was written to it. Whoever is killed uploads nothing.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat

from msh.diagnostics import Diagnostic, MshError
from msh.sandbox.descriptors import keep
from msh.sandbox.object_store import ObjectStore, transfer_failed
from msh.sandbox.objects import DIRECTORY, granted
from msh.sandbox.policy import Mount
from msh.sandbox.runtime import remove_tree
from msh.sandbox.view import open_real

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from msh.config import Settings
    from msh.sandbox.backend import Base
    from msh.sandbox.objects import ObjectName, ObjectUse
    from msh.sandbox.policy import Outcome, Policy

_WRITING = os.O_WRONLY | os.O_RDWR
_MARK = ".msh"


class Upload:
    """A redirection's copy that is still open. `kept` by `exec`: it outlasts its command."""

    __slots__ = ("fd", "kept", "name", "pid")

    def __init__(self, name: ObjectName, fd: int) -> None:
        self.name = name
        self.fd = fd
        self.pid = os.getpid()
        self.kept = False


class Objects:
    """The objects of one run. `scratch` is a directory for copies."""

    def __init__(self, settings: Settings, scratch: str, uploads: list[Upload]) -> None:
        """`uploads` are the redirections that are still open."""
        self.settings = settings
        self.store = ObjectStore(settings.endpoint_url)
        self.uploads = uploads
        self._scratch = scratch

    # ---- the interpreter's own ------------------------------------------------------

    def open(self, path: str, flags: int) -> int:
        """As open(2), on a copy. One that can be written to is uploaded by `finish`.

        Raises OSError, or MshError (MSH401, MSH406 to MSH408, MSH430).
        """
        writes = bool(flags & (_WRITING | os.O_CREAT | os.O_TRUNC))
        name = granted(path, "write" if writes else "read", self.settings)
        number = keep(os.open(self._scratch, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600))
        try:
            self._fill(name, number, flags, path)
            mode = flags & (os.O_ACCMODE | os.O_APPEND)
            opened = os.open(f"/proc/self/fd/{number}", mode | os.O_CLOEXEC)
        except BaseException:
            os.close(number)
            raise
        if writes:
            self.uploads.append(Upload(name, number))
        else:
            os.close(number)
        return opened

    def _fill(self, name: ObjectName, number: int, flags: int, path: str) -> None:
        if flags & os.O_EXCL and self.store.look(name) is not None:
            raise OSError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        if flags & (os.O_TRUNC | os.O_EXCL):
            return
        try:
            with open(number, "wb", closefd=False) as file:
                self.store.download(name, file)
        except FileNotFoundError:
            if not flags & os.O_CREAT:
                raise

    def finish(self, mark: int) -> list[MshError]:
        """Upload what this process opened since there were `mark` uploads, but for what is kept; what failed."""
        done = [one for one in self.uploads[mark:] if not one.kept]
        self.uploads[mark:] = [one for one in self.uploads[mark:] if one.kept]
        return self._send(done)

    def finish_closed(self, numbers: Iterable[int]) -> list[MshError]:
        """Upload what is kept and that none of these descriptors leads to any more; what failed."""
        held = {_identity(number) for number in numbers}
        done = [one for one in self.uploads if one.kept and _identity(one.fd) not in held]
        self.uploads[:] = [one for one in self.uploads if one not in done]
        return self._send(done)

    def _send(self, uploads: list[Upload]) -> list[MshError]:
        failed = []
        for one in uploads:
            try:
                if one.pid == os.getpid():
                    with open(f"/proc/self/fd/{one.fd}", "rb") as file:
                        self.store.upload(one.name, file)
            except MshError as error:
                failed.append(error)
            finally:
                os.close(one.fd)
        return failed

    def stat(self, path: str) -> os.stat_result | None:
        """Attributes of an object as of a file of this user's; None when it is missing or may not be looked at.

        Raises MshError (MSH401, MSH406 to MSH408, MSH430).
        """
        try:
            found = self.store.look(granted(path, "read", self.settings))
        except PermissionError:
            return None
        if found is None:
            return None
        when = found.modified
        mode = stat.S_IFREG | (0o600 if self._may_write(path) else 0o400)
        return os.stat_result((mode, 0, 0, 1, os.geteuid(), os.getegid(), found.size, when, when, when))

    def access(self, path: str, mode: int) -> bool:
        """access(2): no object can be executed. Raises as `stat`."""
        if mode & os.X_OK or (mode & os.W_OK and not self._may_write(path)):
            return False
        return self.stat(path) is not None

    def new_directory(self) -> str:
        """A path for the copies of a step."""
        return os.path.join(self._scratch, f"objects-{os.urandom(8).hex()}")

    def _may_write(self, path: str) -> bool:
        try:
            granted(path, "write", self.settings)
        except MshError:
            return False
        return True


class Stage:
    """The copies of one step: `path` stands at `s3:` of its working directory.

    `path` is a directory of this step alone, or (`shared`) one in the working directory, where other steps may have
    their copies too. `point` is a directory that was made to mount the copies on.
    """

    def __init__(self, store: ObjectStore, path: str, *, shared: bool = False, point: str = "") -> None:
        self.path = path
        self.point = point
        self.writable = False
        self.removed = False
        self._store = store
        self._uses: dict[ObjectName, tuple[bool, tuple[int, ...]]] = {}  # may be sent back, state of the copy
        self._held = [_hold(path, marked=shared)]
        if point:
            self._held.append(_hold(point))

    def add(self, use: ObjectUse) -> None:
        """Copy an object here, if there is one, or make room for it."""
        written = use.kind != "read"
        self.writable |= written
        known = self._uses.get(use.name)
        if known is not None:
            self._uses[use.name] = (known[0] or written, known[1])
            return
        path = self._file(use.name)
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            self._uses[use.name] = (written, self._copy(use.name, path))
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            raise transfer_failed(use.name, "used", "another object's name ends where its own goes on") from None

    def _copy(self, name: ObjectName, path: str) -> tuple[int, ...]:
        """Download to a file; its state, empty when there is no such object. A denied one becomes a denied file."""
        temporary = f"{self.path}/.{os.urandom(8).hex()}"
        try:
            with open(temporary, "xb") as file:
                self._store.download(name, file)
            os.rename(temporary, path)
        except FileNotFoundError:
            os.unlink(temporary)
            return ()
        except PermissionError:
            os.chmod(temporary, 0)
            os.rename(temporary, path)
        return _state(os.stat(path))

    def _file(self, name: ObjectName) -> str:
        return os.path.join(self.path, name.bucket, name.key)

    def finish(self) -> list[MshError]:
        """Send back what the step changed, remove what it removed; what failed."""
        failed = []
        for name, (written, before) in self._uses.items():
            try:
                if written:
                    self._send_back(name, before)
            except MshError as error:
                failed.append(error)
            except OSError as error:
                failed.append(transfer_failed(name, "written", (error.strerror or "").lower()))
        return failed

    def _send_back(self, name: ObjectName, before: tuple[int, ...]) -> None:
        try:
            number = open_real(self._file(name))  # follows nothing that the step may have put in the way
        except FileNotFoundError:
            if before:
                self._store.remove(name)
            return
        try:
            found = os.fstat(number)
            if not stat.S_ISREG(found.st_mode):
                raise transfer_failed(name, "written", "what the command made is not a file")
            if _state(found) != before:
                with open(f"/proc/self/fd/{number}", "rb") as file:
                    self._store.upload(name, file)
        finally:
            os.close(number)

    def after(self, outcome: Outcome) -> Outcome:
        """What becomes of the step's outcome when its objects are sent back; what fails is printed."""
        from msh.render import report

        sent = False
        try:
            failed = self.finish()
            sent = not failed
            for error in failed:
                report(error.diagnostics, count=False)
        finally:
            self.remove()
            if not sent:
                outcome = outcome.replace(status=outcome.status or 1, detail="an object was not written")
        return outcome

    def remove(self) -> None:
        """Remove the copies, unless other steps have theirs in the same place: the last of them does it."""
        for path, number in zip((self.path, self.point), self._held, strict=False):
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if path == self.path:
                    remove_tree(path)
                else:
                    os.rmdir(path)
            except OSError:
                continue  # others use it, or the script has put something there
            finally:
                os.close(number)
        self._held = []
        self.removed = True


def staged(objects: Objects, policy: Policy, base: Base, *, own_tree: bool, may_write: bool) -> tuple[Policy, Stage]:
    """The policy with the copies of its objects in its view, and the stage that holds them.

    `own_tree` says whether the step sees mounts, `may_write` whether the run may change its working directory. Raises
    MshError (MSH406, MSH409, MSH430).
    """
    place = os.path.join(policy.directory, DIRECTORY)
    try:
        if own_tree:
            point = _mount_point(place, (*base.mounts, *policy.mounts))
            if point and not may_write:
                raise OSError(errno.EROFS, os.strerror(errno.EROFS))
            stage = Stage(objects.store, objects.new_directory(), point=point)
        elif may_write:
            stage = Stage(objects.store, place, shared=True)
        else:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
    except OSError as error:
        message = (
            f"`{policy.argv[0]}`: objects cannot be shown in `{policy.directory}`: {(error.strerror or '').lower()}"
        )
        help_ = "`cd` to a directory that may be written, or use a redirection"
        raise MshError(Diagnostic("MSH409", message, help=help_)) from None
    try:
        for use in policy.objects:
            stage.add(use)
    except BaseException:
        stage.remove()
        raise
    return policy.replace(mounts=(*policy.mounts, Mount(stage.path, place, stage.writable))), stage


def _mount_point(place: str, mounts: Iterable[Mount]) -> str:
    """The host's directory that must be there so that something can be mounted at `place`; empty when none must."""
    around = [mount for mount in mounts if place.startswith(mount.target.rstrip("/") + "/")]
    if not around:
        return ""
    nearest = max(reversed(around), key=lambda mount: len(mount.target))
    return nearest.source + place[len(nearest.target.rstrip("/")) :] if nearest.source else ""


def _hold(path: str, *, marked: bool = False) -> int:
    """A directory, made if need be, locked against removal by others.

    A `marked` one holds a sign that msh made it: else it is the script's own, and not to be touched. Raises OSError.
    """
    parent = open_real(os.path.dirname(path))
    name = os.path.basename(path)
    try:
        while True:
            _make(name, parent, marked)
            number = keep(os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent))
            fcntl.flock(number, fcntl.LOCK_SH)
            try:
                if os.path.samestat(os.fstat(number), os.stat(name, dir_fd=parent, follow_symlinks=False)):
                    return number
            except FileNotFoundError:
                pass
            os.close(number)  # its last user has just removed it
    finally:
        os.close(parent)


def _make(name: str, parent: int, marked: bool) -> None:
    if not marked:
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=parent)
        return
    temporary = f"{name}{os.urandom(4).hex()}"
    os.mkdir(temporary, 0o700, dir_fd=parent)
    try:
        os.close(os.open(f"{temporary}/{_MARK}", os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, dir_fd=parent))
        os.rename(temporary, name, src_dir_fd=parent, dst_dir_fd=parent)
    except OSError as error:
        os.unlink(f"{temporary}/{_MARK}", dir_fd=parent)
        os.rmdir(temporary, dir_fd=parent)
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise
        os.stat(f"{name}/{_MARK}", dir_fd=parent)  # another step's


def _state(found: os.stat_result) -> tuple[int, ...]:
    return (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _identity(number: int) -> tuple[int, int]:
    found = os.fstat(number)
    return found.st_dev, found.st_ino
