"""What a run imports: start-up is most of the time of a small script, and every import is surface."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    *("prompt_toolkit", "boto3", "docker", "wasmtime", "starlette", "rich", "lark"),
    *("asyncio", "argparse", "dataclasses", "json", "subprocess", "tomllib", "inspect", "tempfile", "shutil"),
)


def imported(*arguments: str, directory: Path) -> set[str]:
    """The modules that a run has imported when it ends."""
    program = (
        "import sys\nfrom msh.cli import main\nstatus = main(sys.argv[1:])\n"
        "print(*sorted(sys.modules), file=sys.stderr)\nsys.exit(status)\n"
    )
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=directory, env={"PYTHONPATH": str(Path(__file__).parents[2])}
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("script", ["true", "x=1; for i in 1 2; do x=$((x + i)); done; echo $x"])
def test_a_run_imports_nothing_heavy(script: str, tmp_path: Path) -> None:
    assert imported("-c", script, directory=tmp_path) & set(HEAVY) == set()


def test_a_sandboxed_step_imports_nothing_heavy(tmp_path: Path) -> None:
    assert imported("-c", "cat /dev/null", directory=tmp_path) & set(HEAVY) == set()


@pytest.mark.parametrize("script", ["true", "x=$(echo a); (true); { true; } | true", "true & wait"])
def test_builtins_alone_start_no_launcher(script: str, tmp_path: Path) -> None:
    """What starts steps is made for the first step, not before."""
    assert [
        name for name in imported("-c", script, directory=tmp_path) if name.startswith("msh.sandbox.launcher")
    ] == []
