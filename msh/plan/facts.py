"""What a part of a script does to its shell, gathered from the tree: variables, calls, steps, and *marks*.

A mark is a word for something that decides where a script can be parted:

    exit return break continue   jumps; `break` and `continue` only where they may leave the node asked about
    background                   a command runs beside what follows
    descriptor                   `exec 3<f`: a descriptor stays open
    run-time                     a name or a text that only the run will know: it may do any of these
    cd state                     the directory, or other state of the shell (options, traps, parameters, functions)
    input                        something may read the standard input
    task                         an external command that the resolver could not see
    shell                        a nested shell (`sh -c`): what it redirects is not followed here
    glob                         a word that lists a directory
    status last-job parameters   `$?` or PIPESTATUS; `$!`; `$1`, `$#`, `"$@"`
    local caller shift trap      declarations of a function's own; `caller`; parameters that are set; traps
    select random fails          `select`; RANDOM and its like; an expansion that may fail (arithmetic, a subscript)

What runs in a process of its own (`( )`, `$( )`, stages of a pipeline, `&`) leaves the shell as it was: its writes do
not count, and its marks and calls are kept apart, as `inner` and `inner_calls`. Bodies of functions are not part of
their definition; `calls` names them (see `closure.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.plan.arithmetic import names_in_expression, names_in_text
from msh.plan.builtins import HANDLERS
from msh.plan.stdin import may_read_input
from msh.record import Record
from msh.syntax import nodes as n
from msh.syntax import static_text
from msh.syntax.walk import children

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from msh.plan.index import Index
    from msh.resolve import Use


class Facts(Record):
    """See the module. `everything`: it may read and change variables that nobody can name."""

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    everything: bool = False
    calls: frozenset[str] = frozenset()
    inner_calls: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()
    inner: frozenset[str] = frozenset()
    uses: tuple[Use, ...] = ()

    def has(self, *marks: str) -> bool:
        """Whether any of the marks is there, outside of inner processes."""
        return not self.marks.isdisjoint(marks)

    def has_anywhere(self, *marks: str) -> bool:
        """Whether any of the marks is there, inside them too."""
        return not self.marks.isdisjoint(marks) or not self.inner.isdisjoint(marks)


def gather(roots: Sequence[n.Node], index: Index) -> Facts:
    """The facts of some nodes together, without those of the functions that they call."""
    gatherer = Gatherer(index)
    for root in roots:
        gatherer.walk(root)
    return gatherer.facts()


class Gatherer:
    """One walk. `inside` says that what is being visited runs in a process of its own."""

    def __init__(self, index: Index, leave_out: Sequence[n.Node] = ()) -> None:
        self.index = index
        self.leave_out = frozenset([id(node) for node in leave_out])
        self.inside = False
        self.foreign = False  # in the text of an `eval`, whose nodes have no place in the script
        self.redirected = False  # standard input comes from a redirection or a pipe
        self.reads: set[str] = set()
        self.written: set[str] = set()
        self.everything = False
        self.called: tuple[set[str], set[str]] = (set(), set())
        self.marks: tuple[set[str], set[str]] = (set(), set())
        self.uses: list[Use] = []

    def facts(self) -> Facts:
        return Facts(
            frozenset(self.reads),
            frozenset(self.written),
            self.everything,
            frozenset(self.called[0]),
            frozenset(self.called[1]),
            frozenset(self.marks[0]),
            frozenset(self.marks[1]),
            tuple(self.uses),
        )

    # ---- what is found -------------------------------------------------------------

    def mark(self, *marks: str) -> None:
        self.marks[self.inside].update(marks)

    def write(self, *names: str) -> None:
        if not self.inside:
            self.written.update(names)

    def call(self, name: str) -> None:
        self.called[self.inside].add(name)

    def unknown(self) -> None:
        """Something that only the run will know."""
        self.mark("run-time")
        self.everything = True

    # ---- the walk ------------------------------------------------------------------

    def walk(self, node: n.Node) -> None:
        """Visit a node and all below it. Depth is bounded by the parser's own bound on nesting."""
        visit = _VISITORS.get(type(node))
        if id(node) in self.leave_out:
            return
        if visit is None:
            self.below(node)
        else:
            visit(self, node)

    def below(self, node: n.Node) -> None:
        for child in children(node):
            self.walk(child)

    def apart(self, nodes: Sequence[n.Node], piped: bool = False) -> None:
        """Visit what runs in a process of its own."""
        inside, redirected = self.inside, self.redirected
        self.inside, self.redirected = True, redirected or piped
        for node in nodes:
            self.walk(node)
        self.inside, self.redirected = inside, redirected

    def simple(self, node: n.SimpleCommand) -> None:
        redirected = self.redirected
        self.redirected = redirected or reads_elsewhere(node.redirects)
        for assignment in node.assignments:
            self.assignment(assignment, lasting=not node.words)
        for word in node.words:
            self.assignment(word) if isinstance(word, n.Assignment) else self.words(word)
        for redirect in node.redirects:
            self.walk(redirect)
        if node.words:
            self.command(node.words, node)
            self.uses += () if self.foreign else self.index.uses_of(node)
        self.redirected = redirected

    def command(self, words: Sequence[n.Word | n.Assignment], node: n.SimpleCommand, functions: bool = True) -> None:
        """What a command line of these words does; `functions`: a function may be meant."""
        name = static_text(words[0]) if isinstance(words[0], n.Word) else ""
        if name is None:
            self.unknown()
            self.mark("task", "input")
            for function in self.index.functions:
                self.call(function)
        elif functions and name in self.index.functions:
            self.call(name)
        elif name in self.index.builtins:
            handler = HANDLERS.get(name)
            if handler is not None:
                handler(self, words, node)
        elif not self.foreign:
            self.step(node)

    def step(self, node: n.SimpleCommand) -> None:
        """An external command, or a nested shell."""
        uses = self.index.uses_of(node)
        if not [use for use in uses if not use.context.endswith(" -c")]:
            self.mark("shell", "task", "input")
        elif not self.redirected and any(may_read_input(use) for use in uses):
            self.mark("input")

    def text(self, script: n.Script) -> None:
        """Visit a text that is run in place: `eval`."""
        foreign, self.foreign = self.foreign, True
        for statement in script.body:
            self.walk(statement)
        self.foreign = foreign

    def assignment(self, node: n.Assignment, lasting: bool = True) -> None:
        if id(node) in self.leave_out:
            return
        if lasting:
            self.write(node.name)
        if node.append or node.subscript is not None:
            self.reads.add(node.name)
        if node.subscript is not None:
            self.subscript(node.subscript)
        if isinstance(node.value, n.Word):
            self.walk(node.value)
        elif node.value is not None:
            for element in node.value.elements:
                if element.subscript is not None:
                    self.subscript(element.subscript)
                self.words(element.value)

    def words(self, word: n.Word) -> None:
        """A word that becomes any number of fields: it may be a glob."""
        if may_glob(word):
            self.mark("glob")
        self.walk(word)

    def subscript(self, node: n.Subscript) -> None:
        if not node.all:
            self.arithmetic_word(node.word)

    def arithmetic_word(self, word: n.Word) -> None:
        """A word that is evaluated as an expression: a subscript, the offset of `${x:o:l}`."""
        self.mark("fails")
        for part in word.parts:
            if isinstance(part, n.Literal):
                used, changed = names_in_text(part.text)
                self.reads |= used
                self.write(*changed)
        self.walk(word)

    def parameter(self, node: n.Parameter) -> None:
        name = node.name
        if name[0] == "_" or name[0].isalpha():
            self.reads.add(name)
            if node.operator in ("=", ":="):
                self.write(name)
            if name in _RANDOM:
                self.mark("random")
            if name == "PIPESTATUS":
                self.mark("status")
        else:
            self.mark(_SPECIAL.get(name, "parameters"))
        if node.operator in ("?", ":?") or name[0] in n.FOREIGN:
            self.mark("exit")
        keys = node.prefix == "!" and node.subscript is not None and bool(node.subscript.all)
        if (node.prefix == "!" and not keys) or (node.operator == "@" and node.argument is not None):
            self.everything = True
            self.mark("fails")
        if node.subscript is not None:
            self.subscript(node.subscript)
        for word in (node.argument, node.replacement):
            if word is not None and node.operator == ":":
                self.arithmetic_word(word)
            elif word is not None:
                self.walk(word)

    def arithmetic(self, node: n.Arithmetic) -> None:
        self.mark("fails")
        if node.expression is None and node.parts:
            self.everything = True
        elif node.expression is not None:
            used, changed = names_in_expression(node.expression)
            self.reads |= used
            self.write(*changed)
        for part in node.parts:
            self.walk(part)

    def pipeline(self, node: n.Pipeline) -> None:
        if len(node.commands) == 1:
            self.walk(node.commands[0])
            return
        for number, command in enumerate(node.commands):
            if number == len(node.commands) - 1 and self.index.lastpipe:
                self.walk(command)
            else:
                self.apart([command], piped=number > 0)

    def statement(self, node: n.Statement) -> None:
        if node.background:
            self.mark("background")
            self.apart([node.command])
        else:
            self.walk(node.command)

    def redirect(self, node: n.Redirect) -> None:
        if node.variable is not None:
            self.write(node.variable.partition("[")[0])
            self.mark("descriptor")
        if isinstance(node.target, n.Word):
            self.words(node.target)
        else:
            self.walk(node.target)

    def redirected_command(self, node: n.Redirected) -> None:
        redirected = self.redirected
        for redirect in node.redirects:
            self.walk(redirect)
        self.redirected = redirected or reads_elsewhere(node.redirects)
        self.walk(node.command)
        self.redirected = redirected

    def for_clause(self, node: n.ForClause | n.SelectClause) -> None:
        self.write(node.name)
        if node.words is None:
            self.mark("parameters")
        if isinstance(node, n.SelectClause):
            self.write("REPLY")
            self.mark("select", *(() if self.redirected else ("input",)))
        for word in node.words or ():
            self.words(word)
        for statement in node.body:
            self.walk(statement)

    def condition(self, node: n.ConditionUnary | n.ConditionBinary) -> None:
        if isinstance(node, n.ConditionBinary):
            if node.operator == "=~":
                self.write("BASH_REMATCH")
            if node.operator in _NUMERIC:
                self.arithmetic_word(node.left)
                self.arithmetic_word(node.right)
        elif node.operator in ("-v", "-R"):
            self.named(node.operand)
        self.below(node)

    def named(self, word: n.Word) -> None:
        """A word that is the name of a variable, perhaps with a subscript, whose value is looked at."""
        text = static_text(word)
        if text is None:
            self.everything = True
        else:
            self.reads.add(text.split("[")[0])

    def coprocess(self, node: n.Coprocess) -> None:
        self.write(node.name or "COPROC", f"{node.name or 'COPROC'}_PID")
        self.mark("background", "descriptor")
        self.apart([node.command], piped=True)

    def definition(self, _: n.FunctionDefinition) -> None:
        self.mark("state")
        if self.foreign:  # the index does not know it
            self.unknown()


