"""Make a program on which msh and bash differ smaller, line by line: `python -m tests.fuzz.shrink SEED…`."""

from __future__ import annotations

import subprocess
import sys

from tests.fuzz.test_grammar import differences, seeded

AT_ONCE = 25


def shrunk(text: str) -> str:
    """The program without the lines, and ends of lines, that the difference does not need."""
    lines = text.split("\n")
    [(bash, msh)] = differences({0: text}).values()
    ends = bash[0], msh[0]
    size = max(1, len(lines) // 2)
    while size:
        found = _smaller(lines, size, ends)
        if found is not None:
            lines = found
        else:
            size //= 2
    return "\n".join(lines)


def _smaller(lines: list[str], size: int, ends: tuple[str, str]) -> list[str] | None:
    candidates = [lines[:at] + lines[at + size :] for at in range(0, len(lines), max(1, size // 2))]
    candidates = [each for each in candidates if len(each) < len(lines) and _valid("\n".join(each))]
    for first in range(0, len(candidates), AT_ONCE):
        texts = {index: "\n".join(each) for index, each in enumerate(candidates[first : first + AT_ONCE])}
        different = [seed for seed, (bash, msh) in differences(texts).items() if (bash[0], msh[0]) == ends]
        if different:
            return candidates[first + min(different, key=lambda index: len(texts[index]))]
    return None


def _valid(text: str) -> bool:
    """Whether bash can read it: what it cannot, msh refuses before anything runs."""
    ran = subprocess.run(["bash", "-O", "extglob", "-n"], input=text.encode(), capture_output=True, check=False)
    return ran.returncode == 0


def main() -> int:
    for seed in map(int, sys.argv[1:]):
        text = shrunk(seeded(seed, 1)[seed])
        print(f"#### {seed}\n{text}")
        for bash, msh in differences({0: text}).values():
            print(f"---- bash {bash}\n---- msh  {msh}\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
