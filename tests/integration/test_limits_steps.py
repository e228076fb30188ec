"""Limits of single steps, by their entries or because the run has some, and what is said of their ends."""

from __future__ import annotations

import pytest

from tests.support.attack import Attack
from tests.support.limited import GROUPS, left, msh, needs_groups, ordinary, place

__all__ = ["ordinary", "place"]  # fixtures

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


def test_what_rlimits_cannot_tell_is_named(ordinary: Attack) -> None:
    ran = msh(ordinary, "memory=100m", 'python3 -c "bytearray(4<<30)"', "--allow-weaker", "memory")
    assert ran.status == 1
    assert b"note[MSH438]: `python3` failed with status 1" in ran.stderr


@pytest.mark.parametrize("script", ["sleep 30 & kill -9 $!; wait", "sh -c 'exit 1'", "head -c 1 /dev/zero | true"])
def test_nothing_is_said_of_other_ends(place: Attack, script: str) -> None:
    assert b"MSH4" not in place.msh("--workspace", "none", "-c", script).stderr


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
    assert "pids=4096 of each step of `--backend native`" in ordinary.msh("doctor").stdout.decode()


def test_what_somebody_sets_replaces_a_default(ordinary: Attack) -> None:
    program = "import resource; print(resource.getrlimit(resource.RLIMIT_NPROC)[1])"
    options = ["--limit", "pids=5000", "--allow-weaker", "pids"]
    ran = ordinary.msh("--backend", "native", *options, "-c", f"python3 -c '{program}'")
    assert ran.stdout == b"5001\n", ran.output.decode()
