"""CPU of 1,000 turns of a loop with `:` and one `$((i+1))`, over the start of a shell. The bar is 20 ms.

Three ways to write it are measured, and the slowest counts. What the first turn imports and compiles is in it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.shells import BASH, install, medians

ROUNDS = 40
BAR = 20.0
LOOPS = {
    "while": "i=0; while [ $i -lt 1000 ]; do :; i=$((i+1)); done",
    "for": "i=0; for n in {1..1000}; do :; i=$((i+1)); done",
    "for ((": "i=0; for ((n = 0; n < 1000; n++)); do :; i=$((i+1)); done",
}


def main() -> int:
    """Measure and print; 1 when the bar is missed."""
    with tempfile.TemporaryDirectory() as directory:
        shells = {"msh": install(Path(directory)), "bash": BASH}
        texts = {"start": "true", **LOOPS}
        runs = {f"{shell} {name}": [path, "-c", text] for name, text in texts.items() for shell, path in shells.items()}
        found = medians(runs, ROUNDS)
    most = 0.0
    for name in LOOPS:
        ours, theirs = (found[f"{shell} {name}"] - found[f"{shell} start"] for shell in shells)
        most = max(most, ours)
        print(f"  {name} …: msh {ours:.1f} ms over start, bash {theirs:.1f} ms: {ours / theirs:.1f} times")
    print(f"loop: 1000 turns take {most:.1f} ms over start (bar {BAR:g})")
    return int(most > BAR)


if __name__ == "__main__":
    sys.exit(main())
