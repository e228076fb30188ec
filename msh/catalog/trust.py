"""Which project files count: those whose content the user has trusted.

What the author of a script controls must not widen what the script may do, so a `msh.toml` or a command file found
beside it counts for nothing until its user has read it and said `msh trust`. The record is of the path and the
content, as direnv's: a file that changed has to be trusted again. Records lie in `$XDG_STATE_HOME/msh/trust`, one
file each, named by the SHA-256 of both and holding the path.
"""

from __future__ import annotations

import os
import stat

from msh.diagnostics import Diagnostic, MshError
from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST = 1 << 20  # bytes of a catalog file


class Content(Record):
    """A file as it was read once: what is hashed is what is used, whatever happens to the file in the meantime."""

    path: str  # absolute, links resolved
    data: bytes
    owner: int
    mode: int


def read(path: str) -> Content:
    """Read a catalog file whole. Raises OSError, also for what is not a regular file or is too large to be one."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "not a regular file", path)
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise OSError(0, f"larger than {LARGEST} bytes", path)
    return Content(os.path.realpath(path), data, status.st_uid, status.st_mode)


def fault(content: Content) -> str:
    """Why a file must not count whatever it says: somebody else could have written it. Empty when nothing is wrong."""
    if content.owner not in (0, os.geteuid()):
        return "it belongs to somebody else"
    if content.mode & stat.S_IWOTH:
        return "everybody can write it"
    return ""


def is_trusted(content: Content, environment: Mapping[str, str] | None = None) -> bool:
    """Whether the user trusted exactly this path with exactly this content."""
    directory = store(os.environ if environment is None else environment)
    if directory is None:
        return False
    try:
        status = os.lstat(os.path.join(directory, _record(content)))
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022


def trust(path: str, environment: Mapping[str, str] | None = None) -> Content:
    """Trust a file as it is now. Raises MshError (MSH220, MSH225, MSH226) when it cannot be."""
    try:
        content = read(path)
    except OSError as error:
        raise MshError(Diagnostic("MSH220", f"cannot read `{path}`: {error.strerror}")) from None
    if b"\0" in content.data:
        raise MshError(Diagnostic("MSH220", f"cannot trust `{path}`: it is not text"))
    if reason := fault(content):
        raise MshError(ignored(path, reason, "error"))
    directory = store(os.environ if environment is None else environment)
    if directory is None:
        message = "there is no place to keep what you trust: neither `XDG_STATE_HOME` nor `HOME` is an absolute path"
        raise MshError(Diagnostic("MSH226", message, help="set `HOME`"))
    try:
        _keep(directory, content)
    except OSError as error:
        message = f"cannot keep what you trust in `{directory}`: {error.strerror}"
        help = "make the directory writable, or set `XDG_STATE_HOME`"
        raise MshError(Diagnostic("MSH226", message, help=help)) from None
    return content


def _keep(directory: str, content: Content) -> None:
    """Write a record under its name at once: a run beside this one sees all of it or nothing."""
    os.makedirs(directory, 0o700, exist_ok=True)
    name = os.path.join(directory, _record(content))
    temporary = f"{name}.{os.getpid()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(os.fsencode(content.path) + b"\n")
    os.rename(temporary, name)


def distrust(path: str, environment: Mapping[str, str] | None = None) -> bool:
    """Take back the trust in a file as it is now; whether there was any."""
    directory = store(os.environ if environment is None else environment)
    try:
        os.unlink(os.path.join(directory or "/nonexistent", _record(read(path))))
    except OSError:
        return False
    return True


def ignored(path: str, reason: str, severity: str = "warning") -> Diagnostic:
    """The word said of a file that must not count."""
    help = "make it your own: `chown`, `chmod o-w`, or a copy"
    return Diagnostic("MSH225", f"`{path}` is ignored: {reason}", help=help, severity=severity)


def store(environment: Mapping[str, str]) -> str | None:
    """The directory of the records (XDG Base Directory Specification: relative values do not count)."""
    base = environment.get("XDG_STATE_HOME", "")
    if not base.startswith("/"):
        home = environment.get("HOME", "")
        if not home.startswith("/"):
            return None
        base = f"{home}/.local/state"
    return f"{base}/msh/trust"


def _record(content: Content) -> str:
    from hashlib import sha256

    return sha256(os.fsencode(content.path) + b"\0" + content.data).hexdigest()
