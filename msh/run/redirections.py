"""Redirections: files are opened here, through the gate, and passed on as descriptors (POSIX XCU 2.7).

They take effect on the shell's own descriptor table, one after the other, and are undone afterwards. A step then
inherits the result, so a redirection costs it nothing and grants it nothing but the open file.
"""

from __future__ import annotations

import os
from contextlib import contextmanager

from msh.expand.environment import ExpansionError
from msh.run.control import RefusedAssignment, ShellError
from msh.run.numbers import is_decimal
from msh.sandbox.descriptors import FIRST_OWN, memory_file
from msh.source import encode
from msh.syntax.nodes import HereDocument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.run.shell import Shell
    from msh.syntax.nodes import Redirect

FLAGS = {
    "<": os.O_RDONLY,
    ">": os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
    ">|": os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
    ">>": os.O_WRONLY | os.O_CREAT | os.O_APPEND,
    "<>": os.O_RDWR | os.O_CREAT,
    "&>": os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
    "&>>": os.O_WRONLY | os.O_CREAT | os.O_APPEND,
}
PIPE_SIZE = 4096  # what a pipe holds in any case; longer here-documents lie in memory

Saved = list[tuple[int, int | None]]


@contextmanager
def redirected(sh: Shell, redirects: tuple[Redirect, ...]) -> Iterator[None]:
    """The redirections hold inside the block. Raises ShellError, with all undone, when one fails."""
    saved: Saved = []
    mark = len(sh.substitutions)
    uploads = len(sh.resources.uploads)
    try:
        for redirect in redirects:
            apply(sh, redirect, saved)
        sh.close_substitutions(mark)
        yield
    except BaseException as failure:
        if isinstance(failure, ExpansionError):
            sh.tell(failure)  # while standard error is still where it is wanted
        elif isinstance(failure, ShellError):
            sh.tell_error(failure)
        undo(sh, saved)
        for error in sh.resources.finish_uploads(uploads):
            sh.report(error)  # and what went wrong first goes on
        raise
    undo(sh, saved)
    for error in sh.resources.finish_uploads(uploads):
        raise error


def undo(sh: Shell, saved: Saved) -> None:
    """Put back what was saved, last first."""
    while saved:
        number, copy = saved.pop()
        sh.descriptors.restore(number, copy)


@contextmanager
def moved(sh: Shell, places: dict[int, int]) -> Iterator[None]:
    """Inside the block the descriptors of the keys are those of the values (the ends of pipes)."""
    saved: Saved = []
    try:
        for number, fd in places.items():
            _save(sh, number, saved)
            os.dup2(fd, number)
            sh.descriptors.opened.add(number)
        yield
    finally:
        undo(sh, saved)


def keep(sh: Shell, redirects: tuple[Redirect, ...]) -> None:
    """`exec > file`: the redirections stay."""
    saved: Saved = []
    try:
        for redirect in redirects:
            apply(sh, redirect, saved)
    except ShellError as failure:
        sh.tell_error(failure)
        undo(sh, saved)
        raise
    for _, copy in saved:
        if copy is not None:
            sh.descriptors.forget(copy)
    sh.resources.keep_uploads()
    for error in sh.resources.finish_closed_uploads(sh.descriptors.opened):
        raise error


def _save(sh: Shell, number: int, saved: Saved) -> None:
    if all(known != number for known, _ in saved):
        saved.append((number, sh.descriptors.save(number)))


def apply(sh: Shell, redirect: Redirect, saved: Saved) -> None:
    """One redirection."""
    try:
        _apply(sh, redirect, saved)
    except ShellError as error:
        error.code = "MSH482"
        raise
    except RefusedAssignment as error:  # of `{name}`, which only fails the redirection
        raise ShellError(error.message) from None


