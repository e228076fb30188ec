"""The two ends of a run: a directory's files into the store beforehand, and all that a run has made out of it."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import IO, TYPE_CHECKING

from msh.aws import commit as commits
from msh.aws.commit import Piece
from msh.aws.output import Output
from msh.aws.stage import WORKERS, Root, Staged, changes, stage
from msh.aws.store import CHUNK, read, truncated, write
from msh.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from msh.aws.commit import Commit, Entry, Json, State
    from msh.aws.store import Store


_ONE_BY_ONE = 8  # commits that are read one after the other before all of a run are


class Result(Record):
    """A run from its last state: its outputs in program order, its files, its last status."""

    status: int
    stdout: tuple[Piece, ...]
    stderr: tuple[Piece, ...]
    files: Mapping[str, Entry]
    changed: tuple[str, ...]


def collect(state: State, store: Store) -> Result:
    """Read the commits of a run. Raises MshError (MSH506 to MSH508)."""
    commits_of_run = _Commits(store)
    ordered = commits.in_order(state, commits_of_run.outline)
    end = commits.situation(state, commits_of_run.whole, commits_of_run.outline)
    return Result(
        status=end.status,
        stdout=tuple([piece for commit in ordered for piece in commit.stdout]),
        stderr=tuple([piece for commit in ordered for piece in commit.stderr]),
        files=end.files,
        changed=tuple(sorted({path for commit in ordered for path in commit.changed})),
    )


class _Commits:
    """The commits of a run, each read once and kept without what is large in it.

    Each names only the one before, so reading them one after the other takes a round trip each. A long chain is
    therefore fetched at once: all commits of the run, those of attempts that do not count among them.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._outlines: dict[str, Commit] = {}
        self._listed: set[str] = set()
        self._missed = 0

    def whole(self, key: str) -> Commit:
        """A commit with its files."""
        return commits.from_json(read(self._store, key), key)

    def outline(self, key: str) -> Commit:
        """A commit without its files and the interpreter's document."""
        if key not in self._outlines:
            self._missed += 1
            run = key.partition("/")[0]
            if self._missed > _ONE_BY_ONE and run not in self._listed:
                self._listed.add(run)
                self._fetch([one for one in self._store.keys(f"{run}/") if one.endswith("/commit.json")])
            if key not in self._outlines:
                self._fetch([key])
        return self._outlines[key]

    def _fetch(self, keys: Sequence[str]) -> None:
        def outline(key: str) -> Commit:
            return self.whole(key).replace(files={}, shell={})

        with ThreadPoolExecutor(WORKERS) as pool:
            self._outlines |= zip(keys, pool.map(outline, keys), strict=True)


def chunks(pieces: Sequence[Piece], store: Store) -> Iterator[bytes]:
    """The bytes of an output, bit by bit. Raises MshError MSH504 when an object is shorter or longer than it was."""
    for piece in pieces:
        if not piece.key:
            yield piece.data
            continue
        size = 0
        with store.get(piece.key) as file:
            while chunk := file.read(CHUNK):
                size += len(chunk)
                yield chunk
        if size != piece.size:
            raise truncated(store.name, piece.key, f"{size} bytes instead of {piece.size}")


def write_output(pieces: Sequence[Piece], store: Store, file: IO[bytes]) -> None:
    """An output to an open file."""
    for chunk in chunks(pieces, store):
        file.write(chunk)


def output_bytes(pieces: Sequence[Piece], store: Store) -> bytes:
    """A whole output, for those that are known to be small."""
    return b"".join(chunks(pieces, store))


def write_files(result: Result, store: Store, directory: str, names: Sequence[str] | None = None) -> None:
    """The workspace's files after a run into an empty directory: all, or those `names` and what is below them.

    What the script left in `/tmp` stays in the store.
    """
    inside = {path: entry for path, entry in result.files.items() if not path.startswith("/")}
    if names is not None:
        chosen = [os.path.normpath(name) for name in names]
        inside = {path: e for path, e in inside.items() if any(f"{path}/".startswith(f"{name}/") for name in chosen)}
    os.makedirs(directory, exist_ok=True)
    stage(store, (Root(os.path.realpath(directory)),), inside, None)


def upload_inputs(directory: str, names: Sequence[str] | None, store: Store, prefix: str = "") -> str:
    """Store files of a directory, all or those `names`; the key of their manifest, for `input.files`."""
    prefix = prefix or f"inputs/{os.urandom(12).hex()}"
    root = Root(os.path.realpath(directory))
    found = changes(store, (root,), Staged({}, {}), f"{prefix}/files", names)
    key = f"{prefix}/manifest.json"
    write(store, key, commits.manifest_to_json(found.files))
    return key


def upload_stdin(file: IO[bytes], store: Store, prefix: str = "") -> Json:
    """Store a standard input; the piece for `input.stdin`."""
    prefix = prefix or f"inputs/{os.urandom(12).hex()}"
    output = Output(store, f"{prefix}/stdin", 0)
    output.drain(file)
    return commits.piece_to_json(output.piece or Piece(0))
