"""Long values, and patterns that blow up elsewhere: each ends within seconds, far below what squares take."""

from __future__ import annotations

import time

import pytest

from msh.expand import compile_fields
from msh.expand.environment import IndexedArray
from msh.expand.testing import DictionaryEnvironment
from msh.source import Source
from msh.syntax import parse
from msh.syntax.nodes import SimpleCommand, Word

MEGABYTE = ("a" * 9 + " ") * 100_000


def fields(text: str) -> list[str]:
    environment = DictionaryEnvironment(
        {"v": MEGABYTE, "e": IndexedArray(enumerate(["ab"] * 100_000)), "LANG": "C.UTF-8"}, options=["extglob"]
    )
    command = parse(Source("test", f"n {text}")).body[0].command
    assert isinstance(command, SimpleCommand)
    return compile_fields([word for word in command.words[1:] if isinstance(word, Word)])(environment)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("$v", 100_000),
        ('"${v//a/b}"', 1),
        ('"${v//[ab]/xy}"', 1),
        ('"${v##*a}"', 1),
        ('"${v##*b}"', 1),
        ('"${v%%b*}"', 1),
        ('"${v%%a*b*c}"', 1),
        ('"${v#*a*a*a*b}"', 1),
        ('"${v//a*b/c}"', 1),
        ('"${v/%a*b/}"', 1),
        ('"${v##+(a| )}"', 1),
        ('"${v%%*(a| )}"', 1),
        ('"${v//+(a)/b}"', 1),
        ('"${v^^[a]}"', 1),
        ('"${e[@]}"', 100_000),
        ("${e[@]}", 100_000),
        ('"${e[@]%b}"', 100_000),
        ('"${!e[@]}" "${#e[@]}" "${e[-1]}"', 100_002),
    ],
)
def test_a_megabyte_is_no_trouble(text: str, count: int) -> None:
    start = time.process_time()
    assert len(fields(text)) == count
    assert time.process_time() - start < 8


@pytest.mark.parametrize(
    "pattern", ["*(*(a))b", "+(+(a|aa))b", "*a*a*a*a*a*a*a*a*b", "!(!(a*)b)c", "@(a|aa)" * 12 + "b"]
)
def test_a_pattern_does_not_blow_up(pattern: str) -> None:
    environment = DictionaryEnvironment({"x": "a" * 60, "LANG": "C.UTF-8"}, options=["extglob"])
    command = parse(Source("test", f"n ${{x##{pattern}}} ${{x/{pattern}/}}")).body[0].command
    assert isinstance(command, SimpleCommand)
    start = time.process_time()
    assert compile_fields([word for word in command.words[1:] if isinstance(word, Word)])(environment) == ["a" * 60] * 2
    assert time.process_time() - start < 2