def reads_elsewhere(redirects: Sequence[n.Redirect]) -> bool:
    """Whether redirections give another standard input."""
    return any(r.operator[0] == "<" and r.operator != "<>" and r.fd in (None, 0) for r in redirects)


def may_glob(word: n.Word) -> bool:
    """Whether an unquoted part has a pattern character or may come to have one."""
    for part in word.parts:
        if isinstance(part, n.Literal):
            if not _PATTERN.isdisjoint(part.text) and static_text(word) is None:
                return True
        elif isinstance(part, n.Parameter):
            if part.prefix != "#" and part.name not in _NUMBERS:
                return True
        elif isinstance(part, (n.CommandSubstitution, n.ExtendedGlob)):
            return True
    return False


_PATTERN = frozenset("*?[")
_NUMBERS = frozenset("?#$!")
_NUMERIC = frozenset(("-eq", "-ne", "-lt", "-le", "-gt", "-ge"))
_SPECIAL = {"?": "status", "!": "last-job", "$": "process", "-": "options", "0": "name"}
_RANDOM = frozenset(("RANDOM", "SRANDOM", "SECONDS", "EPOCHSECONDS", "EPOCHREALTIME", "BASHPID", "_"))
_VISITORS: dict[type, Callable[[Gatherer, Any], None]] = {
    n.SimpleCommand: Gatherer.simple,
    n.Word: Gatherer.below,
    n.Assignment: Gatherer.assignment,
    n.Parameter: Gatherer.parameter,
    n.Arithmetic: Gatherer.arithmetic,
    n.Pipeline: Gatherer.pipeline,
    n.Statement: Gatherer.statement,
    n.Redirect: Gatherer.redirect,
    n.Redirected: Gatherer.redirected_command,
    n.ForClause: Gatherer.for_clause,
    n.SelectClause: Gatherer.for_clause,
    n.ConditionUnary: Gatherer.condition,
    n.ConditionBinary: Gatherer.condition,
    n.Coprocess: Gatherer.coprocess,
    n.FunctionDefinition: Gatherer.definition,
    n.Subshell: lambda gatherer, node: gatherer.apart(node.body),
    n.CommandSubstitution: lambda gatherer, node: gatherer.apart(node.body),
    n.ProcessSubstitution: lambda gatherer, node: gatherer.apart(node.body, piped=node.direction == ">"),
}
