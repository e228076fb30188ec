"""How control leaves a command: exceptions that only the construct concerned catches."""

from __future__ import annotations

from msh.expand.environment import ExpansionError


class ControlFlow(Exception):
    """Base of all jumps; never an error."""


class BreakLoop(ControlFlow):
    """`break n`: leave n loops."""

    status = 0  # of the loop; 1 after `! break`

    def __init__(self, levels: int) -> None:
        self.levels = levels


class ContinueLoop(ControlFlow):
    """`continue n`: next turn of the n-th loop outwards."""

    status = 0

    def __init__(self, levels: int) -> None:
        self.levels = levels


class FunctionReturn(ControlFlow):
    """`return status`, out of a function or a sourced file."""

    def __init__(self, status: int) -> None:
        self.status = status


class ShellExit(ControlFlow):
    """`exit status`, an error that ends the shell, a fatal signal; runs the EXIT trap.

    `asked`: by the builtin, so that the trap sees the functions that are being called. `whole`: not only a subshell
    that is run in this process, but the process.
    """

    def __init__(self, status: int, *, asked: bool = False, whole: bool = False) -> None:
        self.status = status
        self.asked = asked
        self.whole = whole


class Interrupted(ControlFlow):
    """A signal with an effect on the script arrived while the shell was waiting."""

    def __init__(self, number: int) -> None:
        self.number = number


class ShellError(Exception):
    """A runtime error of the script in bash's words (`cd: x: No such file or directory`).

    The command that raised it ends with `status`; for a special builtin or an expansion `fatal` ends the shell.
    `usage` is a line of help that follows the message, or stands alone. `code` is what a person sees with it.
    """

    code = "MSH481"
    told = False

    def __init__(self, message: str, status: int = 1, *, fatal: bool = False, usage: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.fatal = fatal
        self.usage = usage


class Abandoned(ExpansionError):
    """Gives up the command line in hand and never more, also in POSIX's mode."""


class RefusedAssignment(ExpansionError):
    """A readonly variable, a subscript before the first element.

    It abandons the statement of a plain assignment; a builtin or `for` only fails with status 1.
    """
