"""Names that are known in part: may they be one file?"""

from __future__ import annotations

import pytest

from msh.plan.paths import END, FIXED, FRESH, MADE, VARIES, may_meet
from msh.plan.substitution import Values
from msh.source import Source
from msh.syntax import nodes as n
from msh.syntax import parse

WORK, OTHER, NEW = f"{FIXED}work{END}", f"{FIXED}other{END}", f"{FRESH}tmp{END}"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("a", "./a", True),
        ("a/b", "a", True),
        ("a/b", "ab", False),
        ("a/b", "a/c", False),
        (".", "a", True),
        ("../a", "b", True),
        ("/a", "a", True),
        (f"{VARIES}.txt", f"{VARIES}.txt", False),  # of different turns
        (f"{VARIES}.txt", f"{VARIES}.out", False),
        (f"{VARIES}.txt", f"{VARIES}", True),
        (f"{VARIES}.txt", "a.txt", True),
        (f"{VARIES}.txt", "a.out", False),
        (f"a{VARIES}", f"b{VARIES}", False),
        (f"a{VARIES}", f"ab{VARIES}", True),
        (f"a{VARIES}a", "a", False),
        (f"d/{VARIES}", f"e/{VARIES}.x", False),
        (f"d/{VARIES}", f"d/x/{VARIES}", True),
        (f"{VARIES}/x", f"{VARIES}/y", False),
        (f"{VARIES}{VARIES}", f"{VARIES}{VARIES}", True),
        (f"{WORK}/a", f"{WORK}/b", False),
        (f"{WORK}/a", f"{WORK}/a", True),
        (f"{WORK}", f"{WORK}/a", True),
        (f"{WORK}/a", f"{OTHER}/b", True),
        (f"{WORK}/a", "b", True),
        (f"{NEW}/a", "b", False),
        (f"{NEW}/a", "/tmp", True),
        (f"{NEW}/a", f"{WORK}/a", True),
        (MADE, "a", False),
        (MADE, MADE, False),
        (MADE, "/tmp", True),
    ],
)
def test_may_meet(one: str, other: str, expected: bool) -> None:
    assert may_meet(one, other) is expected
    assert may_meet(other, one) is expected


KNOWN = {"f": "data/x.tar.gz", "g": f"data/{VARIES}.txt", "w": f"{WORK}/{VARIES}.txt", "s": "a b", "e": ""}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("$f", "data/x.tar.gz"),
        ('"${f}.sorted"', "data/x.tar.gz.sorted"),
        ("${f%.gz}", "data/x.tar"),
        ("${f%%.*}", "data/x"),
        ("${f##*/}", "x.tar.gz"),
        ("${f#*/}", "x.tar.gz"),
        ("${f%/*}", "data"),
        ("$g", f"data/{VARIES}.txt"),
        ("${g%.txt}.out", f"data/{VARIES}.out"),
        ("${g%.csv}", f"data/{VARIES}.txt"),
        ("${g##*/}", f"{VARIES}.txt"),
        ("${g%/*}", "data"),
        ("${g%x.txt}", None),  # the glob may have matched an x
        ("${g%%.*}", None),
        ("${g#data/}", f"{VARIES}.txt"),
        ("${w##*/}", f"{VARIES}.txt"),
        ('"${w%.txt}"', f"{WORK}/{VARIES}"),
        ("$w", None),  # it may be split
        ("$s", None),
        ('"$s"', "a b"),
        ("$e", None),
        ('"x$e"', "x"),
        ('"$work/a"', f"{WORK}/a"),
        ('"a/$work"', None),
        ('"$changing"', None),
        ("*.c", None),
        ("~/a", None),
        ('"$(ls)"', None),
        ("'\x01'", None),
        ("$f[", None),
    ],
)
def test_words_of_a_turn(word: str, expected: str | None) -> None:
    command = parse(Source("t", f"c {word}")).body[0].command
    assert isinstance(command, n.SimpleCommand)
    parsed = command.words[1]
    assert isinstance(parsed, n.Word)
    assert Values(KNOWN, frozenset(("changing",))).text(parsed) == expected
