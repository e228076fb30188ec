"""Parts of a script run each in a process of its own, with a state that goes from one to the next.

    the tree, a state, what is to be run ──run_fragment──▶ `$?`, variables, a decision, the state after it

Run one after the other, the parts of a script give what the whole gives: the same bytes, `$?`, line numbers, messages.
The nodes are those of the same text and named by their offsets, so nothing is printed and parsed again. What control
flow lies between them is decided outside, by what a part reports: its status, the branch of a `case`, the words of a
`for`, the seconds of a `sleep`.

Two things end differently than in one process. Background commands are waited for at the end of their part, since
nothing runs on between two; their status stays known to `wait`. And an expansion that fails abandons the statement of
the script that it stands in, all its parts: the state says up to where, and every part that lies there does nothing,
with the status that leads on (1; 0 for the condition of `until`).
"""

from __future__ import annotations

import os
import sys
import time

from msh.record import Record
from msh.run.commands import COMPILERS, compile_body, compile_statement, enter, item_taken, run_turns, values_of
from msh.run.control import ShellExit
from msh.run.encoding import decode_text, decode_variable, encode_text, encode_variable
from msh.run.open_files import Own
from msh.run.reading import check
from msh.run.script import attempt, contained, end_jobs, on_line_of, run_exit_trap, show
from msh.run.shell import Shell
from msh.run.snapshot import capture, restore
from msh.run.start import import_environment, prepare, switch_on
from msh.sandbox.descriptors import ensure_room
from msh.syntax import nodes
from msh.syntax.locate import locate
from msh.syntax.reading import Reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypedDict

    from msh.run.encoding import EncodedVariable, Text
    from msh.run.resources import Resources
    from msh.run.snapshot import Snapshot
    from msh.source import Source
    from msh.syntax.nodes import Script

    Run = Callable[[Shell], int]
    Spans = list[list[int]]

    class Decide(TypedDict):
        """`kind` is `case`, `items` or `seconds`; `at` the span of the CaseClause, ForClause or `sleep`."""

        kind: str
        at: list[int]

    class Turns(TypedDict):
        """Turns of the ForClause at `at`, one for each value."""

        at: list[int]
        values: list[Text]

    class Begin(TypedDict, total=False):
        """What a script is started with."""

        arguments: list[Text]
        environment: dict[str, Text]

    class Exit(TypedDict):
        """`$?` for the EXIT trap."""

        status: int

    class Request(TypedDict, total=False):
        """What to run; every key but `state` may be missing.

        `state`    of the part before; null for the first part, which gets `input`
        `status`   `$?` before it, where that is not what the part before has left (after an `if` without a branch)
        `at`       spans of statements, or of commands of an and-or list, run in this order
        `guarded`  they stand in a condition, where `set -e` and the ERR trap do not count,
        `ahead`    all but this many at the beginning, which stand before the condition
        `turns`    run these turns of a loop (after `at`)
        `decide`   find this out (after both)
        `exit`     run the EXIT trap, and nothing else
        `variables` encoded, by name; null: as the state has it. What is here counts before the state.
        `returns`  names of the variables whose values are wanted
        """

        state: Snapshot | None
        input: Begin
        status: int
        at: Spans
        guarded: bool
        ahead: int
        turns: Turns
        decide: Decide
        exit: Exit
        variables: dict[str, EncodedVariable]
        returns: list[str]


RECURSION = 200_000  # Python frames, as for a whole run
COMMANDS: tuple[type[nodes.Node], ...] = (nodes.Statement, *COMPILERS)
LONGEST = 99_999_999  # whole seconds that can be waited for elsewhere


class Outcome(Record):
    """What a part of a script came to.

    `why` says what ended the script in it (see `script.Ending`), empty when it goes on. `broke`: `break` has left the
    loop whose `turns` were run. `choice`, `items`, `seconds`: what was to be decided. `abandoned`: a failed expansion
    has abandoned the rest of its statement, and the parts that follow know it.
    """

    rc: int
    why: str
    variables: dict[str, EncodedVariable]
    snapshot: Snapshot
    choice: int | None = None
    items: tuple[Text, ...] | None = None
    seconds: int | None = None
    broke: bool = False
    abandoned: bool = False

    @property
    def exited(self) -> bool:
        """Whether the script ends here."""
        return bool(self.why)

    def document(self) -> dict[str, object]:
        """The outcome as JSON, without what was not asked for."""
        found: dict[str, object] = {
            "rc": self.rc,
            "exited": self.exited,
            "why": self.why,
            "variables": self.variables,
            "snapshot": self.snapshot,
        }
        if self.items is not None:
            found["items"] = list(self.items)
        optional = {"choice": self.choice, "seconds": self.seconds, "broke": self.broke or None}
        return found | {name: value for name, value in optional.items() if value is not None}


