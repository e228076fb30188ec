"""Races: however a name is swapped while it is judged, only what was allowed is read or changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.racing import MADE, REWRITTEN, SWAPPED, UNLINKED, raced

PROGRAMS = {"rewritten": REWRITTEN, "swapped": SWAPPED, "unlinked": UNLINKED, "made": MADE}


@pytest.mark.escape(10, 11, user="root")
@pytest.mark.parametrize("how", PROGRAMS)
def test_a_race_reaches_nothing_forbidden(tmp_path: Path, how: str) -> None:
    found = raced(PROGRAMS[how], 500, tmp_path, dict(os.environ))
    assert found["no"] == 0
    assert sum(found.values()) == 500
    assert found["ok"] > 0


@pytest.mark.escape(10, 11, user="root")
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif("MSH_SLOW" not in os.environ, reason="takes a minute; `MSH_SLOW=1` runs it")
@pytest.mark.parametrize(
    ("how", "count"), [("rewritten", 100_000), ("swapped", 10_000), ("unlinked", 100_000), ("made", 10_000)]
)
def test_many_races_reach_nothing_forbidden(tmp_path: Path, how: str, count: int) -> None:
    assert raced(PROGRAMS[how], count, tmp_path, dict(os.environ))["no"] == 0
