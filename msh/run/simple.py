"""Simple commands: words, redirections, assignments, then a function, a builtin, or a sandboxed step (XCU 2.9.1)."""

from __future__ import annotations

from contextlib import ExitStack

from msh.catalog.builtins import SPECIAL_BUILTINS
from msh.config import OBJECTS
from msh.diagnostics import MshError
from msh.expand import ExpansionError, compile_fields
from msh.run.builtins import TOPICS, builtin
from msh.run.control import Abandoned, ShellError, ShellExit
from msh.run.redirections import keep, redirected
from msh.run.variables import AssignmentError
from msh.syntax.nodes import ArrayLiteral, Assignment, Literal, Word
from msh.syntax.static import static_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.run.processes import Process
    from msh.run.shell import Shell
    from msh.syntax.nodes import SimpleCommand

    Argv = Callable[[Shell], list[str]]

DECLARATIONS = {"export", "readonly", "declare", "typeset", "local"}


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
        return _exec(sh, node, argv)
    if argv[:2] == ["command", "exec"] and "command" not in sh.functions:
        return _exec(sh, node, argv[1:])
    tracing = "xtrace" in sh.options
    if tracing and not node.assignments:
        sh.trace(argv)
    with ExitStack() as opened:
        try:
            if node.redirects:
                opened.enter_context(redirected(sh, node.redirects))
        except (ShellError, MshError) as error:
            if ends_shell(sh, argv[0]):
                raise ShellExit(sh.fail(error) if isinstance(error, ShellError) else sh.report(error)) from None
            raise
        except ExpansionError as error:
            if argv[0] in sh.functions or argv[0] in TOPICS:
                raise
            return _refused(sh, error)
        assigned = temporary(sh, node)
        if tracing and assigned:
            sh.trace(argv, assigned)
        if assigned and ends_shell(sh, argv[0]):
            for name, text in assigned.items():
                sh.assign(name, text)  # before a special builtin they last (POSIX XCU 2.14)
        elif assigned:
            opened.enter_context(sh.overlaid(assigned, function=argv[0] in sh.functions))
        try:
            return sh.invoke(argv)
        except ShellError as error:  # said while its standard error is where the command wants it
            status = sh.fail(error)
            sh.pipestatus = [status]
            return status
        except ShellExit as jump:
            if jump.asked:
                from msh.run.commands import exit_here

                exit_here(sh, jump)
            raise


def ends_shell(sh: Shell, name: str) -> bool:
    """Whether this is a special builtin, and in POSIX's mode, where an error in one ends the shell (XCU 2.8.1)."""
    return "posix" in sh.options and name in SPECIAL_BUILTINS


def _refused(sh: Shell, error: ExpansionError) -> int:
    """bash redirects a step in its own process, so that an expansion that fails there ends only that."""
    sh.complain(error.message)
    return sh.expansion_status if error.exits else 1


def _exec(sh: Shell, node: SimpleCommand, argv: list[str]) -> int:
    """`exec` keeps its redirections; when they fail the shell ends under `set -o posix` only (XCU exec, bash)."""
    if "xtrace" in sh.options:
        sh.trace(argv)
    try:
        keep(sh, node.redirects)
    except (ShellError, MshError) as error:
        if isinstance(error, MshError):
            status = sh.report(error)
        else:
            sh.complain(error.message)
            status = 1
        if "posix" in sh.options:
            raise ShellExit(status) from None
        return status
    with sh.overlaid(temporary(sh, node)):
        return builtin("exec")(sh, argv)


