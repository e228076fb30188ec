"""What a step opens and looks at by name.

A name that is there in the step's own tree is left to the wall, whatever the call. A name that is missing there is
followed through the run's view and then through the host, by descriptors and one component at a time; if it ends at a
regular file, the question is about that file's real path, and what is opened after a yes is the very object that was
found before the question. Nothing else is ever handed out: no directory (its `..` leads to the host's root), no device,
no socket, and nothing of /proc.
"""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager

from msh.sandbox.broker.attributes import pack_stat, pack_statx
from msh.sandbox.broker.kernel import AT_FDCWD, find_in_root, signed
from msh.sandbox.broker.questions import Question
from msh.sandbox.view import Outside
from msh.sandbox.widening import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from msh.sandbox.broker.kernel import Call
    from msh.sandbox.broker.steps import Step
    from msh.sandbox.view import Place, View
    from msh.sandbox.widening import HostFiles

    Decide = Callable[["Step", "Call", Question], bool]

#: Directories whose content is the same for every step, or the kernel's: nothing in them is asked for.
_PLAIN = (b"/usr/", b"/lib/", b"/lib64/", b"/bin/", b"/proc/", b"/dev/", b"/sys/")
_NEVER_OPENED = os.O_DIRECTORY | os.O_PATH | getattr(os, "O_TMPFILE", 0)
_MOST_STRAIGHT = 10_000
_SYMLINK_NOFOLLOW = 0x100
_ASKABLE = ("workspace", "granted")
_W_OK = os.W_OK


class Target:
    """A regular file of the host, or a place where one may be made, that a step's name led to."""

    __slots__ = ("named", "path", "place")

    def __init__(self, place: Place, named: str) -> None:
        self.place = place
        self.path = place.guest
        self.named = named  # the kind of access that the step's own words announce, if they do


