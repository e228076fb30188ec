"""posix_spawn(3) with a part of our own: Python that runs in the new process before its program is executed.

A fork of Python costs 1 to 3 ms, most of it for pages that are copied and never used. A child that borrows the memory
of its parent costs nothing of the kind: the parent stands still until the child executes or ends (vfork(2)).
Nothing of Python may be cut off in the middle by execve(2) there, since what it leaves behind is the parent's. So the
child goes from stop to stop, each a function of the C library or one of ours that has returned before the next begins
(makecontext(3)):

    prepare ─▶ execve(program) ─▶ failed ─▶ execve(/bin/sh) ─▶ failed ─▶ _exit

The program has no name until `prepare` has come to its end: whatever goes wrong in it, nothing is executed.

What `prepare` changes of its process (descriptors, limits, signals, namespaces, rights) is the child's own. What it
changes in Python's memory is the parent's too, so it does not go through parts of Python that remember such things
(`signal.signal`). When the kernel kills it for want of memory before it executes, it kills all who share the memory;
the smallest limit of memory leaves room for that. Whoever else kills it in the middle of Python has ended the parent
too: what it was about to change there is changed by half. Where there is no makecontext(3), and in Python 3.14.0, which
takes another stack for one that overflows, the child is a fork.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import sys
from marshal import dumps, loads
from mmap import MAP_ANONYMOUS, MAP_PRIVATE, mmap

from msh.record import Record
from msh.sandbox.descriptors import FIRST_OWN, above

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import NoReturn

    Prepare = Callable[[], None]

_system = ctypes.PyDLL(None, use_errno=True)  # holds the interpreter's lock all the time: the child is the same thread
_system.syscall.restype = ctypes.c_long
_errno = _system["__errno_location"]
_errno.restype = ctypes.POINTER(ctypes.c_int)
_Act = ctypes.CFUNCTYPE(None)

_CLONE = {"x86_64": 56, "aarch64": 220}
CLONE_PARENT = 0x8000
_BORROWING = 0x100 | 0x4000  # CLONE_VM, CLONE_VFORK
_SHELL = "/bin/sh"
_CONTEXT = 8192  # bytes: more than ucontext_t has on any machine
_STACK, _MAIN_STACK = 1 << 17, 1 << 20  # bytes; only what is touched takes memory
_FAILED = 126
_UNFINISHED = "confine", errno.ECANCELED  # said of a child that did not come to the end of its `prepare`
PATH_MAX = 4096
_BORROWS = hasattr(_system, "makecontext") and sys.version_info[:3] != (3, 14, 0)
_idle: list[_Way] = []


def spawn(
    prepare: Prepare,
    program: str,
    argv: Sequence[str],
    environment: Mapping[str, str],
    *,
    flags: int = 0,
    may_be_text: bool = False,
) -> int:
    """The pid of a process that has run `prepare` and executes a program.

    `flags` are those of clone(2) for it. If the program `may_be_text`, /bin/sh reads it when it has no `#!`, as in
    execvp(3): words stay words. Raises OSError, whose file name is the stage: what `prepare` raised, `confine` unless
    it named one itself, or `execute`. With `CLONE_PARENT` it is a child of this process's parent, and its sibling.
    """
    image = _Image(program, argv, environment, may_be_text)
    if not _BORROWS:
        return _forked(prepare, image, flags)
    way = _idle.pop() if _idle else _Way()
    try:
        return way.go(prepare, _Words(image), flags)
    finally:
        _idle.append(way)


class _Image(Record):
    """What a process becomes."""

    program: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    may_be_text: bool


class _Head(ctypes.Structure):
    """How ucontext_t begins everywhere: flags, the next context, and the stack."""

    _fields_ = [
        ("flags", ctypes.c_ulong),
        ("next", ctypes.c_void_p),
        ("stack", ctypes.c_void_p),
        ("stack_flags", ctypes.c_int),
        ("stack_size", ctypes.c_size_t),
    ]


class _Stop:
    """A function that the child calls on a stack of its own, and the stop after it."""

    def __init__(self, size: int = _STACK) -> None:
        self._memory = mmap(-1, size, MAP_PRIVATE | MAP_ANONYMOUS)  # a fork of this process gets its own
        stack = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        self._context = ctypes.create_string_buffer(_CONTEXT)
        self.top = ctypes.c_void_p(stack + size)  # it grows downwards
        self.address = ctypes.c_void_p(ctypes.addressof(self._context))
        _system.getcontext(self.address)
        self._head = _Head.from_buffer(self._context)
        self._head.stack, self._head.stack_size = stack, size

    def calls(self, then: _Stop | None, function: ctypes.c_void_p, *arguments: object) -> None:
        """What it does, once: a function that has returned has used the stack up."""
        self._head.next = then.address if then is not None else None
        _system.makecontext(self.address, function, len(arguments), *arguments)


class _Way:
    """The stops of one child. Each is used again when its child has gone."""

    def __init__(self) -> None:
        self._begin, self._first = _Stop(), _Stop(_MAIN_STACK)
        self._execute, self._note, self._retry, self._note_again, self._leave = [_Stop() for _ in range(5)]
        self._acts = _Act(self._prepare), _Act(self._fail)
        self._prepared, self._failed = map(_place, self._acts)
        self._leave.calls(None, _place(_system._exit), ctypes.c_int(_FAILED))
        self._has_failed = True  # the way beyond the first execve(2) has to be made
        self._act: Prepare | None = None
        self._name, self._shell = (ctypes.create_string_buffer(PATH_MAX) for _ in range(2))
        self._words: _Words | None = None
        self._trouble: tuple[str, int] | None = None
        self._inside = False  # whether the child runs Python

    def go(self, act: Prepare, words: _Words, flags: int) -> int:
        """The child's pid. Raises OSError, whose file name is the stage."""
        self._act, self._words, self._trouble = act, words, _UNFINISHED
        self._first.calls(self._execute, self._prepared)
        self._lead(words)
        flags |= _BORROWING | signal.SIGCHLD
        try:
            pid: int = _system.clone(_system.setcontext, self._begin.top, flags, self._first.address)
        finally:
            if self._inside:  # it was killed there, and Python's own state is what it was for the child
                os.kill(os.getpid(), signal.SIGKILL)
        self._act = None
        if pid < 0:
            self._trouble = "fork", ctypes.get_errno()
        elif self._trouble is not None and not flags & CLONE_PARENT:
            os.waitpid(pid, 0)
        if self._trouble is not None:
            raise _error(*self._trouble)
        return pid

    def _lead(self, words: _Words) -> None:
        """From `prepare` to the program."""
        self._name.value = self._shell.value = b""
        self._execute.calls(self._note, _EXECVE, self._name, words.argv, words.environment)
        if self._has_failed:
            self._has_failed = False
            self._note.calls(self._retry, self._failed)
            self._note_again.calls(self._leave, self._failed)

    def _prepare(self) -> None:
        """In the child: our part; only then has the program a name."""
        self._inside = True
        try:
            assert self._act is not None
            self._act()
            assert self._words is not None
            self._trouble, self._name.value = None, self._words.program
        except OSError as error:  # if it raises anything else, it is shown, and is unfinished
            self._trouble = str(error.filename or "confine"), error.errno or 0
        finally:
            self._inside = False

    def _fail(self) -> None:
        """In the child: the program was not executed. A text without `#!` is for the shell, as in execvp(3)."""
        code = _errno().contents.value
        self._inside = self._has_failed = True
        words = self._words
        assert words is not None
        self._retry.calls(self._note_again, _EXECVE, self._shell, words.for_shell, words.environment)
        if self._trouble is None:
            if code == errno.ENOEXEC and words.may_be_text and not self._shell.value:
                self._shell.value = _SHELL.encode()
            else:
                self._trouble = "execute", code
        self._inside = False