def temporary(sh: Shell, node: SimpleCommand) -> dict[str, str]:
    """The values of the assignments before a command, in order; a later one sees the earlier."""
    values: dict[str, str] = {}
    if not node.assignments:
        return values
    frame = sh.variables.push()
    try:
        for assignment in node.assignments:
            if assignment.subscript is not None:
                sh.complain(f"`{assignment.name}[{sh.subscript('', assignment.subscript)}]': not a valid identifier")
                continue
            text = assigned_text(sh, assignment)
            if assignment.append:
                text = (sh.get(assignment.name) or "") + text
            try:
                sh.variables.hide(frame, assignment.name, text)
            except AssignmentError as error:
                if "posix" in sh.options:
                    raise _not_assigned(sh, node, error) from None
                sh.complain(str(error))  # and the command runs without it, as in bash
                continue
            values[assignment.name] = text
    finally:
        sh.variables.pop()
    return values


def _not_assigned(sh: Shell, node: SimpleCommand, error: AssignmentError) -> ExpansionError:
    """In POSIX's mode the command does not run, and before a special builtin that is the end."""
    name = static_text(node.words[0]) if isinstance(node.words[0], Word) else None
    if name is not None and ends_shell(sh, name):
        return ExpansionError(str(error), exits=True)
    return Abandoned(str(error))


def assigned_text(sh: Shell, node: Assignment) -> str:
    """The text that an assignment gives; before a command an array literal is nothing but text."""
    if node.value is None:
        return ""
    if not isinstance(node.value, ArrayLiteral):
        return sh.text(node.value, assignment=True)
    items = [
        (f"[{subscript}]=" if subscript is not None else "") + text for subscript, text, _ in sh.elements(node.value)
    ]
    return f"({' '.join(items)})"


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
        return sh.failed(status) if status and sh.final is not node else status

    return run


def assign_all(sh: Shell, node: SimpleCommand) -> int:
    """The assignments, then the redirections; the status is the last command substitution's, or 0.

    With another standard input bash forgets about the substitutions (POSIX XCU 2.9.1 does not).
    """
    for assignment in node.assignments:
        assign(sh, assignment)
    if not node.redirects:
        return sh.substitution_status
    with redirected(sh, node.redirects):
        forgets = any(r.operator in ("<", "<>") and r.fd in (None, 0) for r in node.redirects)
        return 0 if forgets else sh.substitution_status


def assign(sh: Shell, node: Assignment) -> None:
    """`x=w`, `x+=w`, `a[i]=w`, `a=(…)`."""
    if isinstance(node.value, ArrayLiteral):
        if node.subscript is not None:
            raise ExpansionError(f"{node.name}[…]: cannot assign list to array member")
        elements = sh.elements(node.value, associative="A" in sh.attributes(node.name))
        if "xtrace" in sh.options:
            from msh.run.tracing import trace_array

            trace_array(sh, node)
        sh.assign_elements(node.name, elements, append=node.append)
    else:
        text = sh.text(node.value, assignment=True) if node.value is not None else ""
        subscript = sh.subscript(node.name, node.subscript) if node.subscript is not None else None
        if "xtrace" in sh.options:
            from msh.run.tracing import trace_assignment

            target = node.name if subscript is None else f"{node.name}[{subscript}]"
            trace_assignment(sh, target, text, append=node.append)
        sh.assign(node.name, text, subscript, append=node.append)


# ---- the arguments -----------------------------------------------------------------


def argv_of(node: SimpleCommand) -> Argv:
    """The function that expands the words. Operands of declaration builtins are assignments: not split, not globbed."""
    words = node.words
    declares = _declares(words)
    if declares:
        operands = tuple([each for word in words for each in _braced(word)])
        return lambda sh: _declaration(sh, operands)
    plain = [word for word in words if isinstance(word, Word)]
    expand: Argv = compile_fields(plain)
    at = next((i for i, word in enumerate(plain) if _is_assignment(word)), 0)
    if declares is not None or not at or not any(_names_declaration(word) for word in plain[:at]):
        return expand
    return _undecided(tuple(plain[:at]), tuple(plain[at:]))


