"""Directories that can be changed without being changed: overlay mounts (Linux, filesystems/overlayfs) of this process.

The process enters a mount namespace of its own, for good, and lays a writable layer over each directory. Everything it
starts from then on, the interpreter and every sandbox, sees the directories through it; what they change lands in the
layer. The directories themselves stay within reach by the descriptors that were opened before (`Layer.real`).

An ordinary user needs a user namespace for it, in which only this user and this group exist: the kernel then refuses to
change files of other groups (EOVERFLOW), since their copies in the layer could not keep the group.
"""

from __future__ import annotations

import ctypes
import os
import sys

from msh.diagnostics import Diagnostic, MshError
from msh.record import Record
from msh.sandbox.confine import drop_capabilities
from msh.sandbox.descriptors import keep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_NEWNS, _NEWUSER = 0x00020000, 0x10000000
_REC, _PRIVATE, _NODEV = 0x4000, 0x40000, 4

_system = ctypes.CDLL(None, use_errno=True)


class Layer(Record):
    """One directory under an overlay: its path, the real directory and what was changed, both by descriptor."""

    path: str
    real: int
    upper: int


def lay_over(directories: Sequence[str], scratch: str) -> tuple[Layer, ...]:
    """Put a layer over each of these real paths. `scratch` is a private directory for the layers.

    Raises MshError MSH415 when that cannot be done, with the reason; the process may then be in the namespace already.
    """
    _refuse_nested(directories, scratch)
    real = [keep(os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)) for path in directories]
    working = os.getcwd()
    try:
        _enter_namespace()
        layers = [_lay(path, below, scratch) for path, below in zip(directories, real, strict=True)]
        os.chdir(working)  # through the layer: the working directory so far is the one below it
        sys.dont_write_bytecode = True  # of msh, where it lies in the directory itself: no change of the script's
        if os.geteuid() != 0:
            drop_capabilities()  # those over the user namespace: the user's rights to files are to be what they were
    except OSError as error:
        message = f"the directory cannot be laid over: {(error.strerror or '').lower()}"
        help_ = "it needs user namespaces and overlayfs (Linux 5.11); `msh doctor` says what this host lacks"
        raise MshError(Diagnostic("MSH415", message, help=help_)) from None
    return tuple(layers)


def _enter_namespace() -> None:
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0:
        _check(_system.unshare(_NEWNS))
    else:
        _check(_system.unshare(_NEWUSER | _NEWNS))
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
    _mount(b"none", "/", None, _REC | _PRIVATE)


def _lay(path: str, real: int, scratch: str) -> Layer:
    """One overlay. Options name descriptors, so that no path has to be quoted for the kernel."""
    place = os.path.join(scratch, f"layer-{real}")
    os.mkdir(place, 0o700)
    try:
        return _lay_at(path, real, place)
    except OSError:
        # A file system that cannot hold a layer, an overlay itself for instance: memory can.
        _mount(b"none", place, b"tmpfs", _NODEV, b"mode=700")
        return _lay_at(path, real, place)


def _lay_at(path: str, real: int, place: str) -> Layer:
    for name in ("upper", "work"):
        os.makedirs(os.path.join(place, name), 0o700, exist_ok=True)
    status = os.fstat(real)
    os.chown(os.path.join(place, "upper"), status.st_uid, status.st_gid)
    os.chmod(os.path.join(place, "upper"), status.st_mode & 0o7777)
    upper, work = (os.open(os.path.join(place, name), os.O_RDONLY | os.O_CLOEXEC) for name in ("upper", "work"))
    lower = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)  # as this mount namespace has it
    try:
        # volatile: nothing waits for the disk, since a layer is of no use after a crash.
        names = {"lowerdir": lower, "upperdir": upper, "workdir": work}
        options = ",".join([*[f"{name}=/proc/self/fd/{fd}" for name, fd in names.items()], "userxattr", "volatile"])
        _mount(b"overlay", path, b"overlay", 0, options.encode())
    finally:
        os.close(work)
        os.close(lower)
    return Layer(path, real, keep(upper))


def _refuse_nested(directories: Sequence[str], scratch: str) -> None:
    """An overlay shows one file system: a mount below it would look empty. Its own layer must be outside."""
    for path in directories:
        inside = path.rstrip("/") + "/"
        below = next((place for place in _mount_points() if place.startswith(inside)), "")
        if below or scratch.startswith(inside):
            message = f"`{path}` cannot be laid over: " + (
                f"`{below}` is another file system" if below else "it holds msh's own scratch directory"
            )
            help_ = "name a smaller `--workspace`" if below else "set `TMPDIR` to a directory outside"
            raise MshError(Diagnostic("MSH415", message, help=help_))


def _mount_points() -> list[str]:
    """Paths of all mounts (proc_pid_mountinfo(5)), octal escapes undone."""
    with open("/proc/self/mountinfo", "rb") as file:
        fields = [line.split(b" ")[4] for line in file]
    return [
        os.fsdecode(field.decode("latin-1").encode("latin-1").decode("unicode_escape").encode("latin-1"))
        for field in fields
    ]


def _mount(source: bytes, target: str, kind: bytes | None, flags: int, options: bytes | None = None) -> None:
    _check(_system.mount(source, os.fsencode(target), kind, ctypes.c_ulong(flags), options))


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
