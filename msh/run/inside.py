"""Command substitutions that need no process: those that only run builtins and functions made of builtins.

A subshell is a copy of its shell. A fork makes one, and so does this module, for a list in which nothing can reach what
is not copied: every attribute of the shell is put back afterwards, and where something may be assigned, so are the
variables with their scopes. What leaves traces elsewhere (processes, traps, `exec`, text that is evaluated, most
redirections to files) or shows the process (`$BASHPID`) makes a list need a fork, and so does every trap that is set.
The lists and the functions are judged once, by their trees (`needs_of`); which functions there are, at each run.

Output is collected in memory: by `Shell.write` when nothing is redirected, else in a file that has no name.
"""

from __future__ import annotations

import os

from msh.expand.environment import AssociativeArray, IndexedArray
from msh.record import Record
from msh.run.builtins import TOPICS
from msh.run.control import ShellExit
from msh.run.redirections import moved
from msh.run.scopes import Frame
from msh.run.script import contained
from msh.run.signals import EXIT
from msh.run.variable import Variable
from msh.source import encode
from msh.syntax import nodes, static_text
from msh.syntax.walk import children

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.run.shell import Shell

PURE = frozenset(": true false echo pwd type caller exit return break continue command builtin".split())
CHANGING = frozenset(
    "printf test [ cd local declare typeset export readonly unset let read shift set shopt getopts".split()
)
MARKING = frozenset({"declare", "typeset", "local", "export", "readonly"})  # with -f, functions, which are not copied
REFUSED = (
    nodes.Subshell,
    nodes.Coprocess,
    nodes.ProcessSubstitution,
    nodes.FunctionDefinition,
    nodes.SelectClause,
)
ASSIGNING = (nodes.Assignment, nodes.Arithmetic, nodes.Subscript, nodes.ForClause, nodes.ConditionalCommand)
TELLING = ("BASHPID", "/dev/", "/proc/")  # texts that may lead to the process, or to its descriptors
DEEPEST = 30  # of substitutions within each other; below, forks count
LARGEST = 4000  # elements of arrays: more are not copied, a fork shares them


class Needs(Record):
    """What a list does, when it can do without a process.

    `names` are those it calls, which may be functions; `assigns` says that it may change variables.
    """

    names: frozenset[str]
    assigns: bool
    redirects: bool


def output_of(sh: Shell, node: nodes.Node, run: Callable[[Shell], int]) -> bytes | None:
    """What a list writes, its status in `sh.status`; None, with nothing done, when it needs a process."""
    traps = sh.signals.traps
    if sh.inside >= DEEPEST or traps.keys() - {EXIT}:
        return None
    needs = _all_needs(sh, node)
    if needs is None or (needs.redirects and sh.resources.settings.limits):
        return None  # a limit of disk space would count what is captured in a file
    variables = _copy_of_variables(sh) if needs.assigns else None
    if needs.assigns and variables is None:
        return None
    shell, outer = dict(sh.__dict__), dict(sh.variables.__dict__)
    try:
        if variables is not None:
            sh.variables.__dict__.update(variables)
        sh.signals.traps = {}
        _become_subshell(sh)
        output, status = (_by_file if needs.redirects else _by_write)(sh, run)
    finally:
        sh.signals.traps = traps
        sh.variables.__dict__.update(outer)
        sh.__dict__.clear()
        sh.__dict__.update(shell)
    sh.status = status
    return output


def _become_subshell(sh: Shell) -> None:
    """What a fork would copy because it is changed in place, is copied."""
    sh.inside += 1
    sh.positional, sh.pipestatus, sh.calls = list(sh.positional), list(sh.pipestatus), list(sh.calls)
    sh.options, sh.functions = set(sh.options), dict(sh.functions)
    sh.substituting = True
    sh.enter_subshell()


def _by_write(sh: Shell, run: Callable[[Shell], int]) -> tuple[bytes, int]:
    written: list[str] = []
    sh.captured = written
    status = _status(sh, run)
    return encode("".join(written)), status


def _by_file(sh: Shell, run: Callable[[Shell], int]) -> tuple[bytes, int]:
    sh.captured = None
    fd = os.memfd_create("substitution")
    try:
        with moved(sh, {1: fd}):
            status = _status(sh, run)
        return os.pread(fd, os.lseek(fd, 0, os.SEEK_END), 0), status
    finally:
        os.close(fd)


def _status(sh: Shell, run: Callable[[Shell], int]) -> int:
    """The status of a list that is a shell of its own; a signal ends the shell around it too."""
    ended: list[ShellExit] = []

    def noting() -> int:
        try:
            status = run(sh)
            sh.run_pending_traps()
            return status
        except ShellExit as jump:
            if jump.whole:
                ended.append(jump)
            raise

    status = contained(sh, noting).status
    if ended:
        raise ended[0]
    return status & 0xFF


# ---- variables --------------------------------------------------------------------


