"""What a task attempt leaves behind, and how what several have left is put in order.

A *commit* is one object, written last, at a key that no other attempt uses. It counts once its key has been returned to
the state machine; an attempt that was killed, or whose answer was lost, has only left garbage.

A *state* says what has happened so far. It is what the machine carries, and it looks into none of it:

    null                                nothing
    "RUN/REGION/ATTEMPT/commit.json"    this commit, after those that it names as its parents
    {"base": STATE, "turns": [STATE]}   turns that ran side by side, each from `base`, in program order
    {"base": STATE, "within": STATE}    a subshell that began at `base`: its files and output count, its shell does not

Putting a state in order gives the commits one after the other, as if the turns had run in turn.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from msh.diagnostics import Diagnostic, MshError
from msh.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any, TypeAlias

    Json: TypeAlias = Any  # a JSON value as it was read; what it is gets checked where it becomes a record
    State: TypeAlias = Json

VERSION = 1
INLINE = 16 << 10  # bytes of output up to which it lies in the commit itself
KINDS = ("file", "directory", "link", "fifo")


class Piece(Record):
    """Some output: in an object, or inline."""

    size: int
    key: str = ""
    data: bytes = b""


class Entry(Record):
    """A name in the workspace. A file's content is the object `key` (none when it is empty); `sha256` is in hex."""

    kind: str
    mode: int = 0o644
    mtime_ns: int = 0
    key: str = ""
    size: int = 0
    sha256: str = ""
    target: str = ""

    def same(self, other: Entry | None) -> bool:
        """Whether they are the same but for their times."""
        return other is not None and self.replace(mtime_ns=0, key="") == other.replace(mtime_ns=0, key="")


class Commit(Record):
    """What a region has done. `files` is the whole tree afterwards, `changed` what the region made, changed or removed.

    `shell` is the interpreter's own document; `stdin` the script's standard input, the same in all commits of a run.
    """

    parents: State
    status: int
    stdout: tuple[Piece, ...] = ()
    stderr: tuple[Piece, ...] = ()
    files: Mapping[str, Entry] = {}
    changed: tuple[str, ...] = ()
    shell: Mapping[str, Json] = {}
    stdin: Piece | None = None


class Situation(Record):
    """Where a region begins: the files there are, the interpreter's document, standard input, the last status."""

    files: Mapping[str, Entry] = {}
    shell: Mapping[str, Json] | None = None
    stdin: Piece | None = None
    status: int = 0


def to_json(commit: Commit) -> bytes:
    """The object's content."""
    document = {
        "version": VERSION,
        "parents": commit.parents,
        "status": commit.status,
        "stdout": [piece_to_json(piece) for piece in commit.stdout],
        "stderr": [piece_to_json(piece) for piece in commit.stderr],
        "files": {path: entry_to_json(entry) for path, entry in sorted(commit.files.items())},
        "changed": list(commit.changed),
        "shell": commit.shell,
        "stdin": piece_to_json(commit.stdin) if commit.stdin is not None else None,
    }
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def from_json(data: bytes, key: str) -> Commit:
    """Raises MshError MSH507 for what is no commit, or one of a newer msh."""
    document = _document(data, key)
    if document.get("version") != VERSION:
        raise _wrong(key, f"it is of version {document.get('version')!r}, and this msh reads version {VERSION}")
    try:
        return Commit(
            parents=document["parents"],
            status=int(document["status"]),
            stdout=tuple([piece_from_json(piece) for piece in document["stdout"]]),
            stderr=tuple([piece_from_json(piece) for piece in document["stderr"]]),
            files=entries_from_json(document["files"]),
            changed=tuple([str(path) for path in document["changed"]]),
            shell=dict(document["shell"]),
            stdin=piece_from_json(document["stdin"]) if document.get("stdin") is not None else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _wrong(key, f"a part of it is missing or of another form ({error})") from None


def manifest_to_json(files: Mapping[str, Entry]) -> bytes:
    """The files of a run's input, as an object of their own."""
    document = {"version": VERSION, "files": {path: entry_to_json(entry) for path, entry in sorted(files.items())}}
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def manifest_from_json(data: bytes, key: str) -> dict[str, Entry]:
    """Raises MshError MSH507."""
    document = _document(data, key)
    if document.get("version") != VERSION:
        raise _wrong(key, f"it is of version {document.get('version')!r}, and this msh reads version {VERSION}")
    try:
        return entries_from_json(document["files"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _wrong(key, f"a part of it is missing or of another form ({error})") from None


def piece_to_json(piece: Piece) -> dict[str, Json]:
    """`{"key", "size"}`, or `{"text"}` or `{"base64"}` with `size`."""
    if piece.key:
        return {"key": piece.key, "size": piece.size}
    try:
        return {"text": piece.data.decode("utf-8"), "size": piece.size}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(piece.data).decode("ascii"), "size": piece.size}


def piece_from_json(document: Mapping[str, Json]) -> Piece:
    """Raises KeyError, TypeError or ValueError for another form."""
    if "key" in document:
        return Piece(_int(document["size"]), _text(document["key"]))
    if "text" in document:
        data = _text(document["text"]).encode("utf-8", "surrogateescape")
    else:
        data = base64.b64decode(_text(document["base64"]), validate=True)
    return Piece(len(data), data=data)


def entry_to_json(entry: Entry) -> dict[str, Json]:
    """Without the fields that have their default, but for `kind`, `mode` and `mtime_ns`."""
    fields = {"key": entry.key, "size": entry.size, "sha256": entry.sha256, "target": entry.target}
    document: dict[str, Json] = {"kind": entry.kind, "mode": entry.mode, "mtime_ns": entry.mtime_ns}
    return document | {name: value for name, value in fields.items() if value}


def entries_from_json(documents: Mapping[str, Mapping[str, Json]]) -> dict[str, Entry]:
    """Entries by path. Raises KeyError, TypeError or ValueError for another form."""
    return {str(path): _entry(document) for path, document in documents.items()}


def _entry(document: Mapping[str, Json]) -> Entry:
    kind = _text(document["kind"])
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r}")
    mtime = document.get("mtime_ns", 0)
    if not isinstance(mtime, int):
        raise TypeError("expected a time")
    mode = _int(document.get("mode", 0o755 if kind == "directory" else 0o644)) & 0o7777
    texts = {name: _text(document.get(name, "")) for name in ("key", "sha256", "target")}
    return Entry(kind, mode, mtime, size=_int(document.get("size", 0)), **texts)


def in_order(state: State, load: Callable[[str], Commit], base: State = None) -> list[Commit]:
    """The commits of a state after `base`, first to last. Raises MshError MSH507 when its chain does not lead there."""
    backwards: list[Commit] = []
    seen: set[str] = set()
    while state != base:
        if isinstance(state, str) and state not in seen:
            seen.add(state)
            commit = load(state)
            backwards.append(commit)
            state = commit.parents
        else:
            base_of_turns, turns = _parts(state)
            for turn in reversed(turns):
                backwards += reversed(in_order(turn, load, base_of_turns))
            state = base_of_turns
    return backwards[::-1]


def keys_of(state: State) -> list[str]:
    """The commits that a state names, before anything of it is known to be right."""
    found: list[str] = []
    waiting = [state]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict):
            turns = one.get("turns")
            waiting += [one.get("base"), *(turns if isinstance(turns, list) else [])]
    return list(dict.fromkeys(found))


