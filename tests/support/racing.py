"""Races against the broker: a step whose one thread opens what the user allowed, while something swaps it for what was
denied.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

#: A second thread rewrites the path in memory while openat(2) is being judged.
REWRITTEN = """
import ctypes, os, sys, threading
top, count = os.environ["HOME"].encode() + b"/race", int(sys.argv[1])
call = ctypes.CDLL(None).openat
path = ctypes.create_string_buffer(top + b"/ok")
at, runs, got = ctypes.addressof(path) + len(top) + 1, True, {"ok": 0, "no": 0, "denied": 0}
def flip():
    while runs:
        ctypes.memmove(at, b"no", 2)
        ctypes.memmove(at, b"ok", 2)
other = threading.Thread(target=flip)
sys.setswitchinterval(1e-5)
other.start()
for _ in range(count):
    number = call(-100, path, 0)
    if number < 0: got["denied"] += 1
    else:
        got[os.read(number, 2).decode()] += 1
        os.close(number)
runs = False
other.join()
print(got)
"""

#: Something on the host swaps the link that is opened.
SWAPPED = """
import os, sys
path, got = os.environ["HOME"] + "/race/link", {"ok": 0, "no": 0, "denied": 0}
for _ in range(int(sys.argv[1])):
    try:
        with open(path) as file: got[file.read(2)] += 1
    except OSError: got["denied"] += 1
print(got)
"""


def raced(program: str, count: int, top: Path, environment: dict[str, str]) -> dict[str, int]:
    """How often the allowed file was read, the denied one, and neither, in `count` attempts below `top`."""
    race = top / "race"
    race.mkdir()
    (race / "ok").write_text("ok")
    (race / "no").write_text("no")
    (race / "link").symlink_to("ok")
    (top / "work").mkdir()
    (top / "work/p.py").write_text(program)
    rules = [f"[[rules]]\nanswer = '{answer}'\nkind = 'read'\npath = '{race / name}'\n" for answer, name in RULES]
    (top / "policy.toml").write_text("version = 1\n" + "".join(rules))
    argv = [sys.executable, "-m", "msh", "--policy", str(top / "policy.toml"), "-c", f"python3 -I p.py {count}"]
    with _Swapping(race):
        done = subprocess.run(
            argv,
            cwd=top / "work",
            env=environment | {"HOME": str(top), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )
    assert done.returncode == 0, done.stderr.decode()
    found = ast.literal_eval(done.stdout.decode())
    assert isinstance(found, dict)
    return found


RULES = (("allow", "ok"), ("deny", "no"))


class _Swapping:
    """Lets the link lead to one file and the other in turn."""

    def __init__(self, race: Path) -> None:
        self._race = race
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._swap)

    def _swap(self) -> None:
        number = 0
        while not self._ended.wait(0.0001):
            number += 1
            os.symlink(("no", "ok")[number % 2], self._race / "new")
            os.rename(self._race / "new", self._race / "link")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
