"""A manifest in the workspace, and what a region has made of it.

Staged are all directories and links, and of the files those that the region may touch. What was not staged stays in the
manifest as it is. Afterwards a file counts as changed when its stamp is another one (`Seen`) and its content is, too;
then it is uploaded under a key of this attempt, once, streamed. Nothing else is.

The script's `/tmp` travels like the workspace, as paths below `/tmp/`.
"""

from __future__ import annotations

import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import IO, TYPE_CHECKING

from msh.aws.commit import Entry
from msh.aws.store import truncated
from msh.aws.tree import create, finish, lies, open_file, scan, seal
from msh.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from msh.aws.store import Readable, Store
    from msh.aws.tree import Seen

WORKERS = 8  # objects on their way at a time
LARGE = 4 << 20  # bytes; of larger ones there are two at a time, since each takes some parts of memory
SCRATCH = "/tmp/"
_COARSE = 5  # CLOCK_REALTIME_COARSE (clock_gettime(2)): what file systems read
_LINKS = 40  # links within links, as in the kernel (path_resolution(7))


class Root(Record):
    """A directory that travels: `prefix` begins its paths in a manifest; names in `without`, at its top, do not."""

    path: str
    prefix: str = ""
    without: tuple[str, ...] = ()


class Staged(Record):
    """What lay in the roots when the region began, by path in the manifest."""

    manifest: Mapping[str, Entry]
    present: Mapping[str, tuple[Entry, Seen]]

    def settle(self) -> None:
        """Wait until the kernel's clock has gone on, so that any change from now on gives another change time.

        File systems take times from a clock that ticks every few milliseconds.
        """
        newest = max([one.stamp[-1] for _, one in self.present.values() if one.kind == "file"], default=0)
        while time.clock_gettime_ns(_COARSE) <= newest:
            time.sleep(0.001)


class Change(Record):
    """The manifest after a region, the paths in which it differs from the one before, and what lies in the roots."""

    files: Mapping[str, Entry]
    changed: tuple[str, ...]
    found: Mapping[str, Seen]


