"""The `s3://bucket/key` names of a script, as the objects that its worker may touch.

A name that the text has whole gives that object; one of which it has the beginning (`s3://data/$day.csv`) gives what
begins so, within that bucket. A bucket that is known only at run time gives nothing: it has to be granted by name
(`--allow-read s3://bucket/`), and where it is not, that is refused (MSH335), since a run would be denied in its midst.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.aws.policy import Objects
from msh.diagnostics import Diagnostic, Label, MshError
from msh.effects import Unknown
from msh.syntax import static_text
from msh.syntax.nodes import DoubleQuoted, Literal, Redirect, Word
from msh.syntax.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.config import Settings
    from msh.resolve import Resolution

SCHEME = "s3://"
WRITING = ("write", "entries", "change", "entry")
READING_REDIRECTS = ("<",)


class _Name:
    """One name in the text: `whole` when all of it is known, `write` when it may be changed."""

    def __init__(self, text: str, place: Label, *, whole: bool, write: bool) -> None:
        self.text, self.place, self.whole, self.write = text, place, whole, write
        self.bucket, self.slash, self.key = text.removeprefix(SCHEME).partition("/")


def named_objects(resolution: Resolution, settings: Settings) -> tuple[Objects, ...]:
    """What the script's worker may touch outside its own bucket. Raises MshError (MSH335)."""
    granted = tuple(_granted(settings))
    every = (*_of_steps(resolution), *_of_words(resolution), *_of_redirections(resolution))
    names = [name for name in every if name.text.startswith(SCHEME)]
    doubtful = [name for name in names if not name.slash and not name.whole]
    if doubtful and not granted:
        raise MshError(*{name.place: _unknown(resolution, name) for name in doubtful}.values())
    found = [
        Objects(name.bucket, name.key, not name.whole or name.key.endswith("/"), name.write)
        for name in names
        if name.slash and name.bucket
    ]
    return tuple(sorted({*found, *granted}, key=lambda one: (one.bucket, one.key, one.prefix, one.write)))


def _of_steps(resolution: Resolution) -> Iterator[_Name]:
    for use in resolution.uses:
        for access in use.effects.accesses:
            write = access.kind in WRITING
            place = Label(use.start, use.end)
            if isinstance(access.path, Unknown):
                if use.command is None:  # else `_of_words` says it, with the word's own place
                    yield _Name(access.path.prefix, place, whole=False, write=write)
            else:
                yield _Name(access.path, place, whole=access.kind not in ("list", "entries"), write=write)


def _of_words(resolution: Resolution) -> Iterator[_Name]:
    """Of a word that may become several, effects know nothing of how it begins."""
    for use in resolution.uses:
        unknown = [access for access in use.effects.accesses if isinstance(access.path, Unknown)]
        write = any(access.kind in WRITING for access in unknown)
        for word in use.command.words[1:] if use.command is not None and unknown else ():
            if isinstance(word, Word) and static_text(word) is None:
                yield _Name(_beginning(word), Label(word.start, word.end), whole=False, write=write)


def _of_redirections(resolution: Resolution) -> Iterator[_Name]:
    for node in walk(resolution.script):
        if isinstance(node, Redirect) and isinstance(node.target, Word):
            text = static_text(node.target)
            place = Label(node.start, node.end)
            write = node.operator not in READING_REDIRECTS
            yield _Name(_beginning(node.target) if text is None else text, place, whole=text is not None, write=write)


def _beginning(word: Word) -> str:
    """The text of a word before its first expansion."""
    first = word.parts[0] if word.parts else None
    if isinstance(first, DoubleQuoted):
        first = first.parts[0] if first.parts else None
    return first.text if isinstance(first, Literal) else ""


def _granted(settings: Settings) -> Iterator[Objects]:
    """Grants hold for all that begins so, as those of directories do."""
    for paths, write in ((settings.allow_read, False), (settings.allow_write, True)):
        for path in paths:
            bucket, _, key = path.removeprefix(SCHEME).partition("/")
            if path.startswith(SCHEME) and bucket:
                yield Objects(bucket, key, prefix=True, write=write)


def _unknown(resolution: Resolution, name: _Name) -> Diagnostic:
    flag = "--allow-write" if name.write else "--allow-read"
    message = "the bucket of this name is known only at run time, and the worker's role has to name it"
    help_ = f"grant what it may be, as `{flag} s3://BUCKET/`"
    return Diagnostic("MSH335", message, resolution.source, (name.place,), help_)
