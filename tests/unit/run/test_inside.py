"""What starts no process, and what must."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """\
import os, sys
def refuse(*arguments, **named):
    os.write(2, b"a process\\n")
    os._exit(99)
os.fork = os.posix_spawn = refuse
from msh.cli import main
sys.exit(main(["-c", sys.argv[1]]))
"""


def run(script: str, directory: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(Path(__file__).parents[3]), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, script], capture_output=True, text=True, cwd=directory, env=environment
    )


@pytest.mark.parametrize(
    "script",
    [
        "[ $(echo 1) -eq 1 ] && test a = a && [[ -z '' ]]",
        'echo text > f; [ "$(< f)" = text ]',
        'f() { local x=$1; printf \'%s\\n\' "$x" >&2; echo "$((x + 1))"; }; [ $(f 1) = 2 ]',
        "x=$(command -v cd 2>/dev/null) && [ $x = cd ]",
        "trap : EXIT; x=$(cd /; pwd) && [ $x = / ]",
        '[ "$(for i in 1 2; do echo "$(echo $i)"; done)" = $\'1\\n2\' ]',
        "x=$(exit 3); [ $? = 3 ]",
    ],
)
def test_starts_no_process(script: str, tmp_path: Path) -> None:
    done = run(script, tmp_path)
    assert (done.returncode, done.stderr.replace("1\n", "")) == (0, "")


@pytest.mark.parametrize(
    "script",
    [
        "x=$(: &)",
        "x=$(echo | :)",
        "x=$( (echo) )",
        "x=$(exec 3>f)",
        "x=$(umask 0)",
        "x=$(trap : EXIT)",
        "x=$(eval echo)",
        "x=$(. ./f)",
        "x=$(echo $BASHPID)",
        "x=$($command)",
        "x=$(command eval :)",
        "x=$(echo > /dev/stdout)",
        'x=$(echo > "$f")',
        "f() { g; }; g() { kill $$; }; x=$(f)",
        "f() { :; }; x=$(export -f f)",
        "trap : USR1; x=$(echo)",
    ],
)
def test_needs_a_process(script: str, tmp_path: Path) -> None:
    assert run(script, tmp_path).returncode == 99
