"""What the commands of traps do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.plan.closure import joined
from msh.plan.facts import Facts, Gatherer
from msh.plan.files import Files, files_of_all, files_with
from msh.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.plan.closure import Reader
    from msh.syntax import nodes as n

_AT_EXIT = ("EXIT", "0")


def has_exit_handler(reader: Reader) -> bool:
    """Whether a trap for the end of the script may be set."""
    return any(not {*_AT_EXIT, None}.isdisjoint(handler.signals) for handler in reader.index.handlers)


class Handlers(Record):
    """What handlers do, all of them together."""

    facts: Facts
    files: Files


def handlers(reader: Reader, *, at_exit: bool) -> Handlers:
    """Of all handlers for the end of the script, or of all others."""
    files = [
        files_with(facts, () if script is None else (script,), reader)
        for facts, script in _handled(reader, at_exit=at_exit)
    ]
    return Handlers(handler_facts(reader, at_exit=at_exit), files_of_all(files))


def handler_facts(reader: Reader, *, at_exit: bool) -> Facts:
    """Of all handlers for the end of the script, or of all others; of a text nobody knows anything may be true."""
    return joined([Facts(), *[facts for facts, _ in _handled(reader, at_exit=at_exit)]], [])


def _handled(reader: Reader, *, at_exit: bool) -> Iterator[tuple[Facts, n.Script | None]]:
    """The facts of each handler, and its script when it is known."""
    for handler in reader.index.handlers:
        ends = not {*_AT_EXIT, None}.isdisjoint(handler.signals)
        others = any(signal not in _AT_EXIT for signal in handler.signals)
        if not (ends if at_exit else others):
            continue
        found = [Facts(uses=tuple(reader.index.uses_of(handler.node)))]
        script = reader.index.parsed(handler.text) if handler.text is not None else None
        if script is None:
            found.append(Facts(everything=True, marks=frozenset(("run-time", "task"))))
        else:
            gatherer = Gatherer(reader.index)
            gatherer.text(script)
            facts = gatherer.facts()
            found += [facts, reader.called(facts)]
        yield joined(found, []), script
