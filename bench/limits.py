"""Ends told apart: each kind of end many times, through the real command line, on the tier that this user has.

    ./dev bench limits [TIMES [BACKEND]]

On a cgroup tier every end must be called by its name. With rlimits none may be called by another's name; what cannot be
told must be named as that. Status 1 when it is not so.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from msh.sandbox.limits.tiers import tier

TIMES = 200
UNTOLD = "MSH438"
CODES = {"MSH431": "oom", "MSH432": "timeout", "MSH433": "cpu", "MSH434": "pids", "MSH435": "disk", "MSH436": "output"}
CATALOG = """
[hog]
run = { host = "python3" }
arguments = ["-Sc", "x = bytearray(1 << 30)"]
limits = { memory = "30m" }
[late]
run = { host = "sleep" }
arguments = ["60"]
limits = { time = "100ms" }
[spin]
run = { host = "sh" }
shell = false
arguments = ["-c", "while :; do :; done"]
limits = { cpu = "100ms" }
[forks]
run = { host = "python3" }
arguments = ["-Sc", "import os, time; [os.fork() or (time.sleep(1), os._exit(0)) for _ in range(30)]"]
limits = { pids = 10 }
[fills]
run = { host = "cat" }
arguments = ["/dev/zero"]
limits = { disk = "64k" }
[prints]
run = { host = "yes" }
limits = { output = "1k" }
[killed]
run = { host = "python3" }
arguments = ["-Sc", "import os; os.kill(os.getpid(), 9)"]
limits = { memory = "200m", cpu = 60, pids = 50, time = 60, disk = "1g", output = "1m" }
[fails]
run = { host = "sh" }
shell = false
arguments = ["-c", "exit 137"]
limits = { memory = "200m", cpu = 60, pids = 50, time = 60, disk = "1g", output = "1m" }
[ends]
run = { host = "true" }
limits = { memory = "200m", cpu = 60, pids = 50, time = 60, disk = "1g", output = "1m" }
"""
#: Command line → the end that it has. A SIGKILL of its own and an exit with 137 are one to a shell: neither is a limit.
ENDS = {
    **{"hog": "oom", "late": "timeout", "spin": "cpu", "forks": "pids", "fills > file": "disk"},
    **{"prints > file": "output", "killed": "signal", "fails": "signal", "ends": "exit"},
}


def main() -> int:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else TIMES
    backend = sys.argv[2] if len(sys.argv) > 2 else "bubblewrap"
    held = tier().name
    wrong = unknown = 0
    print(f"{times} times each, {backend}, {held}\n")
    for line, wanted in ENDS.items():
        found = Counter(ends(line, times, backend))
        wrong += sum([count for kind, count in found.items() if kind not in (wanted, "unknown")])
        unknown += found["unknown"]
        print(f"{wanted:8} {line:14} " + ", ".join([f"{kind} {count}" for kind, count in found.most_common()]))
    print(f"\nwrong: {wrong}, named as unknown: {unknown}")
    return int(wrong > 0 or (held != "rlimits" and unknown > 0))


def ends(line: str, times: int, backend: str) -> list[str]:
    """The kinds of as many ends of one command line, in one run of msh."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "commands.toml").write_text(CATALOG)
        script = f'for i in {{1..{times}}}; do {line}; echo "end $?" >&2; done'
        options = ["--backend", backend, "--catalog", "commands.toml", "--allow-weaker", "memory,cpu,pids"]
        argv = [sys.executable, "-m", "msh", *options, "-c", script]
        done = subprocess.run(argv, cwd=directory, capture_output=True, text=True, check=False)
    parts = re.split(r"^end (\d+)$", done.stderr, flags=re.MULTILINE)
    found = [kind_of(said, int(status)) for said, status in zip(parts[::2], parts[1::2], strict=False)]
    return [*found, *["missing"] * (times - len(found))]


def kind_of(said: str, status: int) -> str:
    """What msh called an end."""
    codes = re.findall(r"\[(MSH\d+)\]", said)
    for code in codes:
        if code in CODES:
            return CODES[code]
    if UNTOLD in codes:
        return "unknown"
    return "signal" if status > 128 else "exit"


if __name__ == "__main__":
    sys.exit(main())
