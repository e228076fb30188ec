"""What a step opens and looks at by name.

The question is about the real path of what a name led to (`targets.py`), and what is opened after a yes is the very
object that was found before the question. Regular files are handed out, and directories as stand-ins
(`directories.py`); no device, no socket, and nothing of /proc. What a step does to names is in `entries.py`.
"""

from __future__ import annotations

import errno
import os

from msh.sandbox.broker.attributes import pack_stat, pack_statx
from msh.sandbox.broker.kernel import AT_FDCWD, signed
from msh.sandbox.broker.processes import umask_of
from msh.sandbox.widening import enterable, kind_of, listable, readable, regular, regular_or_new, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.sandbox.broker.directories import Directories
    from msh.sandbox.broker.kernel import Call
    from msh.sandbox.broker.questions import Question
    from msh.sandbox.broker.steps import Step
    from msh.sandbox.broker.targets import Target, Targets
    from msh.sandbox.widening import Accept, HostFiles

    Decide = Callable[[Step, Call, Question], bool]
    Made = Callable[[int, str], None]
    Refuse = Callable[[Step, Call, str, str], None]  # with the kind of an `Access`, and a path

_NAMELESS = os.O_TMPFILE & ~os.O_DIRECTORY
_SYMLINK_NOFOLLOW = 0x100
_ATTRIBUTES = ("getxattr", "listxattr", "setxattr", "removexattr")


