"""What the commands of traps do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.plan.closure import joined
from msh.plan.facts import Facts, Gatherer

if TYPE_CHECKING:
    from msh.plan.closure import Reader

_AT_EXIT = ("EXIT", "0")


def has_exit_handler(reader: Reader) -> bool:
    """Whether a trap for the end of the script may be set."""
    return any(not {*_AT_EXIT, None}.isdisjoint(handler.signals) for handler in reader.index.handlers)


def handler_facts(reader: Reader, *, at_exit: bool) -> Facts:
    """Of all handlers for the end of the script, or of all others; of a text nobody knows anything may be true."""
    found = [Facts()]
    for handler in reader.index.handlers:
        ends = not {*_AT_EXIT, None}.isdisjoint(handler.signals)
        others = any(signal not in _AT_EXIT for signal in handler.signals)
        if not (ends if at_exit else others):
            continue
        found.append(Facts(uses=tuple(reader.index.uses_of(handler.node))))
        script = reader.index.parsed(handler.text) if handler.text is not None else None
        if script is None:
            found.append(Facts(everything=True, marks=frozenset(("run-time", "task"))))
            continue
        gatherer = Gatherer(reader.index)
        gatherer.text(script)
        facts = gatherer.facts()
        found += [facts, reader.called(facts)]
    return joined(found, [])
