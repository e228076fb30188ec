"""What the broker keeps of its answers."""

from __future__ import annotations

import pytest

from msh.sandbox.broker import answers
from msh.sandbox.broker.answers import Answers
from msh.sandbox.broker.questions import RUN, STEP, Answer, Question
from msh.sandbox.broker.rules import Rule, Rules


@pytest.mark.parametrize("step", ["cat", ""])
@pytest.mark.parametrize(
    ("rule", "target"), [(Rule(False, "read", "/data"), "/data/{}"), (Rule(True, "look up", "*.a.test"), "{}.a.test")]
)
def test_a_step_under_a_wide_rule_does_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch, step: str, rule: Rule, target: str
) -> None:
    """All is judged and told, and no more is kept than there is room for."""
    monkeypatch.setattr(answers, "MOST_KEPT", 10)
    told: list[Question] = []
    given = Rules((rule.replace(step=step),))
    found = Answers(given, lambda question: Answer(not rule.allowed), lambda question, _: told.append(question))
    questions = [Question(rule.kind, target.format(number), "cat", 7) for number in range(100)]
    assert {found.decide(question) for question in questions for _ in range(2)} == {rule.allowed}
    assert (told[:10], set(told[10:])) == (questions[:10], set(questions[10:]))
    assert sum(found.known(question) is not None for question in questions) <= 10


@pytest.mark.parametrize("lasts", [STEP, RUN])
def test_an_answer_of_the_user_is_always_kept(monkeypatch: pytest.MonkeyPatch, lasts: str) -> None:
    monkeypatch.setattr(answers, "MOST_KEPT", 0)
    said = iter([Answer(True, lasts)])  # to one question
    found = Answers(Rules(()), lambda question: next(said), lambda question, answer: None)
    assert [found.decide(Question("read", "/data", "cat", 7)) for _ in range(2)] == [True, True]
