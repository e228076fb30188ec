"""What is asked for and what this host can hold: strictly, or nothing runs, or somebody accepts less by name."""

from __future__ import annotations

import os

from msh.diagnostics import Diagnostic, MshError
from msh.sandbox.limits.tiers import Tier, gap, tier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.config import Settings


#: The tiers, for people.
NAMES = {
    "cgroup2": "cgroup v2, delegated to this user",
    "cgroup1": "cgroup v1, as root",
    "rlimits": "rlimits only",
}


def required(settings: Settings) -> Tier:
    """The tier that will hold the run's limits. Raises MshError (MSH456) for what it cannot hold and nobody accepts."""
    found = tier()
    refuse_gaps(found, settings.limits, settings.allow_weaker, run=True)
    return found


def refuse_gaps(
    found: Tier, bounds: tuple[tuple[str, float], ...], weaker: tuple[str, ...], *, run: bool, who: str = ""
) -> None:
    """Raise MshError (MSH456) naming every limit that this host holds less strictly than it says, unless accepted."""
    from msh.limits import written

    gaps = [(name, value, gap(found, name, run=run)) for name, value in bounds]
    diagnostics = []
    for name, value, words in gaps:
        if words and name not in weaker:
            which = "of the run" if run else f"of `{who}`"
            message = f"the limit `{written([(name, value)])}` {which} cannot be held here: {words}"
            help_ = f"{cure(found)}; `--allow-weaker {name}` accepts that"
            diagnostics.append(Diagnostic("MSH456", message, help=help_))
    if diagnostics:
        raise MshError(*diagnostics)


def cure(found: Tier) -> str:
    """What would give this user a better tier."""
    if found.name == "docker":
        return "set it in the command's entry, or run a program of this host"
    if found.name == "cgroup1":
        return "a host with cgroup v2 can"
    if os.geteuid() == 0:
        return "mount cgroups where this process may write them"
    return "`systemd-run --user --scope -p Delegate=yes msh …` gives cgroups, where systemd runs on cgroup v2"