class Files:
    """Judges the calls of all steps of a run."""

    def __init__(self, view: View, host: HostFiles, decide: Decide) -> None:
        self._view = view
        #: Names that lead outside as they stand: the run's regions, which never change, hold no part of them.
        self._straight: set[str] = set()
        self._host = host
        self._decide = decide
        self._handlers: dict[str, Callable[[Step, Call], None]] = {
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
        }

    def handle(self, name: str, step: Step, call: Call) -> bool:
        """Answer a call; whether it is one of these."""
        handler = self._handlers.get(name)
        if handler is None:
            return False
        handler(step, call)
        return True

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
        listener = step.listener
        if flags & _NEVER_OPENED:
            listener.leave_to_the_wall(call)
            return
        creates = bool(flags & os.O_CREAT)
        with self._target(step, call, directory, address, not flags & os.O_NOFOLLOW, creates) as target:
            if target is None:
                listener.leave_to_the_wall(call)
            elif not self._decide(step, call, self._question(step, target, kind_of(flags))):
                listener.fail(call, errno.EACCES)
            else:
                self._give(step, call, target.place, flags, mode)

    def _give(self, step: Step, call: Call, place: Place, flags: int, mode: int) -> None:
        try:
            allowed = 0o777 & ~_umask(call.thread) if place.fd < 0 else 0o777
            number = self._host.open(place, flags & 0xFFFFFFFF, mode & allowed)
        except OSError as error:
            step.listener.fail(call, error.errno or errno.EIO)
            return
        try:
            step.listener.give(call, number, close_on_exec=bool(flags & os.O_CLOEXEC))
        finally:
            os.close(number)

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
        with self._target(step, call, directory, address, follow, False) as target:
            if target is None or target.place.stat is None:
                listener.leave_to_the_wall(call)
            elif not self._decide(step, call, self._question(step, target, "read")):
                listener.fail(call, errno.EACCES)
            elif not listener.waits(call) or not listener.write(call, buffer, pack(target.place.stat)):
                listener.fail(call, errno.EFAULT)
            else:
                listener.answer(call)

    def _faccessat(self, step: Step, call: Call) -> None:
        self._access(step, call, signed(call.arguments[0]), call.arguments[1], call.arguments[2])

    def _access(self, step: Step, call: Call, directory: int, address: int, mode: int) -> None:
        listener = step.listener
        with self._target(step, call, directory, address, True, False) as target:
            if target is None:
                listener.leave_to_the_wall(call)
                return
            kind = "write" if mode & _W_OK else "read"
            may = os.access(f"/proc/self/fd/{target.place.fd}", mode & 7, effective_ids=True)
            if may and self._decide(step, call, self._question(step, target, kind)):
                listener.answer(call)
            else:
                listener.fail(call, errno.EACCES)

    # ---- what a name means ---------------------------------------------------------

    def _question(self, step: Step, target: Target, kind: str) -> Question:
        """A program looks at a file before it writes to it: the question is the one that is to come."""
        if kind == "read" and target.named == "write":
            kind = "write"
        return Question(kind, target.path, step.name, step.identity)

    @contextmanager
    def _target(
        self, step: Step, call: Call, directory: int, address: int, follow: bool, creates: bool
    ) -> Iterator[Target | None]:
        """What may be asked for; None for all that the wall decides."""
        found = None
        path = step.listener.text(call, address)
        if path and (not path.startswith(_PLAIN) or b".." in path):
            found = self._found(step, call, directory, os.fsdecode(path), follow, creates)
        try:
            yield found
        finally:
            if found is not None:
                found.place.close()

    def _found(self, step: Step, call: Call, directory: int, path: str, follow: bool, creates: bool) -> Target | None:
        try:
            base = "/" if path[0] == "/" else _directory(call.thread, directory)
            if not step.listener.waits(call):
                return None
            whole = os.path.join(base, path)
            if os.path.dirname(whole) in step.searched or _is_there(step, call, whole):
                return None
            led = whole if whole in self._straight else self._led_to(whole)
        except OSError:
            return None
        place = self._host.find(led, follow=follow, creates=creates) if led else None
        if place is None:
            return None
        if led == whole == place.guest and len(self._straight) < _MOST_STRAIGHT:
            self._straight.add(whole)
        target = Target(place, step.named.get(place.guest, step.named.get(led, "")))
        if place.stat is not None or self._may_be_made(step, call, target):
            return target
        place.close()
        return None

    def _led_to(self, path: str) -> str:
        """Where a name leads in the run's view; "" where the view itself says what is there."""
        try:
            with self._view.walk(path, "/") as place:
                return place.guest if place.region is not None and place.region.kind in _ASKABLE else ""
        except Outside as outside:
            return outside.path

    def _may_be_made(self, step: Step, call: Call, target: Target) -> bool:
        """Where the step can make a file, as in its HOME, which is scratch, it does, but for what its words name."""
        return bool(target.named) or not _is_writable(step, call, os.path.dirname(target.path))


def _is_there(step: Step, call: Call, path: str) -> bool:
    """Whether a name leads to something in the step's own tree, or fails there for another reason than absence."""
    try:
        os.close(find_in_root(step.root(call.thread), path))
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def _is_writable(step: Step, call: Call, path: str) -> bool:
    """Whether names can be made in a directory of the step's own tree."""
    try:
        found = find_in_root(step.root(call.thread), path)
    except OSError:
        return False
    try:
        return os.access(f"/proc/self/fd/{found}", os.W_OK, effective_ids=True)
    finally:
        os.close(found)


def _directory(thread: int, number: int) -> str:
    """The path of a thread's working directory, or of a directory that it has open. Raises OSError."""
    name = f"/proc/{thread}/cwd" if number == AT_FDCWD else f"/proc/{thread}/fd/{number}"
    path = os.readlink(name)
    if not path.startswith("/"):
        raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    return path


def _umask(thread: int) -> int:
    with open(f"/proc/{thread}/status", "rb") as file:
        for line in file:
            if line.startswith(b"Umask:"):
                return int(line[6:], 8)
    return 0o022
