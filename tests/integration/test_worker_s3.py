"""The store of S3 against the test engine: what a service keeps and says, not what a stub was told to."""

from __future__ import annotations

import io
import os
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from msh.aws import s3 as module
from msh.aws.place import private
from msh.aws.s3 import S3Store, s3_client
from msh.aws.store import read, write
from msh.aws.worker import Worker
from msh.config import Settings
from msh.diagnostics import MshError
from tests.support.worker import Run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.cloud import Cloud

pytestmark = pytest.mark.engine
PART = module.PART


@pytest.fixture
def store(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> S3Store:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return S3Store(cloud.bucket(), s3_client(cloud.endpoint))


class Counted:
    """`whole` as a pipe gives it: bit by bit."""

    def __init__(self, size: int) -> None:
        self._size, self._at = size, 0

    def read(self, size: int = -1) -> bytes:
        size = min(self._size - self._at, 1000 if size < 0 else min(size, 1000))
        start, self._at = self._at, self._at + size
        return b"".join([b"%08d" % number for number in range(start // 8, self._at // 8 + 1)])[start % 8 :][:size]


def whole(size: int) -> bytes:
    """So many bytes, no two places alike."""
    return b"".join([b"%08d" % number for number in range(size // 8 + 1)])[:size]


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, PART + 1, 2 * PART + 7])
def test_an_object_of_any_size_comes_back(store: S3Store, size: int) -> None:
    store.put("r/key", Counted(size))
    target = io.BytesIO()
    store.download("r/key", target)
    assert target.getvalue() == whole(size) == read(store, "r/key")


def test_objects_are_listed_found_and_removed(store: S3Store) -> None:
    for name in ("b", "a", "c d", "é"):
        write(store, f"r/{name}", b"x")
    assert list(store.keys("r/")) == ["r/a", "r/b", "r/c d", "r/é"]
    assert store.exists("r/a") and not store.exists("r/z")
    store.delete("r/a")
    store.delete("r/a")
    assert not store.exists("r/a")


def test_what_is_not_there(store: S3Store) -> None:
    with pytest.raises(MshError) as error:
        read(store, "r/none")
    assert error.value.diagnostics[0].code == "MSH506"
    none = S3Store("no-such-bucket-of-msh", s3_client(store._client.meta.endpoint_url))
    for act in (lambda: read(none, "k"), lambda: write(none, "k", b"x"), lambda: none.put("k", Counted(2 * PART))):
        with pytest.raises(MshError) as error:
            act()
        assert error.value.diagnostics[0].code == "MSH501"


def test_an_upload_that_breaks_off_leaves_no_object(store: S3Store) -> None:
    class Broken(Counted):
        def read(self, size: int = -1) -> bytes:
            data = super().read(size)
            if not data:
                raise OSError("the pipe broke")
            return data

    with pytest.raises((MshError, OSError)):
        store.put("r/half", Broken(2 * PART + 5))
    assert not store.exists("r/half")


def test_objects_are_files_in_a_task(
    store: S3Store, cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.endpoint)
    write(store, "in", b"object\n")
    text = "cat $B/in; tr a-z A-Z <$B/in >$B/out; cp $B/in copy\nls; printenv AWS_SECRET_ACCESS_KEY"
    (tmp_path / "store").mkdir()
    settings = Settings("/", allow_write=(f"s3://{store.name}",))
    text = text.replace("$B", f"s3://{store.name}")
    run = Run(str(tmp_path / "store"), text, commands="cat tr cp ls printenv", settings=settings)
    worker = Worker(private(str(tmp_path / "place")))
    first = worker.handle(run.request(None, 0, 1, 2), run.store)
    second = worker.handle(run.request(first["state"], 3, 4), run.store)
    status, stdout, stderr, found = run.result(second["state"])
    assert (status, stdout, stderr, list(found.files)) == (1, b"object\ncopy\n", b"", ["copy"])
    assert read(store, "out") == b"OBJECT\n"


def test_memory_is_bounded(store: S3Store) -> None:
    write(store, "warm", b"x")
    store.put("warm", Counted(2 * PART))
    tracemalloc.start()
    try:
        store.put("r/large", Counted(16 * PART))
        with open(os.devnull, "wb") as file, store.get("r/large") as source:
            while chunk := source.read(1 << 18):
                file.write(chunk)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * PART
