"""How a step ended, from all that is known of it, and what is said about it. Never from the status alone.

bubblewrap reports a SIGKILL inside as 137, whoever sent it; a program that gets no memory may exit with 1. So a limit
is named only when something counted it: a cgroup, the clock, a full file system, a signal that only a limit sends.
"""

from __future__ import annotations

import signal

from msh.diagnostics import Diagnostic
from msh.record import Record
from msh.sandbox.policy import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT, KILLED = 124, 137
_CPU, _SIZE = 128 + signal.SIGXCPU, 128 + signal.SIGXFSZ
#: The limit behind each kind of end.
LIMIT_OF = {
    **{"oom": "memory", "timeout": "time", "cpu": "cpu", "pids": "pids", "disk": "disk", "output": "output"},
}
_CODES = {
    **{"oom": "MSH431", "timeout": "MSH432", "cpu": "MSH433", "pids": "MSH434", "disk": "MSH435", "output": "MSH436"},
}
_WORDS = {
    "oom": "used more memory than {bound}",
    "timeout": "took longer than {bound}",
    "cpu": "used more processor time than {bound}",
    "pids": "wanted more processes than {bound}",
    "disk": "wrote more than {bound}",
    "output": "printed more than {bound}",
}
_HELP = {
    "timeout": "`--timeout` says how long the run may take, `time` in a command's `limits` how long that",
    "pids": "no process was ended for it, but one could not be made, and the command failed",
    "disk": "the private /tmp holds no more, or what it may write to has grown by more",
    "output": "what came before was passed on",
}


class Evidence(Record):
    """What is known of an end besides its status.

    `verdict` is a kind that the clock or a meter has decided before it ended the step. `killed` and `refused` are what
    the cgroups counted meanwhile: processes ended for want of memory, processes not made. `full`: the private /tmp is.
    `grown`: what it may write to has grown beyond the limit. `own` are the limits that each process has by itself
    (rlimits), `untold` those of them whose hits cannot be seen.
    """

    verdict: str = ""
    killed: int = 0
    refused: int = 0
    full: bool = False
    grown: bool = False
    own: frozenset[str] = frozenset()
    untold: frozenset[str] = frozenset()


def judge(status: int, evidence: Evidence) -> Outcome:
    """The outcome of an end with this `$?`."""
    if evidence.verdict:
        return Outcome(evidence.verdict, TIMEOUT if evidence.verdict == "timeout" else KILLED)
    if evidence.killed:
        return Outcome("oom", status or KILLED)
    if status == _CPU and "cpu" in evidence.own:
        return Outcome("cpu", status)
    if status == _SIZE and "disk" in evidence.own:
        return Outcome("disk", status)
    if 0 < status <= 128 and evidence.full:
        return Outcome("disk", status)
    if evidence.grown:
        return Outcome("disk", status or 1)
    if 0 < status <= 128 and evidence.refused:
        return Outcome("pids", status)
    detail = ""
    if status and evidence.untold:
        names = " or ".join(sorted(evidence.untold))
        detail = f"whether a limit of {names} had a part in it cannot be told without cgroups"
    return Outcome("signal" if 128 < status < 128 + signal.NSIG else "exit", status, detail)


def explain(outcome: Outcome, who: str, bounds: Mapping[str, float], run: Mapping[str, float]) -> Diagnostic | None:
    """What to say of an end, None when nothing is to be said. `bounds` are the step's own limits, `run` the run's."""
    name = LIMIT_OF.get(outcome.kind)
    if name is None:
        if not outcome.detail:
            return None
        return Diagnostic("MSH438", f"{who} failed with status {outcome.status}", help=outcome.detail, severity="note")
    bound = _bound(name, bounds, run)
    message = f"{who} {_WORDS[outcome.kind].format(bound=bound)} and {'failed' if _failed(outcome) else 'was ended'}"
    help_ = _HELP.get(outcome.kind, f"`--limit {name}=…` says how much the run may have")
    return Diagnostic(_CODES[outcome.kind], message, help=help_)


def explain_run(kind: str, bounds: Mapping[str, float]) -> Diagnostic:
    """What to say when a limit ends a whole run."""
    name = LIMIT_OF[kind]
    message = f"the run {_WORDS[kind].format(bound=_bound(name, bounds, {}))} and was ended"
    return Diagnostic(_CODES[kind], message, help=_HELP.get(kind, f"`--limit {name}=…` says how much the run may have"))


def _failed(outcome: Outcome) -> bool:
    return outcome.kind in ("pids", "disk") and outcome.status <= 128


def _bound(name: str, bounds: Mapping[str, float], run: Mapping[str, float]) -> str:
    from msh.limits import shown

    own, whole = bounds.get(name), run.get(name)
    if own is not None and (whole is None or own <= whole):
        return f"its {shown(name, own)}"
    return f"the run's {shown(name, whole)}" if whole is not None else "it may"
