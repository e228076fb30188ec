"""Commands made runnable: each node of the tree becomes a function `(shell) -> status`.

A node is compiled once, when it is first reached, and then called as often as loops and functions want; a call does no
look-up of node kinds. What a node means is read top to bottom: one `_name` function a kind, listed in `COMPILERS`.

Failure (`set -e`, ERR) is decided where a status arises, at the leaves: simple commands, pipelines, subshells, `[[ ]]`
and `(( ))`. Conditions and all but the last of `&&`, `||` run their leaves guarded, which switches that off (POSIX XCU
2.8.1, set -e). An expansion that fails abandons everything up to the statement of the script (or subshell) that it
stands in, as in bash: its `ExpansionError` passes through the commands here and is reported by `script.py`.
"""

from __future__ import annotations

from msh.catalog.builtins import SPECIAL_BUILTINS
from msh.diagnostics import MshError
from msh.run.control import BreakLoop, ContinueLoop, RefusedAssignment, ShellError, ShellExit
from msh.run.functions import Function
from msh.run.pipelines import background, pipeline, subshell
from msh.run.redirections import redirected
from msh.run.simple import simple
from msh.syntax import nodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from msh.run.shell import Shell

    Run: TypeAlias = Callable[[Shell], int]


def compile_command(node: nodes.Command) -> Run:
    """The function that runs a command."""
    return COMPILERS[type(node)](node)


def compile_statement(node: nodes.Statement) -> Run:
    """One member of a list; in the background with `&`."""
    return background(node.command) if node.background else compile_command(node.command)


def compile_body(statements: tuple[nodes.Statement, ...]) -> Run:
    """A list of statements in turn; the status of the last. Each is compiled when it is first reached."""
    runs: list[Run | None] = [None] * len(statements)

    def body(sh: Shell) -> int:
        status = 0
        for index, run in enumerate(runs):
            if run is None:
                run = runs[index] = compile_statement(statements[index])
            sh.status = status = run(sh)
        return status

    return body


def guarded(run: Run) -> Run:
    """As a condition: a failure inside is an answer, not an end."""

    def safe(sh: Shell) -> int:
        sh.guards += 1
        try:
            sh.status = status = run(sh)
            return status
        finally:
            sh.guards -= 1

    return safe


def _and_or(node: nodes.AndOr) -> Run:
    *init, last = [compile_command(command) for command in node.commands]
    left = [guarded(run) for run in init]
    operators = ("", *node.operators)

    def run(sh: Shell) -> int:
        status = 0
        for operator, part in zip(operators, left, strict=False):
            if not operator or (status == 0) == (operator == "&&"):
                status = part(sh)
        if (status == 0) == (operators[-1] == "&&"):
            sh.status = status = last(sh)
        return status

    return run


def _brace_group(node: nodes.BraceGroup) -> Run:
    return compile_body(node.body)


def _if(node: nodes.IfClause) -> Run:
    branches = [(guarded(compile_body(b.condition)), compile_body(b.body)) for b in node.branches]
    orelse = compile_body(node.orelse) if node.orelse is not None else None

    def run(sh: Shell) -> int:
        for condition, body in branches:
            if condition(sh) == 0:
                return body(sh)
        return orelse(sh) if orelse is not None else 0

    return run


def loop(sh: Shell, advance: Callable[[Shell], bool], body: Run) -> int:
    """Turns of a loop while `advance` says so; what break and continue mean."""
    status = 0
    sh.loops += 1
    try:
        while True:
            try:
                if not advance(sh):
                    return status
                status = body(sh)
            except ContinueLoop as jump:
                status = jump.status
                if jump.levels > 1:
                    jump.levels -= 1
                    raise
            except BreakLoop as jump:
                if jump.levels > 1:
                    jump.levels -= 1
                    raise
                return jump.status
            if sh.signals.pending:
                sh.run_pending_traps()
    finally:
        sh.loops -= 1


def _while(node: nodes.WhileClause) -> Run:
    condition, body = guarded(compile_body(node.condition)), compile_body(node.body)

    def advance(sh: Shell) -> bool:
        return condition(sh) == 0

    def advance_until(sh: Shell) -> bool:
        try:
            return condition(sh) != 0
        except ContinueLoop as jump:
            if jump.levels > 1:
                raise
            return False  # as in bash: `continue` succeeds, which ends the loop

    if node.until:
        return lambda sh: loop(sh, advance_until, body)
    return lambda sh: loop(sh, advance, body)


def _for(node: nodes.ForClause) -> Run:
    body = compile_body(node.body)
    return lambda sh: run_turns(sh, node, iter(values_of(sh, node)), body)


def values_of(sh: Shell, node: nodes.ForClause) -> list[str]:
    """What the loop goes over: its words, expanded; the positional parameters without `in`."""
    sh.here = node
    return list(sh.positional) if node.words is None else words_of_loop(sh, node.words)


def words_of_loop(sh: Shell, words: tuple[nodes.Word, ...]) -> list[str]:
    """The words at the head of a loop, which to `break` in a substitution there are inside of it, as in bash."""
    sh.loops += 1
    try:
        return sh.fields(words)
    finally:
        sh.loops -= 1


