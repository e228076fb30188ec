"""Every example gives the same bytes and status under msh and bash, also for a user without rights."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path.name for path in (ROOT / "examples").glob("*.sh"))
SYSTEM_PYTHON = "/usr/bin/python3"


def run(argv: list[str], directory: Path, user: int | None = None, **variables: str) -> tuple[int, bytes]:
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "PYTHONPATH": str(directory)}
    identity = {"user": user, "group": user, "extra_groups": []} if user is not None else {}
    done = subprocess.run(argv, cwd=directory, env=environment | variables, capture_output=True, **identity)
    assert done.stderr == b""
    return done.returncode, done.stdout


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 4


@pytest.mark.parametrize("name", EXAMPLES)
def test_same_as_bash(name: str) -> None:
    expected = run(["bash", f"examples/{name}"], ROOT)
    assert expected[0] == 0
    assert len(expected[1].splitlines()) > 10
    assert run([sys.executable, "-m", "msh", f"examples/{name}"], ROOT) == expected


@pytest.mark.skipif(not os.access(SYSTEM_PYTHON, os.X_OK), reason=f"no {SYSTEM_PYTHON}")
@pytest.mark.parametrize("name", EXAMPLES)
def test_same_for_an_ordinary_user(name: str, public_copy: Path, ordinary_user: int) -> None:
    user = ordinary_user if os.geteuid() == 0 else None
    expected = run(["bash", f"examples/{name}"], public_copy)
    assert run([SYSTEM_PYTHON, "-B", "-m", "msh", f"examples/{name}"], public_copy, user) == expected


@pytest.mark.parametrize("name", EXAMPLES)
def test_can_be_checked_and_drawn(name: str) -> None:
    msh = [sys.executable, "-m", "msh"]
    assert run([*msh, "check", f"examples/{name}"], ROOT) == (0, b"no findings in 1 script\n")
    status, drawing = run([*msh, "graph", f"examples/{name}"], ROOT)
    assert status == 0
    assert drawing.startswith(b"flowchart TD\n")
    status, grants = run([*msh, "check", "--grants", f"examples/{name}"], ROOT)
    assert status == 0
    assert b"refused" not in grants


def test_the_made_data_is_what_its_maker_makes(tmp_path: Path) -> None:
    for maker, data in (("make_access_log.py", "access.log"), ("make_weather.py", "weather.csv")):
        made = subprocess.run(
            [sys.executable, ROOT / "examples/data" / maker], cwd=tmp_path, capture_output=True, check=True
        )
        assert made.stdout == (ROOT / "examples/data" / data).read_bytes(), data