def run_fragment(
    source: Source, name: str, request: Request, resources: Resources, script: Script | None = None
) -> Outcome:
    """Run a part of a script in this process, in the current directory, with its descriptors 0, 1 and 2 in place.

    `name` is `$0`. `script` is the tree of `source` when somebody has parsed and resolved it already. The process is
    the shell's own from then on (signals, umask, limits): a fork. `resources` are the caller's, and his to close.
    Raises MshError, before anything has run, when the text does not parse or names a command that is not mapped;
    ValueError for a request that does not fit the script.
    """
    from msh.syntax import parse

    ensure_room()
    sys.setrecursionlimit(RECURSION)
    resources.pid, resources.level = os.getpid(), 0
    tree = parse(source) if script is None else script
    sh = FragmentShell(resources, name, source)
    prepare(sh)
    part = Part(sh, tree)
    part.begin(request)
    if script is None:
        check(sh, source, Reading(tree))
    sh.signals.install()
    return part.run(request)


class FragmentShell(Shell):
    """A shell that can leave a `sleep` to others."""

    sleeping = False  # the next `sleep` is not to be run, only understood
    seconds = 0  # whole seconds to wait elsewhere

    def run_external(self, argv: list[str], *, clean: bool = False, title: str = "") -> int:
        if self.sleeping and argv[0] == "sleep":
            self.sleeping = False
            total = duration(argv[1:])
            if total is not None:
                self.seconds = int(total)
                time.sleep(total - self.seconds)
                self.pipestatus = [0]
                return 0
        return Shell.run_external(self, argv, clean=clean, title=title)


