"""The wheel holds all that msh reads at run time, and works without the checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, as pip would put it into site-packages."""
    directory = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = directory.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(directory / "site")
    return directory / "site"


START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from msh.cli import main; sys.exit(main())"


def msh(installed: Path, directory: Path, *arguments: str) -> str:
    command = [sys.executable, "-I", "-S", "-c", START, str(installed), *arguments]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_runs_scripts(installed: Path, tmp_path: Path) -> None:
    assert msh(installed, tmp_path, "-c", "echo b a | tr ' ' '\\n' | sort") == "a\nb\n"


def test_it_explains(installed: Path, tmp_path: Path) -> None:
    assert msh(installed, tmp_path, "explain", "201").startswith("# MSH201: ")


def test_it_holds_the_grammar_and_no_tests(installed: Path) -> None:
    assert (installed / "msh/grammar/shell.lark").exists()
    assert not list(installed.rglob("test_*.py"))
