"""The two ends of a run, without a worker in between."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import pytest

from msh.aws.collect import collect, output_bytes, upload_inputs, upload_stdin, write_files
from msh.aws.commit import Commit, Entry, Piece, manifest_from_json, piece_from_json, to_json
from msh.aws.store import DirectoryStore, read, write
from msh.diagnostics import MshError

if TYPE_CHECKING:
    from pathlib import Path


class CountingStore(DirectoryStore):
    """Counts what is asked of it, one request after the other."""

    asked = 0

    def get(self, key: str) -> io.BufferedReader:  # type: ignore[override]
        self.asked += 1
        return super().get(key)  # type: ignore[return-value]


def commit_chain(store: DirectoryStore, length: int) -> str:
    """A run of so many regions, each of which prints its number, and attempts that do not count."""
    state = None
    for number in range(length):
        data = b"%d\n" % number
        files = {f"f{number}": Entry("file", size=1, key="x")}
        commit = Commit(state, number % 256, (Piece(len(data), data=data),), (), files, tuple(files), {"n": number})
        for attempt in ("lost", "counts"):
            state = f"run/L{number}/{attempt}/commit.json"
            write(store, state, to_json(commit))
    assert state is not None
    return state


@pytest.mark.parametrize("length", [1, 8, 9, 300])
def test_outputs_are_in_program_order(tmp_path: Path, length: int) -> None:
    store = CountingStore(str(tmp_path))
    found = collect(commit_chain(store, length), store)
    assert output_bytes(found.stdout, store) == b"".join([b"%d\n" % number for number in range(length)])
    assert (found.status, list(found.files)) == ((length - 1) % 256, [f"f{length - 1}"])
    assert len(found.changed) == length
    assert store.asked <= 2 * length + 10


def test_a_missing_commit_is_named(tmp_path: Path) -> None:
    store = DirectoryStore(str(tmp_path))
    state = commit_chain(store, 20)
    store.delete("run/L3/counts/commit.json")
    with pytest.raises(MshError, match="`run/L3/counts/commit") as error:
        collect(state, store)
    assert error.value.diagnostics[0].code == "MSH506"


def test_a_commit_of_a_newer_msh_is_named(tmp_path: Path) -> None:
    store = DirectoryStore(str(tmp_path))
    state = commit_chain(store, 2)
    write(store, "run/L0/counts/commit.json", b'{"version": 2}')
    with pytest.raises(MshError, match="version 2") as error:
        collect(state, store)
    assert error.value.diagnostics[0].code == "MSH507"


@pytest.mark.parametrize("size", [3, 5])
def test_an_output_that_was_cut_is_an_error(tmp_path: Path, size: int) -> None:
    store = DirectoryStore(str(tmp_path))
    write(store, "r/stdout", b"x" * size)
    with pytest.raises(MshError) as error:
        output_bytes([Piece(4, "r/stdout")], store)
    assert error.value.diagnostics[0].code == "MSH504"


def test_inputs_and_files_come_back(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    store = DirectoryStore(str(tmp_path / "store"))
    source = tmp_path / "source"
    (source / "d/deep").mkdir(parents=True)
    (source / "d/deep/run.sh").write_bytes(b"echo\n")
    (source / "d/deep/run.sh").chmod(0o755)
    (source / "other").write_text("other")
    os.symlink("d/deep", source / "link")
    manifest = read(store, upload_inputs(str(source), None, store))
    files = manifest_from_json(manifest, "m")
    write(store, "r/commit.json", to_json(Commit(None, 0, files={**files, "/tmp/x": Entry("file")})))
    result = collect("r/commit.json", store)
    write_files(result, store, str(tmp_path / "target"))
    assert (tmp_path / "target/link/run.sh").read_bytes() == b"echo\n"
    assert (tmp_path / "target/d/deep/run.sh").stat().st_mode & 0o777 == 0o755
    assert sorted(os.listdir(tmp_path / "target")) == ["d", "link", "other"]
    write_files(result, store, str(tmp_path / "part"), ["./d"])
    assert os.listdir(tmp_path / "part") == ["d"]
    only = manifest_from_json(read(store, upload_inputs(str(source), ["d/deep", "link"], store)), "m")
    assert sorted(only) == ["d/deep", "d/deep/run.sh", "link"]


@pytest.mark.parametrize("data", [b"", b"short", b"x" * 100_000, b"\xff\0"])
def test_standard_input_is_a_piece(tmp_path: Path, data: bytes) -> None:
    store = DirectoryStore(str(tmp_path))
    assert output_bytes([piece_from_json(upload_stdin(io.BytesIO(data), store))], store) == data
