"""Whole requests, answered by a worker on a machine of its own (see tests/support/worker.py)."""

from __future__ import annotations

import json
import os
import re
import time
from typing import TYPE_CHECKING

import pytest

from msh.aws.place import machine
from msh.aws.request import described_items, encoded_variables, last_value, read_request, shown
from msh.aws.scripts import Scripts
from msh.aws.store import DirectoryStore, read, write
from msh.diagnostics import MshError
from tests.support.worker import BoxedWorker, Run, WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def worker(store: str) -> Iterator[BoxedWorker]:
    with BoxedWorker(store) as found:
        yield found


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """Of a run: one for each test."""
    return re.sub(r"\W", "", request.node.name)


def code_of(error: pytest.ExceptionInfo[MshError]) -> str:
    [diagnostic] = error.value.diagnostics
    return diagnostic.code


def test_files_variables_and_all_other_state_travel(worker: BoxedWorker, store: str, name: str) -> None:
    text = """\
cd /tmp; t=$(mktemp); echo scratch >"$t"; export e=1
mkdir -p "$OLDPWD/d"; cd "$OLDPWD/d"; f() { echo "f $1"; }; set -u; umask 027; trap 'echo bye' EXIT
f "$x" >out; cat "$t" out; ls -l out | cut -c1-10
echo "$LINENO $e $0"; printenv e; (exit 3)
"""
    run = Run(store, text, name, "mktemp mkdir cat ls cut printenv")
    state, answer = None, {}
    for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16):
        if number > len(run.tree.body):
            break
        answer = worker.invoke(run.request(state, number - 1, variables={"x": "given"}, returns=["x", "t"]))
        state = answer["state"]
    assert answer["rc"] == 3 and answer["variables"]["x"] == "given" and not answer["exited"]
    status, stdout, stderr, found = run.result(state)
    assert (status, stdout, stderr) == (3, b"scratch\nf given\n-rw-r-----\n4 1 script.sh\n1\n", b"")
    scratch = answer["variables"]["t"]
    assert sorted(found.files) == sorted([scratch, "d", "d/out"]) and scratch.startswith("/tmp/tmp.")
    last = worker.invoke(run.request(state, at=[], exit={"status": 3}))
    assert run.result(last["state"])[1].endswith(b"bye\n")


def test_standard_input_goes_on_where_it_stopped(worker: BoxedWorker, store: str, name: str) -> None:
    run = Run(store, "read -r a\nread -r b\ncat", name, "cat")
    write(run.store, f"{name}/in", b"".join([b"%d\n" % n for n in range(5000)]))
    given = {"stdin": {"key": f"{name}/in", "size": 23890}}
    state = None
    for number in range(3):
        answer = worker.invoke(run.request(state, number, input=given if state is None else None, returns=["a", "b"]))
        state = answer["state"]
    assert answer["variables"] == {"a": "0", "b": "1"}
    assert run.result(state)[1].splitlines()[::4997] == [b"2", b"4999"]


def test_a_failure_is_an_answer(worker: BoxedWorker, store: str, name: str) -> None:
    run = Run(store, "set -e; echo out; ls nowhere; echo not this", name, "ls")
    answer = worker.invoke(run.request(None))
    assert (answer["rc"], answer["exited"], answer["stdout_tail"]) == (2, True, "out\n")
    assert answer["tail"].startswith("ls: cannot access 'nowhere'")


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("x=b; case $x in a) ;; b) ;; esac", "case", {"choice": 1}),
        ("for i in a 'b c' $(printf '\\377'); do :; done", "items", {"last": {"base64": "/w=="}}),
        ("for i in; do :; done", "items", {"items": []}),
        ("sleep 61", "seconds", {"seconds": 61}),
    ],
)
def test_what_a_region_decides(
    worker: BoxedWorker, store: str, name: str, text: str, kind: str, expected: dict[str, object]
) -> None:
    run = Run(store, text, name, "sleep printf")
    statement = run.tree.body[-1]
    node = getattr(statement, "command", statement)
    at = [[one.start, one.end] for one in run.tree.body[:-1]]
    answer = worker.invoke(run.request(None, at=at, decide={"kind": kind, "at": [node.start, node.end]}))
    assert answer.items() >= expected.items()
    if kind == "items" and answer["items"]:
        assert [part["values"] for part in answer["items"]] == [["a"], ["b c"], [{"base64": "/w=="}]]


