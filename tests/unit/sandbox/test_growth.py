"""How much directories grow."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from msh.sandbox.limits.growth import Growth, outermost

BLOCK = 4096


def test_what_is_added_counts_and_what_is_removed_counts_back(tmp_path: Path) -> None:
    (tmp_path / "before").write_bytes(bytes(100 * BLOCK))
    growth = Growth([str(tmp_path)], 10 * BLOCK)
    assert (growth.bytes(), growth.check() > 0) == (0, True)
    (tmp_path / "one").write_bytes(bytes(8 * BLOCK))
    assert growth.bytes() >= 8 * BLOCK
    os.link(tmp_path / "one", tmp_path / "again")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/sparse").touch()
    os.truncate(tmp_path / "deep/sparse", 1 << 30)
    assert 8 * BLOCK <= growth.bytes() <= 10 * BLOCK
    (tmp_path / "deep/two").write_bytes(bytes(8 * BLOCK))
    assert growth.check() == 0.0
    (tmp_path / "before").unlink()
    assert growth.bytes() < 0


def test_links_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/out").symlink_to(tmp_path)
    growth = Growth([str(tmp_path / "in")], BLOCK)
    (tmp_path / "big").write_bytes(bytes(100 * BLOCK))
    assert growth.bytes() == 0


HIDES = """
import os, tempfile
from msh.sandbox.limits.growth import Growth
os.setgid(65534)
os.setuid(65534)
with tempfile.TemporaryDirectory(dir="/var/tmp") as top:
    growth = Growth([top], 1 << 20)
    os.mkdir(f"{top}/d")
    with open(f"{top}/d/x", "wb") as file:
        file.write(os.urandom(4 << 20))
    os.chmod(f"{top}/d", 0)
    grown, left = growth.bytes(), growth.check()
    os.chmod(f"{top}/d", 0o700)
assert grown > 2 << 20, grown
assert left == 0.0
"""


def test_a_directory_that_hides_what_it_holds() -> None:
    if os.geteuid() != 0:
        pytest.skip("becomes somebody else")
    subprocess.run([sys.executable, "-c", HIDES], check=True)


def test_it_is_handed_on(tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    Growth([str(tmp_path / "place")], 10 * BLOCK).write(str(tmp_path / "written"))
    (tmp_path / "place/x").write_bytes(bytes(20 * BLOCK))
    assert Growth.read(str(tmp_path / "written")).check() == 0.0


def test_places_in_places_count_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "ab").mkdir()
    assert outermost([f"{tmp_path}/a", f"{tmp_path}/ab", f"{tmp_path}/a/x", f"{tmp_path}/a/../a"]) == (
        f"{tmp_path}/a",
        f"{tmp_path}/ab",
    )
