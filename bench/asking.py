"""What a call costs that waits for the broker, and what is read and changed in races against it.

    ./dev bench asking [OPENS [LINKS]]

The program that is timed runs as a step, once without the broker's filter and once with it. The files that are handed
out belong to this user, so the step gets them through a read-only mount. Handing out is also timed with all on one
processor: the rest is what it takes to wake another, twice a call, which only the kernel could spare.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.support.racing import MADE, REWRITTEN, SWAPPED, UNLINKED, raced

BAR = 60.0  # microseconds
ROUNDS = 3  # of all in turn; the best counts
PROGRAM = """
import os, socket, sys, time
path = sys.argv[1]
def best(act):
    def once():
        before = time.perf_counter()
        for _ in range(500): act()
        return (time.perf_counter() - before) / 500 * 1e6
    return min(once() for _ in range(10))
print(best(lambda: os.close(os.open(path, 0))))
"""


def opened(path: str, top: Path, prompt: str, processors: set[int]) -> float:
    """Microseconds of one open and close of a file, the best of ten times 500."""
    (top / "p.py").write_text(PROGRAM)
    argv = [sys.executable, "-m", "msh", f"--prompt={prompt}", "-c", f"python3 -I p.py {path}"]
    environment = {**os.environ, "HOME": str(top.parent), "PYTHONPATH": str(Path(__file__).parent.parent)}
    done = subprocess.run(
        argv,
        cwd=top,
        input=b"yes\n" * 5,
        capture_output=True,
        env=environment,
        preexec_fn=lambda: os.sched_setaffinity(0, processors),
    )
    assert done.returncode == 0, done.stderr.decode()
    return float(done.stdout)


def main(opens: int = 100_000, links: int = 10_000) -> int:
    """Print the figures; 1 when a bar is missed."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        top = Path(directory, "home/start")
        top.mkdir(parents=True)
        (top.parent / "given").write_text("x")
        (top / "own").write_text("x")
        given = str(top.parent / "given")
        kinds = (("/usr/lib/os-release", "no"), ("/usr/lib/os-release", "stdin"), ("own", "stdin"), (given, "stdin"))
        every = os.sched_getaffinity(0)
        ways = [*[(*kind, every) for kind in kinds], (*kinds[-1], {min(every)})]
        rounds = [[opened(path, top, prompt, where) for path, prompt, where in ways] for _ in range(ROUNDS)]
        plain, fixed, own, handed, on_one = map(min, zip(*rounds, strict=True))
        print("load {:.1f} {:.1f} {:.1f}".format(*os.getloadavg()))
        print(f"open without a filter         {plain:7.1f} us")
        print(f"waits, below /usr             {fixed:7.1f} us (bar: {BAR:g})")
        print(f"waits, in the step's own tree {own:7.1f} us")
        print(f"waits, handed out             {handed:7.1f} us (bar: {BAR:g})")
        print(f"    all on one processor      {on_one:7.1f} us")
        missed = max(fixed, handed) > BAR
        races = (
            ("opens of rewritten paths", REWRITTEN, opens),
            ("opens of swapped links", SWAPPED, links),
            ("deletions of rewritten paths", UNLINKED, opens),
            ("directories made below swapped links", MADE, links),
        )
        for name, program, count in races:
            place = Path(directory, name.replace(" ", "-"))
            place.mkdir()
            found = raced(program, count, place, dict(os.environ))
            print(f"{count} {name}: {found['no']} forbidden (bar: 0), {found['ok']} allowed")
            missed |= found["no"] > 0
        return int(missed)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