def _apply(sh: Shell, redirect: Redirect, saved: Saved) -> None:
    operator = redirect.operator
    if redirect.fd is not None and redirect.fd >= FIRST_OWN:
        # It would stand in the place of one that the gate judges by.
        raise ShellError(f"{redirect.fd}: Bad file descriptor")
    if isinstance(redirect.target, HereDocument):
        body = sh.heredoc_text(redirect.target)
        _install(sh, redirect, _document(encode(body)), 0, saved)
        return
    if operator == "<<<":
        _install(sh, redirect, _document(encode(sh.text(redirect.target) + "\n")), 0, saved)
        return
    if redirect.variable is not None and operator in ("<&", ">&") and sh.text(redirect.target) == "-":
        _close_variable(sh, redirect.variable)
        return
    target = sh.redirect_target(redirect.target)
    if operator in ("<&", ">&"):
        _duplicate(sh, redirect, target, saved)
        return
    fd = open_target(sh, operator, target)
    default = 0 if operator in ("<", "<>") else 1
    _install(sh, redirect, fd, default, saved)
    if operator in ("&>", "&>>"):
        _save(sh, 2, saved)
        os.dup2(1, 2)
        sh.descriptors.opened.add(2)


def open_target(sh: Shell, operator: str, target: str) -> int:
    """Open the file of a redirection; ShellError in bash's words when that fails."""
    flags = FLAGS[operator]
    if operator in (">", "&>") and "noclobber" in sh.options:
        status = sh.file_status(target)
        if status is not None and (status.st_mode & 0o170000) == 0o100000:
            raise ShellError(f"{target}: cannot overwrite existing file")
        if status is None:
            flags = (flags & ~os.O_TRUNC) | os.O_EXCL
    try:
        return sh.gate.open(sh.absolute(target), flags, 0o666)
    except OSError as error:
        raise ShellError(f"{target}: {error.strerror}") from None


def _install(sh: Shell, redirect: Redirect, fd: int, default: int, saved: Saved) -> None:
    if redirect.variable is not None:
        # {name}> stays open after the command, as in bash.
        sh.resources.keep_uploads()
        sh.assign_to(redirect.variable, str(_allocate(sh, fd, redirect.variable)))
        return
    number = default if redirect.fd is None else redirect.fd
    if number == fd:
        # The kernel gave the very number that was asked for: it was closed before.
        saved.append((number, None))
        os.set_inheritable(fd, True)
        sh.descriptors.opened.add(number)
        return
    _save(sh, number, saved)
    try:
        sh.descriptors.place(fd, number)
    except OSError as error:
        os.close(fd)
        raise ShellError(f"{number}: {error.strerror}") from None


def _duplicate(sh: Shell, redirect: Redirect, target: str, saved: Saved) -> None:
    """`n<&m`, `n>&m`, `n>&-`, `n>&m-`, and `>& file`."""
    number = redirect.fd if redirect.fd is not None else (0 if redirect.operator == "<&" else 1)
    if target == "-":
        _save(sh, number, saved)
        sh.descriptors.close(number)
        return
    move = target.endswith("-")
    digits = target[:-1] if move else target
    if not is_decimal(digits):
        if redirect.operator == ">&" and redirect.fd is None and redirect.variable is None:
            _install(sh, redirect, open_target(sh, ">", target), 1, saved)
            _save(sh, 2, saved)
            os.dup2(1, 2)
            sh.descriptors.opened.add(2)
            return
        raise ShellError(f"{target}: ambiguous redirect")
    source = int(digits)
    if source == number and redirect.variable is None:
        return  # nothing is done, and so nothing fails (bash)
    if source not in sh.descriptors.opened:
        raise ShellError(f"{digits}: Bad file descriptor")
    if redirect.variable is not None:
        sh.assign_to(redirect.variable, str(_allocate(sh, os.dup(source), redirect.variable)))
    else:
        _save(sh, number, saved)
        os.dup2(source, number)
        sh.descriptors.opened.add(number)
    if move:
        _save(sh, source, saved)
        sh.descriptors.close(source)


def _allocate(sh: Shell, fd: int, name: str) -> int:
    try:
        return sh.descriptors.allocate(fd)
    except OSError as error:
        raise ShellError(f"{name}: {error.strerror}") from None


def _close_variable(sh: Shell, name: str) -> None:
    from msh.expand.references import referenced

    text = referenced(name, sh) or ""
    if not is_decimal(text):
        raise ShellError(f"{name}: ambiguous redirect")
    sh.descriptors.close(int(text))


def _document(data: bytes) -> int:
    """A descriptor from which the bytes can be read."""
    if len(data) <= PIPE_SIZE:
        read, write = os.pipe()
        os.write(write, data)
        os.close(write)
        return read
    return memory_file(data, "here-document")
