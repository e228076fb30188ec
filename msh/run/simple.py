"""Simple commands: words, redirections, assignments, then a function, a builtin, or a sandboxed step (XCU 2.9.1)."""

from __future__ import annotations

from contextlib import ExitStack

from msh.config import OBJECTS
from msh.diagnostics import MshError
from msh.expand import ExpansionError
from msh.run.arguments import argv_of
from msh.run.assignments import assign_all, temporary
from msh.run.builtins import TOPICS, builtin
from msh.run.control import ShellError, ShellExit
from msh.run.redirections import keep, redirected
from msh.syntax.nodes import Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.run.arguments import Argv
    from msh.run.processes import Process
    from msh.run.shell import Shell
    from msh.syntax.nodes import SimpleCommand


def simple(node: SimpleCommand) -> Callable[[Shell], int]:
    """The function that runs a simple command in this shell."""
    if not node.words:
        return _bare(node)
    arguments = argv_of(node)
    redirects, assignments = node.redirects, node.assignments

    def run(sh: Shell) -> int:
        sh.here = node
        if sh.debugging and not sh.signals.before(node):
            return 0
        sh.substitution_status = 0
        mark = len(sh.substitutions)
        try:
            argv = arguments(sh)
            if not argv:
                status = assign_all(sh, node)
                sh.pipestatus = [status]
                sh.last_argument = ""
            elif redirects or assignments:
                status = _execute(sh, node, argv)
            else:
                if "xtrace" in sh.options:
                    sh.trace(argv)
                status = sh.invoke(argv)
        except ShellError as error:
            status = sh.fail(error)
            sh.pipestatus = [status]
        except MshError as error:
            status = sh.report(error)
            sh.pipestatus = [status]
        finally:
            sh.close_substitutions(mark)
        sh.status = status
        if sh.signals.pending:
            sh.run_pending_traps()
        return sh.failed(status) if status and sh.final is not node else status

    return run


def _execute(sh: Shell, node: SimpleCommand, argv: list[str]) -> int:
    """With redirections or assignments around it."""
    if argv[0] == "exec" and "exec" not in sh.functions:
        return _exec(sh, node, argv, special="posix" in sh.options)
    if argv[:2] == ["command", "exec"] and "command" not in sh.functions:
        return _exec(sh, node, argv[1:], special=False)
    assigned = temporary(sh, node)  # before the redirections are expanded, as bash does
    if "xtrace" in sh.options:
        sh.trace(argv, assigned)
    if argv[0] not in sh.functions and argv[0] not in TOPICS and _leave_traces(node):
        [status] = sh.wait_foreground([sh.fork(lambda: sh.subshell(lambda child: _run(child, node, argv, assigned)))])
        sh.pipestatus = [status]
        return status
    return _run(sh, node, argv, assigned)


def _leave_traces(node: SimpleCommand) -> bool:
    """Whether redirections assign something. bash makes a step's in the step's own process, where that is lost."""
    from msh.syntax.nodes import Arithmetic, Parameter
    from msh.syntax.walk import walk

    return any(
        isinstance(part, Arithmetic) or (isinstance(part, Parameter) and "=" in part.operator) or redirect.variable
        for redirect in node.redirects
        for part in walk(redirect)
    )


def _run(sh: Shell, node: SimpleCommand, argv: list[str], assigned: dict[str, str]) -> int:
    """With its redirections and the assignments in place."""
    with ExitStack() as opened:
        try:
            if node.redirects:
                opened.enter_context(redirected(sh, node.redirects))
        except (ShellError, MshError) as error:
            if sh.ends_shell(argv[0]):
                raise ShellExit(sh.fail(error) if isinstance(error, ShellError) else sh.report(error)) from None
            raise
        except ExpansionError as error:
            if argv[0] in sh.functions or argv[0] in TOPICS:
                raise
            return _refused(sh, error)
        if not sh.ends_shell(argv[0]):
            opened.enter_context(sh.overlaid(assigned, function=argv[0] in sh.functions))
        else:
            _assign_for_good(sh, assigned)
        return _invoke(sh, argv)


def _assign_for_good(sh: Shell, assigned: dict[str, str]) -> None:
    """Assignments before a special builtin last (POSIX XCU 2.14)."""
    for name, text in assigned.items():
        sh.assign(name, text)


