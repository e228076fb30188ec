"""What the tests of limits share: places to run in, and what runs leave behind."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

from msh.sandbox.limits.groups import start_time
from msh.sandbox.limits.tiers import tier
from tests.support.attack import Attack, Ran, attack, unavailable

GROUPS = bool(tier().places)
needs_groups = pytest.mark.skipif(not GROUPS, reason="this user has no cgroups here")


@pytest.fixture
def place() -> Iterator[Attack]:
    """Somewhere to run as whoever runs the tests."""
    with attack("root" if os.geteuid() == 0 else "ordinary") as made:
        yield made


@pytest.fixture
def ordinary() -> Iterator[Attack]:
    """Somewhere to run as a user without cgroups."""
    if reason := unavailable("ordinary"):
        pytest.skip(reason)
    with attack("ordinary") as made:
        yield made


def msh(place: Attack, limits: str, script: str, *options: str) -> Ran:
    return place.msh("--workspace", "none", "--limit", limits, *options, "-c", script)


def left() -> list[str]:
    """Groups of runs that are over: of others that go on at the same time there may be some."""
    names = [name for _, top in tier().places for name in os.listdir(top)]
    found = [each for name in names if (each := re.fullmatch(r"msh-(\d+)-(\d+)(-\d+)?", name))]
    return [each[0] for each in found if start_time(int(each[1])) != int(each[2])]
