"""What `msh check --target aws` says of a script: why it cannot run there, or what is worth to know when it can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.aws.compile import compiled
from msh.aws.missing import every_use
from msh.diagnostics import Diagnostic, Label, MshError
from msh.plan.model import REASONS
from msh.plan.summary import regions_of
from msh.sandbox.task import GAPS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.aws.compile import Compiled
    from msh.plan.bundle import Job
    from msh.plan.model import Region


def review(job: Job) -> tuple[Diagnostic, ...]:
    """All refusals; or notes: control flow that stays in tasks (MSH336), the worker (MSH337), its sandbox (MSH338)."""
    try:
        made = compiled(job)
    except MshError as error:
        return error.diagnostics
    regions = [*regions_of(made.plan.steps), *([made.plan.exit] if made.plan.exit else [])]
    held = [region for region in regions if region.keeps]
    return (*[_held(job, region) for region in held], *_worker(job, made), _gaps())


def _held(job: Job, region: Region) -> Diagnostic:
    reasons = "; ".join([REASONS[key] for key in region.keeps])
    place = Label(region.runs[0].start, region.runs[-1].end)
    first, last = [job.source.position(offset)[0] for offset in (place.start, max(place.start, place.end - 1))]
    lines = f"line {first}" if first == last else f"lines {first} to {last}"
    message = f"control flow stays in the task `{region.name}`, {lines}: {reasons}"
    return Diagnostic("MSH336", message, job.source, (place,), severity="note")


def _worker(job: Job, made: Compiled) -> Iterator[Diagnostic]:
    kind = made.kind
    dated = f" (as of {kind.date})" if kind.date else ""
    message = f"tasks run on workers of kind `{kind.name}`{dated}: {kind.summary}"
    used = sorted({use.spec.run.program for use in every_use(job.resolution.uses) if use.spec.run.kind == "host"})
    doubtful = [name for name in used if name in kind.commands and not kind.commands[name].verified]
    help_ = f"no source confirms that they have {', '.join([f'`{name}`' for name in doubtful])}" if doubtful else ""
    yield Diagnostic("MSH337", message, job.source, help=help_, severity="note")
    if job.resolution.dynamic:
        message = "commands whose names are known only at run time are those of the catalog that the worker has"
        yield Diagnostic("MSH337", message, job.source, job.resolution.dynamic[0].labels[:1], severity="note")


def _gaps() -> Diagnostic:
    """The same for every script, so it has no place in one."""
    topics = ", ".join([gap.topic for gap in GAPS])
    message = f"a task's sandbox enforces less than the one here, of: {topics}"
    return Diagnostic("MSH338", message, help="`msh explain MSH338` says what of each", severity="note")
