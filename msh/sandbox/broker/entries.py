"""What a step does to names outside its grants: make, remove, rename and link them, change their mode, times and size.

The broker does it in place of the program, after a yes to writing that real path, in the directory that it holds by
descriptor since before the question. Names that are to go or to be replaced must still stand for what was found. What
was answered for a directory covers the names in it (`Question`).

Not asked, and so refused by the wall: devices, FIFOs and sockets; owners, which are not this user's to give away;
setuid and setgid; a working directory. A rename or a link between the step's own tree and what lies outside fails as it
does between file systems (EXDEV): `mv` then copies, which asks.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from contextlib import contextmanager
from struct import unpack

from msh.sandbox.broker.kernel import AT_FDCWD, rename, signed
from msh.sandbox.broker.processes import umask_of
from msh.sandbox.refusal import shown
from msh.sandbox.widening import is_still, regular, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from msh.sandbox.broker.files import Decide, Made, Refuse
    from msh.sandbox.broker.kernel import Call
    from msh.sandbox.broker.questions import Question
    from msh.sandbox.broker.steps import Step
    from msh.sandbox.broker.targets import Target, Targets

    Act = Callable[[Target], None]
    Name = tuple[int, int]  # a directory's descriptor and the address of a path

_SYMLINK_NOFOLLOW, _REMOVEDIR, _SYMLINK_FOLLOW = 0x100, 0x200, 0x400
_WHITEOUT = 4
_PRIVILEGES = stat.S_ISUID | stat.S_ISGID
_NOW, _OMIT = (1 << 30) - 1, (1 << 30) - 2  # UTIME_NOW, UTIME_OMIT (utimensat(2))
_NANO = 1_000_000_000


class Entries:
    """Judges and does the calls of all steps of a run."""

    def __init__(self, targets: Targets, decide: Decide, made: Made, refuse: Refuse) -> None:
        self._targets = targets
        self._decide = decide
        self._made = made
        self._refuse = refuse
        here = AT_FDCWD
        self.handlers: dict[str, Callable[[Step, Call], None]] = {
            "mkdir": lambda step, call: self._mkdir(step, call, here, *call.arguments[:2]),
            "mkdirat": lambda step, call: self._mkdir(step, call, *call.arguments[:3]),
            "rmdir": lambda step, call: self._remove(step, call, here, call.arguments[0], _REMOVEDIR),
            "unlink": lambda step, call: self._remove(step, call, here, call.arguments[0], 0),
            "unlinkat": lambda step, call: self._remove(step, call, *call.arguments[:3]),
            "rename": lambda step, call: self._rename(step, call, *_here(call), 0),
            "renameat": lambda step, call: self._rename(step, call, *_each(call), 0),
            "renameat2": lambda step, call: self._rename(step, call, *_each(call), call.arguments[4]),
            "link": lambda step, call: self._link(step, call, *_here(call), 0),
            "linkat": lambda step, call: self._link(step, call, *_each(call), call.arguments[4]),
            "mknod": lambda step, call: self._make_special(step, call, here, call.arguments[0]),
            "mknodat": lambda step, call: self._make_special(step, call, *call.arguments[:2]),
            "symlink": lambda step, call: self._symlink(step, call, call.arguments[0], here, call.arguments[1]),
            "symlinkat": lambda step, call: self._symlink(step, call, *call.arguments[:3]),
            "chmod": lambda step, call: self._chmod(step, call, here, *call.arguments[:2], 0),
            "fchmodat": lambda step, call: self._chmod(step, call, *call.arguments[:3], 0),
            "fchmodat2": lambda step, call: self._chmod(step, call, *call.arguments[:4]),
            "utimensat": lambda step, call: self._set_times(step, call, *call.arguments[:4]),
            "chown": lambda step, call: self._give_away(step, call, here, *call.arguments[:3], 0),
            "lchown": lambda step, call: self._give_away(step, call, here, *call.arguments[:3], _SYMLINK_NOFOLLOW),
            "fchownat": lambda step, call: self._give_away(step, call, *call.arguments[:5]),
            "truncate": lambda step, call: self._truncate(step, call, *call.arguments[:2]),
        }

    # ---- making ------------------------------------------------------------------

    def _mkdir(self, step: Step, call: Call, directory: int, address: int, mode: int) -> None:
        def make(target: Target) -> None:
            with _mask_of(call):
                os.mkdir(target.place.name, mode & 0o1777, dir_fd=target.place.parent)
            self._made(step.identity, target.path)

        self._make(step, call, directory, address, make, "makes a directory of it")

    def _make_special(self, step: Step, call: Call, directory: int, address: int) -> None:
        with self._targets.found(step, call, signed(directory), address, None) as target:
            if target is None:
                step.listener.leave_to_the_wall(call)
            else:
                self._refuse(step, call, "entries", target.parent)

    def _symlink(self, step: Step, call: Call, text: int, directory: int, address: int) -> None:
        leads = step.listener.text(call, text)
        if not leads or not step.listener.waits(call):
            step.listener.leave_to_the_wall(call)
            return
        to = os.fsdecode(leads)

        def make(target: Target) -> None:
            os.symlink(to, target.place.name, dir_fd=target.place.parent)
            self._made(step.identity, target.path)

        self._make(step, call, directory, address, make, f"makes it a link to `{shown(to)}`")

    def _make(self, step: Step, call: Call, directory: int, address: int, act: Act, words: str) -> None:
        """Make something of a name, if that may be."""
        with self._targets.found(step, call, signed(directory), address, None) as target:
            if target is None:
                step.listener.leave_to_the_wall(call)
            elif target.place.stat is not None:
                step.listener.fail(call, errno.EEXIST)
            elif self._may(step, call, target, words):
                _done(step, call, lambda: act(target))

    def _may(self, step: Step, call: Call, target: Target, words: str, other: str = "") -> bool:
        """Whether a name may be changed, as every name in a directory that may be; if not, the call has failed."""
        return self._allowed(
            step, call, target.question(step, "write", ("write", target.parent), act=words, other=other)
        )

    def _allowed(self, step: Step, call: Call, question: Question) -> bool:
        if self._decide(step, call, question):
            return True
        step.listener.fail(call, errno.EACCES)
        return False

    # ---- removing ----------------------------------------------------------------

    def _remove(self, step: Step, call: Call, directory: int, address: int, flags: int) -> None:
        def remove(target: Target) -> None:
            place = target.place
            _check(target)
            (os.rmdir if flags & _REMOVEDIR else os.unlink)(place.name, dir_fd=place.parent)

        with self._targets.found(step, call, signed(directory), address, None) as target:
            if target is None or target.place.stat is None:
                step.listener.leave_to_the_wall(call)  # which says that it is missing
            elif self._may(step, call, target, "deletes it"):
                _done(step, call, lambda: remove(target))

    # ---- two names ---------------------------------------------------------------

    def _rename(self, step: Step, call: Call, old: Name, new: Name, flags: int) -> None:
        with self._both(step, call, old, new) as both:
            if both is None:
                return
            source, target = both
            if flags & _WHITEOUT:
                step.listener.fail(call, errno.EINVAL)
                return
            if not self._may(step, call, source, "renames it to", target.path):
                return
            if not self._may(step, call, target, "puts in its place", source.path):
                return

            def act() -> None:
                _check(source, target)
                rename(source.place.parent, source.place.name, target.place.parent, target.place.name, flags)

            _done(step, call, act)

    def _link(self, step: Step, call: Call, old: Name, new: Name, flags: int) -> None:
        """A second name is a way to read and to write what it names."""
        with self._both(step, call, old, new) as both:
            if both is None:
                return
            source, target = both
            if flags & ~_SYMLINK_FOLLOW or not regular(source.place.stat):
                step.listener.fail(call, errno.EPERM)
                return
            question = source.question(step, "read and write", act="gives it the name", other=target.path)
            if not self._allowed(step, call, question):
                return
            if not self._may(step, call, target, "makes it a name of", source.path):
                return

            def act() -> None:
                _check(source, target)
                place = target.place
                os.link(
                    source.place.name,
                    place.name,
                    src_dir_fd=source.place.parent,
                    dst_dir_fd=place.parent,
                    follow_symlinks=False,
                )

            _done(step, call, act)

    @contextmanager
    def _both(self, step: Step, call: Call, old: Name, new: Name) -> Iterator[tuple[Target, Target] | None]:
        """Two names outside; None when the call was answered already."""
        with (
            self._targets.found(step, call, signed(old[0]), old[1], None) as source,
            self._targets.found(step, call, signed(new[0]), new[1], None) as target,
        ):
            if source is not None and source.place.stat is not None and target is not None:
                yield source, target
                return
            if source is None and target is None:
                step.listener.leave_to_the_wall(call)
            elif source is not None and source.place.stat is None:
                step.listener.fail(call, errno.ENOENT)
            else:
                step.listener.fail(call, errno.EXDEV)
            yield None

    # ---- attributes ----------------------------------------------------------------

    def _chmod(self, step: Step, call: Call, directory: int, address: int, mode: int, flags: int) -> None:
        def change(target: Target) -> None:
            if mode & _PRIVILEGES & ~_mode(target):
                raise OSError(errno.EPERM, os.strerror(errno.EPERM))
            os.chmod(_own(target), mode & 0o7777)

        words = f"changes its mode to {mode & 0o7777:o}"
        self._set(step, call, directory, address, change, words, follow=not flags & _SYMLINK_NOFOLLOW)

    def _set_times(self, step: Step, call: Call, directory: int, address: int, times: int, flags: int) -> None:
        data = step.listener.read(call, times, 32) if times else b""
        if times and (len(data) < 32 or not step.listener.waits(call)):
            step.listener.leave_to_the_wall(call)
            return
        wanted = unpack("=4q", data) if data else (0, _NOW, 0, _NOW)
        if not all(0 <= part < _NANO or part in (_NOW, _OMIT) for part in wanted[1::2]):
            step.listener.fail(call, errno.EINVAL)
            return

        def change(target: Target) -> None:
            os.utime(_own(target), ns=_times(wanted, target))

        follow = not flags & _SYMLINK_NOFOLLOW
        self._set(step, call, directory, address, change, "changes its times", follow=follow)

    def _truncate(self, step: Step, call: Call, address: int, size: int) -> None:
        def change(target: Target) -> None:
            os.truncate(_own(target), size)

        if size >> 63:
            step.listener.fail(call, errno.EINVAL)
            return

        self._set(step, call, AT_FDCWD, address, change, "changes its size", follow=True)

    def _set(self, step: Step, call: Call, directory: int, address: int, act: Act, words: str, *, follow: bool) -> None:
        """Do something to what a name leads to, if that may be."""
        with self._targets.found(step, call, signed(directory), address, visible, follow=follow) as target:
            if target is None or target.own:
                step.listener.leave_to_the_wall(call)
            elif stat.S_ISLNK(_mode(target)):
                step.listener.fail(call, errno.EOPNOTSUPP)
            elif self._allowed(step, call, target.question(step, "write", act=words)):
                _done(step, call, lambda: act(target))

    def _give_away(
        self, step: Step, call: Call, directory: int, address: int, owner: int, group: int, flags: int
    ) -> None:
        """What is outside keeps its owner: programs that set the one that it has anyway are told that they did."""
        follow = not flags & _SYMLINK_NOFOLLOW
        with self._targets.found(step, call, signed(directory), address, visible, follow=follow) as target:
            if target is None or target.own or target.place.stat is None:
                step.listener.leave_to_the_wall(call)
            elif signed(owner) in (-1, target.place.stat.st_uid) and signed(group) in (-1, target.place.stat.st_gid):
                step.listener.answer(call)
            else:
                step.listener.fail(call, errno.EPERM)


def _here(call: Call) -> tuple[Name, Name]:
    """Two names relative to the working directory, as rename(2) has them."""
    return (AT_FDCWD, call.arguments[0]), (AT_FDCWD, call.arguments[1])


def _each(call: Call) -> tuple[Name, Name]:
    """Two names, each with its directory, as renameat(2) has them."""
    return call.arguments[0:2], call.arguments[2:4]


def _done(step: Step, call: Call, act: Callable[[], None]) -> None:
    """Do it, once, for a thread that still waits; say what came of it."""
    if not step.listener.waits(call):
        return
    try:
        act()
    except OSError as error:
        step.listener.fail(call, error.errno or errno.EIO)
        return
    step.listener.answer(call)


def _check(*targets: Target) -> None:
    """Names go by what stands there when they are used: it must be what was found. Raises OSError."""
    for target in targets:
        if not is_still(target.place):
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))


@contextmanager
def _mask_of(call: Call) -> Iterator[None]:
    """What the step's own mask takes away from what is made."""
    before = os.umask(umask_of(call.thread))
    try:
        yield
    finally:
        os.umask(before)


def _own(target: Target) -> str:
    """The very object, whatever its name stands for now."""
    return f"/proc/self/fd/{target.place.fd}"


def _mode(target: Target) -> int:
    return target.place.stat.st_mode if target.place.stat is not None else 0


def _times(wanted: tuple[int, ...], target: Target) -> tuple[int, int]:
    """Nanoseconds of access and change, from the seconds and nanoseconds of utimensat(2)."""
    now = time.time_ns()
    status = target.place.stat
    assert status is not None
    pairs = ((*wanted[:2], status.st_atime_ns), (*wanted[2:], status.st_mtime_ns))
    found = [now if part == _NOW else kept if part == _OMIT else whole * _NANO + part for whole, part, kept in pairs]
    return found[0], found[1]
