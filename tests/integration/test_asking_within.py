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
connect(found)  # and the queue is full
# Of several that come over TCP at the same moment some may wait for minutes, with or without msh.
threads = [threading.Thread(target=connect, args=(found,)) for _ in range(4 if sys.argv[1] == "unix" else 1)]
for each in threads: each.start()
time.sleep(0.3)  # else they may not have to wait
taken = [server.accept()[0] for _ in range(1 + len(threads))]
for each in threads: each.join()
print(len(found) == len(taken), {one.getpeername() == name for one in found}, {one.getblocking() for one in found})
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
    assert ran.stdout.decode() == "True {True} {True}\n", ran.output.decode()
