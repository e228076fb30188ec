"""`((…))` and `for ((…; …; …))`: expressions as commands."""

from __future__ import annotations

from msh.expand.environment import ExpansionError, SubscriptFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.commands import Run
    from msh.run.shell import Shell
    from msh.syntax import nodes


def evaluated(sh: Shell, node: nodes.Arithmetic, *, part: bool = False) -> int:
    """The value of `(( … ))`, shown by `set -x`."""
    if "xtrace" in sh.options:
        from msh.run.tracing import trace_arithmetic

        return trace_arithmetic(sh, node, part=part)
    return sh.arithmetic(node)


def arithmetic_failed(sh: Shell, error: ExpansionError) -> int:
    """An expression of `(( ))` that has no value: a message and status 1, unless the error ends more."""
    if error.exits or error.abandons or isinstance(error, SubscriptFault):
        raise error
    sh.complain(f"((: {error.message}")
    return 1


class _Unevaluated(Exception):
    """An expression in the head of a `for` loop has no value."""

    def __init__(self, fault: ExpansionError) -> None:
        super().__init__(fault.message)
        self.fault = fault


def for_arithmetic(node: nodes.ForArithmetic) -> Run:
    """`for ((…; …; …))`."""
    from msh.run.commands import compile_body, loop

    body = compile_body(node.body)

    def value(sh: Shell, part: nodes.Arithmetic | None) -> int:
        if part is None:
            return 1
        sh.here = node
        if sh.debugging and not sh.signals.before(part):
            return 1
        try:
            return evaluated(sh, part, part=True)
        except ExpansionError as error:
            raise _Unevaluated(error) from None

    def run(sh: Shell) -> int:
        try:
            return turns(sh)
        except _Unevaluated as error:
            return sh.failed(arithmetic_failed(sh, error.fault))

    def turns(sh: Shell) -> int:
        sh.here = node
        before = node.init

        def advance(sh: Shell) -> bool:
            nonlocal before
            value(sh, before)
            before = node.update
            return value(sh, node.test) != 0

        return loop(sh, advance, body)

    return run


def arithmetic(node: nodes.ArithmeticCommand) -> Run:
    """`((…))`."""

    def run(sh: Shell) -> int:
        sh.here = node
        if sh.debugging and not sh.signals.before(node):
            return 0
        try:
            status = 0 if evaluated(sh, node.arithmetic) else 1
        except ExpansionError as error:
            status = arithmetic_failed(sh, error)
        sh.pipestatus = [status]
        return sh.failed(status) if status else 0

    return run