class Hashed:
    """A stream whose bytes are counted and hashed as they are read."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._hash.update(data)
        self.size += len(data)
        return data

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


def stage(
    store: Store,
    roots: Sequence[Root],
    manifest: Mapping[str, Entry],
    wanted: Sequence[str] | None,
    take: Callable[[str, int, str], int] | None = None,
) -> Staged:
    """Fill empty roots; `take` as in `create`.

    Raises MshError: MSH509 a manifest that lies, MSH504 content that is not what it says.
    """
    chosen = select(manifest, wanted)
    parts = _by_root(roots, chosen)
    present: dict[str, tuple[Entry, Seen]] = {}
    for root, files in parts:
        top = _open(root)
        try:
            _fill(store, top, files, take)
            finish(top, files)
            for path, one in scan(top, root.without).items():
                known = files.get(path) or Entry(one.kind, one.mode, one.mtime_ns)  # a directory above an entry
                present[root.prefix + path] = (known, one)
        finally:
            os.close(top)
    return Staged(manifest, present)


def select(manifest: Mapping[str, Entry], wanted: Sequence[str] | None) -> dict[str, Entry]:
    """The entries to stage: directories, links, and of the files those wanted, below one wanted, or behind a link."""
    if wanted is None:
        return dict(manifest)
    names = {_normal(path) for path in wanted}
    links = {path: entry.target for path, entry in manifest.items() if entry.kind == "link"}
    for _ in range(_LINKS):
        more = {_normal(found) for path, target in links.items() for found in _behind(path, target, names)} - names
        if not more:
            break
        names |= more
    else:
        return dict(manifest)
    return {path: entry for path, entry in manifest.items() if entry.kind != "file" or _covers(names, path)}


def _normal(path: str) -> str:
    """A path as it stands in manifests. One that leads out of the workspace is one that no manifest has."""
    return os.path.normpath(path)


def _covers(names: set[str], path: str) -> bool:
    """Whether a path or a directory above it is among the names."""
    if "." in names and not path.startswith("/"):
        return True
    while path and path != "/":
        if path in names:
            return True
        path = path.rpartition("/")[0]
    return False


def _behind(link: str, target: str, names: set[str]) -> list[str]:
    """What is wanted through a link: its target, and names below it there."""
    real = os.path.join(os.path.dirname(link), target)
    found = [real + name[len(link) :] for name in names if name.startswith(f"{link}/")]
    return [*found, real] if _covers(names, link) else found


def _by_root(roots: Sequence[Root], files: Mapping[str, Entry]) -> list[tuple[Root, dict[str, Entry]]]:
    parts: dict[str, dict[str, Entry]] = {root.prefix: {} for root in roots}
    for path, entry in files.items():
        prefix = SCRATCH if path.startswith(SCRATCH) else ""
        if prefix not in parts:
            raise lies(path, "this worker has no `/tmp` of its own")
        parts[prefix][path.removeprefix(prefix)] = entry
    for root in roots:
        for name in root.without:
            if any(path == name or path.startswith(f"{name}/") for path in parts[root.prefix]):
                raise lies(root.prefix + name, "the worker keeps its own things there")
    return [(root, parts[root.prefix]) for root in roots]


def _fill(store: Store, top: int, files: Mapping[str, Entry], take: Callable[[str, int, str], int] | None) -> None:
    def fetch(path: str, entry: Entry, descriptor: int) -> None:
        with open(descriptor, "w+b") as file:
            if entry.size:
                _download(store, path, entry, file)
            seal(os.dup(descriptor), entry)

    with ThreadPoolExecutor(WORKERS) as pool, ThreadPoolExecutor(2) as large:
        waiting = []
        for path, entry, descriptor in create(top, files, take):
            if not entry.size:
                fetch(path, entry, descriptor)
                continue
            waiting.append((large if entry.size > LARGE else pool).submit(fetch, path, entry, descriptor))
            if len(waiting) > 4 * WORKERS:  # a descriptor is open for each
                waiting.pop(0).result()
        for future in waiting:
            future.result()


def _download(store: Store, path: str, entry: Entry, file: IO[bytes]) -> None:
    """The content of an entry; it must be what the entry says, to the byte."""
    if entry.size > LARGE:
        store.download(entry.key, file)
        file.seek(0)
        content = Hashed(file)
        while content.read(1 << 20):
            pass
    else:
        with store.get(entry.key) as source:
            content = Hashed(source)
            while chunk := content.read(1 << 20):
                file.write(chunk)
                if content.size > entry.size:
                    break
    file.flush()
    if content.size != entry.size:
        raise truncated(store.name, entry.key, f"{content.size} bytes instead of {entry.size} (`{path}`)")
    if entry.sha256 and content.sha256 != entry.sha256:
        raise truncated(store.name, entry.key, f"its content has another hash (`{path}`)")


def changes(
    store: Store, roots: Sequence[Root], staged: Staged, prefix: str, names: Sequence[str] | None = None
) -> Change:
    """Upload what has changed since `stage`, below the key `prefix`; all of it, or `names` and what is below them."""
    wanted = None if names is None else {_normal(name) for name in names}
    files = dict(staged.manifest)
    changed: set[str] = set()
    found: dict[str, Seen] = {}
    keys = (f"{prefix}/{number}" for number in count())  # of both roots: no two files may have one
    for root in roots:
        top = _open(root)
        try:
            below = scan(top, root.without)
            if wanted is not None:
                below = {path: one for path, one in below.items() if _covers(wanted, root.prefix + path)}
            uploads = _changed(root, below, staged, files, changed)
            _upload(store, top, root, uploads, keys, files)
            found |= {root.prefix + path: one for path, one in below.items()}
        finally:
            os.close(top)
    gone = [path for path in staged.present if path not in found]
    _remove(files, gone, changed)
    _remove(files, [path for path in changed if path in found and found[path].kind != "directory"], changed, below=True)
    return Change(files, tuple(sorted(changed)), found)


def _changed(
    root: Root, below: Mapping[str, Seen], staged: Staged, files: dict[str, Entry], changed: set[str]
) -> list[tuple[str, Seen, Entry | None]]:
    """Enter what needs no upload into `files`; the files whose content may be another."""
    uploads: list[tuple[str, Seen, Entry | None]] = []
    for relative, one in below.items():
        path = root.prefix + relative
        entry, before = staged.present.get(path, (None, None))
        if before is not None and before.kind == one.kind and _same(before, one):
            continue
        changed.add(path)
        if one.kind == "file":
            old = entry if entry is not None and entry.kind == "file" and path in staged.manifest else None
            uploads.append((relative, one, old))
        else:
            files[path] = Entry(one.kind, one.mode, one.mtime_ns, target=one.target)
    return uploads


def _same(before: Seen, now: Seen) -> bool:
    if now.kind == "file":
        return before.stamp == now.stamp
    return before.mode == now.mode and before.target == now.target and before.mtime_ns == now.mtime_ns


def _upload(
    store: Store,
    top: int,
    root: Root,
    uploads: Iterable[tuple[str, Seen, Entry | None]],
    keys: Iterator[str],
    files: dict[str, Entry],
) -> None:
    def send(key: str, relative: str, one: Seen, old: Entry | None) -> None:
        with open(open_file(top, relative), "rb", buffering=0) as file:
            entry = _sent(store, file, one, old, key)
        files[root.prefix + relative] = entry

    with ThreadPoolExecutor(WORKERS) as pool, ThreadPoolExecutor(2) as large:
        waiting = [
            (large if one.size > LARGE else pool).submit(send, next(keys), relative, one, old)
            for relative, one, old in uploads
        ]
        for future in waiting:
            future.result()


def _sent(store: Store, file: IO[bytes], one: Seen, old: Entry | None, key: str) -> Entry:
    """Store a file's content, unless it is what the old entry had."""
    if old is not None and old.size == one.size and (not one.size or _hash(file) == old.sha256):
        return old.replace(mode=one.mode, mtime_ns=one.mtime_ns)
    if not one.size:
        return Entry("file", one.mode, one.mtime_ns)
    content = Hashed(file)
    store.put(key, content)
    if content.size != one.size:
        raise truncated(store.name, key, f"{content.size} bytes instead of {one.size}: it changed meanwhile")
    return Entry("file", one.mode, one.mtime_ns, key, content.size, content.sha256)


def _hash(file: IO[bytes]) -> str:
    content = Hashed(file)
    while content.read(1 << 20):
        pass
    file.seek(0)
    return content.sha256


def _remove(files: dict[str, Entry], paths: Iterable[str], changed: set[str], *, below: bool = False) -> None:
    """Take paths out of the manifest, and all below them: a directory that is gone has taken what was not staged."""
    for path in paths:
        inner = [other for other in files if other.startswith(f"{path}/")]
        for name in inner if below else [path, *inner]:
            if files.pop(name, None) is not None or name == path:
                changed.add(name)


def _open(root: Root) -> int:
    return os.open(root.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