def _invoke(sh: Shell, argv: list[str]) -> int:
    """Run it; what goes wrong is said while its standard error is where the command wants it."""
    try:
        return sh.invoke(argv)
    except ShellError as error:
        status = sh.fail(error)
        sh.pipestatus = [status]
        return status
    except ShellExit as jump:
        if jump.asked:
            from msh.run.commands import exit_here

            exit_here(sh, jump)
        raise


def _refused(sh: Shell, error: ExpansionError) -> int:
    """bash redirects a step in its own process, so that an expansion that fails there ends only that."""
    sh.tell(error)
    return sh.expansion_status if error.exits else 1


def _exec(sh: Shell, node: SimpleCommand, argv: list[str], *, special: bool) -> int:
    """`exec` keeps its redirections; as POSIX's special builtin its assignments too, and a failure is the end."""
    assigned = temporary(sh, node)
    if "xtrace" in sh.options:
        sh.trace(argv, assigned)
    try:
        keep(sh, node.redirects)
    except (ShellError, MshError) as error:
        if isinstance(error, MshError):
            status = sh.report(error)
        else:
            sh.tell_error(error)
            status = 1
        if special:
            raise ShellExit(status) from None
        sh.pipestatus = [status]
        return status
    if special:
        _assign_for_good(sh, assigned)
        assigned = {}
    with sh.overlaid(assigned):
        status = builtin("exec")(sh, argv)
    sh.pipestatus = [status]
    return status


# ---- only assignments, only redirections -----------------------------------------


def _bare(node: SimpleCommand) -> Callable[[Shell], int]:
    """No command word: the assignments stay, the redirections are opened and closed again."""

    def run(sh: Shell) -> int:
        sh.here = node
        if sh.debugging and not sh.signals.before(node):
            return 0
        sh.substitution_status = 0
        try:
            status = assign_all(sh, node)
        except ShellError as error:
            status = sh.fail(error)
        except MshError as error:
            status = sh.report(error)
        sh.status = status
        sh.pipestatus = [status]
        sh.last_argument = ""
        if sh.signals.pending:
            sh.run_pending_traps()
        return sh.failed(status) if status and sh.final is not node else status

    return run


# ---- without waiting: a stage of a pipeline, a background command -------------------


def is_pure(node: SimpleCommand) -> bool:
    """Whether a simple command's words can be expanded by the parent shell without a trace left in it.

    Only then may a stage be spawned from here, saving a fork: `${x:=y}`, `$((x++))` must happen in a subshell.
    """
    from msh.syntax.nodes import Arithmetic, CommandSubstitution, Parameter, ProcessSubstitution
    from msh.syntax.walk import walk

    if not node.words:
        return False
    for part in walk(node):
        if isinstance(part, (Arithmetic, CommandSubstitution, ProcessSubstitution)):
            return False
        if isinstance(part, Parameter) and part.operator in ("=", ":=", "?", ":?", ":", "@"):
            return False
    return True


def start(sh: Shell, node: SimpleCommand, arguments: Argv) -> Process | None:
    """Spawn a pure simple command that is a step; None when it is not one and a fork is needed."""
    if "nounset" in sh.options or "xtrace" in sh.options:
        return None
    argv = arguments(sh)
    if not argv or argv[0] in sh.functions or (argv[0] in TOPICS and argv[0] not in sh.disabled) or waits(sh, node):
        return None
    sh.here = node
    assigned = temporary(sh, node)
    with redirected(sh, node.redirects), sh.overlaid(assigned):
        return sh.start_step(argv)


def waits(sh: Shell, node: SimpleCommand) -> bool:
    """Whether a redirection has to wait for something else to happen, which may not have been started yet.

    Opening a FIFO waits for its other end; an object is sent when its command has ended.
    """
    for redirect in node.redirects:
        if redirect.operator in ("<", ">", ">>", "<>", ">|") and isinstance(redirect.target, Word):
            target = sh.text(redirect.target)
            if target.startswith(OBJECTS):
                return True  # it is uploaded when the command has ended
            status = sh.file_status(target)
            if status is not None and (status.st_mode & 0o170000) == 0o010000:
                return True
    return False
