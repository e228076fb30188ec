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

#: A second thread rewrites the path in memory while a call on it is being judged.
FLIPPED = """
import ctypes, os, sys, threading
top, count = os.environ["HOME"].encode() + b"/race", int(sys.argv[1])
c = ctypes.CDLL(None)
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
    CALL
runs = False
other.join()
print(got)
"""

#: openat(2): what was read tells which file it was.
REWRITTEN = FLIPPED.replace(
    "    CALL\n",
    """\
    number = c.openat(-100, path, 0)
    if number < 0: got["denied"] += 1
    else:
        got[os.read(number, 2).decode()] += 1
        os.close(number)
""",
)

#: unlink(2): what was allowed is made again each time.
UNLINKED = FLIPPED.replace(
    "    CALL\n",
    """\
    done = c.unlink(path)
    got["denied" if done else "ok"] += 1
    if not done: os.close(os.open(top + b"/ok", os.O_CREAT | os.O_WRONLY))
""",
)

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

#: Something on the host swaps the link to the directory in which names are made.
MADE = """
import os, sys
path, got = os.environ["HOME"] + "/race/link", {"ok": 0, "no": 0, "denied": 0}
for _ in range(int(sys.argv[1])):
    try: os.mkdir(path + "/made")
    except OSError: got["denied"] += 1
    else: got["ok"] += 1
    try: os.rmdir(path + "/made")
    except OSError: pass
print(got)
"""


def raced(program: str, count: int, top: Path, environment: dict[str, str]) -> dict[str, int]:
    """How often the allowed file was read or changed, the denied one, and neither, in `count` attempts below `top`."""
    race = top / "race"
    race.mkdir()
    for name in ("ok", "no"):
        if program == MADE:
            (race / name).mkdir()
        else:
            (race / name).write_text(name)
    (race / "link").symlink_to("ok")
    (top / "work").mkdir()
    (top / "work/p.py").write_text(program)
    kind = "read" if program in (REWRITTEN, SWAPPED) else "write"
    more = "/made" if program == MADE else ""
    rules = [f"[[rules]]\nanswer = '{word}'\nkind = '{kind}'\npath = '{race / name}{more}'\n" for word, name in RULES]
    (top / "policy.toml").write_text("version = 1\n" + "".join(rules))
    before = (race / "no").stat().st_mtime_ns
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
    if program == UNLINKED:
        found["no"] = int((race / "no").read_text() != "no")
    elif program == MADE:
        found["no"] = int((race / "no").stat().st_mtime_ns != before)
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
