"""Names: every look-up of a step comes to a server of ours on port 53 of its own loopback interface.

A name is asked about before anything leaves: data can leave in a name alone. The answer is remembered, so that a
connection to the address is shown, and allowed, by its name: the name that was looked up covers the first port that it
is used with, and another port is asked again. What was allowed for one step covers that step alone. A name never covers
a private address (a name that changes its mind).
When a step's connections go through a proxy, no name is looked up here: it gets an address that only stands for it, and
the proxy is told the name.
"""

from __future__ import annotations

from msh.hosts import is_plain
from msh.sandbox.broker.messages import AAAA, DATAGRAM, NO_ERROR, NO_SUCH_NAME, A, response
from msh.sandbox.broker.questions import Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.sandbox.broker.addresses import Address
    from msh.sandbox.broker.lookups import Lookups
    from msh.sandbox.broker.messages import Query
    from msh.sandbox.broker.steps import Step

_MOST_STAND_INS = 1 << 17
_MOST_ADDRESSES = 1 << 16  # whose names are known; the oldest is forgotten and goes by its number then


class _Allowed:
    """Names that may be looked up, by a step or by all."""

    __slots__ = ("covered", "credit", "credited")

    def __init__(self) -> None:
        self.credited: set[str] = set()
        self.credit: set[str] = set()  # of those the ones that have not been connected to
        self.covered: set[tuple[str, int]] = set()  # with the port that they were connected to


class Names:
    """Which names were looked up, by any step, and what that covers."""

    def __init__(
        self,
        decide: Callable[[Step, Question], bool],
        ruled: Callable[[Question], bool | None],
        scope: Callable[[Question], int],
        gives_port: Callable[[Question], bool],
        lookups: Lookups,
    ) -> None:
        self._decide = decide
        self._ruled = ruled
        self._scope = scope
        self._gives_port = gives_port
        self._lookups = lookups
        self._of: dict[str, str] = {}  # address → name
        self._allowed: dict[int, _Allowed] = {}  # of a step, 0 for all (`Answers.scope`)
        self._stand_ins: dict[str, str] = {}  # name → address

    def name_of(self, address: Address) -> str:
        """The name that was last answered with this address; "" if none was."""
        return self._of.get(address.text, "")

    def stands_for(self, step: Step, address: Address) -> bool:
        """Whether an address only stands for a name, for a step that is led through a proxy."""
        return step.proxy is not None and self._stand_ins.get(self._of.get(address.text, "")) == address.text

    def covers(self, question: Question) -> bool:
        """Whether looking the name up was asked, this is its first port, and no rule denies that one."""
        if self.is_denied(question):
            return False
        name, found = question.target, False
        for scope in (0, question.identity):
            allowed = self._allowed.get(scope)
            if allowed is not None and not found:
                if name in allowed.credit:
                    allowed.credit.discard(name)
                    allowed.covered.add((name, question.port))
                found = (name, question.port) in allowed.covered
        return found

    def end(self, identity: int) -> None:
        """The step has ended."""
        self._allowed.pop(identity, None)

    def is_denied(self, question: Question) -> bool:
        """Whether a rule denies it."""
        return self._ruled(question) is False

    def answer(self, step: Step, query: Query, reply: Callable[[bytes], None], most: int = DATAGRAM) -> None:
        """Have `reply` called with the answer to a query, of at most so many bytes: now or when it is known."""
        name = query.name
        question = Question("look up", name, step.name, step.identity)
        if not is_plain(name) or not self._decide(step, question):
            reply(response(query, NO_SUCH_NAME))  # the host would take `127.1` for an address, a proxy who knows what
        elif query.kind not in (A, AAAA):
            reply(response(query, NO_ERROR))
        elif step.proxy is not None:
            reply(self._found(question, query, self._stand_in(name), most))
        else:
            self._lookups.find(name, lambda addresses: reply(self._found(question, query, addresses, most)))

    def _found(self, question: Question, query: Query, addresses: list[str], most: int) -> bytes:
        name = query.name
        allowed = self._allowed.setdefault(self._scope(question), _Allowed())
        if name not in allowed.credited and self._gives_port(question):
            allowed.credited.add(name)
            allowed.credit.add(name)
        for address in addresses:
            self._of.pop(address, None)
            self._of[address] = name
        while len(self._of) > _MOST_ADDRESSES:
            del self._of[next(iter(self._of))]
        chosen = [one for one in addresses if (":" in one) == (query.kind == AAAA)]
        return response(query, NO_ERROR if addresses else NO_SUCH_NAME, chosen, most)

    def _stand_in(self, name: str) -> list[str]:
        """An address that nobody has (RFC 2544): 198.18.0.1 and up; none when all are used."""
        found = self._stand_ins.get(name)
        if found is None:
            number = len(self._stand_ins) + 1
            if number >= _MOST_STAND_INS:
                return []
            found = self._stand_ins[name] = f"198.{18 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"
        return [found]
