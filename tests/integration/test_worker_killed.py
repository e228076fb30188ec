"""A worker that is killed in the middle of a step, and the step tried again: the same result, and nothing doubled."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.worker import BoxedWorker, Run

if TYPE_CHECKING:
    from collections.abc import Iterator

# The second statement is the step: it appends, writes, removes, prints in between, and leaves a file in /tmp.
TEXT = """\
seq 50000 >big; echo first >log; echo old >gone; t=$(mktemp); echo start
{
    echo one; echo appended >>log; sleep 0.05; seq 100000 | tee copy | tail -n 1; echo problem >&2
    for i in 1 2 3; do echo "turn $i" >>log; echo "$i" >"out$i"; sleep 0.03; done
    echo more >>"$t"; rm gone; n=$((n + 1)); seq 20000; echo last
}
cat log "$t" out*; wc -l <copy; echo "$n"; ls
"""
COMMANDS = "seq sleep tee tail rm cat wc ls mktemp"


class Kills:
    """The run of TEXT with its second statement disturbed."""

    def __init__(self, store: str, other: BoxedWorker) -> None:
        self.run = Run(store, TEXT, "calm", COMMANDS)
        self.store = store
        self.other = other
        body = self.run.tree.body
        self.first, self.step, self.rest = range(len(body) - 5), len(body) - 5, range(len(body) - 4, len(body))
        begin = other.invoke(self.run.request(None, *self.first, returns=["t"]))
        self.begin: Any = begin["state"]
        self.variables = {"n": "1", "t": begin["variables"]["t"]}
        start = time.monotonic()
        answer = other.invoke(self.request("calm"))
        self.seconds = time.monotonic() - start
        self.expected = self.end(other, answer)

    def request(self, name: str, **more: object) -> dict[str, Any]:
        request = self.run.request(self.begin, self.step, variables=self.variables, returns=["n"], **more)
        return {**request, "run": name}

    def end(self, worker: BoxedWorker, answer: dict[str, Any]) -> tuple[object, ...]:
        """All that the script has come to after the rest of it has run."""
        variables = {**self.variables, **answer["variables"]}
        last = worker.invoke(self.run.request(answer["state"], *self.rest, variables=variables))
        status, stdout, stderr, found = self.run.result(last["state"])
        contents = {path: (entry.kind, entry.mode, entry.size, entry.sha256) for path, entry in found.files.items()}
        return status, stdout, stderr, contents, answer["rc"], answer["tail"], answer["variables"]

    def check(self, name: str, crash: int | None = None, after: float = 0.0) -> bool:
        """Kill the worker at a moment, try again with another; whether it was killed before it could answer."""
        killed = False
        with BoxedWorker(self.store) as worker:
            if crash is None:
                worker.invoke(self.run.request(None, *self.first))  # it is warm, so that the time is the step's
            worker.send(self.request(name) if crash is None else self.request(name, crash=crash))
            if crash is None:
                time.sleep(after)
                worker.process.kill()
            try:
                answer = worker.answer()
            except EOFError:
                killed = True
        # An answer that was given counts. One that was lost on its way is asked for again, and must be the same.
        if not killed:
            assert self.end(self.other, answer) == self.expected
        assert self.end(self.other, self.other.invoke(self.request(name))) == self.expected
        return killed


@pytest.fixture(scope="module")
def kills(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kills]:
    store = str(tmp_path_factory.mktemp("store"))
    with BoxedWorker(store) as worker:
        found = Kills(store, worker)
        status, stdout, stderr = found.expected[:3]
        assert status == 0 and stderr == b"problem\n" and isinstance(stdout, bytes)
        assert stdout.startswith(b"start\none\n100000\n1\n2\n3\n")
        log = b"first\nappended\nturn 1\nturn 2\nturn 3\nmore\n1\n2\n3\n100000\n2\n"
        assert stdout.endswith(b"last\n" + log + b"big\ncopy\nlog\nout1\nout2\nout3\n")
        yield found


STORED = 8  # standard output, six files, the commit


@pytest.mark.parametrize("moment", [0, 1, 7, 2 * STORED - 2, 2 * STORED - 1])
def test_killed_around_what_it_stores(kills: Kills, moment: int) -> None:
    assert kills.check(f"put{moment}", crash=moment)


def test_killed_in_mid_step(kills: Kills) -> None:
    kills.check("time", after=kills.seconds / 2)


@pytest.mark.slow
@pytest.mark.skipif("MSH_SLOW" not in os.environ, reason="takes a minute; `MSH_SLOW=1` runs it")
def test_killed_at_twenty_moments_and_around_all_it_stores(kills: Kills) -> None:
    killed = [kills.check(f"moment{number}", after=kills.seconds * number / 20) for number in range(20)]
    assert sum(killed) >= 15
    assert [kills.check(f"all{moment}", crash=moment) for moment in range(2 * STORED + 1)].count(False) == 1
