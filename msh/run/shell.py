"""The state of one shell process, and the verbs by which commands and builtins act on it."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager

from msh.catalog.builtins import SPECIAL_BUILTINS
from msh.diagnostics import MshError
from msh.run.builtins import TOPICS, builtin
from msh.run.control import Interrupted, RefusedAssignment, ShellError, ShellExit
from msh.run.descriptors import Descriptors
from msh.run.files import Files
from msh.run.messages import WRITE_ERROR
from msh.run.processes import Jobs, fork
from msh.run.signals import ERR, EXIT, Signals
from msh.run.variable import AssignmentError
from msh.run.variables import Variables
from msh.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    from msh.run.functions import Call, Function
    from msh.run.inside import Needs
    from msh.run.pipelines import Stage
    from msh.run.processes import Process
    from msh.run.resources import Resources
    from msh.syntax.nodes import CommandSubstitution, Node, ProcessSubstitution
    from msh.syntax.reading import Aliases

    T = TypeVar("T")

LEVELS = 100  # of forks within forks: `f() { $(f); }` ends here, not with the host


class Shell(Files):
    """A shell: what a subshell copies by being a fork of it."""

    def __init__(self, resources: Resources, name: str, source: Source) -> None:
        Files.__init__(self)
        self.resources = resources
        self.hidden = resources.hidden
        self.name = name
        self.main = self.source = source  # the text of the script, and of what runs now
        self.here: Node | None = None
        self.variables = Variables()
        self.variables.warn = self.complain
        self.positional: list[str] = []
        self.options: set[str] = set()
        self.functions: dict[str, Function] = {}
        self.aliases: dict[str, str] = {}
        self.hashed: dict[str, tuple[str, int]] = {}  # by `hash`: name → path, how often it was run
        self.disabled: set[str] = set()  # builtins, by `enable -n`
        self.completions: dict[str, str] = {}  # by `complete`: name → the options
        self.substitutions_read: dict[int, tuple[Node, Aliases, Node]] = {}  # by identity of the first, see reread.py
        self.calls: list[Call] = []
        self.argument_lists: list[list[str]] = []  # of BASH_ARGV: the script's, then those of calls under `extdebug`
        self.sourcing = 0
        self.loops = 0
        self.guards = 0
        self.lenient = False
        self.status = 0
        self.pipestatus: list[int] = []
        self.substitution_status = 0
        self.last_argument = name
        self.depth = 0  # of subshells
        self.nesting = 0  # of `eval`, sourced files, traps and substitutions, as `set -x` shows it
        self.debugging = False  # there is a DEBUG trap
        self.returned: tuple[Node | None, Node | None] = None, None  # the last call, and the last command in it
        self.final: Node | None = None  # the command whose status is this process's: nothing of ERR or `set -e` is left
        self._begin()
        self._open()
        self.signals = Signals(self)

    def _begin(self) -> None:
        """Who this is, and what is counted from here on."""
        self.process = os.getpid()
        self.parent = os.getppid()  # PPID, also of subshells
        self.pid = self.process  # `$$`, which a script run in parts keeps from its first
        self.began = time.monotonic()  # SECONDS counts from here
        self.random = self.process ^ time.monotonic_ns() & 0x7FFFFFFF  # the state of RANDOM
        self.random_last = 0  # what it gave last
        self.seeded = False  # RANDOM was assigned
        self.limited: set[str] = set()  # names of limits that `ulimit` has set
        self.directory = os.getcwd()
        self.directory_stack: list[str] = []
        self.getopts_index = 1
        self.getopts_offset = 1

    def _open(self) -> None:
        """Processes and descriptors, none so far."""
        self.jobs = Jobs()
        self.foreground: list[Process] = []
        self.stages: dict[int, Stage] = {}  # of command substitutions, by identity of the node
        self.needs: dict[int, tuple[Node, Needs | None]] = {}  # of lists, by identity too, see inside.py
        self.inside = 0  # how many substitutions are being run in this process
        self.captured: list[str] | None = None  # where such a one collects what it writes
        self.substitutions: list[tuple[int, Process]] = []  # open ends of `<(list)`, `>(list)`
        self.consumers: list[Process] = []  # of `>(list)`: they end when their input does
        self.descriptors = Descriptors()

    def text_name(self) -> str:
        from msh.run.dynamic import sources

        return (sources(self) or [self.name])[0]

    # ---- failure -------------------------------------------------------------------

    def ends_shell(self, name: str) -> bool:
        """Whether this is a special builtin, and in POSIX's mode, where an error in one ends the shell (XCU 2.8.1)."""
        return "posix" in self.options and name in SPECIAL_BUILTINS

    def failed(self, status: int) -> int:
        """A command has failed outside of any condition: the ERR trap, then `set -e`."""
        if self.guards:
            return status
        if self.signals.traps:
            self.status = status
            self.signals.run(ERR)
        if "errexit" in self.options:
            raise ShellExit(status)
        return status

    @contextmanager
    def leniently(self) -> Iterator[None]:
        """Run what a builtin was given: when that is guarded, nothing in it ends the shell under `set -e`."""
        before, self.lenient = self.lenient, self.lenient or bool(self.guards)
        try:
            yield
        finally:
            self.lenient = before

    def trace(self, argv: list[str], assigned: dict[str, str] | None = None) -> None:
        """`set -x`."""
        from msh.run.tracing import trace

        trace(self, argv, assigned)

    # ---- running commands -------------------------------------------------------------

    def invoke(self, argv: list[str], *, functions: bool = True, plain: bool = False) -> int:
        """Run expanded words: a function, a builtin, or a step."""
        name = argv[0]
        if functions and name in self.functions:
            status = self.call(self.functions[name], argv)
            self.last_argument = argv[-1]
            self.pipestatus = [status]
            return status
        if name in TOPICS and name not in self.disabled:
            try:
                status = builtin(name)(self, argv)
            except ShellError as error:
                if plain:
                    error.fatal = False  # `command` takes the special from special builtins
                elif error.status == 2 and self.ends_shell(name):
                    error.fatal = True
                if error.message.endswith(": invalid option") and not error.usage:
                    from msh.run.builtins.help import usage_of

                    error.usage = usage_of(name)
                if error.message.startswith(WRITE_ERROR):
                    error.message = f"{name}: {error.message}"
                raise
            except MshError as error:
                if plain or not self.ends_shell(name):
                    raise
                raise ShellExit(self.report(error)) from None
            except RefusedAssignment as error:
                if TOPICS[name] == "flow":
                    raise  # of a command inside
                self.complain(error.message)
                status = 1
            except AssignmentError as error:
                self.complain(str(error))
                status = 1
        elif not name:
            raise ShellError(": command not found", 127)
        else:
            status = self.run_external(argv)
        self.last_argument = argv[-1]
        self.pipestatus = [status]
        return status

    def call(self, function: Function, argv: list[str]) -> int:
        """Call a function: parameters, scope and loops of its own."""
        from msh.run.calls import call

        return call(self, function, argv)

    def run_external(self, argv: list[str], *, clean: bool = False, title: str = "") -> int:
        """Run a step and wait for it."""
        process = self.start_step(argv, clean=clean, title=title)
        if "/" not in argv[0]:
            self._count(argv[0])
        [status] = self.wait_foreground([process])
        self.pipestatus = [status]
        return status

    def _count(self, name: str) -> None:
        """What `hash` lists."""
        if "hashall" not in self.options:
            return
        if name not in self.hashed and self.resources.catalog.lookup(name) is None:
            return  # a script: where it lies changes with PATH
        path, hits = self.hashed.get(name) or (self.locate(name), 0)
        if path:
            self.hashed[name] = path, hits + 1

    def start_step(self, argv: list[str], *, clean: bool = False, title: str = "") -> Process:
        """Start a mapped command in its sandbox, or a nested shell in a fork; a refusal becomes its status.

        With `clean` it gets an empty environment; a `title` is what it is told to be called instead of its name.
        """
        from msh.run.steps import start_step

        return start_step(self, argv, clean=clean, title=title)

    def run_text(self, text: str, what: str, first_line: int = 1, *, special: bool = False) -> int:
        """`eval`, traps: parsed and resolved now, run in this shell."""
        from msh.run.script import run_source

        origin = self.source.origin or self.source.name
        return run_source(
            self, Source(f"{self.name}: {what}", text, first_line=first_line, origin=origin), special=special
        )

    def source_file(self, path: str, arguments: list[str]) -> int:
        """`source path arg…`"""
        from msh.run.calls import source_file

        return source_file(self, path, arguments)

    @contextmanager
    def overlaid(self, assigned: dict[str, str], *, function: bool = False) -> Iterator[None]:
        """Assignments before a command, perhaps a function: exported variables for as long as it runs."""
        if not assigned:
            yield
            return
        frame = self.variables.push(pending=function)
        frame.command = self.here
        try:
            for name, value in assigned.items():
                try:
                    self.variables.hide(frame, name, value)
                except AssignmentError as error:
                    self.complain(str(error))
            yield
        finally:
            self.variables.pop()

    # ---- processes ------------------------------------------------------------------

    def fork(self, child: Callable[[], int], *, lingers: bool = False) -> Process:
        """Run `child` in a fork of this shell; ShellError when shells are nested beyond any script that ends.

        One that `lingers` may have ended for this shell before all that it started has.
        """
        resources = self.resources
        if resources.level >= LEVELS:
            raise ShellError(f"fork: more than {LEVELS} shells within each other", 254, fatal=True)
        resources.prepare_fork()

        def nested() -> int:
            resources.level += 1
            self.captured = None
            self.descriptors.drop_aside()
            return child()

        return fork(nested, lingers=lingers)

    def subshell(self, run: Callable[[Shell], int]) -> int:
        """In a fork: become a subshell, run, run its EXIT trap."""
        from msh.run.script import finish

        self.enter_subshell()
        self.signals.enter_subshell()
        return finish(self, lambda: run(self))

    def enter_subshell(self) -> None:
        """What is different in a subshell, but for its traps."""
        self.depth += 1
        self.nesting += self.substituting
        self.jobs = self.jobs.of_fork()
        self.foreground, self.consumers, self.substitutions = [], [], []
        if not self.substituting:  # there `break` and `continue` count the loops outside too, and end the list
            self.loops = 0
        if "inherit_errexit" not in self.options and "posix" not in self.options and self.substituting:
            self.options.discard("errexit")
        self.substituting = False

    substituting = False  # in a command substitution

    def wait_foreground(self, processes: list[Process]) -> list[int]:
        """Wait for all; signals that arrive meanwhile go to them."""
        self.foreground = processes
        self.signals.forward_pending()
        try:
            return [process.wait() for process in processes]
        finally:
            self.foreground = []
            if self.signals.traps:
                self.signals.children_ended(len(processes))

    def signal_foreground(self, number: int) -> None:
        """Pass a signal on to the steps being waited for."""
        for process in self.foreground:
            process.signal(number)

    def waiting(self, wait: Callable[[], T]) -> T:
        """Wait for something that a caught signal may interrupt (raises Interrupted)."""
        number = self.signals.interrupting()
        if number:
            raise Interrupted(number)
        self.signals.waiting = True
        try:
            return wait()
        finally:
            self.signals.waiting = False

    def run_pending_traps(self) -> None:
        self.signals.run_pending()

    def clear_exit_trap(self) -> None:
        self.signals.put(EXIT, None)

    def command_substitution(self, node: CommandSubstitution) -> bytes:
        from msh.run.substitutions import command_substitution

        return command_substitution(self, node)

    def process_substitution(self, node: ProcessSubstitution) -> str:
        from msh.run.substitutions import process_substitution

        return process_substitution(self, node)

    def close_substitutions(self, mark: int) -> None:
        """Close the ends of process substitutions opened since there were `mark`."""
        if len(self.substitutions) > mark:
            from msh.run.substitutions import close

            close(self, mark)