def run_turns(sh: Shell, node: nodes.ForClause, values: Iterator[str], body: Run) -> int:
    """The body for each value; `values` has not come to its end when `break` left the loop."""
    refused = False

    def advance(sh: Shell) -> bool:
        nonlocal refused
        for value in values:
            if (sh.debugging or "xtrace" in sh.options) and not enter(sh, node):
                continue
            try:
                sh.assign_turn(node.name, value)
            except RefusedAssignment as error:
                sh.complain(error.message)
                refused = True
                return False
            return True
        return False

    status = loop(sh, advance, body)
    if refused and "posix" in sh.options:
        raise ShellExit(sh.expansion_status)
    return sh.failed(1) if refused else status


def enter(sh: Shell, node: nodes.ForClause | nodes.SelectClause | nodes.CaseClause) -> bool:
    """`set -x` and the DEBUG trap at the head of a compound command; False when it is to be passed over."""
    if "xtrace" in sh.options:
        from msh.run.tracing import trace_head

        trace_head(sh, node)
    return not sh.debugging or sh.signals.before(node)


def _select(node: nodes.SelectClause) -> Run:
    body = compile_body(node.body)

    def run(sh: Shell) -> int:
        from msh.run.select import Menu

        sh.here = node
        if (sh.debugging or "xtrace" in sh.options) and not enter(sh, node):
            return 0
        choices = list(sh.positional) if node.words is None else words_of_loop(sh, node.words)
        if not choices:
            return 0
        menu = Menu(node.name, choices)
        status = loop(sh, menu.turn, body)
        return 1 if menu.ended else status

    return run


def _case(node: nodes.CaseClause) -> Run:
    items = node.items
    bodies = [compile_body(item.body) if item.body else None for item in items]

    def run(sh: Shell) -> int:
        sh.here = node
        if (sh.debugging or "xtrace" in sh.options) and not enter(sh, node):
            return 0
        value = sh.operand(node.word)
        status, index = 0, item_taken(sh, node, value)
        while index >= 0:
            body = bodies[index]
            status = body(sh) if body is not None else 0
            terminator = items[index].terminator
            index += 1
            if terminator == ";;" or index == len(items):
                break
            if terminator == ";;&":
                index = item_taken(sh, node, value, index)
        return status

    return run


def item_taken(sh: Shell, node: nodes.CaseClause, value: str, first: int = 0) -> int:
    """The index of the first item, from `first` on, one of whose patterns matches; -1 when there is none."""
    for index in range(first, len(node.items)):
        if any(sh.matches(pattern, value) for pattern in node.items[index].patterns):
            return index
    return -1


def _conditional(node: nodes.ConditionalCommand) -> Run:
    def run(sh: Shell) -> int:
        from msh.run.conditional import evaluate

        sh.here = node
        if sh.debugging and not sh.signals.before(node):
            return 0
        try:
            status = evaluate(sh, node.expression)
        except ShellError as error:
            sh.complain(error.message)
            status = error.status
        sh.pipestatus = [status]
        return sh.failed(status) if status else 0

    return run


def _function(node: nodes.FunctionDefinition) -> Run:
    def run(sh: Shell) -> int:
        old = sh.functions.get(node.name)
        if old is not None and old.readonly:
            sh.complain(f"{node.name}: readonly function")
            return 1
        if "posix" in sh.options and node.name in SPECIAL_BUILTINS:
            sh.complain(f"`{node.name}': is a special builtin")
            raise ShellExit(2)
        sh.functions[node.name] = Function(node, sh.source)
        return 0

    return run


def exit_here(sh: Shell, jump: ShellExit) -> None:
    """The EXIT trap runs, as in bash, where the shell was left: with the redirections and parameters of that place.

    Of a `-c` text bash unwinds what was redirected first.
    """
    from msh.run.script import run_exit_trap

    if sh.source.name == "-c":
        return
    sh.status = jump.status
    run_exit_trap(sh)
    jump.status = sh.status


def _redirected(node: nodes.Redirected) -> Run:
    command = compile_command(node.command)

    def run(sh: Shell) -> int:
        sh.here = node
        try:
            with redirected(sh, node.redirects):
                try:
                    return command(sh)
                except ShellExit as jump:
                    exit_here(sh, jump)
                    raise
        except ShellError as error:
            sh.tell_error(error)
            sh.status = error.status
        except MshError as error:
            sh.status = sh.report(error)
        return sh.failed(sh.status)

    return run


def _arithmetic(node: nodes.ArithmeticCommand) -> Run:
    from msh.run.arithmetic import arithmetic

    return arithmetic(node)


def _for_arithmetic(node: nodes.ForArithmetic) -> Run:
    from msh.run.arithmetic import for_arithmetic

    return for_arithmetic(node)


def _coprocess(node: nodes.Coprocess) -> Run:
    command = compile_command(node.command)

    def run(sh: Shell) -> int:
        from msh.run.coprocess import start

        return start(sh, node, command)

    return run


COMPILERS: dict[type, Callable[..., Run]] = {
    nodes.SimpleCommand: simple,
    nodes.Pipeline: pipeline,
    nodes.AndOr: _and_or,
    nodes.BraceGroup: _brace_group,
    nodes.Subshell: subshell,
    nodes.IfClause: _if,
    nodes.WhileClause: _while,
    nodes.ForClause: _for,
    nodes.ForArithmetic: _for_arithmetic,
    nodes.SelectClause: _select,
    nodes.CaseClause: _case,
    nodes.ArithmeticCommand: _arithmetic,
    nodes.ConditionalCommand: _conditional,
    nodes.FunctionDefinition: _function,
    nodes.Redirected: _redirected,
    nodes.Coprocess: _coprocess,
}
