"""Limits of whole runs, through the real command line: what is ended, with which status and which reason, and what is
left behind.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from msh.sandbox.backend import process_state
from msh.sandbox.limits.groups import start_time
from msh.sandbox.limits.tiers import tier
from tests.support.attack import Attack, Ran, attack, unavailable

GROUPS = bool(tier().places)
needs_groups = pytest.mark.skipif(not GROUPS, reason="this user has no cgroups here")
CATALOG = """
[sleep]
run = { host = "sleep" }
limits = { time = "500ms" }
[spin]
run = { host = "python3" }
arguments = ["-c", "while 1: pass"]
limits = { cpu = "500ms" }
[spins]
run = { host = "python3" }
arguments = ["-c", "import os; os.fork(); os.fork()\\nwhile 1: pass"]
limits = { cpu = 1 }
[hog]
run = { host = "python3" }
arguments = ["-c", "bytearray(1 << 30)"]
limits = { memory = "50m" }
[forker]
run = { host = "python3" }
arguments = ["-c", "import os, time\\nfor i in range(50):\\n if os.fork() == 0: time.sleep(1); os._exit(0)"]
limits = { pids = 20 }
[opener]
run = { host = "python3" }
arguments = ["-c", "x = [open('/dev/null') for _ in range(40)]"]
limits = { files = 32 }
"""
FORKS = "python3 -c 'import os, time\nfor i in range(90):\n if os.fork() == 0: time.sleep(1); os._exit(0)'"
BOMB = "bomb(){ bomb|bomb& };bomb; wait"


@pytest.fixture
def place() -> Iterator[Attack]:
    """Somewhere to run as whoever runs the tests."""
    with attack("root" if os.geteuid() == 0 else "ordinary") as made:
        yield made


@pytest.fixture
def ordinary() -> Iterator[Attack]:
    """Somewhere to run as a user without cgroups."""
    if reason := unavailable("ordinary"):
        pytest.skip(reason)
    with attack("ordinary") as made:
        yield made


def msh(place: Attack, limits: str, script: str, *options: str) -> Ran:
    return place.msh("--workspace", "none", "--limit", limits, *options, "-c", script)


def left() -> list[str]:
    """Groups of runs that are over: of others that go on at the same time there may be some."""
    names = [name for _, top in tier().places for name in os.listdir(top)]
    found = [each for name in names if (each := re.fullmatch(r"msh-(\d+)-(\d+)(-\d+)?", name))]
    return [each[0] for each in found if start_time(int(each[1])) != int(each[2])]


@needs_groups
@pytest.mark.parametrize(
    ("limits", "script", "status", "words"),
    [
        (
            "memory=100m",
            "x=aaaaaaaaaa; while :; do x=$x$x; done",
            137,
            "MSH431]: the run used more memory than its 100m",
        ),
        ("cpu=500ms", "while :; do :; done", 137, "MSH433]: the run used more processor time than its 0.5s"),
        ("cpu=1", "for i in 1 2 3; do (while :; do :; done) & done; wait", 137, "MSH433]: the run used more"),
        ("pids=24", BOMB, 137, "MSH434]: a shell of the run wanted more processes than its 24"),
    ],
)
def test_the_run_itself(place: Attack, limits: str, script: str, status: int, words: str) -> None:
    ran = msh(place, limits, script)
    assert (ran.status, words in ran.stderr.decode()) == (status, True), ran.output.decode()
    assert left() == []


@needs_groups
@pytest.mark.parametrize("status", [0, 1, 3, 126, 137, 255])
def test_an_end_of_its_own(place: Attack, status: int) -> None:
    ran = msh(place, "memory=100m,cpu=100,pids=100,cpus=2", f"echo out; exit {status}")
    assert (ran.status, ran.stdout, ran.stderr) == (status, b"out\n", b"")
    assert left() == []


@needs_groups
def test_a_signal_from_outside_is_passed_on(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "msh", "--workspace", "none", "--limit", "memory=100m", "-c"]
    script = "trap 'echo caught; exit 7' TERM; echo ready; while :; do :; done"
    with subprocess.Popen([*argv, script], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
        run.send_signal(signal.SIGTERM)
        assert (run.stdout.read(), run.wait(20)) == ("caught\n", 7)


@needs_groups
def test_killed_runs_leave_nothing_that_the_next_does_not_remove() -> None:
    argv = [sys.executable, "-m", "msh", "--workspace", "none", "--limit", "memory=100m,pids=50", "-c"]
    with subprocess.Popen([*argv, "echo $$; while :; do :; done"], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        shell = int(run.stdout.readline())
        run.kill()
    end = time.monotonic() + 1
    while process_state(shell) not in "ZX" and time.monotonic() < end:
        time.sleep(0.01)
    assert process_state(shell) in "ZX"
    assert left() != []
    subprocess.run([*argv, "true"], check=True)
    assert left() == []


@pytest.fixture
def commands(place: Attack) -> Attack:
    """A place with commands that go beyond the limits of their entries."""
    (place.directory / "commands.toml").write_text(CATALOG)
    return place


@pytest.mark.parametrize(
    ("script", "status", "words"),
    [
        ("sleep 30", 124, "MSH432]: `sleep` took longer than its 0.5s"),
        ("sleep 30 | cat", 0, "MSH432]: `sleep` took longer than its 0.5s"),
        ("sleep 30 & wait $!", 124, "MSH432]: `sleep` took longer than its 0.5s"),
        ("(sleep 30)", 124, "MSH432]: `sleep` took longer than its 0.5s"),
        ("env sleep 30", 124, "MSH432]: `env` took longer than its 0.5s"),
        ("forker", 1, "MSH434]: `python3` wanted more processes than its 20"),
        pytest.param("spin", 137, "MSH433]: `python3` used more processor time than its 0.5s", marks=needs_groups),
        pytest.param("spins", 137, "MSH433]: `python3` used more processor time than its 1s", marks=needs_groups),
        pytest.param("hog", 137, "MSH431]: `python3` used more memory than its 50m", marks=needs_groups),
        pytest.param("true | hog", 137, "MSH431]: `python3` used more memory than its 50m", marks=needs_groups),
        ("sleep 0; opener", 1, "Too many open files"),
        ("python3 -c 'import os; os.kill(os.getpid(), 9)'", 137, "note[MSH437]: a command was killed (SIGKILL)"),
    ],
)
def test_steps(commands: Attack, script: str, status: int, words: str) -> None:
    if script == "forker" and not GROUPS:
        words = "note[MSH438]: `python3` failed with status 1"
    ran = commands.msh("--catalog", "commands.toml", "-c", script)
    assert (ran.status, words in ran.stderr.decode()) == (status, True), ran.output.decode()
    assert left() == []


@needs_groups
@pytest.mark.parametrize(
    ("limits", "script", "status", "words"),
    [
        (
            "memory=100m",
            'python3 -c "bytearray(4<<30)"',
            137,
            "MSH431]: `python3` used more memory than the run's 100m",
        ),
        (
            "memory=120m",
            "sh -c 'python3 -c \"bytearray(4<<30)\"; exit 3'",
            3,
            "MSH431]: `python3` used more memory than",
        ),
        ("pids=32", FORKS, 1, "MSH434]: `python3` wanted more processes than the run's 32"),
    ],
)
def test_steps_under_the_limits_of_the_run(place: Attack, limits: str, script: str, status: int, words: str) -> None:
    ran = msh(place, limits, script)
    assert (ran.status, words in ran.stderr.decode()) == (status, True), ran.output.decode()
    assert left() == []


@pytest.mark.parametrize("script", ["sleep 30 & kill -9 $!; wait", "sh -c 'exit 1'", "head -c 1 /dev/zero | true"])
def test_nothing_is_said_of_other_ends(place: Attack, script: str) -> None:
    assert b"MSH4" not in place.msh("--workspace", "none", "-c", script).stderr


def test_what_rlimits_cannot_tell_is_named(ordinary: Attack) -> None:
    ran = msh(ordinary, "memory=100m", 'python3 -c "bytearray(4<<30)"', "--allow-weaker", "memory")
    assert ran.status == 1
    assert b"note[MSH438]: `python3` failed with status 1" in ran.stderr


def test_commands_of_an_ordinary_user(ordinary: Attack) -> None:
    (ordinary.directory / "commands.toml").write_text(CATALOG)
    ran = ordinary.msh("--catalog", "commands.toml", "-c", "hog")
    assert (ran.status, b"MSH456]: the limit `memory=50m` of `python3` cannot be held here" in ran.stderr) == (
        126,
        True,
    )
    ran = ordinary.msh("--catalog", "commands.toml", "--allow-weaker", "cpu", "-c", "spin; echo $?; forker; echo $?")
    assert ran.stdout == b"152\n1\n"
    assert b"MSH433]: `python3` used more processor time than its 0.5s" in ran.stderr


def test_a_shell_script_with_limits_is_refused(place: Attack) -> None:
    """As an entry it cannot have any; a directory of programs may hold one."""
    (place.directory / "tools").mkdir()
    (place.directory / "tools/part").write_text("#!/bin/sh\necho ran\n")
    (place.directory / "tools/part").chmod(0o755)
    table = '[[path]]\ndirectory = "tools"\nlimits = { memory = "50m" }\n'
    (place.directory / "commands.toml").write_text(table)
    ran = place.msh("--catalog", "commands.toml", "-c", "part; echo $?")
    assert ran.stdout == b"126\n"
    assert b"MSH444]: `part` is a shell script" in ran.stderr
    (place.directory / "commands.toml").write_text("[x]\nshell = true\nlimits = { cpuz = 1 }\n")
    ran = place.msh("--catalog", "commands.toml", "-c", "echo ran")
    assert (ran.status, ran.stdout) == (2, b"")
    assert b"`cpuz` is not a limit: did you mean `cpu`?" in ran.stderr
    assert b"msh interprets a shell itself" in ran.stderr


def test_limits_are_listed(place: Attack) -> None:
    (place.directory / "commands.toml").write_text(CATALOG)
    place.more = {"MSH_LIMIT": "cpu=10s", "MSH_TIMEOUT": "1m"}
    (place.directory / "script").write_text("env hog\n")
    ran = place.msh("check", "--grants", "-v", "--catalog", "commands.toml", "script")
    assert b"the run: at most cpu=10s,time=60s; held here by " in ran.stdout
    assert b"  limits   memory=50m\n" in ran.stdout
    assert b"plan     none" not in ran.stdout


@pytest.mark.parametrize("backend", ["bubblewrap", "native"])
def test_what_holds_by_default(ordinary: Attack, backend: str) -> None:
    program = "import resource; print(resource.getrlimit(resource.RLIMIT_NPROC)[1])"
    script = f"cat /proc/self/oom_score_adj; python3 -c '{program}'"
    ran = ordinary.msh("--backend", backend, "-c", script)
    score, most = ran.stdout.decode().split()
    assert (score, most == "4096") == ("500", backend == "native"), ran.output.decode()
    (ordinary.directory / "script").write_text("true | cat\n")
    shown = ordinary.msh("check", "--grants", "-v", "--backend", backend, "script").stdout.decode()
    assert ("at most pids=4096 by default" in shown) == (backend == "native")
    assert "steps are ended before other programs" in shown


def test_what_somebody_sets_replaces_a_default(ordinary: Attack) -> None:
    program = "import resource; print(resource.getrlimit(resource.RLIMIT_NPROC)[1])"
    options = ["--limit", "pids=5000", "--allow-weaker", "pids"]
    ran = ordinary.msh("--backend", "native", *options, "-c", f"python3 -c '{program}'")
    assert ran.stdout == b"5001\n", ran.output.decode()


def on_a_disk(path: Path) -> bool:
    """Whether files there are on a disk that can be throttled."""
    number = os.stat(path).st_dev
    device = Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}").resolve()
    names = [part.name for part in (device, device.parent)]
    return any((Path("/sys/block") / name / "device").exists() for name in names)


@pytest.mark.parametrize("script", ["{}; {}", "({}) & {}; wait", "{} | {}"])
def test_throughput_of_a_run(place: Attack, script: str) -> None:
    """Two megabytes a second for all together: four of them take two seconds, by whichever processes."""
    if not tier().has("io") or not on_a_disk(place.directory):
        pytest.skip("no controller of disks here, or no disk")
    (place.directory / "big").write_bytes(os.urandom(2 << 20))
    os.sync()
    reads = "dd if=big of=/dev/null iflag=direct bs=64k 2>/dev/null"
    begin = time.monotonic()
    ran = msh(place, "throughput=2m", script.format(reads, reads), "--allow-weaker", "throughput", "--allow-read", ".")
    assert ran.status == 0, ran.output.decode()
    assert time.monotonic() - begin > 1.5


def test_a_stopped_run_is_over_its_time_too(place: Attack) -> None:
    begin = time.monotonic()
    ran = place.msh("--workspace", "none", "--timeout", "1", "-c", "kill -STOP $$; echo never")
    assert (ran.status, ran.stdout) == (124, b"")
    assert b"MSH432]: the run took longer than its 1s" in ran.stderr
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize("name", ["memory=100m", "cpu=1s", "pids=20", "cpus=0.5", "throughput=1m"])
def test_what_cannot_be_held_is_refused(ordinary: Attack, name: str) -> None:
    ran = msh(ordinary, name, "echo ran")
    assert (ran.status, ran.stdout) == (126, b"")
    assert b"MSH456" in ran.stderr
    assert f"--allow-weaker {name.partition('=')[0]}".encode() in ran.stderr


def test_what_is_accepted_runs(ordinary: Attack) -> None:
    ran = msh(ordinary, "memory=1g,cpu=10s", "echo ran", "--allow-weaker", "memory,cpu")
    assert (ran.status, ran.stdout, ran.stderr) == (0, b"ran\n", b"")


@pytest.mark.parametrize("user", ["root", "ordinary"])
@pytest.mark.parametrize(
    ("limits", "script", "status", "shown", "words"),
    [
        ("disk=1m", "cat /dev/zero > /tmp/x", 1, "", "MSH435]: `cat` wrote more than the run's 1m and failed"),
        ("disk=1m", "fallocate -l 10G /tmp/x", 153, "", "MSH435]: `fallocate` wrote more than the run's 1m"),
        ("disk=1m", "cat /dev/zero > x", 153, "", "MSH435]: `cat` wrote more than the run's 1m and was ended"),
        (
            "disk=1m",
            "for i in {1..40}; do head -c 100k /dev/zero > $i; done; echo",
            137,
            "",
            "MSH435]: the run wrote more",
        ),
        ("disk=1m", "for i in 1 2; do head -c 900k /dev/zero > $i; done", 137, "", "MSH435]: the run wrote more"),
        ("disk=1m", "for i in 1 2 3 4; do head -c 900k /dev/zero > x; rm x; done; echo kept", 0, "kept\n", ""),
        ("disk=1m", "for i in {1..999}; do : > /tmp/$i || exit 5; done", 5, "", "No space left on device"),
        ("disk=1m", "echo kept > /tmp/x; (cat /tmp/x); sh -c 'cat /tmp/x' | cat", 0, "kept\nkept\n", ""),
        ("output=10", "echo 123456789", 0, "123456789\n", ""),
        ("output=10", "echo 123456789; echo x", 137, "123456789\n", "MSH436]: the run printed more than its 10"),
        ("output=4", "cat /dev/zero", 137, "\0\0\0\0", "MSH436]: the run printed more than its 4"),
        ("output=1m", "seq 9999 | tail -n 1; exit 3", 3, "9999\n", ""),
        ("output=9", "echo out > /dev/stdout; exit 3", 3, "out\n", ""),
    ],
)
def test_disk_and_output(user: str, limits: str, script: str, status: int, shown: str, words: str) -> None:
    if reason := unavailable(user):
        pytest.skip(reason)
    with attack(user) as place:
        ran = place.msh("--limit", limits, "-c", script)
    assert (ran.status, ran.stdout.decode(), words in ran.stderr.decode()) == (status, shown, True), ran.output.decode()


@pytest.mark.parametrize("user", ["root", "ordinary"])
@pytest.mark.parametrize("goes_on", [True, False])
def test_all_files_of_one_command_count(user: str, goes_on: bool) -> None:
    """Whether it is met while it runs, or has ended before anybody looks."""
    if reason := unavailable(user):
        pytest.skip(reason)
    pause, many = (0.01, 5000) if goes_on else (0, 30)
    program = f"import time\nfor i in range({many}): open(f'f{{i}}', 'wb').write(bytes(100000)); time.sleep({pause})"
    with attack(user) as place:
        (place.directory / "commands.toml").write_text(
            f'[spread]\nrun = {{ host = "python3" }}\narguments = ["-Sc", {json.dumps(program)}]\n'
            'files = "workspace"\nlimits = { disk = "1m" }\n'
        )
        ran = place.msh("--catalog", "commands.toml", "-c", "spread")
        made = len(list(place.directory.glob("f*")))
    assert b"MSH435]: `python3` wrote more than its 1m" in ran.stderr, ran.output.decode()
    assert ran.status == 137 if goes_on else ran.status in (1, 137)
    assert made < many or not goes_on


@pytest.mark.parametrize("user", ["root", "ordinary"])
def test_output_of_one_command(user: str) -> None:
    if reason := unavailable(user):
        pytest.skip(reason)
    with attack(user) as place:
        (place.directory / "commands.toml").write_text('[yes]\nrun = { host = "yes" }\nlimits = { output = 6 }\n')
        ran = place.msh("--catalog", "commands.toml", "-c", "yes | cat; yes; echo $?; yes > file; wc -c < file")
    assert (ran.status, ran.stdout) == (0, b"y\ny\ny\ny\ny\ny\n137\n6\n"), ran.output.decode()
    assert ran.stderr.count(b"MSH436]: `yes` printed more than its 6 and was ended") == 3


def test_a_reader_that_goes_away_is_seen(place: Attack) -> None:
    argv = f"{sys.executable} -m msh --limit output=1g -c 'yes; echo $? >&2' | head -c 2"
    begin = time.monotonic()
    ran = place.shell(argv)
    assert (ran.stdout, ran.stderr) == (b"y\n", b"141\n")
    assert time.monotonic() - begin < 20


def test_nothing_is_left_of_a_limited_disk(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    before = Path("/proc/self/mountinfo").read_text()
    argv = [sys.executable, "-m", "msh", "--limit", "disk=1m", "-c"]
    subprocess.run([*argv, "seq 9 > /tmp/x"], check=True, env=environment)
    with subprocess.Popen([*argv, "seq 9 > /tmp/x; echo; sleep 60"], stdout=subprocess.PIPE, env=environment) as run:
        assert run.stdout is not None
        run.stdout.readline()
        run.kill()
    subprocess.run([*argv, "true; seq 1 > /tmp/x"], check=True, env=environment)
    assert [path.name for path in tmp_path.glob("msh-*/run-*")] == []
    assert Path("/proc/self/mountinfo").read_text() == before


@pytest.mark.parametrize("sent", ["key", "kill"])
def test_an_interrupt_reaches_the_run_once(sent: str) -> None:
    """From the terminal both processes get it, from elsewhere only the one that the user knows."""
    script = "trap 'echo caught; n=$((n+1)); [ $n = 1 ] && exit 9' INT; echo ready; while :; do :; done"
    child = pexpect.spawn(sys.executable, ["-m", "msh", "--timeout", "60", "-c", script], timeout=20)
    child.expect("ready")
    if sent == "key":
        child.sendintr()
    else:
        child.kill(signal.SIGINT)
    child.expect("caught")
    child.expect(pexpect.EOF)
    assert b"caught" not in child.before
    child.close()
    assert child.exitstatus == 9


def test_a_tighter_ulimit_of_the_script_counts(place: Attack) -> None:
    ran = place.msh("--limit", "disk=1m", "-c", "ulimit -S -f 8; head -c 99999 /dev/zero > x; echo $?; wc -c < x")
    assert ran.stdout == b"153\n8192\n", ran.output.decode()


def test_what_msh_keeps_in_memory_is_no_file_of_the_script(place: Attack) -> None:
    script = "x=$(printf '%0200000d' 1); echo ${#x}; cat <<E | wc -c\n$x\nE\necho {1..30000} | xargs /bin/echo | wc -w"
    ran = place.msh("--limit", "disk=64k", "-c", f"{script}; /bin/echo {{1..30000}} | wc -w")
    assert ran.stdout == b"200000\n200001\n30000\n30000\n", ran.output.decode()
