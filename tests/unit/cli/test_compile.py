"""`msh compile` from outside: what it refuses, and that it then writes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import msh
from msh.cli.output_directory import write_files
from msh.diagnostics import MshError

ROOT = Path(msh.__file__).parent.parent


def run(*arguments: str, directory: Path, stdin: str = "") -> tuple[int, str, str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(directory)}
    command = [sys.executable, "-m", "msh", "compile", *arguments]
    done = subprocess.run(command, cwd=directory, env=environment, input=stdin, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def test_what_is_not_mapped_is_refused_and_nothing_written(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text("gerp x | sotr\n")
    status, out, err = run("a.sh", "-o", "build", directory=tmp_path)
    assert (status, out) == (1, "")
    assert "`gerp`" in err and "`sotr`" in err
    assert os.listdir(tmp_path) == ["a.sh"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a.sh"], "needs a directory to write to: `-o DIR`"),
        (["-o", "build"], "needs one script"),
        (["a.sh", "-o", "build", "--target", "moon"], "`--target` is `moon`"),
        (["nope.sh", "-o", "build"], "MSH462"),
    ],
)
def test_wrong_use(tmp_path: Path, arguments: list[str], words: str) -> None:
    (tmp_path / "a.sh").write_text("true\n")
    status, out, err = run(*arguments, directory=tmp_path)
    assert (status, out) == (2, "")
    assert words in err


def test_files_appear_at_once_in_a_new_directory(tmp_path: Path) -> None:
    os.umask(os.umask(0o022))
    write_files(str(tmp_path / "x/build"), {"a": b"1", "b": b"2"})
    assert {path.name: path.read_bytes() for path in (tmp_path / "x/build").iterdir()} == {"a": b"1", "b": b"2"}
    assert os.listdir(tmp_path / "x") == ["build"]
    assert (tmp_path / "x/build").stat().st_mode & 0o500 == 0o500


def test_other_files_of_a_directory_stay(tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "build/mine").write_text("keep")
    (tmp_path / "build/a").write_text("old")
    write_files(str(tmp_path / "build"), {"a": b"new"})
    assert {path.name: path.read_text() for path in (tmp_path / "build").iterdir()} == {"mine": "keep", "a": "new"}
    assert os.listdir(tmp_path) == ["build"]


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MshError) as caught:
        write_files(str(tmp_path / "file"), {"a": b""})
    assert caught.value.diagnostics[0].code == "MSH469"
    assert os.listdir(tmp_path) == ["file"]
