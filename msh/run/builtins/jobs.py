"""wait, jobs, disown; fg and bg need job control, which a script does not have."""

from __future__ import annotations

from msh.run.assignables import is_name
from msh.run.builtins.letters import letters
from msh.run.control import Interrupted, ShellError
from msh.run.numbers import is_decimal
from msh.run.variable import AssignmentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.processes import Job
    from msh.run.shell import Shell


WAIT = "wait: usage: wait [-fn] [-p var] [id ...]"
USAGE = "jobs: usage: jobs [-lnprs] [jobspec ...] or jobs -x command [args]"


def wait(sh: Shell, argv: list[str]) -> int:
    """`wait [-n] [-p name] [id…]`; a trapped signal ends it early with 128+n."""
    operands = argv[1:]
    any_one, into = False, None
    while operands and len(operands[0]) > 1 and operands[0].startswith("-"):
        option = operands.pop(0)
        if option == "--":
            break
        for letter in option[1:]:
            if letter not in "nfp":
                raise ShellError(f"wait: -{letter}: invalid option", 2, usage=WAIT)
        any_one |= "n" in option
        if option.endswith("p"):
            if not operands:
                raise ShellError("wait: -p: option requires an argument", 2, usage=WAIT)
            into = operands.pop(0)
    if into:
        _clear(sh, into)
    try:
        return _wait_any(sh, operands, into) if any_one else _wait_all(sh, operands, into)
    except Interrupted as interruption:
        return 128 + interruption.number


def _clear(sh: Shell, name: str) -> None:
    """The variable of `-p` before anything is waited for."""
    if not is_name(name):
        raise ShellError(f"wait: `{name}': not a valid identifier")
    try:
        sh.variables.unset(name)
    except AssignmentError as error:
        raise ShellError(f"wait: {error}") from None


def _wait_any(sh: Shell, operands: list[str], into: str | None) -> int:
    found = [_job(sh, text) for text in operands] if operands else list(sh.jobs.table.values())
    jobs = tuple([job for job in found if job is not None])
    ended = sh.waiting(lambda: sh.jobs.wait_any(jobs))
    if ended is None:
        return 127
    if into:
        sh.assign(into, str(ended.pid))
    return _reap(sh, ended)


def _wait_all(sh: Shell, operands: list[str], into: str | None) -> int:
    if not operands:
        for each in list(sh.jobs.table.values()):
            sh.waiting(each.until_ended)
            _reap(sh, each)
        if sh.jobs.last_pid in sh.jobs.others:  # a process substitution that `$!` stands for
            sh.jobs.finished[sh.jobs.last_pid] = sh.jobs.others.pop(sh.jobs.last_pid).wait()
        return 0
    status = 0
    for text in operands:
        job = _job(sh, text)
        if job is not None:
            sh.waiting(job.until_ended)
            status = _reap(sh, job)
            if into:
                sh.assign(into, str(job.pid))
        elif is_decimal(text) and int(text) in sh.jobs.others:
            status = sh.jobs.finished[int(text)] = sh.jobs.others.pop(int(text)).wait()
        elif is_decimal(text) and int(text) in sh.jobs.finished:
            status = sh.jobs.finished[int(text)]
        else:
            what = "no such job" if text.startswith("%") else "not a child of this shell"
            sh.complain(f"wait: {text}: {what}" if text.startswith("%") else f"wait: pid {text} is {what}")
            status = 127
    return status


def _reap(sh: Shell, job: Job) -> int:
    """What is only taken note of here, so that no signal comes between. A coprocess takes its variables with it."""
    status = sh.jobs.wait(job)
    if sh.signals.traps:
        sh.signals.children_ended(job)
        sh.run_pending_traps()
    if job.coprocess:
        from msh.run.coprocess import forget

        forget(sh, job.coprocess)
    return status


def _job(sh: Shell, text: str) -> Job | None:
    if not text.startswith("%") and not is_decimal(text):
        raise ShellError(f"wait: `{text}': not a pid or valid job spec", 1)
    return sh.jobs.find(text)


def jobs(sh: Shell, argv: list[str]) -> int:
    """`jobs [-lnprs] [id…]`, `jobs -x command`; a job that has ended is listed once."""
    given, operands = letters(argv, "lnprsx", USAGE)
    if "x" in given:
        return sh.invoke([_process(sh, word) for word in operands]) if operands else 0
    chosen = list((sh.jobs.table or sh.jobs.listed).values())
    if operands:
        found = [(text, sh.jobs.find(text)) for text in operands]
        for text, job in found:
            if job is None:
                sh.complain(f"jobs: {text}: no such job")
        chosen = [job for _, job in found if job is not None]
    for job in chosen:
        _list(sh, job, given)
    return 0 if len(chosen) == len(operands) or not operands else 1


def _process(sh: Shell, text: str) -> str:
    job = sh.jobs.find(text) if text.startswith("%") else None
    return text if job is None else str(job.pid)


def _list(sh: Shell, job: Job, given: str) -> None:
    done = job.poll()
    if "s" in given or ("r" in given and done):
        return
    if "p" in given:
        sh.write(f"{job.pid}\n")
        return
    state = _state(_reap(sh, job)) if done and job.number in sh.jobs.table else "Running"
    numbers = sorted([*sh.jobs.table, job.number] if done else sh.jobs.table or sh.jobs.listed)
    mark = "+" if job.number == numbers[-1] else "-" if job.number in numbers[-2:] else " "
    pid = f"{job.pid:>5} " if "l" in given else " "
    sh.write(f"[{job.number}]{mark} {pid}{state:24}{job.text}{'' if done else ' &'}\n")


def _state(status: int) -> str:
    import signal

    if status > 128 and status - 128 in signal.valid_signals():
        return signal.strsignal(status - 128) or "Done"
    return f"Exit {status}" if status else "Done"


def foreground(sh: Shell, argv: list[str]) -> int:
    raise ShellError(f"{argv[0]}: no job control")


def disown(sh: Shell, argv: list[str]) -> int:
    """`disown [-h] [-ar] [id…]`: forget jobs; they still end with the run."""
    given = "".join([word[1:] for word in argv[1:] if word.startswith("-")])
    operands = [word for word in argv[1:] if not word.startswith("-")]
    if "a" in given and not operands:
        chosen = list(sh.jobs.table.values())
    elif "r" in given and not operands:
        chosen = list(sh.jobs.running())
    else:
        found = [(text, sh.jobs.find(text)) for text in operands or ["%+"]]
        for text, job in found:
            if job is None:
                raise ShellError(f"disown: {text if operands else 'current'}: no such job")
        chosen = [job for _, job in found if job is not None]
    for job in chosen:
        if "h" not in given:
            sh.jobs.table.pop(job.number, None)
    return 0


BUILTINS: dict[str, Builtin] = {
    "wait": wait,
    "jobs": jobs,
    "fg": foreground,
    "bg": foreground,
    "disown": disown,
}
