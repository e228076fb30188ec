"""Private directories: made, locked, removed; remains of killed runs are removed by the next."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from msh.diagnostics import MshError
from msh.sandbox import workspace
from msh.sandbox.etc import etc_directory, remove_unused
from msh.sandbox.runtime import Runtime, remove_tree


@pytest.fixture(autouse=True)
def own_temporary_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing of other runs of this user is near."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_a_run_leaves_nothing() -> None:
    runtime = Runtime()
    assert os.stat(runtime.base).st_mode & 0o777 == os.stat(runtime.path).st_mode & 0o777 == 0o700
    Path(runtime.tmp, "f").touch()
    runtime.close()
    assert os.listdir(runtime.base) == []


def test_remains_of_a_killed_run_are_removed() -> None:
    program = (
        "import os; from msh.sandbox.runtime import Runtime; r = Runtime(); "
        "os.mkdir(r.tmp + '/d'); os.kill(os.getpid(), 9)"
    )
    living = Runtime()
    subprocess.run([sys.executable, "-c", program])
    assert len(os.listdir(living.base)) == 4
    living.remove_stale()
    assert sorted(os.listdir(living.base)) == sorted(
        [os.path.basename(living.path), os.path.basename(living.path) + ".lock"]
    )
    living.close()


def test_a_fork_does_not_remove_it() -> None:
    runtime = Runtime()
    pid = os.fork()
    if pid == 0:
        runtime.close()
        os._exit(0)
    os.waitpid(pid, 0)
    assert os.path.isdir(runtime.tmp)
    runtime.close()


@pytest.mark.parametrize("kind", ["open", "link", "file"])
def test_a_directory_that_others_could_have_made(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"msh-{os.geteuid()}"
    if kind == "open":
        path.mkdir()
        path.chmod(0o755)
    elif kind == "link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        path.symlink_to("elsewhere")
    else:
        path.touch(0o700)
    with pytest.raises(MshError) as caught:
        Runtime()
    assert caught.value.diagnostics[0].code == "MSH443"


def test_whatever_a_step_left(tmp_path: Path) -> None:
    """Links out, directories nobody may enter, and a tree deeper than any path can be long."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "f").touch()
    top = tmp_path / "top"
    (top / "locked").mkdir(parents=True)
    (top / "locked/f").touch()
    (top / "locked").chmod(0)
    (top / "out").symlink_to(kept)
    (top / "\udcff").touch()
    here = os.open(top, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("deep", dir_fd=here)
        inner = os.open("deep", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    remove_tree(str(top))
    assert not top.exists()
    assert (kept / "f").exists()


def test_root_does_not_become_who_cannot_read_msh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MSH405: before anything has changed."""
    package = tmp_path / "private/msh/sandbox"
    package.mkdir(parents=True)
    (tmp_path / "private").chmod(0o700)
    monkeypatch.setattr(workspace, "__file__", str(package / "workspace.py"))
    with pytest.raises(MshError) as caught:
        workspace._check_readable(54321, 54321)
    assert caught.value.diagnostics[0].code == "MSH405"


def test_an_etc_is_shared_and_goes_when_it_is_unused(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    path, held = etc_directory(str(tmp_path), str(own), "/home/a", network=False)
    again, other = etc_directory(str(tmp_path), str(own), "/home/a", network=False)
    assert again == path
    os.utime(path, (1, 1))
    remove_unused(str(tmp_path))
    assert os.path.isdir(path)
    os.close(held)
    os.close(other)
    remove_unused(str(tmp_path))
    assert not os.path.isdir(path)
    path, held = etc_directory(str(tmp_path), str(own), "/home/a", network=True)
    os.close(held)
    remove_unused(str(tmp_path))
    assert os.path.isdir(path)


def test_many_runs_make_and_remove_at_once(tmp_path: Path) -> None:
    """What one run looks at, another may just be removing."""
    program = """
import os, sys
from msh.sandbox import etc
etc._KEPT = 0.0
for turn in range(12):
    path, held = etc.etc_directory(sys.argv[1], sys.argv[2], f"/home/{turn % 3}", network=False)
    assert os.path.exists(path + "/passwd"), path
    os.close(held)
    etc.remove_unused(sys.argv[1])
"""
    for number in range(4):
        (tmp_path / f"own-{number}").mkdir()
    command = [sys.executable, "-c", program, str(tmp_path)]
    with ExitStack() as started:  # whatever happens: what is still running would be found, and blamed, in another test
        runs = [subprocess.Popen([*command, str(tmp_path / f"own-{number}")]) for number in range(4)]
        for run in runs:
            started.enter_context(run)
            started.callback(run.kill)
        assert [run.wait() for run in runs] == [0, 0, 0, 0]
