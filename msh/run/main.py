"""One run from beginning to end: the first shell, the time limit, and leaving nothing behind."""

from __future__ import annotations

import gc
import os
import signal
import stat
import sys

from msh.config import settled
from msh.run.control import ShellExit
from msh.run.reading import load
from msh.run.resources import Resources
from msh.run.script import finish, run_script
from msh.run.shell import Shell
from msh.run.start import import_environment, prepare, switch_on
from msh.sandbox.descriptors import close_inherited, ensure_room
from msh.sandbox.environment import inherited

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from msh.catalog import Lookup
    from msh.config import Settings
    from msh.source import Source

TIMEOUT = 124
RECURSION = 200_000  # Python frames: function calls nest to `calls.DEPTH`, each some tens of frames


def run(
    source: Source, name: str, arguments: tuple[str, ...], settings: Settings, catalog: Lookup | None = None
) -> int:
    """See `msh.run.execute`."""
    if (settings.limits or settings.timeout is not None) and settings.backend != "task":
        from msh.sandbox.limits.keeper import keep

        return keep(settings, lambda: _run(source, name, arguments, settings, catalog))
    return _run(source, name, arguments, settings, catalog)


def _run(
    source: Source, name: str, arguments: tuple[str, ...], settings: Settings, catalog: Lookup | None = None
) -> int:
    close_inherited()
    ensure_room()
    restore_input, restore_terminal = _protect_input(), _keep_modes()
    sys.setrecursionlimit(RECURSION)
    resources = Resources(settled(settings), os.getcwd(), catalog)
    sh = Shell(resources, name, source)
    prepare(sh)
    environment = inherited(allowed=settings.allow_environment)
    import_environment(sh, environment)
    resources.hidden.update(os.environ.keys() - environment.keys() - sh.variables.table.keys())
    sh.positional = list(arguments)
    sh.argument_lists = [list(arguments)]
    switch_on(sh, settings.options)
    reading = load(sh, source)
    paths = settings.allow_read or settings.allow_write or settings.deny_read or settings.deny_write
    if paths or settings.policy or settings.record_policy or settings.audit or settings.prompt == "stdin":
        # Says what is wrong with these before anything runs, whether or not it is needed then; and takes the input that
        # holds the answers before a command has another.
        _ = resources.session
    sh.signals.install()
    _collect_garbage()
    try:
        if settings.timeout is not None:
            _limit(sh, settings.timeout)
        return finish(sh, lambda: run_script(sh, reading)) & 0xFF
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        resources.close()
        restore_input()
        restore_terminal()


def _collect_garbage() -> None:
    """From here on, when it was put off for the start, and not what is there already: forks share that."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def _protect_input() -> Callable[[], None]:
    """See `protect_input`; asked first what costs nothing, since most inputs are terminals and pipes."""
    try:
        regular = stat.S_ISREG(os.fstat(0).st_mode)
    except OSError:
        regular = False
    if not regular:
        return lambda: None
    from msh.sandbox.readonly import protect_input

    return protect_input("/tmp")


def _keep_modes() -> Callable[[], None]:
    """See `keep_modes`; asked first likewise."""
    terminal = next((number for number in (0, 1, 2) if os.isatty(number)), -1)
    if terminal < 0:
        return lambda: None
    from msh.run.terminal import keep_modes

    return keep_modes(terminal)


def _limit(sh: Shell, seconds: float) -> None:
    """After this time everything the run started is killed and the run ends with status 124."""

    def expire(number: int, frame: FrameType | None) -> None:
        sh.signals.traps.clear()
        for process in [*sh.foreground, *[p for job in sh.jobs.table.values() for p in job.processes]]:
            process.signal(signal.SIGKILL)
        from msh.render import report
        from msh.sandbox.limits.verdict import explain_run

        report((explain_run("timeout", {"time": seconds}),))
        raise ShellExit(TIMEOUT, whole=True)

    signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
