"""Pipelines, subshells and background lists: what runs in processes of its own (POSIX XCU 2.9.2, 2.9.3.1, 2.12).

Stages are joined by kernel pipes. A stage that is a plain step is spawned straight from this shell, anything else is a
fork.
"""

from __future__ import annotations

import os
import signal

from msh.diagnostics import MshError
from msh.expand.environment import ExpansionError
from msh.run import simple as simple_commands
from msh.run.arguments import argv_of
from msh.run.control import BreakLoop, ContinueLoop, ShellError
from msh.run.descriptors import keep
from msh.run.redirections import moved
from msh.syntax.nodes import (
    ArithmeticCommand,
    BraceGroup,
    ConditionalCommand,
    Pipeline,
    Redirected,
    SimpleCommand,
    Statement,
    Subshell,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from msh.run.processes import Process
    from msh.run.shell import Shell
    from msh.syntax.nodes import Command, Node

    Run: TypeAlias = Callable[[Shell], int]


class Failed:
    """A stage that could not be started: its message is printed, this is its status."""

    pid = 0

    def __init__(self, status: int) -> None:
        self.status = status

    def wait(self) -> int:
        return self.status

    def ended(self) -> bool:
        return True

    def handle(self) -> int:
        return os.open(os.devnull, os.O_RDONLY)

    def signal(self, number: int) -> None:
        return


class Stage:
    """A command that runs in a process of its own."""

    def __init__(self, node: Command, *, flat: bool = False) -> None:
        """With `flat`, the parentheses of `( list )` are the stage's own process and no second one inside of it."""
        from msh.run.commands import compile_body, compile_command

        self.node: Command | None = node  # held: stages are remembered by the identity of their nodes
        self.run = compile_body(node.body) if flat and isinstance(node, Subshell) else compile_command(node)
        self.direct = node if isinstance(node, SimpleCommand) and simple_commands.is_pure(node) else None
        self.arguments = argv_of(self.direct) if self.direct is not None else None
        self.lingers = self.direct is None and leaves_commands(node)

    @classmethod
    def of_body(cls, run: Run, nodes: Sequence[Node]) -> Stage:
        """A list of several statements: always a fork."""
        stage = cls.__new__(cls)
        stage.lingers = any(leaves_commands(node) for node in nodes)
        stage.run, stage.node, stage.direct, stage.arguments = run, None, None, None
        return stage

    def start(
        self,
        sh: Shell,
        places: dict[int, int],
        unwanted: tuple[int, ...] = (),
        *,
        piped: bool = False,
        background: bool = False,
    ) -> Process:
        """Start it with these descriptors in place, as a stage of a pipeline (`piped`) or alone; never waits.

        `unwanted` are ends of its own pipes that a fork must not keep open: nobody would see the end of input.
        """
        watched = background and sh.signals.traps.get(signal.SIGCHLD)  # only the end of a fork is told at once
        if self.direct is not None and self.arguments is not None and not watched:
            try:
                with sh.descriptors.aside({*places.values(), *unwanted}), moved(sh, places):
                    process = simple_commands.start(sh, self.direct, self.arguments)
                if process is not None:
                    sh.signals.announced = False
                    return process
            except (ShellError, ExpansionError) as error:
                status = sh.fail(error) if isinstance(error, ShellError) else sh.expansion_failed(error)
                return sh.fork(lambda: status) if background else Failed(status)
            except MshError as error:
                status = sh.report(error)
                return sh.fork(lambda: status) if background else Failed(status)

        def child() -> int:
            for number, fd in places.items():
                os.dup2(fd, number)
                sh.descriptors.opened.add(number)
            for fd in {*places.values(), *unwanted}:
                os.close(fd)
            sh.final = None if sh.substituting else self.node
            return sh.subshell(self._entered(sh, piped=piped, background=background))

        process = sh.fork(child, lingers=self.lingers)
        sh.signals.announced = False
        return process

    def _entered(self, sh: Shell, *, piped: bool, background: bool) -> Run:
        """The command with what bash keeps from it: to bash, a simple command's process is no subshell of its own."""
        plain = isinstance(self.node, SimpleCommand)
        loops = sh.loops

        def run(sh: Shell) -> int:
            if plain:
                sh.loops = loops
            if background:
                sh.signals.enter_background(listed=not plain)
            if piped or background:
                sh.signals.silent = not _has_exit_trap(self.node, lone=piped != background)
            return self.run(sh)

        return run


def _has_exit_trap(node: Command | None, *, lone: bool) -> bool:
    """Whether bash runs an EXIT trap that this sets for its own process: `while`, `if`, `&&` … are left without.

    A group has one as a stage or in the background, but not as a stage in the background.
    """
    while isinstance(node, Redirected) or (isinstance(node, Pipeline) and len(node.commands) == 1):
        node = node.command if isinstance(node, Redirected) else node.commands[0]
    return isinstance(node, (SimpleCommand, Subshell)) or (lone and isinstance(node, BraceGroup))


def pipeline(node: Pipeline) -> Run:
    """`! time a | b`."""
    from msh.run.commands import compile_command

    if len(node.commands) == 1:
        run = compile_command(node.commands[0])
    else:
        stages = [Stage(command, flat=True) for command in node.commands]
        both = node.both or (False,) * len(stages)
        last = compile_command(node.commands[-1])

        def run(sh: Shell) -> int:
            sh.here = node
            if "lastpipe" in sh.options and "monitor" not in sh.options:
                statuses = run_last_here(sh, stages, both, last)
            else:
                statuses = sh.wait_foreground(start_all(sh, stages, both))
            sh.pipestatus = statuses
            status = statuses[-1]
            if "pipefail" in sh.options:
                status = next((code for code in reversed(statuses) if code), 0)
            if sh.signals.pending:
                sh.run_pending_traps()
            sh.status = status
            return sh.failed(status) if status and not node.negated else status

    if node.negated:
        from msh.run.commands import guarded

        return _negated(_timed(guarded(run), node.timed), node.commands)
    return _timed(run, node.timed)


def _negated(run: Run, commands: tuple[Command, ...]) -> Run:
    turned = len(commands) == 1 and isinstance(commands[0], (ArithmeticCommand, ConditionalCommand))

    def negated(sh: Shell) -> int:
        try:
            status = int(run(sh) == 0)
            if turned:
                sh.pipestatus = [status]  # of these two bash keeps what `!` made of them
            return status
        except (BreakLoop, ContinueLoop) as jump:
            jump.status = int(jump.status == 0)
            raise

    return negated


def _timed(run: Run, timed: str) -> Run:
    if not timed:
        return run

    def measured(sh: Shell) -> int:
        from msh.run.timing import report, start

        begin = start()
        try:
            return run(sh)
        finally:
            report(sh, begin, posix=timed.endswith("-p"))

    return measured


def announce(sh: Shell, stage: Stage) -> None:
    """The DEBUG trap of a simple command that gets a process of its own runs in this shell, before the fork (bash)."""
    if sh.debugging and isinstance(stage.node, SimpleCommand):
        sh.signals.before(stage.node)
        sh.signals.announced = True


def run_last_here(sh: Shell, stages: list[Stage], both: tuple[bool, ...], run: Run) -> list[int]:
    """`shopt -s lastpipe`: the last stage runs in this shell, so that what it assigns stays. All statuses."""
    *others, last = stages
    read, write = (keep(fd) for fd in os.pipe())
    try:
        processes = start_all(sh, others, both, stdout=write)
    finally:
        os.close(write)
    outer, sh.final = sh.final, last.node
    try:
        with moved(sh, {0: read}):
            os.close(read)
            status = run(sh)
    finally:
        sh.final = outer
        statuses = sh.wait_foreground(processes)
    return [*statuses, status]


def start_all(
    sh: Shell,
    stages: list[Stage],
    both: tuple[bool, ...],
    stdin: int | None = None,
    stdout: int | None = None,
    *,
    background: bool = False,
) -> list[Process]:
    """Start every stage with pipes between them; pipes are closed here as soon as both ends are handed on.

    `stdin` and `stdout` are the ends that the first and the last get, if not the shell's; they stay open here.
    """
    processes: list[Process] = []
    upstream = stdin
    for index, stage in enumerate(stages):
        places: dict[int, int] = {} if upstream is None else {0: upstream}
        downstream = write = None
        if index < len(stages) - 1:
            downstream, write = (keep(fd) for fd in os.pipe())
        target = stdout if write is None else write
        if target is not None:
            places[1] = target
            if both[index]:
                places[2] = target
        try:
            announce(sh, stage)
            unwanted = () if downstream is None else (downstream,)
            processes.append(stage.start(sh, places, unwanted, piped=True, background=background))
        finally:
            for fd in (upstream if index else None, write):
                if fd is not None:
                    os.close(fd)
        upstream = downstream
    return processes


def leaves_commands(node: Node) -> bool:
    """Whether a list starts anything in the background by itself, which may outlive its shell (`lingering.py`)."""
    from msh.syntax.walk import walk

    return any(isinstance(part, Statement) and part.background for part in walk(node))


def subshell(node: Subshell) -> Run:
    """`( list )`: a fork."""
    from msh.run.commands import compile_body

    body = compile_body(node.body)
    lingers = leaves_commands(node)

    def run(sh: Shell) -> int:
        sh.here = node
        [status] = sh.wait_foreground([sh.fork(lambda: sh.subshell(body), lingers=lingers)])
        sh.status = status
        sh.pipestatus = [status]
        if sh.signals.pending:
            sh.run_pending_traps()
        return sh.failed(status) if status else 0

    return run


def background(node: Command) -> Run:
    """`command &`: standard input is /dev/null unless redirected, since there is no job control (XCU 2.9.3.1)."""
    stages: list[Stage] | None = None
    both: tuple[bool, ...] = ()

    def run(sh: Shell) -> int:
        nonlocal stages, both
        sh.here = node
        if stages is None:
            # Nothing asks for the status of a background pipeline, so bash does not turn it round: `! false & wait $!`.
            command = node.replace(negated=False) if isinstance(node, Pipeline) else node
            parts: tuple[Command, ...] = (command,)
            both = (False,)
            if isinstance(command, Pipeline) and not command.timed and len(command.commands) > 1:
                parts = command.commands
                both = command.both or (False,) * len(parts)
            stages = [Stage(part, flat=True) for part in parts]
        null = keep(os.open(os.devnull, os.O_RDONLY))
        try:
            if len(stages) == 1:
                announce(sh, stages[0])
                processes: list[Process] = [stages[0].start(sh, {0: null}, background=True)]
            else:
                processes = start_all(sh, stages, both, null, background=True)
        finally:
            os.close(null)
        sh.jobs.add(tuple(processes), node)
        return 0

    return run
