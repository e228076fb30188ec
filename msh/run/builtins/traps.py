"""trap: what is to be done when a signal arrives or the shell ends (POSIX XCU trap; DEBUG, ERR, RETURN as bash)."""

from __future__ import annotations

from msh.run.builtins.letters import letters
from msh.run.control import ShellError
from msh.run.numbers import is_decimal
from msh.run.signals import DEBUG, signal_name, signal_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell

USAGE = "trap: usage: trap [-lp] [[arg] signal_spec ...]"


def trap(sh: Shell, argv: list[str]) -> int:
    given, operands = letters(argv, "lp", USAGE)
    if "l" in given:
        from msh.run.builtins.kill import kill

        return kill(sh, ["kill", "-l"])
    if "p" in given or not operands:
        return _show(sh, operands)
    first, names = operands[0], operands[1:]
    command: str | None = first
    known = is_decimal(first) and signal_number(first) is not None
    if known or (not names and "posix" not in sh.options and signal_number(first) is not None):
        command, names = None, operands
    elif not names:
        raise ShellError("", 2, usage=USAGE)
    elif first == "-":
        command = None
    status = 0
    for name in names:
        number = signal_number(name)
        if number is None:
            sh.complain(f"trap: {name}: invalid signal specification")
            status = 1
        else:
            sh.signals.set(number, command)
    return status


def _show(sh: Shell, names: list[str]) -> int:
    """`trap -p`: as commands that set them again; those of the parent in a subshell that has set none."""
    from msh.expand.quote import quote_single

    table = sh.signals.table()
    status = 0
    for name in names or [str(number) for number in sorted(table, key=_order)]:
        number = int(name) if not names else signal_number(name)
        if number is None:
            sh.complain(f"trap: {name}: invalid signal specification")
            status = 1
        elif number in table:
            shown = signal_name(number).removeprefix("SIG" if "posix" in sh.options else "")
            sh.write(f"trap -- {quote_single(table[number])} {shown}\n")
    return status


def _order(number: int) -> int:
    """EXIT, the signals, then DEBUG, ERR, RETURN."""
    return number if number >= 0 else 1000 + DEBUG - number


BUILTINS: dict[str, Builtin] = {"trap": trap}
