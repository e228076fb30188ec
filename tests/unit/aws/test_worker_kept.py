"""A workspace over many regions: files that a warm worker has already, and what one directory would hold."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import stat
from functools import partial
from typing import TYPE_CHECKING

import pytest

from msh.aws.kept import Kept
from msh.aws.stage import Root, stage
from msh.aws.store import read, write
from tests.support.desk import Desk, desk

if TYPE_CHECKING:
    from pathlib import Path

    from msh.aws.stage import Change

__all__ = ["desk"]  # a fixture


# ---- what a warm worker has already ---------------------------------------------------------


def taken(desk: Desk, change: Change) -> dict[str, bytes]:
    """Stage what a change has left from the workspace of before, with nothing in the store; what could not be."""
    previous, kept = desk.work, Kept(change.files, change.found)
    desk.fresh()
    top = os.open(previous, os.O_RDONLY)
    for key in list(desk.store.keys("")):
        write(desk.store, key, b"#" * len(read(desk.store, key)))
    files = {path: entry.replace(sha256="") for path, entry in change.files.items()}
    stage(desk.store, [Root(str(desk.work))], files, None, partial(kept.take, top=top))
    os.close(top)
    return {path: (desk.work / path).read_bytes() for path, entry in files.items() if entry.kind == "file"}


def test_a_file_that_is_here_already_is_not_fetched(desk: Desk) -> None:
    desk.manifest = {"a": desk.put("aa"), "d/b": desk.put("bb")}
    staged = desk.stage()
    (desk.work / "c").write_text("cc")
    (desk.work / "c").chmod(0o700)
    change = desk.changes(staged)
    time = (desk.work / "c").stat().st_mtime_ns
    assert taken(desk, change) == {"a": b"aa", "d/b": b"bb", "c": b"cc"}
    status = (desk.work / "c").stat()
    assert (status.st_mode & 0o777, status.st_mtime_ns) == (0o700, time)


def test_a_file_that_may_be_another_is_fetched(desk: Desk) -> None:
    """Touched behind our back, with the same size and time; with two names; replaced by a link or a directory."""
    desk.manifest = {name: desk.put(f"{name}.") for name in ("a", "b", "c", "d", "e")}
    staged = desk.stage()
    staged.settle()
    os.link(desk.work / "b", desk.work / "b2")
    change = desk.changes(staged)
    (desk.work / "a").write_text("A.")
    os.utime(desk.work / "a", ns=(10**18, 10**18))
    for name in ("c", "d"):
        os.unlink(desk.work / name)
    os.symlink("e", desk.work / "c")
    (desk.work / "d").mkdir()
    assert taken(desk, change) == {"a": b"##", "b": b"##", "b2": b"##", "c": b"##", "d": b"##", "e": b"e."}


# ---- many regions, one after the other, against a directory that simply stays --------------------


NAMES = ["a", "b", "d/a", "d/b", "d/e/a", "d/e", "d", "l", "d/l"]


def act(rng: random.Random, top: Path, number: int) -> None:
    """One thing that a script may do to its files; what fails there fails in both directories."""
    path, other = top / rng.choice(NAMES), top / rng.choice(NAMES)
    mode, verb = rng.choice([0o600, 0o644, 0o755]), rng.randrange(12)
    size = rng.choice([1, 1, 5, 70_000])
    target = rng.choice(["a", "d/a", "../a", "nowhere", "d"])
    with contextlib.suppress(OSError):
        if verb < 3:
            path.write_bytes(b"%d" % number * size)
        elif verb == 3:
            with path.open("ab") as file:
                file.write(b"%d" % number)
        elif verb == 4:
            path.chmod(mode)
        elif verb == 5:
            path.rename(other)
        elif verb == 6:
            path.unlink()
        elif verb == 7:
            path.mkdir()
        elif verb == 8:
            shutil.rmtree(path)
        elif verb == 9:
            path.symlink_to(target)
        elif verb == 10:
            os.utime(path, ns=(number, number), follow_symlinks=False)
        else:
            with path.open("r+b") as file:
                file.truncate(size)


def tree(top: Path) -> dict[str, tuple[object, ...]]:
    """All that a manifest has to keep, but for times that nobody has set."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(top.rglob("*")):
        status = path.lstat()
        time = status.st_mtime_ns if status.st_mtime_ns < 10**6 and not path.is_dir() else 0
        content = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        mode = 0 if path.is_symlink() else status.st_mode
        found[str(path.relative_to(top))] = (stat.S_IFMT(status.st_mode), mode, time, content)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_regions_see_what_one_directory_would_hold(desk: Desk, seed: int) -> None:
    """Each region begins with the manifest alone, on a worker that kept the files before, or on another one."""
    plain = desk.path / "plain"
    plain.mkdir()
    rng = random.Random(seed)
    number = 0
    kept = Kept({}, {})
    for _ in range(15):
        previous = os.open(desk.work, os.O_RDONLY)
        desk.fresh()
        take = partial(kept.take, top=previous) if rng.random() < 0.7 else None
        staged = stage(desk.store, [Root(str(desk.work))], desk.manifest, None, take)
        staged.settle()
        os.close(previous)
        assert tree(desk.work) == tree(plain)
        for _ in range(rng.randrange(5)):
            number += 1
            action = rng.random()
            for top in (plain, desk.work):
                act(random.Random(action), top, number)
        change = desk.changes(staged)
        kept = Kept(change.files, change.found)