class Files:
    """Judges the calls of all steps of a run."""

    def __init__(
        self,
        targets: Targets,
        host: HostFiles,
        directories: Directories,
        decide: Decide,
        made: Made,
        refuse: Refuse,
    ) -> None:
        """`made` is told of the path of what a step has made; `refuse` fails a call that is never asked for."""
        self._targets = targets
        self._host = host
        self._directories = directories
        self._decide = decide
        self._made = made
        self._refuse = refuse
        self.handlers: dict[str, Callable[[Step, Call], None]] = {
            "openat": self._openat,
            "open": lambda step, call: self._open(step, call, AT_FDCWD, *call.arguments[:3]),
            "creat": self._creat,
            "openat2": self._openat2,
            "newfstatat": self._newfstatat,
            "stat": lambda step, call: self._stat(step, call, AT_FDCWD, call.arguments[0], call.arguments[1], True),
            "lstat": lambda step, call: self._stat(step, call, AT_FDCWD, call.arguments[0], call.arguments[1], False),
            "statx": self._statx,
            "access": lambda step, call: self._access(step, call, AT_FDCWD, call.arguments[0], call.arguments[1]),
            "faccessat": self._faccessat,
            "faccessat2": self._faccessat,
            "readlink": lambda step, call: self._readlink(step, call, AT_FDCWD, *call.arguments[:3]),
            "readlinkat": self._readlinkat,
            **{name: lambda step, call: self._attribute(step, call, True) for name in _ATTRIBUTES},
            **{f"l{name}": lambda step, call: self._attribute(step, call, False) for name in _ATTRIBUTES},
            "chdir": self._chdir,
        }

    # ---- opening -----------------------------------------------------------------

    def _openat(self, step: Step, call: Call) -> None:
        self._open(step, call, signed(call.arguments[0]), *call.arguments[1:4])

    def _creat(self, step: Step, call: Call) -> None:
        flags = os.O_CREAT | os.O_WRONLY | os.O_TRUNC
        self._open(step, call, AT_FDCWD, call.arguments[0], flags, call.arguments[1])

    def _openat2(self, step: Step, call: Call) -> None:
        how = step.listener.read(call, call.arguments[2], 24)
        flags, mode, resolve = (int.from_bytes(how[at : at + 8], "little") for at in (0, 8, 16))
        if len(how) < 24 or resolve:
            step.listener.leave_to_the_wall(call)  # the caller asks for less than an ordinary name means
        else:
            self._open(step, call, signed(call.arguments[0]), call.arguments[1], flags, mode)

    def _open(self, step: Step, call: Call, directory: int, address: int, flags: int, mode: int) -> None:
        flags &= 0x7FFFFFFF  # the kernel's are below; of more, Python would make an error that is no OSError
        accept = _accepted(flags)
        if accept is None:
            step.listener.leave_to_the_wall(call)
            return
        with self._targets.found(step, call, directory, address, accept, follow=not flags & os.O_NOFOLLOW) as target:
            if target is None:
                step.listener.leave_to_the_wall(call)
            elif listable(target.place.stat):
                self._open_directory(step, call, target, flags)
            elif target.own or self._decide(step, call, _to_open(step, target, flags)):
                self._give(step, call, target, flags, mode)
            else:
                step.listener.fail(call, errno.EACCES)

    def _give(self, step: Step, call: Call, target: Target, flags: int, mode: int) -> None:
        place = target.place
        try:
            allowed = 0o777 & ~umask_of(call.thread) if place.fd < 0 else 0o777
            number = self._host.open(place, flags, mode & allowed)
        except OSError as error:
            step.listener.fail(call, error.errno or errno.EIO)
            return
        if place.fd < 0:
            self._made(step.identity, target.path)
        self._hand(step, call, number, flags)

    def _hand(self, step: Step, call: Call, number: int, flags: int) -> None:
        try:
            step.listener.give(call, number, close_on_exec=bool(flags & os.O_CLOEXEC))
        finally:
            os.close(number)

    def _open_directory(self, step: Step, call: Call, target: Target, flags: int) -> None:
        """A directory to list, or (O_PATH) only to start names from: that tells no more than that it is there."""
        if not (target.own or flags & os.O_PATH or self._decide(step, call, _to_list(step, target))):
            step.listener.fail(call, errno.EACCES)
            return
        try:
            if target.own:
                number = os.open(f"/proc/self/fd/{target.place.fd}", flags & ~os.O_NOFOLLOW | os.O_CLOEXEC)
            else:
                number = self._directories.made(step.identity, target.path, target.place.fd, flags)
        except OSError as error:
            step.listener.fail(call, error.errno or errno.EIO)
            return
        self._hand(step, call, number, flags)

    def _chdir(self, step: Step, call: Call) -> None:
        """Nobody can put another process into a directory."""
        with self._targets.found(step, call, AT_FDCWD, call.arguments[0], enterable) as target:
            if target is None or target.own:
                step.listener.leave_to_the_wall(call)
            else:
                self._refuse(step, call, "list", target.path)

    # ---- looking -----------------------------------------------------------------

    def _newfstatat(self, step: Step, call: Call) -> None:
        directory, address, buffer, flags = call.arguments[:4]
        self._stat(step, call, signed(directory), address, buffer, not flags & _SYMLINK_NOFOLLOW)

    def _stat(self, step: Step, call: Call, directory: int, address: int, buffer: int, follow: bool) -> None:
        self._look(step, call, directory, address, follow, buffer, pack_stat)

    def _statx(self, step: Step, call: Call) -> None:
        directory, address, flags, _, buffer = call.arguments[:5]
        self._look(step, call, signed(directory), address, not flags & _SYMLINK_NOFOLLOW, buffer, pack_statx)

    def _look(
        self,
        step: Step,
        call: Call,
        directory: int,
        address: int,
        follow: bool,
        buffer: int,
        pack: Callable[[os.stat_result], bytes],
    ) -> None:
        listener = step.listener
        with self._targets.found(step, call, directory, address, visible, follow=follow) as target:
            if target is None or target.place.stat is None:
                listener.leave_to_the_wall(call)
            elif not self._may_look(step, call, target):
                listener.fail(call, errno.EACCES)
            else:
                self._fill(step, call, buffer, pack(target.place.stat))

    def _may_look(self, step: Step, call: Call, target: Target) -> bool:
        return target.own or self._decide(step, call, target.look(step))

    def _fill(self, step: Step, call: Call, buffer: int, data: bytes, value: int = 0) -> None:
        """Answer by what a buffer of the step's memory holds then."""
        if not step.listener.waits(call) or not step.listener.write(call, buffer, data):
            step.listener.fail(call, errno.EFAULT)
        else:
            step.listener.answer(call, value)

    def _readlinkat(self, step: Step, call: Call) -> None:
        self._readlink(step, call, signed(call.arguments[0]), *call.arguments[1:4])

    def _readlink(self, step: Step, call: Call, directory: int, address: int, buffer: int, size: int) -> None:
        """The text of a link is one of its attributes."""
        with self._targets.found(step, call, directory, address, visible, follow=False) as target:
            if target is None or target.own:
                step.listener.leave_to_the_wall(call)
            elif not self._may_look(step, call, target):
                step.listener.fail(call, errno.EACCES)
            else:
                try:
                    text = os.fsencode(os.readlink("", dir_fd=target.place.fd))[: max(0, signed(size))]
                except OSError:
                    step.listener.fail(call, errno.EINVAL)  # it is no link
                    return
                self._fill(step, call, buffer, text, len(text))

    def _attribute(self, step: Step, call: Call, follow: bool) -> None:
        """Extended attributes of what lies outside: as on a file system that has none."""
        with self._targets.found(step, call, AT_FDCWD, call.arguments[0], visible, follow=follow) as target:
            if target is None:
                step.listener.leave_to_the_wall(call)
            else:
                step.listener.fail(call, errno.EOPNOTSUPP)

    def _faccessat(self, step: Step, call: Call) -> None:
        self._access(step, call, signed(call.arguments[0]), call.arguments[1], call.arguments[2])

    def _access(self, step: Step, call: Call, directory: int, address: int, mode: int) -> None:
        listener = step.listener
        with self._targets.found(step, call, directory, address, visible) as target:
            if target is None:
                listener.leave_to_the_wall(call)
                return
            kind = "write" if mode & os.W_OK else ""
            question = target.question(step, kind, ("write", target.parent)) if kind else target.look(step)
            may = os.access(f"/proc/self/fd/{target.place.fd}", mode & 7, effective_ids=True)
            if may and (target.own or self._decide(step, call, question)):
                listener.answer(call)
            else:
                listener.fail(call, errno.EACCES)


def _accepted(flags: int) -> Accept | None:
    """What may be opened in this way; None for what is left to the wall."""
    if flags & _NAMELESS or (flags & os.O_DIRECTORY and flags & os.O_CREAT):
        return None
    if flags & os.O_DIRECTORY:
        return enterable if flags & os.O_PATH else listable
    if flags & os.O_PATH:
        return None
    if flags & os.O_CREAT:
        return regular_or_new
    return regular if flags & os.O_ACCMODE else readable


def _to_open(step: Step, target: Target, flags: int) -> Question:
    """Where the step's words say that a file is read and written, one question is enough for both."""
    kind = "read and write" if target.named == "read and write" else kind_of(flags)
    if target.place.stat is None:
        return target.question(step, kind, ("write", target.parent), act="makes it")
    return target.question(step, kind)


def _to_list(step: Step, target: Target) -> Question:
    """Whoever may change the names in a directory may see them. What its words name, a step goes through as a whole."""
    kind, path = target.named, target.path
    while not kind and path != "/":
        path = os.path.dirname(path)
        kind = step.named.get(path, "")
    return target.question(step, kind or "read", ("write", target.path), act="lists it")
