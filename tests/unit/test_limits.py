"""How bounds are written and read, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from msh.limits import KINDS, parse_bound, parse_bounds, shown, tightest, written


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("memory=512m", {"memory": 512 << 20}),
        ("memory=1.5GiB,pids=64", {"memory": 3 << 29, "pids": 64}),
        (" cpu = 10s , output = 1000 ", {"cpu": 10.0, "output": 1000}),
        ("cpu=1500ms,time=2m", {"cpu": 1.5, "time": 120.0}),
        (
            "cpus=0.5,files=32,disk=10m,throughput=1m",
            {"cpus": 0.5, "files": 32, "disk": 10 << 20, "throughput": 1 << 20},
        ),
        ("memory=none", {"memory": None}),
        ("pids=9,pids=9", {"pids": 9}),
    ],
)
def test_bounds(text: str, bounds: dict[str, float | None]) -> None:
    assert parse_bounds(text) == bounds


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "expected `NAME=VALUE`"),
        ("memory", "expected `NAME=VALUE`"),
        ("=5", "expected `NAME=VALUE`"),
        ("memory=", "expected a number of bytes"),
        ("memory=-1", "expected a number of bytes"),
        ("memory=1e308", "expected a number of bytes"),
        ("memory=0", "is too little: at least 4m"),
        ("memory=1.5", "expected a number of bytes"),
        ("memory=12mb", "expected a number of bytes"),
        ("memory=999999999999999999t", "more than any machine has"),
        ("memory=٣m", "expected a number of bytes"),
        ("memory=nan", "expected a number of bytes"),
        ("cpu=10x", "expected a number of seconds"),
        ("cpu=0", "is too little"),
        ("cpu=-1s", "expected a number of seconds"),
        ("cpu=999999999h", "longer than any machine runs"),
        ("time=inf", "expected a number of seconds"),
        ("pids=1.5", "expected a whole number"),
        ("pids=0", "is too little: at least 1"),
        ("files=3", "is too little: at least 16"),
        ("cpus=1m", "expected a number such as"),
        ("memmory=1g", "did you mean `memory`?"),
        ("nofile=32", "did you mean `files`?"),
        ("colour=1", "limits are memory, cpu,"),
        ("memory=1g,memory=2g", "`memory` has two values"),
        ("memory=1g,memory=none", "`memory` has two values"),
    ],
)
def test_nonsense(text: str, words: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_bounds(text)
    assert words in str(caught.value)


@given(some.sampled_from(sorted(KINDS)), some.integers(1 << 22, 1 << 30))
def test_what_is_shown_can_be_read(name: str, value: int) -> None:
    bound = parse_bound(name, shown(name, value))
    assert bound == pytest.approx(value, rel=1e-5)


@given(some.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_bounds(text)
    except ValueError as error:
        assert str(error)


def test_the_tightest_of_several() -> None:
    assert tightest([("memory", 5), ("pids", 3)], [("memory", 4)]) == (("memory", 4), ("pids", 3))
    assert written([("memory", 4 << 20), ("cpu", 1.5)]) == "memory=4m,cpu=1.5s"