def test_large_values_travel_by_reference(worker: BoxedWorker, store: str, name: str) -> None:
    run = Run(store, "x=$(seq 2000); y=small\n:\necho ${#x}\nx=$x.", name, "seq")
    first = worker.invoke(run.request(None, 0, 1, returns=["x", "y", "z"]))
    assert first["variables"]["x"].keys() == {"reference", "size"}
    assert (first["variables"]["y"], first["variables"]["z"]) == ("small", None)
    second = worker.invoke(run.request(first["state"], 2, 3, variables=first["variables"], returns=["x"]))
    assert second["variables"]["x"] == first["variables"]["x"], "what is as it was is not stored again"
    third = worker.invoke(run.request(second["state"], 4, variables=second["variables"], returns=["x"]))
    assert third["variables"]["x"]["reference"] != first["variables"]["x"]["reference"]
    assert run.result(third["state"])[1] == b"8892\n"


def test_output_comes_through_whatever_its_size(worker: BoxedWorker, store: str, name: str) -> None:
    run = Run(store, "seq 300000; seq 1000000 1300000 >&2\nprintf '\\377\\0x'\n:", name, "seq")
    state = None
    for number in range(4):
        answer = worker.invoke(run.request(state, number))
        state = answer["state"]
    _, stdout, stderr, found = run.result(state)
    assert stdout == b"".join([b"%d\n" % n for n in range(1, 300001)]) + b"\xff\0x"
    assert stderr == b"".join([b"%d\n" % n for n in range(1000000, 1300001)])
    assert [bool(piece.key) for piece in found.stdout] == [True, False]
    assert len(json.dumps(answer)) < 8000


def test_turns_that_ran_side_by_side_are_one_run(worker: BoxedWorker, store: str, name: str) -> None:
    run = Run(store, "echo start >log\nfor i in 1 2 3; do echo $i; echo $i >f$i; done\ncat f* log", name, "cat")
    first = worker.invoke(run.request(None, 0))["state"]
    loop = run.tree.body[1].command
    turns = [
        worker.invoke(run.request(first, at=[], turns={"at": [loop.start, loop.end], "values": values}))["state"]
        for values in (["1"], ["2", "3"])
    ]
    last = worker.invoke(run.request({"base": first, "turns": turns}, 2))
    status, stdout, _, found = run.result(last["state"])
    assert (status, stdout) == (0, b"1\n2\n3\n1\n2\n3\nstart\n")
    assert sorted(found.files) == ["f1", "f2", "f3", "log"]


def test_only_the_files_that_are_asked_for_are_fetched(worker: BoxedWorker, store: str, name: str) -> None:
    run = Run(store, "echo a >a; echo b >b\ncat a; rm a\nls", name, "cat rm ls")
    first = worker.invoke(run.request(None, 0, 1))["state"]
    second = worker.invoke(run.request(first, 2, 3, files=["a"]))["state"]
    found = run.result(second)[3]
    assert sorted(found.files) == ["b"]
    os.unlink(os.path.join(store, found.files["b"].key))
    third = worker.invoke(run.request(second, 4, files=[]))
    assert third["stdout_tail"] == ""
    with pytest.raises(WorkerError, match="MshRefused: MSH506"):
        worker.invoke(run.request(second, 4))


# ---- what one invocation leaves to the next -------------------------------------------------


def test_nothing_leaks_from_one_invocation_to_the_next(worker: BoxedWorker, store: str, name: str) -> None:
    text = """\
export SECRET=1; umask 0; ulimit -n 700; exec 9>kept; touch /tmp/left; cd /; sleep 0.1 & trap '' TERM
env; umask; ls -A /tmp . ; pwd; ls /proc; ls -l /proc/self/fd; ulimit -n
"""
    run = Run(store, text, name, "touch sleep env ls")
    other = Run(store, text, f"{name}2", "touch sleep env ls")
    first = other.tree.body[-7:]
    at = [[one.start, one.end] for one in first]
    before = worker.invoke(other.request(None, at=at))
    worker.invoke(run.request(None, *range(len(run.tree.body) - 7)))
    after = worker.invoke(other.request(None, at=at))
    assert _steady(before["stdout_tail"]) == _steady(after["stdout_tail"])


def _steady(text: str) -> list[str]:
    """A listing without the numbers that differ from one process to the next."""
    return [re.sub(r"\d+", "N", line.split(" -> ")[-1]) for line in text.splitlines()]


def test_a_worker_stays_as_it_was(worker: BoxedWorker, store: str, name: str) -> None:
    run = Run(store, ":", name)
    pid = _inner(worker)
    found = []
    for _ in range(3):
        for _ in range(20):
            worker.invoke(run.request(None))
        with open(f"/proc/{pid}/status") as file:
            size = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
        found.append((size, len(os.listdir(f"/proc/{pid}/fd")), _children(pid)))
    assert found[1][1:] == found[2][1:] and found[2][2] == []
    assert found[2][0] - found[1][0] < 400  # kB


def _inner(worker: BoxedWorker) -> int:
    """The worker's own process: bubblewrap's grandchild."""
    pid = worker.process.pid
    while found := _children(pid):
        pid = found[0]
    return pid


def _children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(word) for word in file.read().split()]


