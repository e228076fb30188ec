"""Facts with those of the functions that are called, however deep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.plan.facts import Facts, Gatherer, gather
from msh.syntax import static_text
from msh.syntax.nodes import Assignment, BraceGroup, SimpleCommand

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from msh.plan.index import Index
    from msh.syntax.nodes import FunctionDefinition, Node

#: Marks of a function's body that mean nothing to its caller.
_OWN = frozenset(("return", "break", "continue", "local", "parameters", "shift"))


class Reader:
    """Facts of any part of a script, each found once."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._functions: dict[str, Facts] = {}
        self._reached: dict[str, frozenset[str]] = {}
        self._locals: dict[str, frozenset[str]] = {}
        self._calling: dict[str, list[int]] = {}
        self._known: dict[tuple[int, ...], Facts] = {}

    def of(self, *nodes: Node) -> Facts:
        """The facts of nodes that run one after the other."""
        key = tuple([id(node) for node in nodes])
        if key not in self._known:
            facts = gather(nodes, self.index)
            self._known[key] = joined([facts, self.called(facts)], [])
        return self._known[key]

    def first_call(self, name: str) -> int:
        """Where the first statement of the script stands that may call a function, however deep."""
        return min(self._callers(name), default=len(self.index.source.text))

    def call_count(self, name: str) -> int:
        """How many calls of a function the script holds in its text."""
        return self.index.mentioned[name]

    def _callers(self, name: str) -> list[int]:
        if not self._calling:
            for statement in self.index.script.body:
                facts = self.of(statement)
                for called in self.reached(facts.calls | facts.inner_calls):
                    self._calling.setdefault(called, []).append(statement.start)
        return self._calling.get(name, [])

    def without(self, nodes: Sequence[Node], left_out: Sequence[Node]) -> Facts:
        """The facts of nodes as if some below them were not there."""
        gatherer = Gatherer(self.index, left_out)
        for node in nodes:
            gatherer.walk(node)
        facts = gatherer.facts()
        return joined([facts, self.called(facts)], [])

    def is_recursive(self, name: str) -> bool:
        """Whether a function may call itself."""
        return name in self._closed(self.body(name).calls | self.body(name).inner_calls, inside=True)

    def called(self, facts: Facts) -> Facts:
        """What the functions do that a part with these facts calls."""
        outer = self._closed(facts.calls)
        inner = self._closed(facts.inner_calls | self._calls_inside(outer), inside=True)
        return joined(
            [self._seen(name, inside=False) for name in outer], [self._seen(name, inside=True) for name in inner]
        )

    def reached(self, names: Iterable[str]) -> frozenset[str]:
        """All functions that may run when these are called."""
        return self._closed(names, inside=True)

    def body(self, name: str) -> Facts:
        """Of a function's body alone, all its definitions together, without the functions that it calls."""
        if name not in self._functions:
            definitions: Sequence[Node] = [definition.body for definition in self.index.functions[name]]
            self._functions[name] = gather(definitions, self.index)
        return self._functions[name]

    def _closed(self, names: Iterable[str], inside: bool = False) -> frozenset[str]:
        """Functions that are called when these are: in this same shell, or, with `inside`, in any."""
        found: set[str] = set()
        stack = list(names)
        while stack:
            name = stack.pop()
            if name not in found:
                found.add(name)
                stack += self.body(name).calls
                stack += self.body(name).inner_calls if inside else ()
        return frozenset(found)

    def _calls_inside(self, names: Iterable[str]) -> frozenset[str]:
        return frozenset([inner for name in names for inner in self.body(name).inner_calls])

    def _seen(self, name: str, inside: bool) -> Facts:
        """What a call of a function means to the caller."""
        facts = self.body(name)
        marks, own = facts.marks - _OWN, self._own(name)
        if not inside:
            return facts.replace(marks=marks, reads=facts.reads - own, writes=facts.writes - own)
        return facts.replace(reads=facts.reads - own, writes=frozenset(), marks=frozenset(), inner=facts.inner | marks)

    def _own(self, name: str) -> frozenset[str]:
        """The variables that a function declares before it uses them, in any case: nobody else sees them."""
        if name not in self._locals:
            self._locals[name] = frozenset()  # while a function that calls itself is looked at
            own = [self._declared(definition) for definition in self.index.functions[name]]
            self._locals[name] = frozenset.intersection(*own)
        return self._locals[name]

    def _declared(self, definition: FunctionDefinition) -> frozenset[str]:
        if not isinstance(definition.body, BraceGroup):
            return frozenset()
        used: set[str] = set()
        own: set[str] = set()
        for statement in definition.body.body:
            command = statement.command
            facts = gather([statement], self.index)
            if isinstance(command, SimpleCommand) and not statement.background:
                values = self.without([statement], [])
                own.update([name for name in local_names(command) if name not in used | values.reads])
            used |= facts.reads | facts.writes
            if facts.calls or facts.inner_calls:
                used |= self.called(facts).reads | self.called(facts).writes
        return frozenset(own)


def joined(outer: Sequence[Facts], inner: Sequence[Facts]) -> Facts:
    """All facts at once."""
    every = [*outer, *inner]
    uses = {id(use): use for facts in every for use in facts.uses}
    return Facts(
        reads=frozenset().union(*[facts.reads for facts in every]),
        writes=frozenset().union(*[facts.writes for facts in every]),
        everything=any(facts.everything for facts in every),
        calls=frozenset().union(*[facts.calls for facts in outer]),
        inner_calls=frozenset().union(*[facts.inner_calls for facts in every]),
        marks=frozenset().union(*[facts.marks for facts in every]),
        inner=frozenset().union(*[facts.inner for facts in every]),
        uses=tuple(uses.values()),
    )


def local_names(command: SimpleCommand) -> list[str]:
    """The names in `local x y=1`; not those of `declare -g` and of namerefs."""
    known = [word.name if isinstance(word, Assignment) else static_text(word) for word in command.words]
    options = "".join([text for text in known[1:] if text and text[0] in "-+"])
    if known[:1] not in (["local"], ["declare"], ["typeset"]) or not set("gnfp").isdisjoint(options):
        return []
    return [text.partition("=")[0] for text in known[1:] if text and text[0] not in "-+"]
