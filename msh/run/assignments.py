"""Assignments that stand by themselves, and those before a command (XCU 2.9.1)."""

from __future__ import annotations

from msh.expand import ExpansionError
from msh.run.control import Abandoned, ShellError
from msh.run.redirections import redirected
from msh.run.variable import AssignmentError
from msh.syntax.nodes import ArrayLiteral, Word
from msh.syntax.static import static_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.shell import Shell
    from msh.syntax.nodes import Assignment, SimpleCommand


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
            if assignment.append and "i" in sh.attributes(assignment.name):
                text = str(sh.evaluate(sh.get(assignment.name) or "0") + sh.evaluate(text))
            elif assignment.append:
                text = (sh.get(assignment.name) or "") + text
            try:
                sh.variables.hide(frame, assignment.name, text)
            except AssignmentError as error:
                if "posix" in sh.options:
                    raise _not_assigned(sh, node, error) from None
                sh.complain(sh.refused(str(error)).message)  # and the command runs without it, as in bash
                continue
            values[assignment.name] = text
    finally:
        sh.variables.pop()
    return values


def _not_assigned(sh: Shell, node: SimpleCommand, error: AssignmentError) -> ExpansionError:
    """In POSIX's mode the command does not run, and before a special builtin that is the end."""
    name = static_text(node.words[0]) if isinstance(node.words[0], Word) else None
    if name is not None and sh.ends_shell(name):
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


def assign_all(sh: Shell, node: SimpleCommand) -> int:
    """The assignments, then the redirections; the status is the last command substitution's, or 0.

    With another standard input bash forgets about the substitutions (POSIX XCU 2.9.1 does not).
    """
    for assignment in node.assignments:
        assign(sh, assignment)
    if not node.redirects:
        return sh.substitution_status
    if any(redirect.variable for redirect in node.redirects):
        [status] = sh.wait_foreground([sh.fork(lambda: sh.subshell(lambda child: _redirect_only(child, node)))])
        return status
    with redirected(sh, node.redirects):
        forgets = any(r.operator in ("<", "<>") and r.fd in (None, 0) for r in node.redirects)
        return 0 if forgets else sh.substitution_status


def _redirect_only(sh: Shell, node: SimpleCommand) -> int:
    """`{fd}> file` without a command, in a process of its own as in bash: neither descriptor nor number is left."""
    try:
        with redirected(sh, node.redirects):
            return 0
    except ShellError as error:
        return sh.fail(error)


def assign(sh: Shell, node: Assignment) -> None:
    """`x=w`, `x+=w`, `a[i]=w`, `a=(…)`."""
    if isinstance(node.value, ArrayLiteral):
        if node.subscript is not None:
            from msh.syntax import print_word

            member = f"{node.name}[{node.subscript.all or print_word(node.subscript.word)}]"
            raise ExpansionError(f"{member}: cannot assign list to array member")
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