class Part:
    """One part being run."""

    def __init__(self, sh: FragmentShell, script: Script) -> None:
        self.sh = sh
        self.script = script
        self.own = Own()
        self.abandoned = -1
        self.shown = -1
        self.choice: int | None = None
        self.items: tuple[Text, ...] | None = None
        self.seconds: int | None = None
        self.broke = False

    # ---- before and after -----------------------------------------------------------

    def begin(self, request: Request) -> None:
        """Give the shell its state."""
        sh, state = self.sh, request["state"]
        if state is None:
            given = request.get("input", {})
            environment = {name: decode_text(text) for name, text in given.get("environment", {}).items()}
            import_environment(sh, environment)
            sh.positional = [decode_text(text) for text in given.get("arguments", [])]
            sh.argument_lists = [list(sh.positional)]
            switch_on(sh, sh.resources.settings.options)
        else:
            restore(sh, self.own, state, self.script)
            self.abandoned, self.shown = state["abandoned"], state["shown"]
        for name, value in request.get("variables", {}).items():
            self._set(name, value)
        if "status" in request and self.abandoned < 0:
            sh.status = request["status"]

    def _set(self, name: str, value: EncodedVariable) -> None:
        """A variable as it was sent.

        A plain text comes from the words of a loop too, which know nothing of what the variable was declared as: the
        state does, and the text is assigned to what is there.
        """
        variables = self.sh.variables
        variable = decode_variable(value)
        if variable is None or name in variables.dynamic:
            return
        known = variables.table.get(name)
        if isinstance(value, str) and known is not None and known.attributes and "r" not in known.attributes:
            self.sh.assign(name, value)
        else:
            variables.table[name] = variable

    def run(self, request: Request) -> Outcome:
        sh = self.sh
        ended = contained(sh, lambda: self._all(request))
        sh.status = ended.status
        if ended.why or "exit" in request:
            end_jobs(sh)
        for job in list(sh.jobs.table.values()):
            sh.jobs.wait(job)
        for process in sh.consumers:
            process.wait()
        table = sh.variables.table
        return Outcome(
            rc=sh.status & 0xFF,
            why=ended.why,
            variables={name: encode_variable(table.get(name)) for name in request.get("returns", [])},
            snapshot=capture(sh, self.own, abandoned=self.abandoned, shown=self.shown),
            choice=self.choice,
            items=self.items,
            seconds=self.seconds,
            broke=self.broke,
            abandoned=self.abandoned >= 0,
        )

    def _all(self, request: Request) -> int:
        if "exit" in request:
            self.sh.status = request["exit"]["status"]
            run_exit_trap(self.sh)
            return self.sh.status
        if "decide" in request:
            self._undecided(request["decide"]["kind"])
        guarded = request.get("guarded", False)
        ahead = request.get("ahead", 0)
        for index, (start, end) in enumerate(request.get("at", [])):
            self._node(locate(self.script, start, end, COMMANDS), guarded and index >= ahead)
        if "turns" in request:
            self._turns(request["turns"], guarded)
        if "decide" in request:
            self._decide(request["decide"], guarded)
        return self.sh.status

    # ---- what is run ------------------------------------------------------------------

    def _node(self, node: nodes.Node, guarded: bool) -> None:
        """A statement, or a command of an and-or list."""

        def run(sh: Shell) -> int:
            return compile_statement(node)(sh) if isinstance(node, nodes.Statement) else COMPILERS[type(node)](node)(sh)

        self._attempt(node, run, guarded)

    def _attempt(self, node: nodes.Node, run: Run, guarded: bool) -> bool:
        """Run something that stands at this node, unless it is passed over; whether it came to its end."""
        sh = self.sh
        statement = self._statement(node)
        if "noexec" in sh.options:
            raise ShellExit(sh.status)  # nothing more of the script runs; the EXIT trap does
        if statement.end == self.abandoned or on_line_of(sh, self.abandoned, statement.start):
            sh.status = 0 if self._is_until(node) else 1
            return False
        if self.abandoned >= 0:
            self.abandoned, sh.status = -1, 1
        inlined = isinstance(statement.command, nodes.FunctionDefinition) and node is not statement
        if "verbose" in sh.options and self.shown != statement.start and not inlined:
            self.shown = statement.start
            show(sh, statement)
        sh.guards = int(guarded)
        if attempt(sh, run):
            sh.guards = 0
            return True
        self.abandoned = statement.end
        return False

    def _statement(self, node: nodes.Node) -> nodes.Statement:
        """The statement of the script in which a node stands."""
        found = [one for one in self.script.body if one.start <= node.start < one.end]
        if not found:
            raise ValueError(f"no statement around {node.start}-{node.end}")
        return found[0]

    def _is_until(self, node: nodes.Node) -> bool:
        """Whether it is (in) the condition of an `until`, which ends only with 0."""
        from msh.syntax import walk

        return any(
            isinstance(loop, nodes.WhileClause)
            and loop.until
            and loop.condition[0].start <= node.start < loop.condition[-1].end
            for loop in walk(self._statement(node))
        )

    def _turns(self, turns: Turns, guarded: bool) -> None:
        start, end = turns["at"]
        loop = locate(self.script, start, end, nodes.ForClause)
        values = [decode_text(text) for text in turns["values"]]
        left = True

        def each() -> Iterator[str]:
            nonlocal left
            yield from values
            left = False

        def run(sh: Shell) -> int:
            return run_turns(sh, loop, each(), compile_body(loop.body))

        self.broke = self._attempt(loop, run, guarded) and left

    # ---- what is found out --------------------------------------------------------------

    def _decide(self, decide: Decide, guarded: bool) -> None:
        start, end = decide["at"]
        if decide["kind"] == "case":
            case = locate(self.script, start, end, nodes.CaseClause)
            self._attempt(case, lambda sh: self._case(case), guarded)
        elif decide["kind"] == "items":
            loop = locate(self.script, start, end, nodes.ForClause)
            self._attempt(loop, lambda sh: self._items(loop), guarded)
        else:
            self.sh.sleeping = True
            try:
                self._node(locate(self.script, start, end, COMMANDS), guarded)
            finally:
                self.sh.sleeping = False
                self.seconds = self.sh.seconds

    def _undecided(self, kind: str) -> None:
        """What the decision is when the script ends, or abandons the statement, before it is made."""
        if kind == "case":
            self.choice = -1
        elif kind == "items":
            self.items = ()
        elif kind == "seconds":
            self.seconds = 0
        else:
            raise ValueError(f"nothing to decide by `{kind}`")

    def _case(self, node: nodes.CaseClause) -> int:
        self.sh.here = node
        enter(self.sh, node)
        self.choice = item_taken(self.sh, node, self.sh.operand(node.word))
        return self.sh.status

    def _items(self, node: nodes.ForClause) -> int:
        self.items = tuple([encode_text(value) for value in values_of(self.sh, node)])
        return self.sh.status


def duration(operands: list[str]) -> float | None:
    """The seconds of `sleep 1.5 2m`, which add up; None when the real command has to say what it makes of them."""
    if operands[:1] == ["--"]:
        operands = operands[1:]
    total = 0.0
    for operand in operands:
        unit = {"s": 1, "m": 60, "h": 3600, "d": 86400}.get(operand[-1:])
        digits = operand[:-1] if unit else operand
        if not digits.isascii() or not digits.replace(".", "", 1).isdigit():
            return None
        total += float(digits) * (unit or 1)
    return total if operands and total <= LONGEST else None