def _copy_of_variables(sh: Shell) -> dict[str, object] | None:
    """Attributes for `sh.variables` that share nothing that can be changed; None when that is too much to copy."""
    variables = sh.variables
    size = 0
    for variable in variables.table.values():
        if isinstance(variable.value, dict):
            size += len(variable.value)
    if size > LARGEST:
        return None
    copies: dict[int, Variable] = {}
    found: dict[str, object] = {
        name: dict(value) for name, value in variables.__dict__.items() if type(value) is dict and name != "table"
    }
    found["table"] = {name: _copied(variable, copies) for name, variable in variables.table.items()}
    frames = []
    for frame in variables.frames:
        twin = Frame()
        for name in Frame.__slots__:
            value = getattr(frame, name)
            setattr(twin, name, set(value) if isinstance(value, set) else value)
        twin.hidden = {name: outer and _copied(outer, copies) for name, outer in frame.hidden.items()}
        frames.append(twin)
    found["frames"] = frames
    return found


def _copied(variable: Variable, copies: dict[int, Variable]) -> Variable:
    """One copy of each, however often it is met."""
    known = copies.get(id(variable))
    if known is None:
        value = variable.value
        if isinstance(value, IndexedArray):
            value = IndexedArray(value)
        elif isinstance(value, AssociativeArray):
            value = AssociativeArray(value)
        known = copies[id(variable)] = Variable(value, variable.attributes)
    return known


# ---- judging ----------------------------------------------------------------------


def _all_needs(sh: Shell, node: nodes.Node) -> Needs | None:
    """Those of a list and of every function that it may call."""
    needs = _known(sh, node)
    if needs is None or not needs.names:
        return needs
    pending, seen, assigns, redirects = list(needs.names), set(needs.names), needs.assigns, needs.redirects
    while pending:
        name = pending.pop()
        function = sh.functions.get(name)
        if function is None:
            if name in CHANGING:
                assigns = True
            elif name not in PURE:
                return None
            continue
        called = _known(sh, function.node.body)
        if called is None:
            return None
        assigns, redirects = assigns or called.assigns, redirects or called.redirects
        pending += called.names - seen
        seen |= called.names
    return Needs(frozenset(seen), assigns, redirects)


def _known(sh: Shell, node: nodes.Node) -> Needs | None:
    found = sh.needs.get(id(node))
    if found is None:
        if len(sh.needs) > LARGEST:
            sh.needs.clear()
        found = sh.needs[id(node)] = (node, needs_of(node))  # the node is held, so that its identity stays its own
    return found[1]


def needs_of(root: nodes.Node) -> Needs | None:
    """What the tree of a list says; None when it needs a process. Substitutions in it are judged when they are run."""
    names: set[str] = set()
    assigns = redirects = False
    pending = list(children(root)) if isinstance(root, nodes.CommandSubstitution) else [root]
    while pending:
        node = pending.pop()
        if isinstance(node, nodes.CommandSubstitution):
            continue
        if isinstance(node, REFUSED) or _is_refused(node):
            return None
        if isinstance(node, nodes.SimpleCommand) and node.words:
            called = _called(node)
            if not called:
                return None
            names |= called
        assigns |= isinstance(node, ASSIGNING) or (isinstance(node, nodes.Parameter) and "=" in node.operator)
        redirects |= isinstance(node, nodes.Redirect)
        pending += children(node)
    return Needs(frozenset(names), assigns, redirects)


def _is_refused(node: nodes.Node) -> bool:
    """Nodes that need a process by what is in them."""
    if isinstance(node, nodes.Statement):
        return node.background
    if isinstance(node, nodes.Pipeline):
        return len(node.commands) > 1 or bool(node.timed)
    if isinstance(node, nodes.Parameter):
        return node.name == "BASHPID" or node.prefix == "!" or node.operator == "@"
    if isinstance(node, (nodes.Literal, nodes.SingleQuoted)):
        return node.text != "/dev/null" and (node.text == "-t" or any(part in node.text for part in TELLING))
    if isinstance(node, nodes.Redirect):
        return not _stays(node)
    return False


def _stays(node: nodes.Redirect) -> bool:
    """Whether a redirection opens nothing that may be the output itself, or that has to be waited for."""
    if node.variable is not None:
        return False
    if isinstance(node.target, nodes.HereDocument) or node.operator == "<<<":
        return True
    target = static_text(node.target)
    if node.operator in ("<&", ">&"):
        return target is not None and (target == "-" or target.isdigit())
    return target == "/dev/null"


def _called(node: nodes.SimpleCommand) -> set[str]:
    """The names that a simple command calls; none when they are not known, or not by these means."""
    name, *rest = [static_text(word) if isinstance(word, nodes.Word) else "" for word in node.words]
    if name is None:
        return set()
    if name == "command" and rest[:1] in (["-v"], ["-V"]):
        return {"type"}  # which does the same to a shell: nothing
    if name in ("command", "builtin"):
        return {name, rest[0]} if rest and rest[0] in PURE | CHANGING else set()
    if name in MARKING and any(word is None or (word[:1] in ("-", "+") and "f" in word) for word in rest):
        return set()
    return {name} if name not in TOPICS or name in PURE | CHANGING else set()
