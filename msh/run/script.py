"""A whole text run in a shell, statement after statement; and the end of a shell."""

from __future__ import annotations

import errno
import os
import time
from signal import SIGKILL, SIGTERM

from msh.diagnostics import MshError
from msh.expand.environment import ArithmeticFault, ExpansionError
from msh.record import Record
from msh.run.commands import compile_statement
from msh.run.control import BreakLoop, ContinueLoop, FunctionReturn, Interrupted, ShellError, ShellExit
from msh.run.processes import Teller, lingering
from msh.run.reading import load, statements
from msh.run.signals import EXIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from msh.run.shell import Shell
    from msh.source import Source
    from msh.syntax.nodes import Statement
    from msh.syntax.reading import Reading

EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM)
LAST = 0.2  # seconds that background commands which are about to end have for it, before anything is said
GRACE = 1.0  # seconds that background commands have to end by themselves at the end of their shell


class Ending(Record):
    """How a shell's commands came to their end: their status, and what cut them off, empty when nothing did.

    `why` is `exit` (also `set -e`), `return`, `jump`, `expansion`, `error`, `signal`, `pipe`, `resources`, `refused`.
    """

    status: int
    why: str = ""


def run_source(sh: Shell, source: Source, *, special: bool = False) -> int:
    """`eval`, `source`, a trap's command: the text's statements in this shell; a refused text is status 2 or 127.

    `special` for a special builtin of POSIX, which a text that is no shell command ends, and in POSIX's mode the shell.
    A failed expansion abandons no more than its statement and what stands on the same line of the text.
    """
    try:
        reading = load(sh, source, inner=True)
    except MshError as error:
        return _unread(sh, error, special=special)
    outer_source, outer_node = sh.source, sh.here
    sh.source = source
    sh.nesting += 1
    status = 0
    guards, loops, abandoned = sh.guards, sh.loops, -1
    todo = statements(sh, source, reading, inner=True)
    try:
        while (statement := _next(sh, todo, special=special)) is not None:
            if isinstance(statement, int):
                return statement
            if on_line_of(sh, abandoned, statement.start):
                continue
            run, abandoned = compile_statement(statement), -1
            if sh.depth:
                sh.status = run(sh)  # a failed expansion ends a subshell
            elif not attempt(sh, run):
                abandoned = statement.end
                sh.guards, sh.loops = guards, loops
            status = sh.status
        return status
    finally:
        sh.nesting -= 1
        sh.source, sh.here = outer_source, outer_node


def _next(sh: Shell, todo: Iterator[Statement], *, special: bool) -> Statement | int | None:
    """The next statement; None at the end; a status when what follows is not right."""
    try:
        return next(todo, None)
    except MshError as error:
        return _unread(sh, error, special=special)


def _unread(sh: Shell, error: MshError, *, special: bool) -> int:
    """A text that is refused: POSIX's mode ends with a syntax error (XCU 2.8.1), which status 2 stands for."""
    status = sh.report(error)
    if special and status == 2 and "posix" in sh.options:
        raise ShellError("", status, fatal=True)
    return status


def run_script(sh: Shell, reading: Reading) -> int:
    """The statements of the main text. A failed expansion abandons its statement, and what stands on the same line."""
    abandoned = -1
    for statement in statements(sh, sh.source, reading):
        if "noexec" in sh.options:
            break
        if on_line_of(sh, abandoned, statement.start):
            continue
        abandoned = -1
        if "verbose" in sh.options:
            show(sh, statement)
        if not attempt(sh, compile_statement(statement)):
            abandoned = statement.end
    return sh.status


def on_line_of(sh: Shell, abandoned: int, start: int) -> bool:
    """Whether this follows, on its line, an abandoned statement that ends at `abandoned`; -1 for none."""
    return 0 <= abandoned <= start and sh.source.text.find("\n", abandoned, start) < 0


def show(sh: Shell, statement: Statement) -> None:
    """`set -v`."""
    sh.write_error(sh.source.text[statement.start : statement.end] + "\n")


def attempt(sh: Shell, run: Callable[[Shell], int]) -> bool:
    """Run (a part of) a statement of the main text; False when a failed expansion has abandoned it."""
    try:
        sh.status = run(sh)
    except ExpansionError as error:
        sh.status = sh.expansion_failed(error)
        sh.pipestatus = [sh.status]
        sh.guards = sh.loops = 0
        if "errexit" in sh.options and not isinstance(error, ArithmeticFault):
            raise ShellExit(sh.status) from None
        return False
    return True


def finish(sh: Shell, run: Callable[[], int]) -> int:
    """Run a shell to its end, EXIT trap included; its exit status."""
    sh.status = contained(sh, run).status
    run_exit_trap(sh)
    for process in sh.consumers:
        process.wait()
    if Teller.writer < 0:
        end_jobs(sh)
    for error in sh.resources.finish_closed_uploads():
        status = sh.report(error)
        sh.status = sh.status or status
    if Teller.writer >= 0 and (sh.jobs.running() or lingering()):
        from msh.run.lingering import linger

        linger(sh, Teller.take())
    return sh.status


def run_exit_trap(sh: Shell) -> None:
    """The EXIT trap, once: `$?` is its end's when it exits by itself."""
    if EXIT in sh.signals.traps and not sh.signals.silent:
        status = sh.status

        def last() -> int:
            sh.signals.run_exit()
            return status

        ended = contained(sh, last)
        sh.status = status if ended.why == "expansion" else ended.status


def contained(sh: Shell, run: Callable[[], int]) -> Ending:
    """How commands end, whatever ends them; what went wrong is said."""
    try:
        status = sh.signals.left_at_once(run)
        sh.status = status
        sh.run_pending_traps()
        return Ending(status)
    except ShellExit as jump:
        return Ending(jump.status, "exit")
    except FunctionReturn as jump:
        return Ending(jump.status, "return")
    except (BreakLoop, ContinueLoop):
        return Ending(0, "jump")
    except ExpansionError as error:
        sh.tell(error)
        return Ending(sh.expansion_status if error.exits else 1, "expansion")
    except ShellError as error:
        sh.tell_error(error)
        return Ending(error.status, "error")
    except Interrupted as signal:
        return Ending(128 + signal.number, "signal")
    except BrokenPipeError:
        return Ending(141, "pipe")
    except OSError as error:
        if error.errno not in EXHAUSTED:
            raise
        if sh.resources.settings.limits:
            from msh.sandbox.limits.keeper import tell_refusal

            tell_refusal()
        sh.complain(f"{error.strerror}: this host gives no more processes, descriptors or memory")
        return Ending(254, "resources")  # as bash when it cannot fork
    except MshError as error:
        return Ending(sh.report(error), "refused")


def end_jobs(sh: Shell) -> None:
    """What still runs in the background ends with its shell; said aloud, since bash would let it go on."""
    _until(lambda: not sh.jobs.running() and not lingering(), LAST)
    running = sh.jobs.running()
    if left := lingering():
        sh.write_error(f"{sh.name}: warning: what a subshell has left running in the background was ended\n")
        for pid in left:
            os.kill(pid, SIGKILL)  # and with them what they have started
    for job in running:
        sh.write_error(f"{sh.name}: warning: `{job.text}` was still running in the background and was ended\n")
        job.signal(SIGTERM)
    if running:
        _until(lambda: all(job.poll() for job in running), GRACE)
        for job in running:
            job.signal(SIGKILL)


def _until(done: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        time.sleep(0.005)
