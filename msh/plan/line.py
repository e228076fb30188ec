"""Steps being put one after the other; statements that may stay together are gathered into one region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.record import Record

if TYPE_CHECKING:
    from msh.plan.model import Region, Step
    from msh.plan.regions import Regions
    from msh.syntax.nodes import Node


class Part(Record):
    """A node that a region runs, whether it is guarded, and why it holds control flow."""

    node: Node
    guarded: bool = False
    keeps: tuple[str, ...] = ()


class Line:
    """One sequence of a plan. `parts` wait for those that follow, or for a decision at their end."""

    def __init__(self, regions: Regions, parts: list[Part] | None = None) -> None:
        self.regions = regions
        self.parts = parts or []
        self.steps: list[Step] = []

    def run(self, part: Part) -> None:
        """Run a node in the same region as what came before, where that is possible."""
        crossed = self.parts and self.parts[-1].guarded and not part.guarded
        if crossed or not self.regions.fit_together([*self.parts, part]):
            self.flush()
        self.parts.append(part)

    def add(self, step: Step) -> None:
        """Another step, after all that came before."""
        self.flush()
        self.steps.append(step)

    def flush(self) -> None:
        if self.parts:
            self.steps.append(self.regions.region(self.take()))

    def take(self) -> list[Part]:
        """What waits, for the caller to put into a region of his own."""
        parts, self.parts = self.parts, []
        return parts

    def deciding(self, decides: str, subject: Node, guarded: bool) -> Region:
        """A region of what waits that finds something out at its end."""
        if guarded != all(part.guarded for part in self.parts):
            self.flush() if not guarded else None
        return self.regions.region(self.take(), decides=decides, subject=subject, guarded=guarded)

    def finish(self) -> tuple[Step, ...]:
        """All the steps."""
        self.flush()
        return tuple(self.steps)
