"""Start-up of one sandboxed `true` through msh's launcher, against plain `bwrap` with the same options.

Both are timed from before the spawn to after the wait, in turn. The launcher does more for its time: it makes the
policy from effects, resolves its mounts to descriptors, passes the options by a memory file and adds the
system-call filter.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

from msh.catalog.model import CommandSpec, Run
from msh.config import Settings
from msh.effects import Access, Effects
from msh.sandbox.backend import Pin, Plan
from msh.sandbox.bubblewrap import find
from msh.sandbox.session import Session

ROUNDS = 200
BAR = 1.4
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/home/nobody"}


def plain(plan: Plan) -> Callable[[], None]:
    """bwrap with the plan's options as arguments and nothing else."""
    words = [word.path if isinstance(word, Pin) else word for word in plan.words]
    words = [word.removesuffix("-fd") if word.endswith("bind-fd") else word for word in words]
    program = find()
    argv = ["bwrap", *words, "--", plan.arguments[0]]

    def start() -> None:
        pid = os.posix_spawn(program, argv, {})
        assert os.waitpid(pid, 0)[1] == 0

    return start


def launcher(session: Session, directory: str) -> Callable[[], None]:
    """A step from its effects to its outcome."""
    spec = CommandSpec("true", Run("host", "true"))
    effects = Effects((Access("read", "input"),))

    def start() -> None:
        policy = session.policy(spec, effects, ["true"], ENVIRONMENT, directory)
        assert session.start(policy, {0: 0, 1: 1, 2: 2}).wait().status == 0

    return start


def timed(start: Callable[[], None]) -> float:
    """Milliseconds of one start."""
    before = time.perf_counter()
    start()
    return (time.perf_counter() - before) * 1e3


def main() -> int:
    """Print both medians and their ratio; 1 when the bar is missed."""
    with tempfile.TemporaryDirectory() as directory, Session(Settings(directory)) as session:
        with open(f"{directory}/input", "w"):
            pass
        spec = CommandSpec("true", Run("host", "true"))
        policy = session.policy(spec, Effects((Access("read", "input"),)), ["true"], ENVIRONMENT, directory)
        starts = {"launcher": launcher(session, directory), "plain bwrap": plain(session.plan(policy))}
        times: dict[str, list[float]] = {name: [] for name in starts}
        for _ in range(ROUNDS):
            for name, start in starts.items():
                times[name].append(timed(start))
    medians = {name: statistics.median(found) for name, found in times.items()}
    for name, found in times.items():
        print(f"{name:12} median {medians[name]:5.2f} ms   min {min(found):5.2f} ms")
    ratio = medians["launcher"] / medians["plain bwrap"]
    print(f"ratio {ratio:.2f}, bar {BAR}")
    return int(ratio > BAR)


if __name__ == "__main__":
    sys.exit(main())
