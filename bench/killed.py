"""msh ended by SIGKILL at random moments, 200 times: what it leaves behind.

No process may be left after a second. Files, mounts and control groups are tidied up by the next start, since who is
killed cannot do so itself. The bench adopts all orphans (PR_SET_CHILD_SUBREAPER), so none can hide.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from msh.sandbox.confine import adopt_orphans

ROUNDS = 200
LONGEST = 0.6  # seconds until the kill: start-up, the first sandboxes being made, running, ending
PATIENCE = 1.0
SCRIPT = """
sleep 60 &
for i in 1 2 3 4 5 6; do cat input | sort | head -n 1; done
(setsid sleep 61 &) | cat
x=$(cat input; sleep 62 | sleep 63)
"""


def children() -> list[int]:
    """Whoever is a child of this process, an orphan that it has adopted included."""
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def reap() -> None:
    """Collect adopted orphans that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue
    except ChildProcessError:
        return


def killed_after(seconds: float, argv: list[str], environment: dict[str, str], directory: str) -> list[str]:
    """Run, kill, wait: the command lines of what still runs a second later."""
    process = subprocess.Popen(
        argv,
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        reap()
        if not children():
            return []
        time.sleep(0.01)
    left = children()
    names = [Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode() for pid in left]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    reap()
    return names


def remains(temporary: str) -> list[str]:
    """Directories of runs, mounts below them and control groups of msh."""
    runs = [str(path) for path in Path(temporary).glob("msh-*/*") if path.name.startswith(("run-", "group-"))]
    mounts = [line for line in Path("/proc/self/mounts").read_text().splitlines() if temporary in line]
    groups = [str(path) for path in Path("/sys/fs/cgroup").glob("**/msh-*") if path.is_dir()]
    return runs + mounts + groups


def main(backend: str = "bubblewrap") -> int:
    """Print what was left; 1 when there was anything."""
    adopt_orphans()
    root = Path(__file__).parents[1]
    argv = [sys.executable, "-m", "msh", "--backend", backend, "-c"]
    chance = random.Random(4)  # the same moments each time
    with tempfile.TemporaryDirectory() as temporary, tempfile.TemporaryDirectory() as directory:
        Path(directory, "input").write_text("b\na\n")
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "TMPDIR": temporary, "PYTHONPATH": str(root)}
        before = remains("/nowhere")
        left = []
        for _ in range(ROUNDS):
            left += killed_after(chance.uniform(0, LONGEST), [*argv, SCRIPT], environment, directory)
        kept = len(remains(temporary))
        subprocess.run([*argv, "cat input"], cwd=directory, env=environment, stdout=subprocess.DEVNULL, check=True)
        after = [path for path in remains(temporary) if path not in before]
    print(
        f"{ROUNDS} kills: {len(left)} processes left after {PATIENCE:g} s; {kept} files, mounts and groups, "
        f"{len(after)} after the next start"
    )
    for name in [*left, *after]:
        print(f"  {name}")
    return int(bool(left or after))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