# ---- what cannot be done --------------------------------------------------------------------


def test_time_that_is_up_is_said_and_everything_ended(worker: BoxedWorker, store: str, name: str) -> None:
    run = Run(store, "echo x >f; sleep 50 & sleep 50", name, "sleep")
    with pytest.raises(WorkerError, match="MshRefused: MSH512: `L1` was not done"):
        worker.invoke(run.request(None, seconds=0.5))
    assert _children(_inner(worker)) == []
    assert not [key for key in run.store.keys(f"{name}/") if key.endswith("commit.json")]


def test_what_a_script_leaves_running_is_ended(worker: BoxedWorker, store: str, name: str) -> None:
    run = Run(
        store, "setsid -f sleep 30; (sleep 30 >/dev/null 2>&1 </dev/null & ) ; echo done; kill $!", name, "setsid sleep"
    )
    assert worker.invoke(run.request(None, 0, seconds=20))["rc"] == 0
    assert _children(_inner(worker)) == []
    deadline = time.monotonic() + 10
    while (threads := len(os.listdir(f"/proc/{_inner(worker)}/task"))) > 1 and time.monotonic() < deadline:
        time.sleep(0.01)  # a thread that was joined is the kernel's for a moment more
    assert threads == 1


def test_a_step_cannot_look_into_its_worker(worker: BoxedWorker, store: str, name: str) -> None:
    """The environment, memory and descriptors of the worker's processes: its role's credentials are in there."""
    run = Run(store, f"python3 - <<'END'\n{PROBE}END", name, "python3")
    answer = worker.invoke(run.request(None))
    assert (answer["rc"], answer["tail"]) == (0, "")
    assert set(answer["stdout_tail"].split()) == {"closed"}


PROBE = """\
import os
me = os.getpid()
for pid in [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != me]:
    with open(f"/proc/{pid}/cmdline") as file:
        words = file.read().split(chr(0))
    for name in ("environ", "mem", "maps", "fd/0", "cwd"):
        try:
            path = f"/proc/{pid}/{name}"
            os.readlink(path) if name in ("fd/0", "cwd") else open(path).read(1)
            if words[0] != "bwrap":  # the box, not the worker
                print(pid, name, words[:3])
        except OSError:
            print("closed")
"""


def test_a_shell_that_is_killed_is_said(worker: BoxedWorker, store: str, name: str) -> None:
    run = Run(store, "echo x >f; kill -KILL $$", name)
    with pytest.raises(WorkerError, match="MshRefused: MSH513: the shell of `L1` was ended by signal 9"):
        worker.invoke(run.request(None))
    assert not list(run.store.keys(f"{name}/"))


def test_a_missing_command_is_named(worker: BoxedWorker, store: str, name: str) -> None:
    run = Run(store, "jq .", name, "jq")
    key = f"scripts/{run.sha256}/commands.json"
    document = json.loads(read(run.store, key))
    document["commands"]["jq"]["run"] = {"host": "jq-of-another-machine"}
    write(run.store, key, json.dumps(document).encode())
    with pytest.raises(WorkerError, match="MshRefused: MSH511: this worker does not have `jq`"):
        worker.invoke(run.request(None))


def test_a_command_that_is_not_the_plans_is_not_there(worker: BoxedWorker, store: str, name: str) -> None:
    run = Run(store, "x=ls; $x", name, "cat")
    answer = worker.invoke(run.request(None))
    assert answer["rc"] == 127 and "MSH201" in answer["tail"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 2}, "MSH510.*version 2"),
        ({"run": "../x"}, "MSH510"),
        ({"script": "../x"}, "MSH510"),
        ({"script": "0" * 64}, "MSH506"),
        ({"state": "none/commit.json"}, "MSH506"),
        ({"state": "../commit.json"}, "MSH506"),
        ({"state": {"base": 7}}, "MSH507"),
        ({"input": {"files": "none"}}, "MSH506"),
        ({"variables": {"x": {"reference": "none"}}}, "MSH506"),
        ({"at": None, "turns": {"at": [0, 1]}}, "MSH510"),
    ],
    ids=str,
)
def test_a_wrong_request_is_refused(
    worker: BoxedWorker, store: str, name: str, change: dict[str, object], said: str
) -> None:
    run = Run(store, "echo x", "wrong")
    before = list(run.store.keys("wrong/"))
    with pytest.raises(WorkerError, match=f"MshRefused: {said}"):
        worker.invoke({**run.request(None), **change})
    assert list(run.store.keys("wrong/")) == before


