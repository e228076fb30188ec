"""A step: one external command, resolved as its words are now, started in a sandbox with the least grant."""

from __future__ import annotations

import signal
import stat

from msh.diagnostics import Diagnostic, MshError
from msh.run.control import ShellError
from msh.run.pipelines import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.processes import Process
    from msh.run.shell import Shell
    from msh.sandbox.backend import Process as SandboxProcess


KILLED = 128 + signal.SIGKILL


class Step:
    """A sandboxed command as the shell's process table sees it."""

    __slots__ = ("_killed", "_lacked", "_process")

    def __init__(self, process: SandboxProcess, lacked: str = "") -> None:
        self._process = process
        self._lacked = lacked  # the command's name when it works with a network and has none
        self._killed = False  # by this run

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait(self) -> int:
        outcome = self._process.wait()
        if outcome.status and (self._lacked or self._process.reason or outcome.status == KILLED):
            self._explain(outcome.kind)
        return outcome.status

    def _explain(self, kind: str) -> None:
        """Say, once, why it failed, as far as that is known here and not to the command."""
        from msh.render import report

        reason, self._process.reason = self._process.reason, None
        if reason is not None:
            report([reason], count=False)
        elif kind == "signal" and not self._killed:
            message = "a command was killed (SIGKILL), and no limit of msh had a part in it"
            help_ = "itself, the kernel for want of memory, or somebody on this host"
            report([Diagnostic("MSH437", message, help=help_, severity="note")], count=False)
            self._killed = True
        if self._lacked:
            message = f"`{self._lacked}` failed, and had no network"
            help_ = "`--allow-net HOST` would grant one host, `--net host` all"
            note = Diagnostic("MSH425", message, help=help_, severity="note")
            report([note], count=False)
            self._lacked = ""

    def ended(self) -> bool:
        return self._process.ended()

    def handle(self) -> int:
        return self._process.handle()

    def shared(self) -> SandboxProcess | None:
        """The same step for a fork of this process, which may signal it."""
        return self._process.shared()

    def signal(self, number: int) -> None:
        self._killed = self._killed or number == signal.SIGKILL
        self._process.signal(number)


def start_step(sh: Shell, argv: list[str], *, clean: bool = False, title: str = "") -> Process:
    """Start `argv`. What cannot be resolved (127) or is not granted (126) is printed and becomes the step's status."""
    from msh.resolve import resolve_argv

    if argv[0] in sh.hashed and sh.resources.catalog.lookup(argv[0]) is None:
        argv = [sh.hashed[argv[0]][0], *argv[1:]]
    environment = {} if clean else environment_of(sh)
    try:
        shell = _own_shell(sh, argv, environment, title)
        if shell is not None:
            return shell
        spec, effects = resolve_argv(sh.resources.catalog, argv, frozenset(sh.functions), sh.directory)
        if spec.shell:
            if effects.limits:
                message = f"`{spec.name}` is a shell script, which msh interprets itself: its limits cannot be held"
                help_ = "give them to the commands that it runs, or to the run with `--limit`"
                raise MshError(Diagnostic("MSH444", message, help=help_))
            from msh.run.nested import start_shell

            return start_shell(sh, spec, argv, environment, title)
        session = sh.resources.session
        policy = session.policy(spec, effects, argv, environment, sh.directory, title)
        if sh.resources.settings.trace and "xtrace" in sh.options:
            from msh.run.tracing import trace_step

            trace_step(sh, policy)
        lacked = spec.name if effects.network != "none" and not (policy.network or policy.connects) else ""
        return Step(session.start(policy, sh.descriptors.inherited(), spec=spec, ignored=ignored(sh)), lacked)
    except MshError as error:
        if "/" in argv[0] and error.diagnostics[0].code == "MSH201":
            _complain_of_file(sh, argv[0])
        return Failed(sh.report(error))


def _own_shell(sh: Shell, argv: list[str], environment: dict[str, str], title: str) -> Process | None:
    """A shell that msh runs though the catalog does not name it: a script nobody mapped, or what `env` would start."""
    spec = sh.resources.catalog.lookup(argv[0], sh.directory)
    if spec is not None:
        if spec.run.program != "env":
            return None
        from msh.resolve.environment import change, command_at

        words = [*spec.arguments, *argv[1:]]
        at = command_at(spec, words)
        if at < 0:
            return None
        environment = dict(environment)
        change(environment, words[:at])
        argv = words[at:]
        spec = sh.resources.catalog.lookup(argv[0], sh.directory)
    if spec is None:
        from msh.run.called import called_script, script_spec

        path = called_script(sh, argv[0])
        if not path:
            return None
        spec, argv = script_spec(sh, path), [path, *argv[1:]]
    if not spec.shell or spec.limits:
        return None
    from msh.run.nested import start_shell

    return start_shell(sh, spec, argv, environment, title)


def _complain_of_file(sh: Shell, name: str) -> None:
    """A path that no catalog maps: ShellError when no shell could run it either (126, POSIX XCU 2.9.1.4)."""
    status = sh.file_status(name)
    if status is None:
        return
    if stat.S_ISDIR(status.st_mode):
        raise ShellError(f"{name}: Is a directory", 126)
    if not status.st_mode & 0o111:
        raise ShellError(f"{name}: Permission denied", 126)


def environment_of(sh: Shell) -> dict[str, str]:
    """Exported variables, and exported functions in bash's encoding."""
    environment = sh.variables.environment()
    for name, function in sh.functions.items():
        if function.exported:
            environment[f"BASH_FUNC_{name}%%"] = function.exported_value()
    return environment


def ignored(sh: Shell) -> frozenset[int]:
    """Signals that the script ignores (`trap '' INT`): its commands ignore them too (POSIX XCU 2.12).

    But not SIGCHLD: what starts them in a sandbox waits for them.
    """
    never = (signal.SIGKILL, signal.SIGCHLD)
    return frozenset([n for n, command in sh.signals.traps.items() if n > 0 and command == "" and n not in never])
