"""The backend of workers: scripts with every namespace denied mean the same, and what is promised there holds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.test_signals import duration, running, wait_for
from tests.support import cases
from tests.support.attack import ROOT, USERS, Attack, attack, unavailable
from tests.support.cases import Case
from tests.test_cases import check_run

WORKER = [sys.executable, "-m", "tests.support.task"]
RUN = [case for case in cases.read_cases("run") if "bubblewrap" not in case.section("stderr-contains")]
EVERY = 12  # cases of the interpreter: most of them say nothing of a backend


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in cases.sample(RUN, EVERY)])
def test_run(case: Case, tmp_path: Path) -> None:
    """What the interpreter's cases say of bubblewrap is true of a worker."""
    workspace, script = cases.make_workspace(case, tmp_path)
    ran = cases.run([*WORKER, *cases.arguments(case), str(script)], workspace, case.section("stdin"))
    check_run(case, ran, "a worker")


@pytest.fixture(params=[(user, landlock) for user in USERS for landlock in (False, True)], ids=str)
def place(request: pytest.FixtureRequest) -> Iterator[Attack]:
    """A place to attack from, as Lambda has it (no Landlock) and as a newer kernel has it."""
    user, landlock = request.param
    if reason := unavailable(user):
        pytest.skip(reason)
    with attack(user, "/var/tmp") as made:
        made.more = {"MSH_TEST_LANDLOCK": "1"} if landlock else {}
        yield made


def test_credentials_of_the_worker_stay_with_it(place: Attack) -> None:
    """They are in its environment, in that of every shell below it, and in no step's."""
    program = (
        "import glob\n"
        "for path in glob.glob('/proc/[0-9]*/environ') + glob.glob('/proc/[0-9]*/mem'):\n"
        "    try: print(open(path, 'rb').read(1 << 16))\n"
        "    except OSError: pass\n"
    )
    script = f'env; (python3 -IS -c "{program}"; true) < /dev/null | cat'
    ran = place.msh("-c", script, module="tests.support.task")
    assert ran.status == 0, ran
    assert b"PATH=" in ran.stdout  # its own
    assert place.secret.encode() not in ran.output


def test_credentials_are_refused_by_name(place: Attack) -> None:
    """Nobody can pass them on by a setting either; a value of the script's own may have the same name."""
    options = ("--allow-env", "AWS_SECRET_ACCESS_KEY")
    ran = place.msh(*options, "-c", "env", module="tests.support.task")
    assert (ran.status, ran.stdout) == (126, b"")
    assert b"MSH452" in ran.stderr
    own = place.msh("-c", "export AWS_SECRET_ACCESS_KEY=mine; env | grep AWS", module="tests.support.task")
    assert own.stdout == b"AWS_SECRET_ACCESS_KEY=mine\n"


def test_a_step_cannot_end_its_worker(place: Attack) -> None:
    """Neither by number, nor by group, nor all at once; its own children it can."""
    program = (
        "import os, signal\n"
        "def shot(pid):\n"
        "    try: os.kill(pid, 9); return 'hit'\n"
        "    except OSError as error: return error.strerror\n"
        "parent = os.getppid()\n"
        "above = int(open(f'/proc/{parent}/stat').read().rpartition(') ')[2].split()[1])\n"
        "print({shot(pid) for pid in (parent, above, -above, -1)})\n"
        "child = os.fork()\n"
        "if child == 0: signal.pause()\n"
        "print(shot(child), os.waitpid(child, 0)[1])\n"
    )
    ran = place.msh("-c", f'python3 -IS -c "{program}"; echo after', module="tests.support.task")
    assert ran.stdout == b"{'Operation not permitted'}\nhit 9\nafter\n", ran


def test_no_network_is_no_socket(place: Attack) -> None:
    """There is no empty network to put a step in; pairs of sockets stay."""
    program = (
        "import socket\n"
        "for family in (1, 2, 10, 16, 17, 40):\n"
        "    try: socket.socket(family); print('open', family)\n"
        "    except OSError as error: print(error.strerror)\n"
        "print(len(socket.socketpair()))\n"
    )
    ran = place.msh("-c", f'python3 -IS -c "{program}"', module="tests.support.task")
    assert ran.stdout == b"Address family not supported by protocol\n" * 6 + b"2\n", ran


def test_nobody_gets_it_by_asking(tmp_path: Path) -> None:
    """It is for workers: on a user's machine it would be weaker."""
    for option, variables in ((["--backend", "task"], {}), ([], {"MSH_BACKEND": "task"})):
        argv = [sys.executable, "-m", "msh", *option, "-c", "true"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
        done = subprocess.run(argv, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 2
        assert "MSH461" in done.stderr
        assert "weaker than `bubblewrap`" in done.stderr


def sleeping(long: str) -> list[str]:
    """The steps `sleep LONG` that there are."""
    return [line for line in running(long) if line == f"sleep {long} "]


DAEMON = 'python3 -c \'import os; os.fork() or (os.setsid(), os.fork() or os.execlp("sleep", "sleep", "{long}"))\''


def test_daemons_end_with_their_step(tmp_path: Path) -> None:
    """Whatever sessions they made."""
    long = duration()
    script = f"{DAEMON.format(long=long)}; : > done; read x < pipe"
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen([*WORKER, "-c", script], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}) as run:
        wait_for(tmp_path / "done")
        assert not sleeping(long)
        (tmp_path / "pipe").write_text("x\n")
    assert run.returncode == 0


def test_everything_ends_with_a_worker_that_was_killed(tmp_path: Path) -> None:
    """SIGKILL runs no handler: the kernel tells the supervisors."""
    long = duration()
    script = f"sleep {long} & (sleep {long}; :) & {DAEMON.format(long=long)[:-1]}; import time; time.sleep({long})' & "
    script += "sleep 0.7; : > ready; wait"
    with subprocess.Popen([*WORKER, "-c", script], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}) as run:
        wait_for(tmp_path / "ready")
        assert len(sleeping(long)) >= 2
        os.kill(run.pid, signal.SIGKILL)
    limit = time.monotonic() + 5
    while sleeping(long) and time.monotonic() < limit:
        time.sleep(0.02)
    assert not sleeping(long)
