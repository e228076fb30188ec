"""A script run in parts, each in a process of its own: `python -m tests.support.parts [--deep] [OPTIONS] SCRIPT`.

A machine on the smallest scale: it stands where Step Functions would, and knows of the script what a machine knows, the
spans of its nodes. Between two parts are JSON files (the state, the variables) and the workspace, nothing else.

Every statement is a part, and every command of an and-or list; with `--deep` also the parts of `if`, `while`, `until`,
`case`, `for` and `sleep`, where nothing in them jumps out. Variables that the script assigns travel by name only: they
are taken out of the state. Standard input is a file that each part opens anew.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from msh.cli.options import RUN_OPTIONS, parse_options
from msh.cli.run import shell_options
from msh.config import load_settings
from msh.diagnostics import MshError, exit_status
from msh.render import report
from msh.run.fragment import run_fragment
from msh.run.reading import check
from msh.run.resources import Resources
from msh.run.shell import Shell
from msh.sandbox.environment import inherited
from msh.source import Source, decode
from msh.syntax import nodes, static_text, walk
from msh.syntax.reading import read

JUMPS = ("break", "continue", "return")
CHUNK = 2  # turns of a `for` that one part runs


class Exited(Exception):
    """A part has ended the script."""


class Machine:
    """One execution."""

    deep = False

    def __init__(self, source: Source, arguments: Sequence[str], resources: Resources, directory: str) -> None:
        self.source, self.arguments, self.resources, self.directory = source, arguments, resources, directory
        reading = read(source)
        self.script = reading.script
        check(Shell(resources, source.name, source), source, reading)
        self.variables: dict[str, object] = dict.fromkeys(tracked(self.script))
        self.state: object = None
        self.status = 0
        self.parts = 0

    def run(self) -> int:
        """The script to its end, EXIT trap included; its status."""
        with suppress(Exited):
            self.body(self.script.body)
        if isinstance(self.state, dict) and "0" in self.state["traps"]:
            self.status = self.part({"exit": {"status": self.status}})["rc"]
        return self.status

    # ---- one part ---------------------------------------------------------------------

    def part(self, request: dict[str, object]) -> dict:
        """Run a part in a fork; what goes in and out passes through files."""
        self.parts += 1
        names = sorted(self.variables)
        request = request | {"state": self.state, "variables": self.variables, "returns": names}
        if self.state is None:
            environment = inherited(allowed=self.resources.settings.allow_environment)
            request["input"] = {"arguments": list(self.arguments), "environment": environment}
        elif "exit" not in request:
            request["status"] = self.status
        path = f"{self.directory}/{self.parts}"
        with open(f"{path}.request", "w", encoding="ascii") as file:
            json.dump(request, file)
        pid = os.fork()
        if pid == 0:
            self._child(path)
        _, raw = os.waitpid(pid, 0)
        if raw:
            raise SystemExit(f"part {self.parts} ended with {os.waitstatus_to_exitcode(raw)}")
        with open(f"{path}.outcome", encoding="ascii") as file:
            outcome: dict = json.load(file)
        self.state, self.variables = outcome["snapshot"], outcome["variables"]
        for name in names:
            self.state["others"].pop(name, None)
        self.status = outcome["rc"]
        if outcome["exited"] and "exit" not in request:
            raise Exited
        return outcome

    def _child(self, path: str) -> None:
        status = 70
        try:
            os.dup2(os.open(f"{self.directory}/stdin", os.O_RDONLY), 0)
            with open(f"{path}.request", encoding="ascii") as file:
                request = json.load(file)
            outcome = run_fragment(self.source, self.source.name, request, self.resources, self.script)
            with open(f"{path}.outcome", "w", encoding="ascii") as file:
                json.dump(outcome.document(), file)
            status = 0
        finally:
            if sys.exc_info()[0] is not None:
                sys.excepthook(*sys.exc_info())
            os._exit(status)

    # ---- control flow -------------------------------------------------------------------

    def body(self, statements: Sequence[nodes.Statement], guarded: bool = False) -> None:
        for statement in statements:
            self.statement(statement, guarded)

    def statement(self, statement: nodes.Statement, guarded: bool) -> None:
        command = statement.command
        if statement.background:
            self.part({"at": [[statement.start, statement.end]], "guarded": guarded})
        elif isinstance(command, nodes.AndOr):
            self.and_or(command, guarded)
        elif self.deep and type(command) in self.KINDS and not jumps(command):
            self.KINDS[type(command)](self, command, guarded)
        elif self.deep and is_sleep(command):
            outcome = self.part({"decide": {"kind": "seconds", "at": [command.start, command.end]}, "guarded": guarded})
            time.sleep(outcome["seconds"])
        else:
            self.part({"at": [[statement.start, statement.end]], "guarded": guarded})

    def and_or(self, node: nodes.AndOr, guarded: bool) -> None:
        last = len(node.commands) - 1
        for index, command in enumerate(node.commands):
            if not index or (self.status == 0) == (node.operators[index - 1] == "&&"):
                self.part({"at": [[command.start, command.end]], "guarded": guarded or index < last})

    def if_(self, node: nodes.IfClause, guarded: bool) -> None:
        for branch in node.branches:
            self.body(branch.condition, True)
            if self.status == 0:
                self.body(branch.body, guarded)
                return
        self.body(node.orelse or (), guarded)
        if node.orelse is None:
            self.status = 0

    def while_(self, node: nodes.WhileClause, guarded: bool) -> None:
        status = 0
        while True:
            self.body(node.condition, True)
            if (self.status == 0) == node.until:
                break
            self.body(node.body, guarded)
            status = self.status
        self.status = status

    def for_(self, node: nodes.ForClause, guarded: bool) -> None:
        at = [node.start, node.end]
        items = self.part({"decide": {"kind": "items", "at": at}})["items"]
        for start in range(0, len(items), CHUNK):
            self.part({"turns": {"at": at, "values": items[start : start + CHUNK]}, "guarded": guarded})
        if not items:
            self.status = 0

    def case(self, node: nodes.CaseClause, guarded: bool) -> None:
        choice = self.part({"decide": {"kind": "case", "at": [node.start, node.end]}})["choice"]
        if choice < 0 or not node.items[choice].body:
            self.status = 0
        while choice >= 0:
            self.body(node.items[choice].body, guarded)
            falls = node.items[choice].terminator == ";&" and choice + 1 < len(node.items)
            choice = choice + 1 if falls else -1

    KINDS: dict[type, Callable[..., None]] = {  # noqa: RUF012
        nodes.IfClause: if_,
        nodes.WhileClause: while_,
        nodes.ForClause: for_,
        nodes.CaseClause: case,
    }


def tracked(script: nodes.Script) -> Iterator[str]:
    """Names that the script assigns, as an analysis would find them."""
    for node in walk(script):
        if isinstance(node, (nodes.Assignment, nodes.ForClause)):
            yield node.name


def jumps(node: nodes.Node) -> bool:
    """Whether control may leave a compound command other than at its end, or a `case` goes on testing."""
    for inner in walk(node):
        if isinstance(inner, nodes.Word) and static_text(inner) in JUMPS:
            return True
        if isinstance(inner, nodes.CaseItem) and inner.terminator == ";;&":
            return True
    return False


def is_sleep(node: nodes.Node) -> bool:
    return isinstance(node, nodes.SimpleCommand) and bool(node.words) and static_text(node.words[0]) == "sleep"


def main(arguments: list[str]) -> int:
    """The command line; the number of parts goes to the file that PARTS_COUNT names."""
    deep = arguments[:1] == ["--deep"]
    given = parse_options(arguments[deep:], RUN_OPTIONS, operands_last=True)
    settings = load_settings(given.settings(), {}, os.getcwd()).replace(options=shell_options(given))
    name, *rest = given.operands
    with open(name, "rb") as file:
        source = Source(name, decode(file.read()), name)
    with tempfile.TemporaryDirectory() as directory:
        with open(f"{directory}/stdin", "wb") as file:
            file.write(sys.stdin.buffer.read())
        resources = Resources(settings, os.getcwd())
        try:
            machine = Machine(source, rest, resources, directory)
            machine.deep = deep
            resources.prepare_fork()
            status = machine.run()
        except MshError as error:
            report(error.diagnostics)
            return exit_status(error.diagnostics)
        finally:
            resources.close()
        if "PARTS_COUNT" in os.environ:
            with open(os.environ["PARTS_COUNT"], "w", encoding="ascii") as file:
                file.write(str(machine.parts))
        return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
