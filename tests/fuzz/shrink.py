"""Make a program on which msh and bash differ smaller: `python -m tests.fuzz.shrink SEED…`.

First its lines, many candidates in one run, then the parts of its tree (`tests/support/reduce.py`).
"""

from __future__ import annotations

import re
import subprocess
import sys

from tests.fuzz.test_grammar import seeded
from tests.support.reduce import reduced
from tests.support.side_by_side import BASH, MSH, NOTHING, outcomes

AT_ONCE = 25
LISTING = re.compile(r"(?m)^\W*(?:set|declare|typeset|local|export|trap|shopt|echo \$-)\s*$")  # another difference
TRIES = 300


def different(texts: dict[int, str]) -> dict[int, tuple[str, str]]:
    """The programs that bash and msh do not agree on, and the status of each."""
    bash, msh = outcomes(BASH, texts), outcomes(MSH, texts)
    return {key: (bash[key][0], msh[key][0]) for key in texts if bash[key] != msh[key] and bash[key] != NOTHING}


def shrunk(text: str) -> str:
    """The program without what the difference does not need."""
    [ends] = different({0: text}).values()
    lines = text.split("\n")
    size = max(1, len(lines) // 2)
    while size:
        found = _smaller(lines, size, ends)
        if found is not None:
            lines = found
        else:
            size //= 2

    def differs(candidate: str) -> bool:
        return _valid(candidate) and different({0: candidate}).get(0) == ends

    return reduced("\n".join(lines), differs, TRIES)


def _smaller(lines: list[str], size: int, ends: tuple[str, str]) -> list[str] | None:
    candidates = [lines[:at] + lines[at + size :] for at in range(0, len(lines), max(1, size // 2))]
    candidates = [each for each in candidates if len(each) < len(lines) and _valid("\n".join(each))]
    for first in range(0, len(candidates), AT_ONCE):
        texts = {index: "\n".join(each) for index, each in enumerate(candidates[first : first + AT_ONCE])}
        found = [key for key, statuses in different(texts).items() if statuses == ends]
        if found:
            return candidates[first + min(found, key=lambda index: len(texts[index]))]
    return None


def _valid(text: str) -> bool:
    """Whether bash can read it: what it cannot, msh refuses before anything runs."""
    if LISTING.search(text):
        return False
    ran = subprocess.run(["bash", "-O", "extglob", "-n"], input=text.encode(), capture_output=True, check=False)
    return ran.returncode == 0


def main() -> int:
    for seed, text in seeded([int(argument) for argument in sys.argv[1:]]).items():
        small = shrunk(text)
        print(f"#### {seed}\n{small}")
        for shell in (BASH, MSH):
            print(f"---- {shell[-1]} {outcomes(shell, {0: small})[0]}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
