from __future__ import annotations

import pytest

from msh.nearest import edits, nearest

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


def test_a_swap_counts_once_and_counting_stops_at_the_limit() -> None:
    assert [edits("ab", "ba", 2), edits("", "abc", 2), edits("kitten", "sitting", 9)] == [1, 3, 3]
    assert edits("aaaa" * 1000, "bbbb" * 1000, 2) == 3
