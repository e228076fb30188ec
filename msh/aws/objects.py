"""The `s3://bucket/key` names of a script, and the objects that its worker's role allows.

An object has to be granted, here and there: naming one is not enough. The role allows what the grants say
(`--allow-read s3://bucket/prefix`), and nothing else. On AWS nobody can add a grant when a run comes to a name, so a
name in the text that no grant covers is refused (MSH335). Of a name of which only the beginning is known
(`s3://data/$day.csv`) some grant has to be able to hold it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.aws.policy import Objects
from msh.config import OBJECTS
from msh.diagnostics import Diagnostic, Label, MshError
from msh.effects import Unknown
from msh.sandbox.objects import covers
from msh.syntax import static_text
from msh.syntax.nodes import DoubleQuoted, Literal, Redirect, Word
from msh.syntax.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from msh.config import Settings
    from msh.resolve import Resolution

WRITING = ("write", "entries", "change", "entry")
READING_REDIRECTS = ("<",)


class _Name:
    """One name in the text: `whole` when all of it is known, `write` when it may be changed."""

    def __init__(self, text: str, place: Label, *, whole: bool, write: bool) -> None:
        self.text, self.place, self.whole, self.write = text, place, whole, write

    def is_granted(self, grants: Iterable[str]) -> bool:
        """Whether a grant covers it, or may."""
        return any(covers(grant, self.text) or (not self.whole and _may_cover(grant, self.text)) for grant in grants)


def named_objects(resolution: Resolution, settings: Settings) -> tuple[Objects, ...]:
    """What the role allows. Raises MshError (MSH335) for names in the text that are not granted."""
    writable = [path for path in settings.allow_write if path.startswith(OBJECTS)]
    readable = [*writable, *[path for path in settings.allow_read if path.startswith(OBJECTS)]]
    every = (*_of_steps(resolution), *_of_words(resolution), *_of_redirections(resolution))
    refused = {
        name.place: _refused(resolution, name)
        for name in every
        if name.text.startswith(OBJECTS) and not name.is_granted(writable if name.write else readable)
    }
    if refused:
        raise MshError(*refused.values())
    found = {one for grant in readable for one in _objects(grant, write=grant in writable)}
    return tuple(sorted(found, key=lambda one: (one.bucket, one.key, one.prefix, one.write)))


def _objects(grant: str, *, write: bool) -> Iterator[Objects]:
    """`s3://b/p` grants the object `p` and what is below `p/`."""
    bucket, _, key = grant.removeprefix(OBJECTS).partition("/")
    if key and not key.endswith("/"):
        yield Objects(bucket, key, write=write)
        key += "/"
    yield Objects(bucket, key, prefix=True, write=write)


def _may_cover(grant: str, beginning: str) -> bool:
    return grant.startswith(beginning)


def _of_steps(resolution: Resolution) -> Iterator[_Name]:
    for use in resolution.uses:
        for access in use.effects.accesses:
            write = access.kind in WRITING
            place = Label(use.start, use.end)
            if not isinstance(access.path, Unknown):
                yield _Name(access.path, place, whole=True, write=write)
            elif use.command is None:  # else `_of_words` says it, with the word's own place
                yield _Name(access.path.prefix, place, whole=False, write=write)


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


def _refused(resolution: Resolution, name: _Name) -> Diagnostic:
    flag = "--allow-write" if name.write else "--allow-read"
    if name.whole:
        message, wanted = f"`{name.text}` was not granted, and on AWS nobody can grant it any more", name.text
    else:
        message = f"objects whose names begin with `{name.text}` were not granted"
        wanted = name.text.rpartition("/")[0] if name.text.count("/") > 2 else f"{OBJECTS}BUCKET"
    return Diagnostic("MSH335", message, resolution.source, (name.place,), f"`{flag} {wanted}` would grant it")
