"""Limits of disk space, of disk throughput and of output, of runs and of steps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from msh.sandbox.limits.tiers import tier
from tests.support.attack import Attack, attack, unavailable
from tests.support.limited import msh, place

__all__ = ["place"]  # a fixture


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


def test_a_tighter_ulimit_of_the_script_counts(place: Attack) -> None:
    ran = place.msh("--limit", "disk=1m", "-c", "ulimit -S -f 8; head -c 99999 /dev/zero > x; echo $?; wc -c < x")
    assert ran.stdout == b"153\n8192\n", ran.output.decode()


def test_what_msh_keeps_in_memory_is_no_file_of_the_script(place: Attack) -> None:
    script = "x=$(printf '%0200000d' 1); echo ${#x}; cat <<E | wc -c\n$x\nE\necho {1..30000} | xargs /bin/echo | wc -w"
    ran = place.msh("--limit", "disk=64k", "-c", f"{script}; /bin/echo {{1..30000}} | wc -w")
    assert ran.stdout == b"200000\n200001\n30000\n30000\n", ran.output.decode()
