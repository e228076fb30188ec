from __future__ import annotations

import pytest

from msh.nearest import distance, nearest

KNOWN = ("cat", "cp", "grep", "egrep", "sort", "tsort", "xargs", "basename")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("gerp", "grep"),
        ("sotr", "sort"),
        ("xrags", "xargs"),
        ("bsaename", "basename"),
        ("catt", "cat"),
        ("kubectl", None),
        ("x", None),
        ("", None),
        ("y" * 100_000, None),
    ],
)
def test_nearest(name: str, meant: str | None) -> None:
    assert nearest(name, KNOWN) == meant


def test_distance_counts_a_swap_once() -> None:
    assert [distance("ab", "ba"), distance("", "abc"), distance("kitten", "sitting")] == [1, 3, 3]
