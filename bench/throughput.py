"""Wall time of `cat FILE | tr a-z A-Z | wc -c` with 1 GB, through msh and through bash. The bar is 1.1 times.

Data between two steps flows through a kernel pipe and never through msh, so only the start of the three steps may cost.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

BYTES = 1_000_000_000
ROUNDS = 15
BAR = 1.1
LINE = "cat data | tr a-z A-Z | wc -c"


def wall(argv: list[str], directory: str) -> float:
    """Seconds from start to end; checks that every byte arrived."""
    start = time.perf_counter()
    done = subprocess.run(argv, cwd=directory, stdout=subprocess.PIPE, check=True)
    seconds = time.perf_counter() - start
    if int(done.stdout) != BYTES:
        raise SystemExit(f"{argv}: {done.stdout!r} bytes arrived")
    return seconds


def main() -> int:
    """Measure and print; 1 when the bar is missed."""
    msh = os.path.join(os.path.dirname(sys.executable), "msh")
    block = (b"the quick brown fox jumps over the lazy dog, 0123456789\n" * 20_000)[:1_000_000]
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(directory, "data"), "wb") as file:
            for _ in range(BYTES // len(block)):
                file.write(block)
        runs = [["bash", "-c", LINE], [msh, "-c", LINE]]
        for run in runs:
            wall(run, directory)
        pairs = [[wall(run, directory) for run in runs] for _ in range(ROUNDS)]
    bash, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"throughput: bash {bash:.2f} s, msh {ours:.2f} s: {ours / bash:.2f} times (bar {BAR})")
    return int(ours / bash > BAR)


if __name__ == "__main__":
    sys.exit(main())
