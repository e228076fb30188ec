"""Commands as bash shows them: `BASH_COMMAND`, the heads of loops under `set -x`.

Words stand as they were written; blanks and redirections have bash's form (`2> file`, `2>&1`).
"""

from __future__ import annotations

from msh.syntax import nodes as n
from msh.syntax import print_command, print_word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def shown(node: n.Node) -> str:
    """What is about to be run, on one line but for here-documents; of a pipeline its last command."""
    show = SHOWN.get(type(node))
    return show(node) if show is not None else print_command(node)  # type: ignore[arg-type]  # the others are commands


def inline(node: n.Node) -> str:
    """A whole command as `jobs` lists it: lists on one line."""
    if isinstance(node, n.BraceGroup):
        return f"{{ {_list(node.body)}; }}"
    if isinstance(node, n.Subshell):
        return f"( {_list(node.body)} )"
    if isinstance(node, n.AndOr):
        return _joined(node.commands, node.operators)
    if isinstance(node, n.Pipeline):
        signs = ["|&" if both else "|" for both in node.both] or ["|"] * len(node.commands)
        return f"{node.timed + ' ' if node.timed else ''}{'! ' * node.negated}{_joined(node.commands, signs)}"
    if isinstance(node, n.Redirected):
        return " ".join([inline(node.command), *[_redirect(redirect) for redirect in node.redirects]])
    if isinstance(node, n.SimpleCommand):
        return _simple(node)
    return print_command(node)  # type: ignore[arg-type]  # the others are commands


def _list(statements: Sequence[n.Statement]) -> str:
    return "; ".join([inline(one.command) + (" &" if one.background else "") for one in statements])


def _joined(commands: Sequence[n.Command], signs: Sequence[str]) -> str:
    first, *rest = [inline(command) for command in commands]
    return " ".join([first, *[f"{sign} {text}" for sign, text in zip(signs, rest, strict=False)]])


def _simple(node: n.SimpleCommand) -> str:
    words = node.replace(redirects=())
    parts = [print_command(words)] if node.words or node.assignments else []
    return " ".join(parts + [_redirect(redirect) for redirect in node.redirects])


def _redirect(node: n.Redirect) -> str:
    fd = f"{{{node.variable}}}" if node.variable else "" if node.fd is None else str(node.fd)
    if isinstance(node.target, n.HereDocument):
        return print_command(n.SimpleCommand(node.start, node.end, (), (), (node,))) + "\n"
    if node.operator in ("<&", ">&"):
        return f"{fd}{node.operator}{print_word(node.target)}"
    default = {"<": "0", ">": "1", ">>": "1"}.get(node.operator)
    return f"{'' if fd == default else fd}{node.operator} {print_word(node.target)}"


def _loop(node: n.ForClause | n.SelectClause) -> str:
    words = ['"$@"'] if node.words is None else [print_word(word) for word in node.words]
    return " ".join(["for" if type(node) is n.ForClause else "select", node.name, "in", *words])


def _arithmetic(node: n.Arithmetic) -> str:
    return f"(({print_word(n.Word(node.start, node.end, node.parts))}))"


SHOWN: dict[type, Callable[..., str]] = {
    n.SimpleCommand: _simple,
    n.ForClause: _loop,
    n.SelectClause: _loop,
    n.CaseClause: lambda node: f"case {print_word(node.word)} in ",
    n.Arithmetic: lambda node: "((" + _arithmetic(node)[2:].lstrip(),  # a part of `for ((…;…;…))`
    n.ArithmeticCommand: lambda node: _arithmetic(node.arithmetic),
    n.Subshell: lambda node: inline(node),
    n.Pipeline: lambda node: shown(node.commands[-1]),
    n.Redirected: lambda node: shown(node.command),
}
