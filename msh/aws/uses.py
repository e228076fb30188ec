"""Which variables of the script steps use and change."""

from __future__ import annotations

from msh.plan import model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.plan.model import Region, Step


def later(steps: tuple[Step, ...], after: frozenset[str]) -> Iterator[frozenset[str]]:
    """For each step, last to first, the variables that are read after it."""
    for step in reversed(steps):
        yield after
        after = after.union(read_by((step,)))


def regions_of(steps: tuple[Step, ...] | list[Step]) -> Iterator[Region]:
    """All regions of steps."""
    for step in steps:
        match step:
            case model.Region():
                yield step
            case model.Choose(test=test, then=then, orelse=orelse):
                yield from regions_of((*test, *(then or ()), *(orelse or ())))
            case model.Switch(selector=selector, branches=branches):
                yield selector
                for branch in branches:
                    yield from regions_of(branch)
            case model.Repeat(test=test, body=body):
                yield from regions_of((*test, *body))
            case model.Each(items=items, body=body):
                yield from regions_of((*((items,) if items else ()), *body))
            case model.Scope(body=body):
                yield from regions_of(body)


def read_by(steps: tuple[Step, ...] | list[Step]) -> set[str]:
    """The variables that steps may use."""
    return {name for region in regions_of(steps) for name in region.reads}


def changed_by(steps: tuple[Step, ...]) -> set[str]:
    """The variables whose values steps give to those after them."""
    found = {name for region in regions_of(steps) for name in region.live}
    return found.union(loop_variables(steps))


def loop_variables(steps: tuple[Step, ...]) -> set[str]:
    """The variables of the loops among steps, but not of those in a subshell."""
    found: set[str] = set()
    for step in steps:
        match step:
            case model.Choose(test=test, then=then, orelse=orelse):
                found |= loop_variables((*test, *(then or ()), *(orelse or ())))
            case model.Switch(branches=branches):
                found |= loop_variables(tuple([inner for branch in branches for inner in branch]))
            case model.Repeat(test=test, body=body):
                found |= loop_variables((*test, *body))
            case model.Each(name=name, body=body):
                found |= {name, *loop_variables(body)}
            case model.Scope(body=body):
                found |= loop_variables(body)
    return found
