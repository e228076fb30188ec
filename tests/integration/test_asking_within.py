"""Connections of a step to its own servers, which the broker makes: they hold up nobody else."""

from __future__ import annotations

import pytest

from tests.support.asking import asked, place
from tests.support.attack import Attack

__all__ = ["place"]  # a fixture

SERVER = """
import os, socket, sys, threading, time
if sys.argv[1] == "unix":
    family, name = socket.AF_UNIX, "/tmp/server"
else:
    family, name = socket.AF_INET, ("127.0.0.1", 7000)
server = socket.socket(family)
server.bind(name)
server.listen(0)
def connect(found):
    while True:
        one = socket.socket(family)
        try:
            one.connect(name)
        except OSError:
            continue
        found.append(one)
        return
"""
HOG = (
    SERVER
    + """
for _ in range(9): threading.Thread(target=lambda: [connect([]) for _ in iter(int, 1)], daemon=True).start()
open("begun", "w").close()
while not os.path.exists("over"): time.sleep(0.05)
"""
)
LATE = (
    SERVER
    + """
found = []
threads = [threading.Thread(target=connect, args=(found,)) for _ in range(5)]
for each in threads: each.start()
while not found: time.sleep(0.01)
taken = [server.accept()[0] for _ in threads]
for each in threads: each.join()
print(len(found), [one.getpeername() == name for one in found], [one.getblocking() for one in found])
"""
)


@pytest.mark.parametrize("kind", ["unix", "inet"])
def test_a_server_that_lets_nobody_in_holds_up_no_other_step(place: Attack, kind: str) -> None:
    (place.directory / "hog.py").write_text(HOG)
    others = "for i in 1 2 3; do python3 -Ic 'print(1)'; done; : > over"
    script = f"python3 -I hog.py {kind} & until [ -e begun ]; do :; done; {others}; wait"
    ran = asked(place, "no\n", script, "--net", "ask")
    assert (ran.status, ran.stdout) == (0, b"1\n1\n1\n"), ran.output.decode()


@pytest.mark.parametrize("kind", ["unix", "inet"])
def test_who_has_to_wait_is_let_in_later(place: Attack, kind: str) -> None:
    (place.directory / "late.py").write_text(LATE)
    ran = asked(place, "no\n", f"python3 -I late.py {kind}", "--net", "ask")
    assert ran.stdout.decode() == f"5 {[True] * 5} {[True] * 5}\n", ran.output.decode()
