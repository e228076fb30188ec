"""The changes of a dry run as text: a line for each, and what differs in text files."""

from __future__ import annotations

import difflib
import os
import stat

from msh.render import plain
from msh.sandbox.changes import FILE, open_below, open_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from msh.sandbox.changes import Change, Entry

LINES = 40  # shown of one file's difference
LARGEST = 1 << 20  # bytes of a file that is compared line by line
_MARKS = {"created": "+", "modified": "~", "deleted": "-", "mode": "~", "touched": "~"}


def summary(changes: Sequence[Change], *, full: bool = False) -> str:
    """All changes, one a line, text files with their difference, and a count."""
    lines: list[str] = []
    for change in changes:
        lines.append(f"{_MARKS[change.action]} {plain(change.name)}{_detail(change)}")
        lines += _difference(change, full)
    counts = [
        f"{sum(change.action == action for change in changes)} {word}"
        for action, word in (("created", "created"), ("modified", "modified"), ("deleted", "deleted"))
    ]
    other = sum(change.action in ("mode", "touched") for change in changes)
    counts += [f"{other} with other permissions or times"] if other else []
    return "\n".join([*lines, ", ".join(counts), ""])


def as_data(changes: Sequence[Change]) -> list[dict[str, object]]:
    """The changes for `--report`, one object each."""
    return [
        {
            "path": os.path.join(change.layer.path, *change.path),
            "action": change.action,
            "old": _entry_data(change.old),
            "new": _entry_data(change.new),
        }
        for change in changes
    ]


def _entry_data(entry: Entry | None) -> dict[str, object] | None:
    if entry is None:
        return None
    data: dict[str, object] = {"kind": entry.kind, "mode": f"{stat.S_IMODE(entry.mode):04o}", "size": entry.size}
    return {**data, "target": entry.target} if entry.kind == "link" else data


def _detail(change: Change) -> str:
    """What the name alone does not say."""
    old, new = change.old, change.new
    if new is None:
        return ""
    if change.action == "mode" and old is not None:
        return f" (mode {stat.S_IMODE(old.mode):04o} to {stat.S_IMODE(new.mode):04o})"
    if change.action == "touched":
        return " (modification time)"
    if new.kind == "link":
        return f" -> {plain(new.target)}"
    if new.kind not in ("file", "directory"):
        return f" ({new.kind})"
    special = "setuid or setgid, " if new.mode & (stat.S_ISUID | stat.S_ISGID) and new.kind == "file" else ""
    sizes = f"{new.size} bytes" if old is None else f"{old.size} to {new.size} bytes"
    return f" ({special}{sizes})" if new.kind == "file" else ""


def _difference(change: Change, full: bool) -> Iterator[str]:
    if change.action not in ("created", "modified") or change.new is None or change.new.kind != "file":
        return
    before, after = _text(change, change.old), _text(change, change.new)
    if before is None or after is None:
        return
    found = list(difflib.unified_diff(before, after, n=2, lineterm=""))[2:]
    if any("\0" in line for line in found):
        return
    shown = found if full else found[:LINES]
    yield from [f"    {plain(line)}" for line in shown]
    if len(shown) < len(found):
        yield f"    … {len(found) - len(shown)} more lines (`--full` shows them)"


def _text(change: Change, entry: Entry | None) -> list[str] | None:
    """The lines of a file as it was or is; None when it is no text, too large to compare, or not to be read."""
    if entry is None:
        return []
    if entry.size > LARGEST:
        return None
    try:
        return _read(change, entry).decode("utf-8").splitlines()
    except (PermissionError, UnicodeDecodeError):
        return None


def _read(change: Change, entry: Entry) -> bytes:
    name = change.path[-1]
    is_new = entry is change.new
    directory = open_below(change.layer.upper if is_new else change.layer.real, change.path[:-1])
    try:
        number = open_file(name, directory, entry) if is_new else os.open(name, FILE, dir_fd=directory)
        with open(number, "rb") as file:
            return file.read(LARGEST)
    finally:
        os.close(directory)
