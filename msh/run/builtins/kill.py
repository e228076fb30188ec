"""kill: signals for processes of this run, and the names of signals (POSIX XCU kill)."""

from __future__ import annotations

import os
import signal as signals

from msh.run.control import ShellError
from msh.run.numbers import is_decimal
from msh.run.signals import PSEUDO, signal_name, signal_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell

USAGE = "kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]"


def kill(sh: Shell, argv: list[str]) -> int:
    operands = argv[1:]
    number = signals.SIGTERM.value
    first = operands[0] if operands else ""
    if first in ("-l", "-L"):
        return _list(sh, operands[1:])
    if first in ("-s", "-n"):
        if len(operands) < 2:
            raise ShellError(f"kill: {first}: option requires an argument")
        number, operands = _number(operands[1]), operands[2:]
    elif first.startswith("-") and first != "--":
        attached = first[1:2] in "sn" and signal_number(first[1:]) is None
        number, operands = _number(first[2:] if attached else first[1:]), operands[1:]
    if operands[:1] == ["--"]:
        operands = operands[1:]
    if not operands:
        raise ShellError("", 2, usage=USAGE)
    status = 0
    for operand in operands:
        try:
            _send(sh, operand, number)
        except ShellError as error:
            sh.complain(error.message)
            status = 1
    return status


def _number(text: str) -> int:
    number = signal_number(text)
    if number is None or (number < 0 and text.upper() in PSEUDO):
        raise ShellError(f"kill: {text}: invalid signal specification")
    return number


def _send(sh: Shell, operand: str, number: int) -> None:
    """Only to this shell, its jobs, those of the shells above, or the shell that the run started with."""
    job = sh.jobs.find(operand)
    if job is not None:
        if job.poll():
            if operand.startswith("%"):
                raise ShellError(f"kill: {operand}: no such job")
            raise ShellError(f"kill: ({operand}) - No such process")
        if number:  # 0 only asks
            job.signal(number)
        return
    if operand.startswith("%"):
        raise ShellError(f"kill: {operand}: no such job")
    try:
        pid = int(operand)
    except ValueError:
        raise ShellError(f"kill: {operand}: arguments must be process or job IDs") from None
    if pid in (os.getpid(), sh.pid, sh.resources.pid):
        sh.signals.sending(number)
        os.kill(sh.process if pid == sh.pid else pid, number)
        return
    relative = sh.jobs.relatives.get(pid)
    if pid in sh.jobs.finished or (relative is not None and not relative.signal(number)):
        raise ShellError(f"kill: ({operand}) - No such process")
    if relative is None:
        raise ShellError(f"kill: ({operand}) - Operation not permitted: not a process of this run")


def _list(sh: Shell, operands: list[str]) -> int:
    if not operands:
        numbers = sorted([n for n in signals.valid_signals() if n < 32 or n >= signals.SIGRTMIN])
        if "posix" in sh.options:
            sh.write(" ".join([signal_name(n).removeprefix("SIG") for n in numbers]) + "\n")
            return 0
        cells = [f"{n:2}) {signal_name(n)}" for n in numbers]
        rows = ["\t".join(cells[at : at + 5]) for at in range(0, len(cells), 5)]
        sh.write("\n".join(rows) + "\n")
        return 0
    status = 0
    for text in operands:
        number = _named(text)
        if number is None:
            sh.complain(f"kill: {text}: invalid signal specification")
            status = 1
        elif is_decimal(text):
            sh.write(signal_name(number).removeprefix("SIG") + "\n")
        else:
            sh.write(f"{number}\n")
    return status


def _named(text: str) -> int | None:
    """A signal by name or number, or by the status of a command that it ended."""
    if not is_decimal(text):
        return signal_number(text)
    number = int(text)
    number = number - 128 if number > 128 else number
    return number if number == 0 or number in signals.valid_signals() else None


BUILTINS: dict[str, Builtin] = {"kill": kill}
