"""wait, kill, jobs. A script reaches only processes of its own run."""

from __future__ import annotations

import os
import signal as signals

from msh.run.control import Interrupted, ShellError
from msh.run.numbers import is_decimal
from msh.run.signals import signal_name, signal_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.processes import Job
    from msh.run.shell import Shell


def wait(sh: Shell, argv: list[str]) -> int:
    """`wait [-n] [-p name] [id…]`; a trapped signal ends it early with 128+n."""
    operands = argv[1:]
    any_one, into = False, None
    while operands and operands[0].startswith("-"):
        option = operands.pop(0)
        if option == "-n":
            any_one = True
        elif option == "-p" and operands:
            into = operands.pop(0)
        elif option == "--":
            break
        elif option != "-f":
            raise ShellError(f"wait: {option}: invalid option", 2)
    try:
        return sh.waiting(lambda: _wait_any(sh, operands, into) if any_one else _wait_all(sh, operands, into))
    except Interrupted as interruption:
        return 128 + interruption.number


def _wait_any(sh: Shell, operands: list[str], into: str | None) -> int:
    jobs = [_job(sh, text) for text in operands] if operands else list(sh.jobs.table.values())
    ended = sh.jobs.wait_any(tuple([job for job in jobs if job is not None]))
    if ended is None:
        return 127
    if into:
        sh.assign(into, str(ended.pid))
    return sh.jobs.wait(ended)


def _wait_all(sh: Shell, operands: list[str], into: str | None) -> int:
    if not operands:
        for each in list(sh.jobs.table.values()):
            sh.jobs.wait(each)
        return 0
    status = 0
    for text in operands:
        job = _job(sh, text)
        if job is not None:
            status = sh.jobs.wait(job)
            if into:
                sh.assign(into, str(job.pid))
        elif is_decimal(text) and int(text) in sh.jobs.finished:
            status = sh.jobs.finished[int(text)]
        else:
            what = "no such job" if text.startswith("%") else "not a child of this shell"
            sh.complain(f"wait: {text}: {what}" if text.startswith("%") else f"wait: pid {text} is {what}")
            status = 127
    return status


def _job(sh: Shell, text: str) -> Job | None:
    if not text.startswith("%") and not is_decimal(text):
        raise ShellError(f"wait: `{text}': not a pid or valid job spec", 1)
    return sh.jobs.find(text)


def kill(sh: Shell, argv: list[str]) -> int:
    operands = argv[1:]
    number = signals.SIGTERM.value
    if operands and operands[0] in ("-l", "-L"):
        return _list_signals(sh, operands[1:])
    if operands and operands[0] in ("-s", "-n"):
        if len(operands) < 2:
            raise ShellError(f"kill: {operands[0]}: option requires an argument", 2)
        number, operands = _number(operands[1]), operands[2:]
    elif operands and operands[0].startswith("-") and operands[0] != "--":
        number, operands = _number(operands[0][1:]), operands[1:]
    if operands[:1] == ["--"]:
        operands = operands[1:]
    if not operands:
        raise ShellError(
            "kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]", 2
        )
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
    if number is None:
        raise ShellError(f"kill: {text}: invalid signal specification")
    return number


def _send(sh: Shell, operand: str, number: int) -> None:
    """Only to this shell, its jobs, or the shell that the run started with."""
    job = sh.jobs.find(operand)
    if job is not None:
        if job.poll():
            if operand.startswith("%"):
                raise ShellError(f"kill: {operand}: no such job")
            if number:
                raise ShellError(f"kill: ({operand}) - No such process")
            return
        job.signal(number)
        return
    if operand.startswith("%"):
        raise ShellError(f"kill: {operand}: no such job")
    try:
        pid = int(operand)
    except ValueError:
        raise ShellError(f"kill: {operand}: arguments must be process or job IDs") from None
    if pid in (os.getpid(), sh.pid, sh.resources.pid):
        os.kill(sh.process if pid == sh.pid else pid, number)
        sh.run_pending_traps()
        return
    if pid in sh.jobs.finished:
        raise ShellError(f"kill: ({operand}) - No such process")
    raise ShellError(f"kill: ({operand}) - Operation not permitted: not a process of this run")


def _list_signals(sh: Shell, operands: list[str]) -> int:
    if not operands:
        names = [s.name for s in sorted(signals.Signals, key=lambda s: s.value)]
        sh.write(" ".join(name.removeprefix("SIG") for name in names) + "\n")
        return 0
    for text in operands:
        if is_decimal(text):
            name = signal_name(int(text) - 128 if int(text) > 128 else int(text))
            sh.write(name.removeprefix("SIG") + "\n")
        else:
            sh.write(f"{_number(text)}\n")
    return 0


def jobs(sh: Shell, argv: list[str]) -> int:
    if "-p" in argv[1:]:
        for job in (sh.jobs.table or sh.jobs.listed).values():
            sh.write(f"{job.pid}\n")
        return 0
    for job in list(sh.jobs.table.values()):
        done = job.poll()
        state = "Done" if done else "Running"
        current = "+" if job.number == max(sh.jobs.table) else "-"
        sh.write(f"[{job.number}]{current}  {state:24}{job.text}{'' if done else ' &'}\n")
        if done:
            sh.jobs.wait(job)
    return 0


def foreground(sh: Shell, argv: list[str]) -> int:
    raise ShellError(f"{argv[0]}: no job control")


def disown(sh: Shell, argv: list[str]) -> int:
    """Forget jobs; they still end with the run."""
    chosen = [sh.jobs.find(text) for text in argv[1:] if not text.startswith("-")] or list(sh.jobs.table.values())[-1:]
    for job in chosen:
        if job is None:
            raise ShellError("disown: no such job")
        sh.jobs.table.pop(job.number, None)
    return 0


BUILTINS: dict[str, Builtin] = {
    "wait": wait,
    "kill": kill,
    "jobs": jobs,
    "fg": foreground,
    "bg": foreground,
    "disown": disown,
}
