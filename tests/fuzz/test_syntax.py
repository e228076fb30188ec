"""Any text ends in a tree or in MshError; a tree has true offsets and is printed to text that has the same tree."""

from __future__ import annotations

import random
import sys

import pytest

from msh.diagnostics import MshError
from msh.source import Source, decode
from msh.syntax import parse, print_script, same_tree
from tests.support.cases import DIRECTORY, read_cases
from tests.support.spans import span_errors

SEEDS = [case.script for area in sorted(path.name for path in DIRECTORY.iterdir()) for case in read_cases(area)]
PIECES = [
    *[
        "'",
        '"',
        "`",
        "\\",
        "\\\n",
        "\n",
        " ",
        "\t",
        ";",
        "&",
        "|",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "<",
        ">",
        "#",
        "$",
        "!",
        "=",
        "~",
    ],
    *[
        "${",
        "$(",
        "$((",
        "((",
        "))",
        "<<E\n",
        "\nE\n",
        "<<-'E'\n",
        "<(",
        "[[ ",
        " ]]",
        ";;",
        "&&",
        "||",
        "|&",
        ">&",
        "<<<",
        "$'",
        '$"',
    ],
    *[
        "if ",
        " then ",
        " fi",
        "for ",
        " in ",
        " do ",
        " done",
        "case ",
        " esac",
        "while ",
        "function ",
        "f() ",
        "time ",
        "coproc ",
    ],
    *[
        "a",
        "x=1 ",
        "a[1]=",
        "x=(",
        "@(",
        "!(",
        "*",
        "?",
        "${x:-",
        "${x/",
        "${#",
        "${!",
        ":",
        "%",
        "1",
        "{a,b}",
        "é",
        "\udcff",
        "\r",
    ],
    *[
        "export ",
        "$[",
        "else ",
        "elif ",
        "select ",
        "until ",
        "{fd}",
        "2>",
        "&>",
        "+=",
        "=~ ",
        "-f ",
        "++",
        "**",
        "`\\`",
        "\\\\",
    ],
]


def mutated(text: str, choose: random.Random) -> str:
    """The text with a few changes: pieces put in, ranges taken out, doubled, or taken from another script."""
    for _ in range(choose.randint(1, 6)):
        at = choose.randint(0, len(text))
        to = min(len(text), at + choose.randint(1, 12))
        match choose.randint(0, 4):
            case 0 | 1:
                text = text[:at] + choose.choice(PIECES) + text[at:]
            case 2:
                text = text[:at] + text[to:]
            case 3:
                text = text[:to] + text[at:]
            case _:
                other = choose.choice(SEEDS)
                start = choose.randint(0, len(other))
                text = text[:at] + other[start : start + choose.randint(1, 30)] + text[at:]
    return text


def check(text: str) -> bool:
    """Everything that must hold of a text; returns whether it was parsed."""
    source = Source("fuzz", text)
    try:
        script = parse(source)
    except MshError as error:
        assert len(error.diagnostics) == 1
        for label in error.diagnostics[0].labels:
            assert 0 <= label.start <= label.end <= len(text), (text, error.diagnostics)
        return False
    assert span_errors(script, text) == [], text
    for with_source in (source, None):
        printed = Source("printed", print_script(script, with_source))
        try:
            again = parse(printed)
        except MshError as error:
            raise AssertionError((text, printed.text, error.diagnostics)) from None
        assert same_tree(script, again), (text, printed.text)
        assert len(again.comments) == len(script.comments), (text, printed.text)
        if with_source:
            assert print_script(again, printed) == printed.text, (text, printed.text)
    return True


@pytest.mark.parametrize("seed", range(8))
def test_changed_scripts(seed: int) -> None:
    choose = random.Random(seed)
    parsed = sum(check(mutated(choose.choice(SEEDS), choose)) for _ in range(150))
    assert parsed > 20, "most of what is tried should not be nonsense"


def test_random_pieces() -> None:
    choose = random.Random(1)
    for _ in range(1000):
        check("".join(choose.choices(PIECES, k=choose.randint(1, 12))))


def main() -> None:
    """`python -m tests.fuzz.test_syntax [FIRST [COUNT [FILE...]]]`: many more, from scripts besides."""
    first, count = (int(argument) for argument in [*sys.argv[1:3], "0", "10000"][:2])
    for path in sys.argv[3:]:
        with open(path, "rb") as file:
            SEEDS.append(decode(file.read())[:3000])
    failures: set[str] = set()
    for number in range(first, first + count):
        choose = random.Random(number)
        random_text = "".join(choose.choices(PIECES, k=choose.randint(1, 12)))
        text = mutated(choose.choice(SEEDS), choose) if number % 3 else random_text
        try:
            check(text)
        except (AssertionError, Exception) as error:  # noqa: BLE001 (finding these is the purpose)
            kind = f"{type(error).__name__} {str(error)[:400]}"
            failures.add(kind)
            print(number, kind, flush=True)
    print(f"{count} texts, {len(failures)} failures")


if __name__ == "__main__":
    main()
