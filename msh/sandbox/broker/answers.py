"""What was answered so far, and what need not be asked.

An answer covers one real path and one mode of one step, or one host and port of the run. Rules come before questions:
what is denied beforehand is never asked.
"""

from __future__ import annotations

from msh.sandbox.broker.questions import COVERS, RULE, RUN, STEP, Answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.sandbox.broker.questions import Question
    from msh.sandbox.broker.rules import Rules

#: More questions than a person reads are an attack on the person: then all else is denied.
MOST_OF_STEP = 20
MOST_OF_RUN = 200
#: Answers of rules that are kept, of a step or of the run, so that each is told once. What comes after is judged and
#: told each time: a step under a wide rule must not fill the broker's memory, nor end what is told of it.
MOST_KEPT = 20_000
FLOOD = "flood"
COVERED = "directory"


class Answers:
    """Answers of one run. `ask` asks the user; `tell` hears of every question that was decided."""

    def __init__(
        self, rules: Rules, ask: Callable[[Question], Answer], tell: Callable[[Question, Answer], None]
    ) -> None:
        self._rules = rules
        self._ask = ask
        self._tell = tell
        self._of_steps: dict[int, dict[tuple[str, str, int], bool]] = {}
        self._of_run: dict[tuple[str, str, int], bool] = {}
        self._asked: dict[int, int] = {}
        self._total = 0
        self._flooding: set[int] = set()

    def known(self, question: Question) -> bool | None:
        """What was answered to this question before."""
        for held in (self._of_steps.get(question.identity, {}), self._of_run):
            found = held.get(question.subject)
            if found is not None:
                return found
        return None

    def scope(self, question: Question) -> int:
        """Whom the answer to it counts for: 0 for all of the run, else the step."""
        return 0 if question.subject in self._of_run else question.identity

    def _covered(self, question: Question) -> bool:
        """Whether something wider was allowed. That is not kept as an answer to this: who may look may not open."""
        held = (self._of_steps.get(question.identity, {}), self._of_run)
        return any(answers.get(subject) for answers in held for subject in question.covered_by)

    def ruled(self, question: Question) -> bool | None:
        """What a rule says to it; None when no rule fits."""
        answer = self._rules.answer(question)
        return None if answer is None else answer.allowed

    def decide(self, question: Question) -> bool:
        """Whether it is allowed; asks when nobody has said so yet."""
        found = self.known(question)
        if found is not None:
            return found
        answer = self._rules.answer(question)
        if answer is None and self._covered(question):
            if question.act:  # else it was only looked at
                self._tell(question, Answer(True, STEP, COVERED))
            return True
        if answer is None:
            answer = self._asked_user(question)
        if answer.by == FLOOD:
            self._tell_once(question, answer)
            return False
        self._remember(question, answer)
        self._tell(question, answer)
        return answer.allowed

    def made(self, identity: int, path: str) -> None:
        """A step has made something, where it may: that is its own to change."""
        self._of_steps.setdefault(identity, {})[("write", path, 0)] = True

    def forget(self, identity: int) -> None:
        """A step has ended."""
        self._of_steps.pop(identity, None)
        self._asked.pop(identity, None)
        self._flooding.discard(identity)

    def _asked_user(self, question: Question) -> Answer:
        count = self._asked.get(question.identity, 0)
        if count >= MOST_OF_STEP or self._total >= MOST_OF_RUN:
            return Answer(False, by=FLOOD)
        self._asked[question.identity] = count + 1
        self._total += 1
        return self._ask(question)

    def _tell_once(self, question: Question, answer: Answer) -> None:
        """What comes after too many questions is neither kept nor told one by one: there is no end to it."""
        if question.identity not in self._flooding:
            self._flooding.add(question.identity)
            self._tell(question, answer)

    def _remember(self, question: Question, answer: Answer) -> None:
        held = self._of_run if answer.lasts == RUN else self._of_steps.setdefault(question.identity, {})
        if answer.by == RULE and len(held) >= MOST_KEPT:
            return
        held[question.subject] = answer.allowed
        for kind in COVERS.get(question.kind, ()) if answer.allowed else ():
            held[(kind, question.target, question.port)] = True
