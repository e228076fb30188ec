"""`$(…)`, `<(…)` and `$((…))` as text."""

from __future__ import annotations

from msh.source import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.expand.environment import Environment
    from msh.expand.texts import Text
    from msh.syntax.nodes import ArithmeticExpansion, CommandSubstitution, ProcessSubstitution


def compile_command(node: CommandSubstitution) -> Text:
    """What the list writes, without the newlines at its end (POSIX XCU 2.6.3) and without NUL bytes."""

    def text(environment: Environment) -> str:
        output = environment.command_substitution(node)
        if b"\0" in output:
            environment.warn("warning: command substitution: ignored null byte in input")
            output = output.replace(b"\0", b"")
        return decode(output.rstrip(b"\n"))

    return text


def compile_process(node: ProcessSubstitution) -> Text:
    """The path of the pipe; nothing when there is no command, as in bash."""
    if not node.body:
        return lambda _: ""
    return lambda environment: environment.process_substitution(node)


def compile_arithmetic_text(node: ArithmeticExpansion) -> Text:
    """The value in decimal."""
    from msh.expand.arithmetic import compile_arithmetic

    evaluate = compile_arithmetic(node.arithmetic)
    return lambda environment: str(evaluate(environment))
