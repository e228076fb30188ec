"""A worker's workspace between two manifests."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from msh.aws.commit import Entry
from msh.aws.stage import Root, changes, stage
from msh.aws.store import DirectoryStore, write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from msh.aws.stage import Change, Staged


class Desk:
    """A store, and a workspace that is filled and looked at again and again."""

    def __init__(self, path: Path) -> None:
        (path / "store").mkdir()
        self.store = DirectoryStore(str(path / "store"))
        self.path = path
        self.work = path / "outer" / "work"
        self.attempt = self.places = 0
        self.manifest: Mapping[str, Entry] = {}
        self.fresh()

    def fresh(self) -> None:
        os.makedirs(self.work.parent, exist_ok=True)
        self.places += 1
        self.work = self.work.parent / f"work{self.places}"
        self.work.mkdir()

    def stage(self, wanted: Sequence[str] | None = None) -> Staged:
        return stage(self.store, [Root(str(self.work))], self.manifest, wanted)

    def changes(self, staged: Staged) -> Change:
        self.attempt += 1
        found = changes(self.store, [Root(str(self.work))], staged, f"r/{self.attempt}")
        self.manifest = found.files
        return found

    def put(self, text: str) -> Entry:
        """A file's entry whose content is stored."""
        from hashlib import sha256

        key = f"in/{len(list(self.store.keys('in/')))}"
        write(self.store, key, text.encode())
        return Entry("file", 0o640, 10**18, key, len(text), sha256(text.encode()).hexdigest())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
