"""CPU of the whole process: `msh -c true` against `python3 -c pass`. The bar is 4 times, the goal 2.5."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.shells import BASH, install, medians

ROUNDS = 60
BAR, GOAL = 4.0, 2.5


def main() -> int:
    """Measure and print; 1 when the bar is missed."""
    with tempfile.TemporaryDirectory() as directory:
        msh = install(Path(directory))
        runs = {"python": [sys.executable, "-c", "pass"], "msh": [msh, "-c", "true"], "bash": [BASH, "-c", "true"]}
        found = medians(runs, ROUNDS)
    ratio = found["msh"] / found["python"]
    print(f"startup: python3 -c pass {found['python']:.1f} ms, msh -c true {found['msh']:.1f} ms", end="; ")
    print(f"bash {found['bash']:.1f} ms, msh {found['msh'] / found['bash']:.1f} times that")
    print(f"startup: {ratio:.2f} times python3 -c pass (bar {BAR:g}, goal {GOAL:g})")
    return int(ratio > BAR)


if __name__ == "__main__":
    sys.exit(main())