def test_a_store_that_refuses_leaves_nothing_that_counts(worker: BoxedWorker, store: str, name: str) -> None:
    """Whichever object it refuses: it is said, nothing is committed, and the next request is none the worse."""
    text = "echo old >f; seq 9000 >g\nseq 10000; seq 10000 >&2; echo new >>f; rm g; echo h >h; x=$(seq 4000)\ncat f; ls"
    run = Run(store, text, name, "seq rm cat ls")
    first = worker.invoke(run.request(None, 0, 1))["state"]
    commits = [key for key in run.store.keys(f"{name}/") if key.endswith("commit.json")]
    request = run.request(first, *range(2, len(run.tree.body) - 2), returns=["x"])
    for number in range(6):  # both outputs, two files, a variable, the commit
        with pytest.raises(WorkerError, match=r"MshRefused: MSH502: access to .* was denied: PutObject says"):
            worker.invoke({**request, "refuse": number})
        assert [key for key in run.store.keys(f"{name}/") if key.endswith("commit.json")] == commits
    done = worker.invoke({**request, "refuse": 6})
    last = worker.invoke(run.request(done["state"], *range(len(run.tree.body) - 2, len(run.tree.body))))
    assert last["stdout_tail"] == "old\nnew\nf\nh\n"


def test_a_disk_that_is_full_is_said(store: str, name: str) -> None:
    run = Run(store, "head -c 3000000 /dev/zero >f\nwc -c <f", name, "head wc")
    with BoxedWorker(store) as large, BoxedWorker(store, 2 << 20) as small:
        state = large.invoke(run.request(None, 0))["state"]
        with pytest.raises(WorkerError, match=r"MshRefused: MSH515: .* disk, which has 2 MB"):
            small.invoke(run.request(state, 1))
        assert small.invoke(run.request(state, 1, files=[]))["rc"] == 1
        full = small.invoke(run.request(None, 0))
        assert full["rc"] != 0 and "No space left on device" in full["tail"]
        assert large.invoke(run.request(state, 1))["stdout_tail"] == "3000000\n"


def test_a_script_that_is_not_what_was_asked_for(tmp_path: Path) -> None:
    store = DirectoryStore(str(tmp_path))
    run = Run(str(tmp_path), "echo x")
    write(store, f"scripts/{run.sha256}/script.sh", b"echo evil")
    with pytest.raises(MshError) as error:
        Scripts().get(run.sha256, store, "/")
    assert code_of(error) == "MSH504"


def test_a_machine_of_others_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").touch()
    for environment in ({}, {"MSH_WORKER_MACHINE": "own"}):
        with pytest.raises(MshError) as error:
            machine(environment, str(tmp_path))
        assert code_of(error) == "MSH514"
    assert os.listdir(tmp_path) == ["precious"]


def test_a_machine_of_ones_own_is_cleaned_and_known_again(tmp_path: Path) -> None:
    place = machine({"MSH_WORKER_MACHINE": "own"}, str(tmp_path))
    (tmp_path / "left/deep").mkdir(parents=True)
    again = machine({"MSH_WORKER_MACHINE": "own"}, str(tmp_path))
    again.clean()
    assert place == again and os.listdir(tmp_path) == ["msh"]
    assert os.listdir(place.workspace) == []


# ---- the form of answers ---------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 39, 40, 41, 1000])
def test_a_list_becomes_at_most_forty_parts(tmp_path: Path, count: int) -> None:
    store = DirectoryStore(str(tmp_path))
    for values in ([str(n) for n in range(count)], [str(n) * 100 for n in range(count)]):
        parts = described_items(store, values, "p")
        assert len(parts) == min(count, 40)
        given = [part.get("values") or json.loads(read(store, part["reference"])) for part in parts]
        assert [value for part in given for value in part] == values
        assert [part["from"] for part in parts[1:]] == [part["to"] for part in parts[:-1]]
        assert len(json.dumps(parts)) < 32 << 10


def test_a_tail_is_short_also_as_json() -> None:
    for tail in (b"\0" * 2000, b"\xff" * 2000, "\U0001f600".encode() * 500, b"x" * 2000):
        assert 500 < len(json.dumps(shown(tail))) <= 4000


def test_a_large_last_value_travels_by_reference(tmp_path: Path) -> None:
    store = DirectoryStore(str(tmp_path))
    request = read_request({"version": 1, "run": "r", "script": "0" * 64, "state": None}, store)
    assert last_value(store, ["a", "b"], request, "p") == "b"
    assert json.loads(read(store, last_value(store, ["x" * 5000], request, "p")["reference"])) == "x" * 5000


def test_an_answer_is_small_whatever_it_has(tmp_path: Path) -> None:
    store = DirectoryStore(str(tmp_path))
    request = read_request({"version": 1, "run": "r", "script": "0" * 64, "state": None}, store)
    values = {f"v{n}": "x" * 3000 for n in range(100)}
    found = encoded_variables(store, values, request, "p")
    assert len(json.dumps(found)) < 33 << 10
    back = read_request({"version": 1, "run": "r", "script": "0" * 64, "state": None, "variables": found}, store)
    assert back.part["variables"] == values
