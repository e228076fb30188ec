"""What is known about the process: times, caller."""

from __future__ import annotations

import os

from msh.run.control import ShellError
from msh.run.numbers import is_decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell


def times(sh: Shell, argv: list[str]) -> int:
    now = os.times()

    def show(seconds: float) -> str:
        return f"{int(seconds // 60)}m{seconds % 60:.3f}s"

    sh.write(f"{show(now.user)} {show(now.system)}\n{show(now.children_user)} {show(now.children_system)}\n")
    return 0


def caller(sh: Shell, argv: list[str]) -> int:
    """`caller [n]`: line, function and file of the n-th call outwards; NULL where there is no file (bash)."""
    from msh.run.dynamic import from_file, source_name

    operands = argv[2:] if argv[1:2] == ["--"] else argv[1:]
    if operands and not is_decimal(operands[0]):
        what = "invalid option" if operands[0][:1] == "-" else "invalid number"
        raise ShellError(f"caller: {operands[0]}: {what}", 2, usage="caller: usage: caller [expr]")
    level = int(operands[0]) if operands else 0
    if not sh.calls and not operands and from_file(sh):
        sh.write("0 NULL\n")  # nobody has called the script
        return 0
    if level >= len(sh.calls):
        return 1
    call = sh.calls[-1 - level]
    outermost = level + 1 == len(sh.calls)
    name = "NULL" if outermost and not from_file(sh) else source_name(call.source)
    if not operands:
        sh.write(f"{call.line} {name}\n")
        return 0
    if outermost and not from_file(sh):
        return 1
    outer = "main" if outermost else sh.calls[-2 - level].name
    sh.write(f"{call.line} {outer} {name}\n")
    return 0


BUILTINS: dict[str, Builtin] = {
    "times": times,
    "caller": caller,
}
