"""Parse speed against bashlex: `parse.py DIRECTORY...`. The bar is 3 times its KB/s.

Both parse each script in turn, in one process; only scripts that both parse count, by the best of a few rounds. bashlex
is another LALR parser of bash in Python; it is not a dependency (`pip install bashlex`). What `bash -n` takes for the
same scripts, less its start, is printed beside it.
"""

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.corpus_files import bash_accepts, scripts
from bench.shells import BASH, cpu, medians
from msh.diagnostics import MshError
from msh.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 3
BAR = 3.0


def seconds(function: Callable[[], object]) -> float:
    """CPU time of one call."""
    gc.collect(0)
    started = time.process_time()
    function()
    return time.process_time() - started


def main(directories: list[str]) -> int:
    """Measure and print; 1 when the bar is missed."""
    import bashlex

    files, size, ours, theirs, bash, all_size, all_ours = 0, 0, 0.0, 0.0, 0.0, 0, 0.0
    start = medians({"bash": [BASH, "-c", ":"]}, 20)["bash"]
    for source in scripts(directories):
        if not bash_accepts(str(source.path)):
            continue
        try:
            best = min(seconds(lambda source=source: parse(source)) for _ in range(ROUNDS))  # type: ignore[misc]
        except MshError:
            continue
        all_size, all_ours = all_size + len(source.text), all_ours + best
        try:
            other = min(seconds(lambda source=source: bashlex.parse(source.text)) for _ in range(ROUNDS))  # type: ignore[misc]
        except Exception:  # noqa: BLE001 (it raises of all kinds for what it cannot parse)
            continue
        files, size, ours, theirs = files + 1, size + len(source.text), ours + best, theirs + other
        bash += (min(cpu([BASH, "-n", str(source.path)]) for _ in range(ROUNDS)) - start) / 1e3
    print(f"msh: {all_size / 1024 / all_ours:.0f} KB/s over {all_size / 1024:.0f} KB")
    print(f"the {files} scripts ({size / 1024:.0f} KB) that both parse: bashlex {size / 1024 / theirs:.0f} KB/s")
    print(f"bash -n: {size / 1024 / bash:.0f} KB/s over those, {ours / bash:.1f} times as fast as msh")
    print(f"parse: {size / 1024 / ours:.0f} KB/s, {theirs / ours:.1f} times bashlex (bar {BAR})")
    return int(theirs / ours < BAR)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
