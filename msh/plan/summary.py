"""Walks over the steps of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.plan.model import Choose, Each, Region, Repeat, Scope, Switch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from msh.plan.model import Step


def parts_of(step: Step) -> list[tuple[Step, ...]]:
    """The sequences directly inside a step, in the order of the text."""
    match step:
        case Choose(test=test, then=then, orelse=orelse):
            return [test, *[branch for branch in (then, orelse) if branch is not None]]
        case Switch(selector=selector, branches=branches):
            return [(selector,), *branches]
        case Repeat(test=test, body=body):
            return [test, body]
        case Each(items=items, body=body):
            return [(items,), body] if items is not None else [body]
        case Scope(body=body):
            return [body]
    return []


def steps_of(steps: Sequence[Step]) -> Iterator[Step]:
    """Every step, parents before children, in the order of the text."""
    stack = list(reversed(steps))
    while stack:
        step = stack.pop()
        yield step
        for inner in reversed(parts_of(step)):
            stack += reversed(inner)


def regions_of(steps: Sequence[Step]) -> list[Region]:
    """Every region."""
    return [step for step in steps_of(steps) if isinstance(step, Region)]


def inputs_of(regions: Iterable[Region]) -> tuple[str, ...] | None:
    """The files that must be there before the first region: all that may be read; None when not all are known."""
    found: set[str] = set()
    for region in regions:
        if region.files is None or region.outputs is None:
            return None
        found.update(region.files)
    return tuple(sorted(found))
