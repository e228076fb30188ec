"""Grants of directories that every step has anyway."""

from __future__ import annotations

import pytest

from tests.support.attack import attack


@pytest.mark.parametrize("backend", ["bubblewrap", "native"])
def test_a_program_that_is_a_link_runs_when_its_directory_is_granted(backend: str) -> None:
    """`awk` is a link through /etc/alternatives."""
    with attack("root") as place:
        ran = place.msh("--backend", backend, "--allow-read", "/usr", "-c", "awk 'BEGIN { print 6 * 7 }'; ls /usr")
    assert (ran.stdout[:3], b"bin\n" in ran.stdout, ran.status) == (b"42\n", True, 0), ran.output
