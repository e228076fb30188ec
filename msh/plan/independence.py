"""Whether the turns of a `for` may run side by side: proved, or not at all.

Every turn starts from what was there before the loop, and what the turns change is put together in their order. So the
only thing that can go wrong is that a turn needs what an earlier one has left. It is ruled out for

- variables: a turn uses none that it changes before it has set it; and those that it does not set in any case, so that
  after the loop they would be an earlier turn's, nobody uses afterwards;
- files: no turn reads, adds to or lists what an earlier one may change (`turns.py`);
- everything else there is only one of: the directory, options, functions, traps, parameters, standard input, background
  commands, random numbers, the network.

A turn that ends the script is allowed: what the later turns did is dropped then. What a glob has matched is taken for a
name, never for an option.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.plan.exposure import Exposure
from msh.plan.facts import Gatherer
from msh.plan.jumps import leaves
from msh.plan.stdin import may_mean_input
from msh.plan.turns import Constants, glob_of, may_collide

if TYPE_CHECKING:
    from msh.plan.closure import Reader
    from msh.plan.facts import Facts
    from msh.syntax import nodes as n

_SHARED = ("state", "descriptor", "trap", "select", "status-carried")
_SHARED_ANYWHERE = ("background", "run-time", "cd", "jobs", "last-job", "random", "shell", "input")


class Independence:
    """Answers for one script; every answer is found once."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._constants: Constants | None = None
        self._proved: dict[int, bool] = {}

    def proved(self, node: n.ForClause, values: tuple[str, ...] | None) -> bool:
        """Whether the turns are independent; `values` are the words of the loop, None when the run decides them."""
        if id(node) not in self._proved:
            self._proved[id(node)] = self._prove(node, values)
        return self._proved[id(node)]

    def _prove(self, node: n.ForClause, values: tuple[str, ...] | None) -> bool:
        facts = self.reader.of(*node.body)
        if self._constants is None:
            self._constants = Constants(self.reader)
        return (
            not facts.everything
            and not self.reader.index.namerefs
            and not self.reader.index.interrupts
            and not facts.has(*_SHARED)
            and not facts.has_anywhere(*_SHARED_ANYWHERE)
            and not any(use.effects.network != "none" for use in facts.uses)
            and not self.reader.of(node.body[0]).has_anywhere("status")
            and self._names_files(node, values, facts)
            and self._variables_apart(node, facts)
            and not may_collide(node, values, self.reader, self._constants)
        )

    def _names_files(self, node: n.ForClause, values: tuple[str, ...] | None, facts: Facts) -> bool:
        """Whether no value of the variable can be `-`, by which a filter would mean the standard input they share."""
        if "-" not in values if values is not None else glob_of(node) is not None:
            return True
        return not any(may_mean_input(use) for use in facts.uses)

    def _variables_apart(self, node: n.ForClause, facts: Facts) -> bool:
        own = facts.writes
        if not own:
            return True
        if node.name in own or own & self.reader.index.exported:
            return False
        exposed, settled = Exposure(self.reader).of(node.body)
        if exposed & own:
            return False
        left = own if leaves(node.body) else own - settled
        return left.isdisjoint(self._used_elsewhere(node))

    def _used_elsewhere(self, loop: n.ForClause) -> set[str]:
        """The variables that anything but the loop's body reads."""
        index = self.reader.index
        gatherer = Gatherer(index, leave_out=loop.body)
        gatherer.walk(index.script)
        for definitions in index.functions.values():
            for definition in definitions:
                gatherer.walk(definition.body)
        for handler in index.handlers:
            script = index.parsed(handler.text) if handler.text is not None else None
            if script is None:
                gatherer.everything = True
            else:
                gatherer.text(script)
        return gatherer.reads | (set(self.reader.of(*loop.body).writes) if gatherer.everything else set())
