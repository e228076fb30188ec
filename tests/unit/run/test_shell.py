"""What holds of the interpreter as a whole, besides the cases in tests/cases/run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from msh.catalog.builtins import BUILTINS
from msh.resolve.builtins import RUNNING
from msh.run.builtins import TOPICS, builtin
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
