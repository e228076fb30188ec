"""CPU of a `while read` loop that counts 1,000,000 lines of a file, against bash. The bar is 8 times.

Loops are measured as scripts write them, and the worst ratio counts. `./dev bench lines 100000` takes fewer lines.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.shells import BASH, install, medians

LINES = 1_000_000
ROUNDS = 3
BAR = 8.0
LOOPS = {
    "read -r": "n=0; while read -r line; do n=$((n+1)); done < lines; echo $n",
    "read, ((": "n=0; while read line; do ((n++)); done < lines; echo $n",
    "IFS= read -r": "n=0; while IFS= read -r line; do n=$((n+1)); done < lines; echo $n",
    "two fields": "n=0; while read -r number rest; do n=$((n+1)); done < lines; echo $n",
}


def main(lines: int) -> int:
    """Measure and print; 1 when the bar is missed."""
    worst = 0.0
    with tempfile.TemporaryDirectory() as directory:
        msh = install(Path(directory))
        Path(directory, "lines").write_text("".join([f"{number} some more words\n" for number in range(lines)]))
        for name, text in LOOPS.items():
            runs = {"msh": [msh, "-c", text], "bash": [BASH, "-c", text]}
            found = medians(runs, ROUNDS, directory)
            ratio = found["msh"] / found["bash"]
            worst = max(worst, ratio)
            print(f"  {name}: msh {found['msh'] / 1e3:.2f} s, bash {found['bash'] / 1e3:.2f} s: {ratio:.1f} times")
    print(f"lines: {lines} lines counted in {worst:.1f} times the time of bash (bar {BAR:g})")
    return int(worst > BAR)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else LINES))
