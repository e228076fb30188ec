"""The target `aws` of `msh compile`: a script to all that is deployed for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from msh.diagnostics import Diagnostic, MshError
from msh.plan.bundle import Bundle

if TYPE_CHECKING:
    from msh.plan.bundle import Job


def compile_script(job: Job) -> Bundle:
    """All files for AWS. Raises `MshError` with every reason why the script cannot run there."""
    from importlib import import_module

    plan = import_module("msh.plan.build").build_plan(job.script, job.source, job.resolution)
    definition = import_module("msh.aws.states").state_machine(plan)
    text = json.dumps(definition, indent=2) + "\n"
    states = len(definition["States"])
    if not states:
        raise MshError(Diagnostic("MSH461", "there is nothing to run", job.source))
    return Bundle({"machine.asl.json": text.encode()}, {"states": states})
