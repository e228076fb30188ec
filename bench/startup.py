"""CPU of the whole process: `msh -c true` against `python3 -c pass`. The bar is 4 times.

The two are started in turn, so that what else the machine does falls on both; each figure is a median.
"""

from __future__ import annotations

import os
import statistics
import sys

ROUNDS = 60
BAR = 4.0


def cpu(argv: list[str]) -> float:
    """User and system time of a process and its children, in milliseconds."""
    pid = os.posix_spawn(argv[0], argv, os.environ)
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{argv} ended with {os.waitstatus_to_exitcode(status)}")
    return (usage.ru_utime + usage.ru_stime) * 1000


def main() -> int:
    """Measure and print; 1 when the bar is missed."""
    msh = os.path.join(os.path.dirname(sys.executable), "msh")
    python = [sys.executable, "-c", "pass"]
    run = [msh, "-c", "true"]
    cpu(python), cpu(run)  # byte code is written, pages are read
    pairs = [(cpu(python), cpu(run)) for _ in range(ROUNDS)]
    bare, whole = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"startup: python3 -c pass {bare:.1f} ms, msh -c true {whole:.1f} ms: {whole / bare:.2f} times (bar {BAR})")
    return int(whole / bare > BAR)


if __name__ == "__main__":
    sys.exit(main())
