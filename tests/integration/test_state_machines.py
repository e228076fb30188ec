"""What machines rest on, tried on both engines: text that stays text, and loops that go on in further executions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from msh.aws import events
from msh.aws.asl import Code, States, Succeed, definition
from msh.aws.literals import quoted
from tests.support.machine import InProcess, OnEngine, Program, Ran, compile_script
from tests.unit.aws.test_literals import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.cloud import Cloud

LOOPS = """\
n=0 total=0
while test $n -lt 12; do
    n=$((n + 1))
    echo "turn $n" | tr a-z A-Z
    sleep 1
    for i in 1 2; do
        total=$((total + i))
        sleep 1
    done
done
echo "$n $total" > sums
(while ! test -e stop; do echo x >> log; sleep 1; test "$(wc -l < log)" -lt 9 || : > stop; n=$((n + 1)); done; exit 3)
echo "$? $n $(wc -l < log)"
for host in a b; do
    until test -e "$host.7"; do
        for k in 1 2 3 4 5 6 7; do test -e "$host.$k" || break; done
        echo "$host" > "$host.$k"
        sleep 1
    done
done
cat a.* b.7
"""
PRINTED = b"".join([b"TURN %d\n" % n for n in range(1, 13)]) + b"3 12 9\n" + b"a\n" * 7 + b"b\n"
SHORT = """\
n=0
while test $n -lt 5; do n=$((n + 1)); echo "turn $n"; sleep 1; done
echo "$n"
exit 4
"""


@pytest.fixture(scope="module")
def in_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    with InProcess(tmp_path_factory.mktemp("machines"), pace=0.01) as runner:
        yield runner


def run_with_little_room(
    text: str, room: int, directory: Path, runner: InProcess | OnEngine, monkeypatch: pytest.MonkeyPatch
) -> Ran:
    """A run whose loops go on elsewhere after a few turns; `room`: events of an execution."""
    monkeypatch.setattr(events, "BUDGET", room)
    workspace = directory / "workspace"
    workspace.mkdir()
    compiled = compile_script(Program("script.sh", text, workspace))
    assert "startExecution.sync:2" in json.dumps(compiled.definition)
    return runner.run(compiled)


def test_long_loops_in_process(in_process: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the machine's own level, in each other, in a subshell and in turns side by side."""
    ran = run_with_little_room(LOOPS, 300, tmp_path, in_process, monkeypatch)
    assert (ran.status, ran.stdout, ran.files["sums"]) == (0, PRINTED, b"12 36\n")


@pytest.mark.engine
def test_a_long_loop_on_the_engine(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = run_with_little_room(SHORT, 60, tmp_path, OnEngine(cloud), monkeypatch)
    assert (ran.status, ran.stdout) == (4, b"".join([b"turn %d\n" % n for n in range(1, 6)]) + b"5\n")


@pytest.mark.engine
def test_text_is_never_evaluated_by_the_engine(cloud: Cloud) -> None:
    """Case 98 of the escape cases, as a value and within an expression."""
    output: dict[str, Any] = {"values": HOSTILE, "codes": [Code(quoted(text)) for text in HOSTILE]}
    ended = cloud.run(cloud.machine(definition(States("only", (("only", Succeed(output)),)))), {"secret": "no"})
    assert ended.output == {"values": HOSTILE, "codes": HOSTILE}
