"""A whole text run in a shell: parse, resolve, then statement after statement; and the end of a shell."""

from __future__ import annotations

import errno
import time
from signal import SIGKILL, SIGTERM

from msh.diagnostics import MshError
from msh.expand.environment import ExpansionError
from msh.run.commands import compile_statement
from msh.run.control import BreakLoop, ContinueLoop, FunctionReturn, Interrupted, ShellError, ShellExit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.run.shell import Shell
    from msh.source import Source
    from msh.syntax.nodes import Script

EXIT = 0  # the pseudo signal
EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM)
GRACE = 1.0  # seconds that background commands have to end by themselves at the end of their shell


def load(sh: Shell, source: Source) -> Script:
    """Parse and resolve. Raises MshError with every finding; nothing has run then."""
    from msh.resolve import resolve
    from msh.syntax import parse

    script = parse(source)
    resolution = resolve(script, source, sh.resources.catalog, frozenset(sh.functions))
    errors = tuple([d for d in resolution.diagnostics if d.severity == "error"])
    if errors:
        raise MshError(*errors)
    return script


def run_source(sh: Shell, source: Source) -> int:
    """`eval`, `source`, a trap's command: the text's statements in this shell; a refused text is status 2 or 127."""
    try:
        script = load(sh, source)
    except MshError as error:
        return sh.report(error)
    outer_source, outer_node = sh.source, sh.here
    sh.source = source
    status = 0
    try:
        for statement in script.body:
            sh.status = status = compile_statement(statement)(sh)
        return status
    finally:
        sh.source, sh.here = outer_source, outer_node


def run_script(sh: Shell, script: Script) -> int:
    """The statements of the main text. A failed expansion abandons its statement, and what stands on the same line."""
    abandoned = -1
    for statement in script.body:
        if "noexec" in sh.options:
            break
        if abandoned >= 0 and sh.source.text.find("\n", abandoned, statement.start) < 0:
            continue
        abandoned = -1
        if "verbose" in sh.options:
            sh.write_error(sh.source.text[statement.start : statement.end] + "\n")
        try:
            sh.status = compile_statement(statement)(sh)
        except ExpansionError as error:
            sh.status = sh.expansion_failed(error)
            abandoned = statement.end
            sh.guards = sh.loops = 0
            if "errexit" in sh.options:
                raise ShellExit(sh.status) from None
    return sh.status


def finish(sh: Shell, run: Callable[[], int]) -> int:
    """Run a shell to its end, EXIT trap included; its exit status."""
    sh.status = _contained(sh, run)
    command = sh.signals.traps.pop(EXIT, None)
    if command:
        status = sh.status

        def last() -> int:
            sh.signals.run(command)
            return status

        sh.status = _contained(sh, last)
    for process in sh.consumers:
        process.wait()
    _end_jobs(sh)
    return sh.status


def _contained(sh: Shell, run: Callable[[], int]) -> int:
    """The status that a shell ends with, whatever ends it."""
    try:
        status = run()
        sh.status = status
        sh.run_pending_traps()
        return status
    except (ShellExit, FunctionReturn) as jump:
        return jump.status
    except (BreakLoop, ContinueLoop):
        return 0
    except ExpansionError as error:
        sh.complain(error.message)
        return sh.expansion_status if error.exits else 1
    except ShellError as error:
        sh.complain(error.message)
        return error.status
    except Interrupted as signal:
        return 128 + signal.number
    except BrokenPipeError:
        return 141
    except OSError as error:
        if error.errno not in EXHAUSTED:
            raise
        sh.complain(f"{error.strerror}: this host gives no more processes, descriptors or memory")
        return 254  # as bash when it cannot fork
    except MshError as error:
        return sh.report(error)


def _end_jobs(sh: Shell) -> None:
    """What still runs in the background ends with its shell; said aloud, since bash would let it go on."""
    running = sh.jobs.running()
    for job in running:
        sh.write_error(f"{sh.name}: warning: `{job.text}` was still running in the background and was ended\n")
        job.signal(SIGTERM)
    if running:
        end = time.monotonic() + GRACE
        while any(not job.poll() for job in running) and time.monotonic() < end:
            time.sleep(0.005)
        for job in running:
            job.signal(SIGKILL)
