"""What holds of the interpreter as a whole, besides the cases in tests/cases/run."""

from __future__ import annotations

import fcntl
import os
import resource
import subprocess
import sys
from pathlib import Path

from msh.catalog import Catalog
from msh.catalog.builtins import BUILTINS
from msh.resolve.builtins import RUNNING
from msh.resolve.environment import command_at
from msh.run.builtins import TOPICS, builtin
from msh.run.processes import LINGERING, Fork, lingering
from msh.run.reading import RUNNERS, only_builtins
from msh.source import Source
from msh.syntax import parse

ROOT = str(Path(__file__).parents[3])


def msh(*arguments: str, directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A run of the real program."""
    return subprocess.run(
        [sys.executable, "-m", "msh", *arguments],
        cwd=directory,
        env=os.environ | {"PYTHONPATH": ROOT} | environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )


def test_the_resolver_and_the_interpreter_know_the_same_builtins() -> None:
    """Else a name would be let through and then not be there, or refused although it is."""
    assert set(TOPICS) == BUILTINS
    assert all(callable(builtin(name)) for name in TOPICS)


def test_a_hidden_variable_is_told_once(tmp_path: Path) -> None:
    """MSH420, with the flag that shows it; the value is nowhere."""
    ran = msh("-c", 'echo "[$STAGE][$STAGE][${TOKEN-unset}]"', directory=tmp_path, STAGE="s3cret")
    assert ran.stdout == "[][][unset]\n"
    assert ran.stderr.count("MSH420") == 1
    assert "--allow-env STAGE" in ran.stderr
    assert "s3cret" not in ran.stdout + ran.stderr


def test_an_allowed_variable_is_seen_by_script_and_steps(tmp_path: Path) -> None:
    """`--allow-env NAME`."""
    ran = msh("--allow-env", "STAGE", "-c", "echo $STAGE; env | grep ^STAGE=", directory=tmp_path, STAGE="test")
    assert (ran.stdout, ran.stderr) == ("test\nSTAGE=test\n", "")


def test_descriptors_of_a_long_run_do_not_pile_up(tmp_path: Path) -> None:
    """After hundreds of pipelines, substitutions and redirections as many are open as before."""
    script = (
        "count() { set -- /proc/self/fd/*; }; before=$(ls /proc/self/fd | wc -l)\n"
        "i=0; while [ $i -lt 60 ]; do x=$(echo $i | cat); echo $x > f; read y < f; cat < <(echo z) >/dev/null;"
        " { echo a; } >/dev/null 2>&1 3>g; i=$((i+1)); done\n"
        "exec 9>last; echo $y $before $(ls /proc/self/fd | wc -l)"
    )
    ran = msh("-c", script, directory=tmp_path)
    last, before, after = ran.stdout.split()
    assert last == "59"
    assert int(after) == int(before) + 1  # number 9


def test_subshells_that_left_commands_behind_are_reaped(tmp_path: Path) -> None:
    """What `(command &)` leaves of a process is gone when the command is, not at the end of the run."""
    script = (
        "i=0; while [ $i -lt 12 ]; do (: &); i=$((i+1)); done\n"
        "left() { (: &); read -r children < /proc/$$/task/$$/children; set -- $children; [ $# -lt 5 ]; }\n"
        "until left || [ $i -eq 60 ]; do sleep 0.1; i=$((i+1)); done; echo $((i < 60))"
    )
    ran = msh("--allow-read", "/proc", "-c", script, directory=tmp_path)
    assert (ran.stdout, ran.stderr) == ("1\n", "")


def test_what_a_job_left_behind_is_not_ended_in_silence(tmp_path: Path) -> None:
    """Also when nobody has waited for the job, which has told its status meanwhile."""
    ran = msh("-c", "( (sleep 60; :) & ) & sleep 0.5", directory=tmp_path)
    assert "in the background was ended" in ran.stderr


def test_nobody_waits_for_a_subshell_that_left_commands_behind(tmp_path: Path) -> None:
    """Neither its output nor what that was before a redirection is held open: a reader sees the end."""
    script = (
        "x=$( { (sleep 600 &); } >/dev/null; echo 1 ); y=$( (sleep 600 & echo 2) >&2 | cat)\n"
        "z=$(sh -c 'sleep 600 &' >&2); echo $x"
    )
    assert msh("-c", script, directory=tmp_path).stdout == "1\n"


def test_the_end_of_a_fork_is_seen_at_a_high_descriptor() -> None:
    """Above 1024, which select(2) does not take; a run with many jobs has such."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], 2048), before[1]))
    reader, writer = os.pipe()
    high = fcntl.fcntl(reader, fcntl.F_DUPFD_CLOEXEC, 1100)
    child = subprocess.Popen(["sleep", "60"])
    try:
        job = Fork(child.pid, high)
        assert not job.ended()
        os.write(writer, b"\3")
        assert (job.ended(), job.wait(), lingering()) == (True, 3, (child.pid,))
    finally:
        child.kill()
        child.wait()
        LINGERING.clear()
        for fd in (reader, writer):
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_env_runs_what_its_entry_says(tmp_path: Path) -> None:
    """Words that an entry puts before the script's own hold also where msh would run the shell itself."""
    catalog = tmp_path / "catalog.toml"
    catalog.write_text('[fixed]\nalias = ["env", "A=1", "echo"]\n[clean]\nalias = ["env", "-i"]\n')
    script = "export V=1; fixed sh -c 'echo run'; clean sh -c 'echo [$V]'"
    ran = msh("--catalog", str(catalog), "-c", script, directory=tmp_path)
    assert (ran.stdout, ran.stderr) == ("sh -c echo run\n[]\n", "")


def test_a_shell_that_env_starts_stays_a_step_where_the_entry_says_something_of_it() -> None:
    """Limits and a proxy are held by a sandbox."""
    spec = Catalog().lookup("env")
    assert spec is not None
    assert command_at(spec, ["A=1", "sh"]) == 1
    assert command_at(spec.replace(limits=(("cpu", 1.0),)), ["A=1", "sh"]) == -1
    assert command_at(spec.replace(proxy="msh"), ["A=1", "sh"]) == -1


def test_a_low_limit_of_open_files_is_raised_or_named(tmp_path: Path) -> None:
    """A soft limit is no obstacle; a hard one is MSH421, and `ulimit` does not take away what msh needs."""
    command = f"exec {sys.executable} -m msh -c 'echo a | cat'"
    environment = os.environ | {"PYTHONPATH": ROOT}

    def under(limit: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", f"{limit}; {command}"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    assert under("ulimit -Sn 200").stdout == "a\n"
    refused = under("ulimit -n 200")
    assert (refused.stdout, refused.returncode) == ("", 126)
    assert "MSH421" in refused.stderr
    ran = msh("-c", "ulimit -n 100; echo $?; echo b | cat", directory=tmp_path)
    assert ran.stdout == "1\nb\n"


def test_only_builtins_that_run_no_other_are_not_resolved() -> None:
    """A builtin that the resolver follows has to go there."""
    assert set(RUNNERS) == set(RUNNING)
    assert only_builtins(parse(Source("text", 'f() { echo "$(printf x)"; }; [ a ] && ((1)); x=1')))
    assert not only_builtins(parse(Source("text", "x=${y:-$(echo; ls)}")))
    assert not only_builtins(parse(Source("text", "$x")))
    assert not only_builtins(parse(Source("text", "echo $((1 + $(eval x)))")))
