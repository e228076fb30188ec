"""The exact plan of each step, as the backend would be given it: what `msh check --grants -v` adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.diagnostics import MshError
from msh.effects import Unknown
from msh.render import plain
from msh.sandbox.environment import inherited
from msh.sandbox.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.config import Settings
    from msh.resolve import Resolution
    from msh.resolve.use import Use

RUN = "RUN"  # stands for the private directory, which each run makes anew


def plans_of(resolution: Resolution, settings: Settings, directory: str) -> dict[int, list[str]]:
    """The lines of each step's plan, by where the step starts; `directory` is where the script would."""
    try:
        with Session(settings, directory) as session:
            session.grants.makes = False
            return {use.start: list(_plan(use, session, directory)) for use in resolution.uses if not use.spec.shell}
    except MshError as error:  # the run would say the same before its first step
        return {use.start: [_none(error)] for use in resolution.uses}


def _plan(use: Use, session: Session, directory: str) -> Iterator[str]:
    words = [word for word in use.arguments if not isinstance(word, Unknown)]
    if len(words) != len(use.arguments):
        yield "  plan     made when the step starts: not all of its words are known before"
        return
    environment = inherited(allowed=session.settings.allow_environment)
    try:
        policy = session.policy(use.spec, use.effects, [use.spec.name, *words], environment, directory)
        plan = session.plan(policy)
    except MshError as error:
        yield _none(error)
        return
    yield f"  plan     {plan.backend} ({RUN} is the private directory of the run)"
    yield from [f"    {plain(line.replace(session.runtime.path, RUN))}" for line in plan.options()]


def _none(error: MshError) -> str:
    return f"  plan     none: {plain(error.diagnostics[0].message)}"
