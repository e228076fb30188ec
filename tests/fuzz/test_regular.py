"""Random regular expressions and texts: `[[ text =~ expression ]]` gives the status and BASH_REMATCH of bash.

`python -m tests.fuzz.test_regular FIRST COUNT` compares COUNT of them from seed FIRST on and shows what differs.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from shlex import quote

import pytest

COUNT = 1000  # in the test
SECONDS = 120
MSH = [sys.executable, "-m", "msh"]
ATOMS = [*"aaabbbcA.-]}:,ä", *"(((", *")))", "|", "|", "[ab]", "[^a]", "[]b]", "[a-c]", "[[:alpha:]]", "[^[:space:]b]"]
ATOMS += ["^", "$", "\\.", "\\(", "\\1", "\\w", "\\b", "[", "[[.a.]b]", "[[=a=]]", "[\\]", "(a|ab)", "(b|bc)?", "()"]
REPEATS = ["*", "+", "?", "{2}", "{1,2}", "{,1}", "{2,1}", "{0}", "{", "*?"]
LETTERS = "aaabbbcA.-([]\\ \nä"


def expression(chance: random.Random) -> str:
    """A text that often is a regular expression."""
    parts = []
    for _ in range(chance.randrange(7)):
        parts.append(chance.choice(ATOMS))
        if chance.random() < 0.35:
            parts.append(chance.choice(REPEATS))
    if chance.random() < 0.6:  # close what is open, so that most are valid
        parts.append(")" * max(0, "".join(parts).count("(") - "".join(parts).count(")")))
    return "".join(parts)


def condition(seed: int) -> str:
    """One condition and what shows its outcome; the middle of its expression is quoted."""
    chance = random.Random(seed)
    text = "".join(chance.choices(LETTERS, k=chance.randrange(9)))
    middle = "".join(chance.choices(LETTERS, k=chance.randrange(3))) if chance.random() < 0.3 else ""
    before, after = expression(chance), expression(chance) if middle else ""
    return (
        f"t={quote(text)} p={quote(before)} q={quote(middle)} r={quote(after)}\n"
        f"shopt -{chance.choice('suuu')} nocasematch\n"
        f'[[ $t =~ $p"$q"$r ]]; echo "{seed} $?" "${{#BASH_REMATCH[@]}}" "${{BASH_REMATCH[@]//$n/|}}"\n'
    )


def run(command: list[str], script: str, locale: str) -> list[str]:
    """What a shell prints for the script."""
    environment = os.environ | {"LC_ALL": locale}
    done = subprocess.run(
        command,
        input=script.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=SECONDS,
        env=environment,
    )
    return done.stdout.decode("utf-8", "surrogateescape").splitlines()


def differences(first: int, count: int, locale: str) -> list[str]:
    """The conditions whose outcome differs, and both outcomes."""
    seeds = range(first, first + count)
    script = "n=$'\\n'\n" + "".join([condition(seed) for seed in seeds])
    ours, theirs = run(MSH, script, locale), run(["bash"], script, locale)
    assert len(theirs) == count, "bash did not run to its end"
    assert len(ours) == count, "msh did not run to its end"
    return [
        f"{condition(seed)}  msh:  {our}\n  bash: {their}"
        for seed, our, their in zip(seeds, ours, theirs, strict=True)
        if our != their
    ]


@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_random_expressions_match_as_in_bash(locale: str) -> None:
    assert not differences(0, COUNT, locale)


if __name__ == "__main__":
    shown = [one for locale in ("C.UTF-8", "C") for one in differences(int(sys.argv[1]), int(sys.argv[2]), locale)]
    print("\n".join([*shown, f"{len(shown)} differ"]))
