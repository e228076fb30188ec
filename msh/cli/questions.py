"""What would be asked in a run that is started as this check was, as far as the script's text tells."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msh.sandbox.asking import asks_network, rules, who_is_asked
from msh.sandbox.broker.questions import Question
from msh.sandbox.broker.rules import Rules

if TYPE_CHECKING:
    from msh.config import Settings


class Questions:
    """Foretells them."""

    def __init__(self, settings: Settings) -> None:
        """Raises MshError MSH410, MSH411 or MSH412 for a policy that cannot be taken."""
        self._asks = who_is_asked(settings) != "no"
        self._files = self._asks or bool(settings.policy)
        self._network = self._asks and asks_network(settings)
        given = rules(settings)
        self._rules = Rules(given[0] + given[1])

    @property
    def unforeseen(self) -> bool:
        """Whether a step may ask for what its words do not say."""
        return self._asks

    @property
    def connections(self) -> bool:
        """Whether each connection of a step that needs a network is asked for."""
        return self._network

    def answer(self, kind: str, path: str, step: str) -> str:
        """What comes of an access that nothing grants: `asked`, `allowed`, `denied`, or `refused` beforehand."""
        if not self._files:
            return "refused"
        target = os.path.realpath(path) if kind == "read" else _entry(path)
        found = self._rules.answer(Question(kind, target, step))
        if found is not None:
            return "allowed" if found.allowed else "denied"
        return "asked" if self._asks else "denied"


def _entry(path: str) -> str:
    """The real path of a name itself, whatever it leads to."""
    directory, name = os.path.split(path)
    return os.path.join(os.path.realpath(directory), name)
