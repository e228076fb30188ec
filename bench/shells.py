"""The shells that are compared, and what a process costs: used by the measurements of the interpreter.

What two shells do is measured in turn, so that what else the machine does falls on both; figures are medians. CPU is
that of a process and all its children: on a machine that others use too, wall time tells nothing.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parent.parent
BASH = "/bin/bash"


def install(directory: Path, options: Sequence[str] = (), name: str = "msh") -> str:
    """Write the `msh` of this tree as one executable file that always gets these options; its path."""
    program = directory / name
    program.write_text(
        f"#!{sys.executable} -I\n"
        "import sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        f"sys.argv[1:1] = {list(options)!r}\n"
        "from msh.cli import start\n"
        "start()\n"
    )
    program.chmod(0o755)
    return str(program)


def cpu(argv: Sequence[str], directory: str | None = None) -> float:
    """User and system time, in milliseconds, of a process that has to succeed; its output is thrown away."""
    process = subprocess.Popen(argv, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if status:
        raise SystemExit(f"{argv} ended with {process.returncode}")
    return (usage.ru_utime + usage.ru_stime) * 1000


def medians(runs: Mapping[str, Sequence[str]], rounds: int, directory: str | None = None) -> dict[str, float]:
    """CPU of each command, in milliseconds: all in turn, `rounds` times."""
    for argv in runs.values():
        cpu(argv, directory)  # byte code is written, pages are read
    found = [[cpu(argv, directory) for argv in runs.values()] for _ in range(rounds)]
    return {name: statistics.median(column) for name, column in zip(runs, zip(*found, strict=True), strict=True)}


def peak_memory(argv: Sequence[str], mark: str = "ready\n") -> float:
    """The most memory, in MB, that a process has had resident when it writes `mark` and then reads a line.

    The kernel's own figure for a child that has ended counts what the parent had when it was started.
    """
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        if process.stdout.readline() != mark:
            raise SystemExit(f"{argv} did not get to its end")
        status = Path(f"/proc/{process.pid}/status").read_text()
        process.stdin.close()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024
