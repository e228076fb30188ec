"""`msh compile --target local`: what a script runs, pinned for `msh exec`."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

from msh import __version__
from msh.catalog.model import Run
from msh.catalog.pinned import pinned_to_json
from msh.diagnostics import Diagnostic
from msh.plan.bundle import Bundle
from msh.plan.local import LocalPlan, plan_json
from msh.plan.steps import steps_of
from msh.sandbox.images import Images
from msh.sandbox.programs import find_program

if TYPE_CHECKING:
    from msh.catalog.model import CommandSpec
    from msh.plan.bundle import Job


def compile_script(job: Job) -> Bundle:
    """The plan of a script, as its only file. What could not be pinned is noted; nothing is refused."""
    with closing(Images()) as images:
        specs = [_pinned(spec, images) for spec in job.specs]
    steps = steps_of(job.resolution, job.settings, job.directory, {spec.name: spec for spec in specs})
    name = job.source.path or "msh"
    plan = LocalPlan(name, job.source.text, job.settings.backend, pinned_to_json(specs))
    document = plan_json(plan, steps, __version__)
    notes = [note for spec in specs if (note := _note(spec))]
    notes += [finding.replace(severity="note") for finding in job.resolution.dynamic]
    return Bundle(
        {"plan.json": (json.dumps(document, indent=2) + "\n").encode()},
        {"pipelines": len(steps.pipelines), "steps": len(list(steps.steps()))},
        tuple(notes),
    )


def _pinned(spec: CommandSpec, images: Images) -> CommandSpec:
    """Its program by path, its image by digest. Where there is none now, the name stays."""
    run = spec.run
    if run.kind == "host" and "/" not in run.program:
        return spec.replace(run=Run("host", find_program(run.program) or run.program))
    if run.kind == "image":
        return spec.replace(run=run.replace(image=images.pinned(run.image) or run.image))
    return spec


def _note(spec: CommandSpec) -> Diagnostic | None:
    run = spec.run
    if run.kind == "image" and "sha256:" not in run.image:
        message = f"the image `{run.image}` of `{spec.name}` is pinned by its name only"
        help_ = f"`docker pull {run.image}` where msh compiles, or give its digest in the catalog"
        return Diagnostic("MSH474", message, help=help_, severity="note")
    if run.kind == "host" and "/" not in run.program and not spec.shell:
        message = f"`{spec.name}` is pinned by its name only: its program `{run.program}` is not installed here"
        return Diagnostic("MSH475", message, help="install it where the plan is to run", severity="note")
    return None
