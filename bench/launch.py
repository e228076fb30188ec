"""What a sandbox costs: one step on each backend, a pipeline, a loop, and a filter that asks about connections.

    bubblewrap    a `true` from its effects to its outcome, against plain `bwrap` with the same options
    native        the same with sandboxes that are ready, less a plain spawn of /bin/true
    pipeline      three stages that start together against one, on bubblewrap
    loop          1,000 in a row, native
    connect       bubblewrap with a notify filter for connect(2), less bubblewrap without; nobody connects

All are timed in turn in one process, so that what else the machine does falls on all of them.
"""

from __future__ import annotations

import os
import socket
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Callable

from msh.catalog.model import CommandSpec, Run
from msh.config import Settings
from msh.effects import Access, Effects
from msh.sandbox.backend import NO_CONTROLS, Controls, Notify, Pin, Plan, Process
from msh.sandbox.bubblewrap import find
from msh.sandbox.session import Session

ROUNDS = 200
LOOP = 1000
REST = 0.005  # seconds before each round, so that what the one before has left behind is done
RATIO, OVERHEAD, PIPELINE, RATE = 1.2, 1.5, 1.7, 250.0
NO_MORE_THAN = 0.3  # milliseconds: what is within the noise of a start
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/home/nobody"}
SPEC = CommandSpec("true", Run("host", "true"), programs="own")
EFFECTS = Effects((Access("read", "input"),), programs="own")
CONNECT = {"x86_64": 42, "aarch64": 203}[os.uname().machine]


class Bench:
    """Two sessions in one directory, and the ways to start a step."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.sessions = {name: Session(Settings(directory, backend=name)) for name in ("bubblewrap", "native")}
        steps = ((0x20, 0, 0, 0), (0x15, 0, 1, CONNECT), (6, 0, 0, 0x7FC00000), (6, 0, 0, 0x7FFF0000))
        self.filter = b"".join([struct.pack("HBBI", *step) for step in steps])

    def close(self) -> None:
        """End the launchers."""
        for session in self.sessions.values():
            session.close()

    def step(self, name: str) -> Process:
        """Start one from its effects."""
        session = self.sessions[name]
        policy = session.policy(SPEC, EFFECTS, ["true"], ENVIRONMENT, self.directory)
        return session.start(policy, {0: 0, 1: 1, 2: 2})

    def one(self, name: str) -> Callable[[], None]:
        """Start it and wait."""
        return lambda: ended(self.step(name))

    def three(self, name: str) -> Callable[[], None]:
        """Three that run at once."""

        def start() -> None:
            for process in [self.step(name) for _ in range(3)]:
                ended(process)

        return start

    def controlled(self, *, asks: bool) -> None:
        """Straight through the backend, with or without a notify filter."""
        session = self.sessions["bubblewrap"]
        policy = session.policy(SPEC, EFFECTS, ["true"], ENVIRONMENT, self.directory)
        backend = session._backend(policy)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        controls = Controls(notify=Notify(self.filter, theirs.fileno())) if asks else NO_CONTROLS
        process = backend.start(session.plan(policy), {0: 0, 1: 1, 2: 2}, frozenset(), controls)
        theirs.close()
        if asks:
            _, numbers, _, _ = socket.recv_fds(ours, 64, 1)
        ended(process)
        if asks:
            os.close(numbers[0])
        ours.close()

    def plain_bwrap(self, count: int = 1) -> Callable[[], None]:
        """bwrap with the plan's options as arguments and nothing else; so many at once."""
        session = self.sessions["bubblewrap"]
        policy = session.policy(SPEC, EFFECTS, ["true"], ENVIRONMENT, self.directory)
        return spawned([find(), *_words(session.plan(policy)), "--", "/usr/bin/true"], count)


def _words(plan: Plan) -> list[str]:
    words = [word.path if isinstance(word, Pin) else word for word in plan.words]
    return [word.removesuffix("-fd") if word.endswith("bind-fd") else word for word in words]


def spawned(argv: list[str], count: int = 1) -> Callable[[], None]:
    """Processes as posix_spawn(3) makes them, all at once."""

    def start() -> None:
        for pid in [os.posix_spawn(argv[0], argv, ENVIRONMENT) for _ in range(count)]:
            assert os.waitpid(pid, 0)[1] == 0

    return start


def ended(process: Process) -> None:
    """Wait for a step that must succeed."""
    assert process.wait().status == 0


def timed(start: Callable[[], None]) -> float:
    """Milliseconds of one start."""
    time.sleep(REST)
    before = time.perf_counter()
    start()
    return (time.perf_counter() - before) * 1e3


def measured(bench: Bench) -> dict[str, float]:
    """The medians, in milliseconds; the rate of the loop."""
    starts: dict[str, Callable[[], None]] = {
        "plain spawn": spawned(["/bin/true"]),
        "plain bwrap": bench.plain_bwrap(),
        "bubblewrap": bench.one("bubblewrap"),
        "native": bench.one("native"),
        "three spawns": spawned(["/usr/bin/true"], 3),
        "three bwrap": bench.plain_bwrap(3),
        "three stages": bench.three("bubblewrap"),
        "three native": bench.three("native"),
        "without asking": lambda: bench.controlled(asks=False),
        "asking": lambda: bench.controlled(asks=True),
    }
    times: dict[str, list[float]] = {name: [] for name in starts}
    for _ in range(ROUNDS):
        for name, start in starts.items():
            times[name].append(timed(start))
    for name, found in times.items():
        print(f"{name:15} median {statistics.median(found):6.2f} ms   min {min(found):6.2f} ms")
    medians = {name: statistics.median(found) for name, found in times.items()}
    pairs = zip(times["asking"], times["without asking"], strict=True)  # one right after the other
    medians["connect"] = statistics.median([asking - without for asking, without in pairs])
    before = time.perf_counter()
    for _ in range(LOOP):
        bench.one("native")()
    medians["rate"] = LOOP / (time.perf_counter() - before)
    return medians


def main() -> int:
    """Print each figure with its bar; 1 when one is missed."""
    with tempfile.TemporaryDirectory() as directory:
        with open(f"{directory}/input", "w"):
            pass
        bench = Bench(directory)
        try:
            found = measured(bench)
        finally:
            bench.close()
    ratio = found["bubblewrap"] / found["plain bwrap"]
    overhead = found["native"] - found["plain spawn"]
    pipeline = found["three stages"] / found["bubblewrap"]
    asking = found["connect"]
    print("load {:.1f} {:.1f} {:.1f}".format(*os.getloadavg()))
    print(f"bubblewrap over plain bwrap     {ratio:6.2f} times, bar {RATIO}")
    print(f"native over a plain spawn       {overhead:6.2f} ms, bar {OVERHEAD}")
    print(f"three stages over one           {pipeline:6.2f} times, bar {PIPELINE}")
    print(f"    of plain spawns             {found['three spawns'] / found['plain spawn']:6.2f} times")
    print(f"    of plain bwrap itself       {found['three bwrap'] / found['plain bwrap']:6.2f} times")
    print(f"    native                      {found['three native'] / found['native']:6.2f} times, bar {PIPELINE}")
    print(f"native in a loop                {found['rate']:6.0f} a second, bar {RATE:.0f}")
    print(f"a filter for connections        {asking:6.2f} ms, bar {NO_MORE_THAN}")
    pipeline = max(pipeline, found["three native"] / found["native"])
    held = ratio <= RATIO and overhead <= OVERHEAD and pipeline <= PIPELINE and asking <= NO_MORE_THAN
    return int(not held or found["rate"] < RATE)


if __name__ == "__main__":
    sys.exit(main())
