"""The target `aws` of `msh compile`: a script to all that is deployed for it.

machine.asl.json   the state machine; `${Worker}` and `${Bucket}` are for the deployment to put in
template.json      CloudFormation: the machine, its worker, roles, logs, bucket
policy.json        what those roles may do, on its own
plan.json          the plan that the machine was made of
worker.zip         the worker's package
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

from msh.aws.defects import defects
from msh.aws.kind_files import load_kind
from msh.aws.kinds import DEFAULT
from msh.aws.limits import refusals
from msh.aws.missing import lacking, specs_of
from msh.aws.objects import named_objects
from msh.aws.package import worker_zip
from msh.aws.requests import Target
from msh.aws.states import compile_plan
from msh.aws.template import Deployment, policies, template_text
from msh.diagnostics import Diagnostic, MshError
from msh.plan.build import build_plan
from msh.plan.bundle import Bundle
from msh.plan.codec import dumps
from msh.record import Record
from msh.render import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from msh.aws.kinds import Kind, Range
    from msh.aws.policy import Objects
    from msh.catalog import CommandSpec
    from msh.plan.bundle import Job
    from msh.plan.model import Plan
    from msh.source import Source

    Json = Mapping[str, object]

NAME_LENGTH = 200  # characters of a script's name in descriptions, which Lambda takes up to 256 of
NESTED = "arn:aws:states:::states:startExecution"
SHAPE = {"Task": "tasks", "Choice": "choices", "Map": "maps", "Wait": "waits"}
SIZES = (("--memory", "memory", "MB"), ("--disk", "disk", "MB"), ("--task-timeout", "seconds", "seconds"))


class Compiled(Record):
    """A script for AWS, not written down yet."""

    plan: Plan
    definition: Json
    kind: Kind
    sizes: Mapping[str, int]
    objects: tuple[Objects, ...]


def compile_script(job: Job) -> Bundle:
    """All files for AWS. Raises `MshError` with every reason why the script cannot run there."""
    made = compiled(job)
    facts: dict[str, object] = {"worker": made.kind.name}
    report = f"worker: {made.kind.name}, {made.kind.summary}\n"
    if "--estimate" in job.options:
        from msh.aws.estimate import estimate, estimate_facts, estimate_text
        from msh.aws.prices import load_prices

        prices = load_prices(job.options.get("--region", "us-east-1"))
        found = estimate(made.plan, prices, made.sizes["memory"], made.sizes["disk"])
        report, facts = report + estimate_text(found), facts | {"estimate": estimate_facts(found)}
    return Bundle(_files(job, made), shape(made.definition), report=report, facts=facts)


def compiled(job: Job) -> Compiled:
    """The plan and the machine. Raises `MshError` with all refusals of the worker's kind, the plan and the machine."""
    kind = load_kind(job.options.get("--worker", DEFAULT), job.directory)
    sizes = {name: _size(job.options, flag, getattr(kind.limits, name), unit) for flag, name, unit in SIZES}
    findings = [*_unbuilt(kind), *lacking(job.resolution, kind, granted=job.settings.allow_network)]
    try:
        objects = named_objects(job.resolution, job.settings)
    except MshError as error:
        findings += error.diagnostics
    try:
        plan = build_plan(job.script, _named(job), job.resolution)
        machine = compile_plan(plan, Target(seconds=sizes["seconds"]))
        definition = machine.document()
        findings += refusals(machine, definition, job.source)
    except MshError as error:
        raise MshError(*findings, *error.diagnostics) from None
    if findings:
        raise MshError(*findings)
    if wrong := defects(definition):
        raise AssertionError(f"the machine is wrong, which is an error in msh: {'; '.join(wrong)}")
    return Compiled(plan, definition, kind, sizes, objects)


def shape(definition: Json) -> dict[str, int]:
    """How many states there are, of which kinds."""
    kinds = [state["Type"] for state in every_state(definition)]
    return {"states": len(kinds)} | {name: kinds.count(kind) for kind, name in SHAPE.items() if kind in kinds}


def every_state(definition: Json) -> Iterator[Json]:
    """All states, those inside others too."""
    stack: list[object] = [definition]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            states = node.get("States")
            if isinstance(states, dict):
                yield from states.values()
            stack += node.values()
        elif isinstance(node, list):
            stack += node


def _files(job: Job, made: Compiled) -> dict[str, bytes]:
    package = worker_zip(_named(job), _specs(job, made.kind).values(), job.settings)
    nested = any(str(state.get("Resource", "")).startswith(NESTED) for state in every_state(made.definition))
    deployment = Deployment(
        name=plain(_named(job).name)[:NAME_LENGTH],
        code=hashlib.sha256(package).hexdigest(),
        runtime=made.kind.runtime,
        architecture=made.kind.architecture,
        objects=made.objects,
        nested=nested,
        **made.sizes,
    )
    return {
        "machine.asl.json": _document(made.definition),
        "template.json": template_text(made.definition, deployment),
        "policy.json": _document(policies(made.objects, nested=nested)),
        "plan.json": dumps(made.plan).encode("ascii"),
        "worker.zip": package,
    }


def _specs(job: Job, kind: Kind) -> dict[str, CommandSpec]:
    """The entries that a worker knows. Where a name is known only at run time it may be any that the kind has."""
    used = job.specs  # shells too, which msh interprets
    specs = {spec.name: spec for spec in used} | specs_of(job.resolution)
    if job.resolution.dynamic:
        for name in job.catalog.names():
            spec = job.catalog.lookup(name)
            if spec is not None and (spec.shell or (spec.run.kind == "host" and kind.has(spec.run.program))):
                specs.setdefault(name, spec)
    return specs


def _named(job: Job) -> Source:
    """The script under the last part of its path: the same script gives the same files, wherever it lies."""
    return job.source.replace(name=os.path.basename(job.source.name))


def _unbuilt(kind: Kind) -> list[Diagnostic]:
    if not kind.unbuilt:
        return []
    message = f"workers of kind `{kind.name}` cannot be deployed: {kind.unbuilt}"
    return [Diagnostic("MSH332", message, help="choose another kind with `--worker`")]


def _size(options: Mapping[str, str], flag: str, allowed: Range, unit: str) -> int:
    text = options.get(flag)
    if text is None:
        return allowed.default
    if not (text.isascii() and text.isdigit() and allowed.least <= int(text) <= allowed.most):
        message = f"`{flag}` is `{text}`: expected {allowed.least} to {allowed.most} {unit}"
        raise MshError(Diagnostic("MSH461", message))
    return int(text)


def _document(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
