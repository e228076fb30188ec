"""What the user said beforehand: `--allow-net`, `--deny-*` and the policy that a run before has recorded."""

from __future__ import annotations

from msh.hosts import Range
from msh.record import Record
from msh.sandbox.broker.questions import COVERS, RULE, RUN, STEP, Answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.sandbox.broker.questions import Question


class Rule(Record):
    """One answer given beforehand.

    An empty `step` is any step, `port` 0 any port. `target` is as in `Question`; a path denies all below it too,
    `*.NAME` is every name below one, and `ADDRESS/BITS` a range. What denies an address denies names that lead to it.
    """

    allowed: bool
    kind: str
    target: str
    step: str = ""
    port: int = 0


class Rules:
    """Finds the rule for a question. What is denied is denied, whatever else allows it."""

    def __init__(self, rules: tuple[Rule, ...] = ()) -> None:
        self._rules: dict[tuple[str, str], list[Rule]] = {}
        self._ranges = {rule.target: Range(rule.target) for rule in rules if _is_range(rule)}
        for rule in rules:
            for kind in (rule.kind, *(COVERS.get(rule.kind, ()) if rule.allowed else ())):
                self._rules.setdefault((kind, rule.target), []).append(rule)

    def answer(self, question: Question) -> Answer | None:
        """The answer, None when no rule fits."""
        fitting = list(self._fitting(question))
        for rule in fitting:
            if not rule.allowed and not (question.kind == "look up" and rule.port):
                return _answer(rule)
        return next((_answer(rule) for rule in fitting if rule.allowed), None)

    def gives_port(self, question: Question) -> bool:
        """Whether a look-up, once allowed, covers a port: not when only rules for connections allow it."""
        allowing = [rule for rule in self._fitting(question) if rule.allowed]
        return not allowing or any(rule.kind == question.kind for rule in allowing)

    def _fitting(self, question: Question) -> Iterator[Rule]:
        for kind in _kinds(question):
            for target, may_allow in self._targets(question):
                for rule in self._rules.get((kind, target), ()):
                    right_port = not (rule.port and question.port) or rule.port == question.port
                    whole = kind in (question.kind, "connect") or not rule.allowed
                    if whole and (may_allow or not rule.allowed) and right_port and rule.step in ("", question.step):
                        yield rule

    def _targets(self, question: Question) -> Iterator[tuple[str, bool]]:
        """The target and what holds it; whether a rule for that may allow, or can only deny."""
        path = question.target
        yield path, True
        if question.is_file:
            while path != "/":
                path = path.rpartition("/")[0] or "/"
                yield path, False
            return
        while "." in path:
            path = path.partition(".")[2]
            yield f"*.{path}", True
        address = question.address or question.target
        if address != question.target:
            yield address, False
        for target, one in self._ranges.items():
            if address in one:
                yield target, address == question.target


def _answer(rule: Rule) -> Answer:
    return Answer(rule.allowed, STEP if rule.step else RUN, RULE)


def _kinds(question: Question) -> tuple[str, ...]:
    """What is asked for in parts is denied in part; a name may be looked up when it may be connected to."""
    if question.kind == "look up":
        return ("look up", "connect")
    return (question.kind, *COVERS.get(question.kind, ()))


def _is_range(rule: Rule) -> bool:
    return rule.kind in ("connect", "look up") and "/" in rule.target