def _declares(words: tuple[Word | Assignment, ...]) -> bool | None:
    """Whether the command is a declaration builtin, also behind `command` and `builtin`; None if the run will know."""
    from msh.syntax import static_text

    behind = False
    for word in words:
        name = static_text(word) if isinstance(word, Word) else ""
        if name is None or name in DECLARATIONS:
            return None if name is None else True
        if name not in ("command", "builtin") and not (behind and name.startswith("-")):
            return any(isinstance(word, Assignment) for word in words)
        behind = True
    return False


def _names_declaration(word: Word) -> bool:
    from msh.syntax import static_text

    return static_text(word) in DECLARATIONS


def _undecided(head: tuple[Word, ...], rest: tuple[Word, ...]) -> Argv:
    """`$command export x=$y`: what comes before the builtin's name decides how assignments are expanded."""
    operands = tuple([each for word in rest for each in _braced(word)])

    def argv(sh: Shell) -> list[str]:
        words = sh.fields(head)
        name = next((word for word in words if word not in ("command", "builtin")), "")
        return words + (_declaration(sh, operands) if name in DECLARATIONS else sh.fields(rest))

    return argv


class _Braced:
    """A word out of brace expansion, which is an ordinary word, split and globbed, even where it reads `name=value`."""

    __slots__ = ("word",)

    def __init__(self, word: Word) -> None:
        self.word = word


def _braced(word: Word | Assignment) -> tuple[Word | Assignment | _Braced, ...]:
    """The words of brace expansion, which comes before a word is known to be an assignment."""
    from msh.syntax import expand_braces

    if isinstance(word, Word):
        whole = word
    elif isinstance(word.value, Word) and word.subscript is None:
        head = Literal(word.start, word.value.start, f"{word.name}{'+' if word.append else ''}=")
        whole = Word(word.start, word.end, (head, *word.value.parts))
    else:
        return (word,)
    words = expand_braces(whole)
    if len(words) == 1 and words[0] is whole:
        return (word,)
    return tuple([_Braced(each) for each in words])


def _declaration(sh: Shell, words: tuple[Word | Assignment | _Braced, ...]) -> list[str]:
    argv: list[str] = []
    for word in words:
        if isinstance(word, Assignment) and argv and argv[-1] == "eval" and isinstance(word.value, ArrayLiteral):
            argv.append(f"{word.name}{'+' if word.append else ''}={assigned_text(sh, word)}")
        elif isinstance(word, Assignment):
            argv.append(_operand(sh, word, keyed=any(text[:1] == "-" and "A" in text for text in argv)))
        elif isinstance(word, _Braced):
            argv.extend(sh.fields((word.word,)))
        elif _is_assignment(word):
            argv.append(sh.text(word, assignment=True))
        else:
            argv.extend(sh.fields((word,)))
    return argv


def _operand(sh: Shell, node: Assignment, *, keyed: bool) -> str:
    """An operand that is an assignment in the script's text; `keyed` when it makes an associative array."""
    from msh.run.builtins.declarations import Operand

    if isinstance(node.value, ArrayLiteral):
        keyed = keyed or "A" in sh.attributes(node.name)
        return Operand.of_array(node.name, sh.elements(node.value, associative=keyed), node.append)
    text = sh.text(node.value, assignment=True) if node.value is not None else ""
    if node.subscript is not None:
        subscript = sh.subscript(node.name, node.subscript) if node.subscript.word.parts or node.subscript.all else ""
        return Operand.of_element(node.name, subscript, text, node.append)
    return f"{node.name}{'+' if node.append else ''}={text}"


def _is_assignment(word: Word) -> bool:
    """Whether a word begins with a literal `name=`, `name+=` or `name[…]=`."""
    if not word.parts or not isinstance(first := word.parts[0], Literal):
        return False
    name, equals, _ = first.text.partition("=")
    name = name.removesuffix("+").partition("[")[0]
    return bool(equals) and name.isidentifier()


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
    if not argv or argv[0] in sh.functions or argv[0] in TOPICS or waits(sh, node):
        return None
    sh.here = node
    with redirected(sh, node.redirects), sh.overlaid(temporary(sh, node)):
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
