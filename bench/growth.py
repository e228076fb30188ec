"""10,000 steps in one process, as a service would start them: memory, descriptors and threads must not grow.

Counted in the process and in all that it keeps running beside it (the launcher, and the broker when there is one), when
the first thousand steps are done and at the end. Memory may differ by what an allocator keeps: 1 MB.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from msh.catalog.model import CommandSpec, Run
from msh.config import Settings
from msh.effects import Access, Effects
from msh.sandbox import close_inherited
from msh.sandbox.session import Session

STEPS = 10_000
SETTLED = 1_000
SLACK = 1 << 20  # bytes
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/home/nobody"}


@dataclass(frozen=True)
class Held:
    """What processes hold: bytes of private memory, descriptors, threads; `processes` is their number."""

    memory: int
    descriptors: int
    threads: int
    processes: int

    def __str__(self) -> str:
        size = f"{self.memory / 1e6:.1f} MB"
        return f"{size}, {self.descriptors} descriptors, {self.threads} threads, {self.processes} processes"


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += family(int(child))
    return found


def held() -> Held:
    """Of this process and its descendants. A collection touches what is shared with forks, whenever it comes: now."""
    gc.collect()
    time.sleep(0.5)  # what the last step's sandbox still has to tidy up is not kept
    pids = family(os.getpid())
    memory = threads = descriptors = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            memory += int(line.split()[1]) * 1024 if line.startswith("Private_Dirty:") else 0
        threads += len(os.listdir(f"/proc/{pid}/task"))
        descriptors += len(os.listdir(f"/proc/{pid}/fd"))
    return Held(memory, descriptors, threads, len(pids))


def main(backend: str = "bubblewrap") -> int:
    """Print what is held early and late; 1 when something grew."""
    close_inherited()
    with tempfile.TemporaryDirectory() as directory, Session(Settings(directory, backend=backend)) as session:
        Path(directory, "input").touch()
        spec = CommandSpec("true", Run("host", "true"))
        effects = Effects((Access("read", "input"),))
        early = held()
        for number in range(STEPS):
            policy = session.policy(spec, effects, ["true"], ENVIRONMENT, directory)
            if session.start(policy, {0: 0, 1: 1, 2: 2}).wait().status != 0:
                raise SystemExit(f"step {number} failed")
            if number + 1 == SETTLED:
                early = held()
        late = held()
    print(f"after {SETTLED:6} steps: {early}\nafter {STEPS:6} steps: {late}")
    grew = late.memory > early.memory + SLACK or late.descriptors > early.descriptors or late.threads > early.threads
    return int(grew or late.processes > early.processes)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
