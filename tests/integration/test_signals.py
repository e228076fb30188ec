"""How a run ends when it is told to: Ctrl-C, SIGTERM, a closed pipe, the time limit; and that nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pexpect
import pytest

MSH = [sys.executable, "-m", "msh"]
ROOT = str(Path(__file__).parents[2])


def start(script: str, directory: Path, *options: str) -> subprocess.Popen[str]:
    """A run in its own process group, as a terminal would start it."""
    environment = os.environ | {"PYTHONPATH": ROOT}
    return subprocess.Popen(
        [*MSH, *options, "-c", script],
        cwd=directory,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for(path: Path) -> None:
    """Until a script has made a file, which says that it is where the test wants it."""
    limit = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < limit, f"{path} never appeared"
        time.sleep(0.01)


def duration() -> str:
    """A long time to sleep that no other test sleeps, so that its process can be found."""
    return f"77.{os.getpid()}{time.monotonic_ns() % 1_000_000:06}"


def running(marker: str) -> list[str]:
    """Command lines of processes that hold a marker."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                line = Path(f"/proc/{name}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            except OSError:
                continue
            if marker in line and "-m msh" not in line:
                found.append(line)
    return found


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_ending_signal_runs_the_exit_trap(number: int, status: int, tmp_path: Path) -> None:
    """A signal to msh goes on to the step being waited for; then the EXIT trap runs."""
    run = start("trap 'echo bye' EXIT; : > ready; sleep 30; echo never", tmp_path)
    wait_for(tmp_path / "ready")
    os.kill(run.pid, number)
    out, _ = run.communicate(timeout=20)
    assert (out, run.returncode) == ("bye\n", status)


@pytest.mark.parametrize(("first", "second"), [(signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, signal.SIGTERM)])
def test_a_second_signal_ends_a_builtin_that_computes_for_long(first: int, second: int, tmp_path: Path) -> None:
    """The first is noted for after the command; the second does not wait for that."""
    words = '"${a[@]//[1-5]/x}" ' * 150
    script = f"trap 'echo bye' EXIT; a=({{1..200000}}); : > ready; : {words}; echo never"
    run = start(script, tmp_path)
    wait_for(tmp_path / "ready")
    os.kill(run.pid, first)
    time.sleep(0.3)
    assert run.poll() is None, "the builtin was too quick to tell"
    begin = time.monotonic()
    os.kill(run.pid, second)
    out, err = run.communicate(timeout=20)
    assert (out, err, run.returncode) == ("bye\n", "", 128 + second)
    assert time.monotonic() - begin < 1


def test_the_steps_own_handler_runs(tmp_path: Path) -> None:
    """Ctrl-C reaches the program inside the sandbox, which may tidy up."""
    program = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGINT, lambda *_: (open('tidied', 'w').close(), sys.exit(0)))\n"
        "open('ready', 'w').close()\n"
        "time.sleep(30)\n"
    )
    (tmp_path / "step.py").write_text(program)
    run = start("python3 step.py; echo never", tmp_path)
    wait_for(tmp_path / "ready")
    os.kill(run.pid, signal.SIGINT)
    out, _ = run.communicate(timeout=20)
    assert (out, run.returncode) == ("", 130)
    assert (tmp_path / "tidied").exists()


def test_ctrl_c_on_a_terminal(tmp_path: Path) -> None:
    """The key, on a real terminal: the pipeline ends, the trap runs, status 130."""
    script = "trap 'echo bye' EXIT; echo ready; sleep 30 | cat; echo never"
    child = pexpect.spawn(
        MSH[0], [*MSH[1:], "-c", script], cwd=str(tmp_path), env=os.environ | {"PYTHONPATH": ROOT}, encoding="utf-8"
    )
    child.expect_exact("ready")
    child.sendintr()
    child.expect_exact("bye")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert "never" not in (child.before or "")


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("sleep {long}", id="a step"),
        pytest.param("trap '' TERM INT HUP; sleep {long}", id="signals ignored"),
        pytest.param("while :; do :; done", id="the interpreter itself"),
        pytest.param("(sleep {long}; echo never) | cat", id="a subshell in a pipeline"),
        pytest.param("sleep {long} & wait", id="in the background"),
        pytest.param("x=$(sleep {long})", id="a substitution"),
        pytest.param("read x < pipe", id="opening a FIFO"),
        pytest.param("(trap '' TERM; while :; do :; done)", id="a subshell that ignores signals"),
    ],
)
def test_timeout(script: str, tmp_path: Path) -> None:
    """`--timeout` ends anything with status 124, and says so; nothing of it stays."""
    os.mkfifo(tmp_path / "pipe")
    begin = time.monotonic()
    long = duration()
    run = start(script.replace("{long}", long), tmp_path, "--timeout", "1")
    out, err = run.communicate(timeout=20)
    assert (out, run.returncode) == ("", 124)
    assert "--timeout" in err
    assert time.monotonic() - begin < 6
    assert not running(long)


def test_timeout_leaves_other_runs_alone(tmp_path: Path) -> None:
    """A run that ends in time has its own status."""
    run = start("sleep 0.1; exit 3", tmp_path, "--timeout", "20")
    run.communicate(timeout=20)
    assert run.returncode == 3


def test_nothing_outlives_the_run(tmp_path: Path) -> None:
    """A daemon in the background, the usual way: it ends with the run (escape-case 53), and that is said."""
    long = duration()
    run = start(f"(setsid sleep {long} &) ; sleep {long} & true", tmp_path)
    _, err = run.communicate(timeout=20)
    assert run.returncode == 0
    assert "was still running in the background" in err
    limit = time.monotonic() + 5
    while running(long) and time.monotonic() < limit:
        time.sleep(0.02)
    assert not running(long)


def test_a_closed_pipe_ends_the_writer_quietly(tmp_path: Path) -> None:
    """As with every shell: no traceback, no message, the status of SIGPIPE."""
    run = start("while :; do echo y; done", tmp_path)
    assert run.stdout is not None
    assert run.stdout.readline() == "y\n"
    run.stdout.close()
    assert run.stderr is not None
    err = run.stderr.read()
    run.stderr.close()
    assert (run.wait(timeout=20), err) == (141, "")


def test_the_script_on_standard_input_is_not_read_by_its_steps(tmp_path: Path) -> None:
    """It is read whole; steps see the end of input."""
    environment = os.environ | {"PYTHONPATH": ROOT}
    done = subprocess.run(
        MSH, input="cat\necho after\n", capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=30
    )
    assert (done.stdout, done.returncode) == ("after\n", 0)


def test_private_directories_are_removed(tmp_path: Path) -> None:
    """After the end, whatever the end was."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    workspace = tmp_path / "w"
    workspace.mkdir()
    environment = os.environ | {"PYTHONPATH": ROOT, "TMPDIR": str(scratch)}
    for script in ("mktemp; exit 3", "mktemp; kill -TERM $$", "false | cat; set -e; ls missing"):
        subprocess.run([*MSH, "-c", script], cwd=workspace, env=environment, capture_output=True, timeout=30)
    left = [name for _, directories, files in os.walk(scratch) for name in [*directories, *files]]
    assert [name for name in left if name.startswith("run-")] == []
