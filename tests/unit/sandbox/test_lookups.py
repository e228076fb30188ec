"""Names are looked up beside everything else, and rules hold for addresses and ranges."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from msh.sandbox.broker import lookups
from msh.sandbox.broker.addresses import Address
from msh.sandbox.broker.answers import Answers
from msh.sandbox.broker.kernel import Listener
from msh.sandbox.broker.lookups import Lookups
from msh.sandbox.broker.loop import Loop
from msh.sandbox.broker.messages import AAAA, A, read_query, response
from msh.sandbox.broker.names import Names
from msh.sandbox.broker.questions import RUN, STEP, Answer, Question
from msh.sandbox.broker.rules import Rule, Rules
from msh.sandbox.broker.steps import Announcement, Step


def test_a_slow_name_holds_up_no_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One name of this server takes until all others are known."""
    known = tmp_path / "known"

    def resolve(name: str) -> list[str]:
        while name == "slow.test" and not known.exists():
            time.sleep(0.01)
        return [] if name == "none.test" else ["192.0.2.1", "2001:db8::1"]

    monkeypatch.setattr(lookups, "resolve", resolve)
    loop = Loop()
    names = Lookups(loop)
    found: list[tuple[str, list[str]]] = []

    def look_up(name: str) -> None:
        names.find(name, lambda addresses: found.append((name, addresses)))

    for name in ("slow.test", "slow.test", "fast.test", "none.test"):
        look_up(name)
    while len(found) < 2:
        loop.turn(5)
    assert sorted(found) == [("fast.test", ["192.0.2.1", "2001:db8::1"]), ("none.test", [])]
    known.touch()
    while len(found) < 4:
        loop.turn(5)
    assert [name for name, _ in found[2:]] == ["slow.test"] * 2
    look_up("fast.test")  # which keeps its addresses: at once
    assert found[4] == ("fast.test", ["192.0.2.1", "2001:db8::1"])


def test_many_wait_for_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "resolve", lambda name: [name.removesuffix(".test")])
    loop = Loop()
    names = Lookups(loop)
    found: list[str] = []
    for number in range(50):
        names.find(f"10.0.0.{number}.test", found.extend)
    while len(found) < 50:
        loop.turn(5)
    assert sorted(found) == sorted(f"10.0.0.{number}" for number in range(50))


def test_answers_that_do_not_fit() -> None:
    question = b"\x04many\x04test\x00\x00\x01\x00\x01"
    query = read_query(b"ab\x01\x00\x00\x01" + bytes(6) + question)
    assert query is not None
    assert (query.name, query.kind) == ("many.test", A)
    many = [f"192.0.2.{number}" for number in range(60)]
    cut, whole = response(query, 0, many), response(query, 0, many, 0xFFFF)
    assert (len(cut) <= 512, cut[2] & 2, cut[7]) == (True, 2, 30)
    assert (len(whole), whole[2] & 2, whole[7]) == (12 + len(question) + 60 * 16, 0, 60)
    other = read_query(b"ab\x01\x00\x00\x01" + bytes(6) + question[:-4] + b"\x00\x1c\x00\x01")
    assert other is not None
    assert (other.kind, response(other, 0, ["2001:db8::1"])[-16:][:4]) == (AAAA, b"\x20\x01\x0d\xb8")


@pytest.mark.parametrize(
    "data", [b"", bytes(11), bytes(12), b"ab\x81\x80\x00\x01" + bytes(20), b"ab\1\0\0\1" + bytes(6) + b"\x40a"]
)
def test_no_queries(data: bytes) -> None:
    assert read_query(data) is None


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule(True, "connect", "10.0.0.0/8"), [True, None, True, None]),
        (Rule(True, "connect", "10.0.0.0/8", port=81), [None, None, None, None]),
        (Rule(False, "connect", "10.0.0.0/8"), [False, False, False, None]),
        (Rule(False, "connect", "10.0.0.1"), [False, False, None, None]),
        (Rule(True, "connect", "10.0.0.1"), [True, None, None, None]),
        (Rule(False, "connect", "a.test", port=80), [None, False, None, None]),
        (Rule(True, "connect", "*.test"), [None, True, None, None]),
        (Rule(True, "connect", "fd00::/8"), [None, None, None, True]),
    ],
)
def test_rules_for_addresses(rule: Rule, expected: list[bool | None]) -> None:
    """What allows an address does not allow a name that leads to it; what denies it does deny that."""
    asked = [("10.0.0.1", "10.0.0.1"), ("a.test", "10.0.0.1"), ("10.9.9.9", "10.9.9.9"), ("fd12::1", "fd12::1")]
    answers = [Rules((rule,)).answer(Question("connect", *pair[:1], "", 0, 80, pair[1])) for pair in asked]
    assert [None if answer is None else answer.allowed for answer in answers] == expected


@pytest.mark.parametrize(
    ("lasts", "rules", "covered"),
    [
        (STEP, (), [True, False, False, False]),
        (RUN, (), [True, True, False, False]),
        (STEP, (Rule(True, "look up", "a.test", step="curl"),), [True, False, False, False]),
        (STEP, (Rule(True, "look up", "a.test"),), [True, True, False, False]),
    ],
)
def test_what_is_allowed_once_covers_that_step_alone(
    monkeypatch: pytest.MonkeyPatch, lasts: str, rules: tuple[Rule, ...], covered: list[bool]
) -> None:
    """The first port of a name that was looked up, for the step that looked it up; then another step, another port."""
    monkeypatch.setattr(lookups, "resolve", lambda name: ["192.0.2.1"])
    loop = Loop()
    given = Rules(rules)
    answers = Answers(given, lambda question: Answer(True, lasts), lambda question, answer: None)
    names = Names(
        lambda step, question: answers.decide(question), answers.ruled, answers.scope, given.gives_port, Lookups(loop)
    )
    step = Step(Announcement(7, "curl", files=False, network=True), Listener(os.open("/dev/null", os.O_RDONLY)))
    query = read_query(b"ab\x01\x00\x00\x01" + bytes(6) + b"\x01a\x04test\x00\x00\x01\x00\x01")
    assert query is not None
    said: list[bytes] = []
    names.answer(step, query, said.append)
    while not said:
        loop.turn(5)
    assert names.name_of(Address(2, "192.0.2.1", 80)) == "a.test"
    asked = [("curl", 7, 80), ("python3", 8, 80), ("python3", 8, 81), ("curl", 7, 81)]
    assert [names.covers(Question("connect", "a.test", *who)) for who in asked] == covered
    names.end(7)
    step.close()
    assert names.covers(Question("connect", "a.test", "curl", 7, 80)) == covered[1]