class _Words:
    """What execve(2) gets, as C has it."""

    def __init__(self, image: _Image) -> None:
        self.program = os.fsencode(image.program)
        self._words = [os.fsencode(word) for word in image.argv]
        self.argv = _array(self._words)
        self.may_be_text = image.may_be_text
        self.environment = _array([os.fsencode(f"{name}={value}") for name, value in image.environment.items()])
        if len(self.program) >= PATH_MAX:
            raise _error("execute", errno.ENAMETOOLONG)

    @property
    def for_shell(self) -> ctypes.Array[ctypes.c_char_p]:
        """The words of a shell that reads the program; only few need them."""
        self._kept = _array([b"sh", self.program, *self._words[1:]])
        return self._kept


def _array(words: list[bytes]) -> ctypes.Array[ctypes.c_char_p]:
    if b"\0" in b"".join(words):
        raise _error("execute", errno.EINVAL)
    return (ctypes.c_char_p * (len(words) + 1))(*words)  # ends with a NULL


def _place(function: object) -> ctypes.c_void_p:
    return ctypes.cast(function, ctypes.c_void_p)  # type: ignore[arg-type]  # a function, whatever it takes


_EXECVE = _place(_system.execve)


def _error(stage: str, code: int) -> OSError:
    return OSError(code, os.strerror(code), stage)


def _forked(act: Prepare, image: _Image, flags: int) -> int:
    """The same by a fork. What goes wrong is said on a pipe, which is closed when the program is executed."""
    read, write = os.pipe()
    with open(read, "rb") as file:
        try:
            report = above(write, FIRST_OWN)  # no number that a step may have
        finally:
            os.close(write)
        try:
            pid = fork_into(flags)
            if pid == 0:
                _become(act, image, report)
        finally:
            os.close(report)
        said = file.read()
    if said:
        if not flags & CLONE_PARENT:
            os.waitpid(pid, 0)
        raise _error(*loads(said))
    return pid


def fork_into(flags: int) -> int:
    """fork(2) with flags of clone(2); 0 in the child.

    The C library's fork has no flags, so Python is told itself that it was forked. The process must have one thread.
    """
    python = ctypes.pythonapi
    python.PyOS_BeforeFork()
    number = _CLONE[os.uname().machine]
    pid: int = _system.syscall(number, ctypes.c_ulong(flags | signal.SIGCHLD), None, None, None, None)
    if pid == 0:
        python.PyOS_AfterFork_Child()
        return 0
    code = ctypes.get_errno()
    python.PyOS_AfterFork_Parent()
    if pid < 0:
        raise _error("fork", code)
    return pid


def _become(act: Prepare, image: _Image, report: int) -> NoReturn:
    """In the fork, until its program is executed. Nothing may unwind into the parent's frames."""
    trouble = _UNFINISHED
    try:
        try:
            act()
            _execute(image)
        except OSError as error:
            trouble = str(error.filename or "confine"), error.errno or 0
        finally:
            os.write(report, dumps(trouble))
    finally:
        failure = sys.exc_info()
        if failure[0] is not None:  # a failure here is a bug, and is shown as one
            sys.excepthook(*failure)
        os._exit(_FAILED)


def _execute(image: _Image) -> NoReturn:
    try:
        try:
            os.execve(image.program, tuple(image.argv), image.environment)
        except OSError as error:
            if error.errno != errno.ENOEXEC or not image.may_be_text:
                raise
        os.execve(_SHELL, ("sh", image.program, *image.argv[1:]), image.environment)
    except OSError as error:
        raise _error("execute", error.errno or 0) from None
