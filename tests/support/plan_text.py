"""A plan as text: what a `## plan:` section of a case holds.

    region L1-sort: sort x > y | read x  changed y  runs sort
    if
        region L2-grep guarded: grep -q a y
    then
        wait 5
    else
        -

One line a step, what is inside it indented. A region shows the text of its runs, `ahead N` for those that are not
guarded, then after `|` only what there is: `decides`, `keeps`, variables `in` (read), `out` (written and live), files
`read` and `changed` (`?`: not all known), commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.plan.model import Choose, Each, Region, Repeat, Scope, Switch, Wait

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from msh.plan.model import Plan, Step


def plan_text(plan: Plan) -> str:
    """The plan of a case."""
    lines = list(_steps(plan, plan.steps, ""))
    if plan.exit is not None:
        lines += ["exit", *_steps(plan, (plan.exit,), "    ")]
    return "".join([line + "\n" for line in lines])


def _steps(plan: Plan, steps: Sequence[Step] | None, indent: str) -> Iterator[str]:
    if not steps:
        yield f"{indent}{'keep' if steps is None else '-'}"
    for step in steps or ():
        yield from _step(plan, step, indent)


def _step(plan: Plan, step: Step, indent: str) -> Iterator[str]:
    inner = indent + "    "
    match step:
        case Region():
            yield indent + _region(plan, step)
        case Choose(test=test, then=then, orelse=orelse):
            yield f"{indent}if"
            yield from _steps(plan, test, inner)
            yield f"{indent}then"
            yield from _steps(plan, then, inner)
            yield f"{indent}else"
            yield from _steps(plan, orelse, inner)
        case Switch(selector=selector, branches=branches):
            yield f"{indent}case"
            yield from _steps(plan, (selector,), inner)
            for number, branch in enumerate(branches):
                yield f"{indent}branch {number}"
                yield from _steps(plan, branch, inner)
        case Repeat(test=test, body=body, until=until):
            yield f"{indent}{'until' if until else 'while'}"
            yield from _steps(plan, test, inner)
            yield f"{indent}do"
            yield from _steps(plan, body, inner)
        case Each(name=name, items=items, values=values, body=body, independent=independent):
            kind = "map" if independent else "each"
            yield " ".join([f"{indent}{kind} {name}", *(["in", *values] if items is None else [])])
            if items is not None:
                yield from _steps(plan, (items,), inner)
                yield f"{indent}do"
            yield from _steps(plan, body, inner)
        case Wait(seconds=seconds):
            yield f"{indent}wait" + ("" if seconds is None else f" {seconds}")
        case Scope(body=body):
            yield f"{indent}scope"
            yield from _steps(plan, body, inner)


def _region(plan: Plan, region: Region) -> str:
    head = ["region", region.name]
    head += ["guarded"] if region.guarded else []
    head += [f"ahead {region.ahead}"] if region.ahead else []
    head += ["turns"] if region.turns else []
    texts = [" ".join(plan.text[run.start : run.end].split()).rstrip(" ;") for run in region.runs]
    facts = [f"decides {region.decides}"] if region.decides else []
    facts += [f"keeps {','.join(region.keeps)}"] if region.keeps else []
    facts += ["any variable"] if region.everything else []
    facts += [f"in {','.join(region.reads)}"] if region.reads and not region.everything else []
    facts += [f"out {','.join(region.live)}"] if region.live and not region.everything else []
    facts += [f"read {_names(region.files)}"] if region.files != () else []
    facts += [f"changed {_names(region.outputs)}"] if region.outputs != () else []
    facts += [f"runs {','.join(region.commands)}"] if region.commands else []
    facts += ["network"] if region.network else []
    shown = " ".join(head) + (": " + "; ".join(texts) if texts else "")
    return f"{shown} | {'  '.join(facts)}" if facts else shown


def _names(files: tuple[str, ...] | None) -> str:
    return "?" if files is None else ",".join(files)