def _parts(state: State) -> tuple[State, Sequence[State]]:
    """The base and the turns of a state that has them; a subshell is one turn."""
    if isinstance(state, dict) and state.keys() == {"base", "within"}:
        return state["base"], [state["within"]]
    if isinstance(state, dict) and state.keys() == {"base", "turns"} and isinstance(state["turns"], list):
        return state["base"], state["turns"]
    raise _wrong(json.dumps(state)[:200], "it is no state of this run, or it leads back to itself")


def situation(state: State, load: Callable[[str], Commit], outline: Callable[[str], Commit] | None = None) -> Situation:
    """What a region that begins at a state finds. `outline` may give commits without their files.

    After turns that ran side by side: the base with what each has changed, in order. They were run side by side because
    none can touch what another does, so the same path with two contents is an error (MSH508), never a choice.
    """
    if state is None:
        return Situation()
    if isinstance(state, str):
        commit = load(state)
        return Situation(commit.files, commit.shell, commit.stdin, commit.status)
    base, turns = _parts(state)
    found = begin = situation(base, load, outline)
    if "within" in state:
        after = situation(turns[0], load)
        return Situation(after.files, _left(begin.shell, after), after.stdin or begin.stdin, after.status)
    writers: dict[str, int] = {}
    for number, turn in enumerate(turns, 1):
        changed = [path for commit in in_order(turn, outline or load, base) for path in commit.changed]
        after = situation(turn, load, outline)
        files = _merged(found.files, after.files, dict.fromkeys(changed), writers, number)
        shell = _overlaid(begin.shell, found.shell, after.shell)
        found = Situation(files, shell, after.stdin or found.stdin, after.status)
    return found


def _left(begin: Mapping[str, Json] | None, after: Situation) -> Mapping[str, Json] | None:
    """The interpreter's document of a shell whose subshell has ended: what it was, but for `$?` and the place in
    standard input, which they share."""
    if begin is None or after.shell is None:
        return begin
    return {**begin, "status": after.status, "pipestatus": [after.status], "stdin": after.shell.get("stdin")}


def _merged(
    files: Mapping[str, Entry],
    after: Mapping[str, Entry],
    changed: Iterable[str],
    writers: dict[str, int],
    turn: int,
) -> dict[str, Entry]:
    merged = dict(files)
    for path in changed:
        new, old = after.get(path), merged.get(path)
        if path in writers and (new is not None or old is not None) and not (new is not None and new.same(old)):
            message = f"turns {writers[path]} and {turn} have both changed `{path}`, and not to the same"
            help_ = "this is an error in msh: report it with the script, and run the script here meanwhile"
            raise MshError(Diagnostic("MSH508", message, help=help_))
        writers[path] = turn
        if new is None:
            merged.pop(path, None)
        else:
            merged[path] = new
    return merged


def _overlaid(
    begin: Mapping[str, Json] | None, before: Mapping[str, Json] | None, after: Mapping[str, Json] | None
) -> Mapping[str, Json] | None:
    """The interpreter's documents of turns: of what each has changed since `begin`, the last one's."""
    if begin is None or before is None or after is None:
        return after if after is not None else before
    return {**before, **{name: value for name, value in after.items() if begin.get(name) != value}}


def _document(data: bytes, key: str) -> dict[str, Json]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise _wrong(key, "it is not JSON") from None
    if not isinstance(document, dict):
        raise _wrong(key, "it is no object")
    return document


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError("expected a text")
    return value


def _int(value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError("expected a number")
    return value


def _wrong(key: str, why: str) -> MshError:
    help_ = "use the msh, and the worker, that the run was started with"
    return MshError(Diagnostic("MSH507", f"`{key}` cannot be read: {why}", help=help_))
