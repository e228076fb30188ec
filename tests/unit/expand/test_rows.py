"""Rows of scripts, expanded by msh and by real bash: the same fields, the same words in errors.

A row of `rows/*.rows` is `#### name` and a script. It runs in a directory with the files of `FILES`.
"""

from __future__ import annotations

import os
from functools import lru_cache

import pytest

from tests.unit.expand.oracle import Failure, ours, theirs

ROWS = os.path.join(os.path.dirname(__file__), "rows")
FILES = ["a", "b", "ab", "abc", ".hidden", "a b", "a*b", "x[1]", "d/one.c", "d/two.h", "d/e/three.c", "é", "Z", "-n"]


def read_rows() -> dict[str, str]:
    """Every row as topic/name → script."""
    rows: dict[str, str] = {}
    for file in sorted(os.listdir(ROWS)):
        with open(os.path.join(ROWS, file), encoding="utf-8") as opened:
            for row in opened.read().split("#### ")[1:]:
                name, _, script = row.partition("\n")
                rows[f"{file.removesuffix('.rows')}/{name}"] = script.rstrip("\n")
    return rows


SCRIPTS = read_rows()


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> str:
    top = str(tmp_path_factory.mktemp("files"))
    for name in FILES:
        path = os.path.join(top, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8"):
            pass
    os.symlink("d", os.path.join(top, "link"))
    os.symlink("nowhere", os.path.join(top, "dangling"))
    return top


@lru_cache
def expected(directory: str) -> dict[str, list[str] | Failure]:
    return dict(zip(SCRIPTS, theirs(SCRIPTS.values(), directory), strict=True))


@pytest.mark.parametrize("name", SCRIPTS)
def test_row_is_as_in_bash(name: str, directory: str) -> None:
    bash = expected(directory)[name]
    result = ours(SCRIPTS[name], directory)
    assert result == bash
    assert isinstance(result, Failure) == isinstance(bash, Failure)
