"""Resident memory at its most: of `msh -c true` (bar 30 MB), and of scripts of 100,000 lines (bar 200 MB).

Scripts of several kinds are run to their end, and the largest counts.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.shells import BASH, install, peak_memory

LINES = 100_000
SMALL, LARGE = 30.0, 200.0
END = "\nprintf 'ready\\n'; read -r line\n"
KINDS = {
    "assignments": "x{n}=$((x + {n}))",
    "commands": ": some words and a 'quoted {n}'",
    "functions": 'f{n}() {{ : "$1" {n}; }}',
    "dense": 'i=$((i + {n})); if [ "$i" -lt 0 ]; then : "a $i {n}" > /dev/null; fi; x=${{i%0}}',
}


def one(shells: dict[str, str], name: str, arguments: list[str]) -> float:
    """Measure and print one script; what msh took."""
    ours, theirs = (peak_memory([path, *arguments]) for path in shells.values())
    print(f"  {name}: msh {ours:.1f} MB, bash {theirs:.1f} MB: {ours / theirs:.1f} times")
    return ours


def main() -> int:
    """Measure and print; 1 when a bar is missed."""
    with tempfile.TemporaryDirectory() as directory:
        shells = {"msh": install(Path(directory)), "bash": BASH}
        small = one(shells, "-c true", ["-c", "true" + END])
        large = 0.0
        for name, line in KINDS.items():
            script = Path(directory, "script")
            script.write_text("".join([line.format(n=number) + "\n" for number in range(LINES)]) + END)
            large = max(large, one(shells, f"{LINES} lines, {name}", [str(script)]))
    print(f"memory: `-c true` {small:.1f} MB (bar {SMALL:g}), {LINES} lines {large:.1f} MB (bar {LARGE:g})")
    return int(small > SMALL or large > LARGE)


if __name__ == "__main__":
    sys.exit(main())
