"""What each step of a script would be allowed, as far as its text tells: the listing of `msh check --grants`.

Says what the sandbox would decide from names alone; nothing is opened or made. Symbolic links are followed only at run
time, where a name that leads out of what is granted is refused.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msh.effects import Unknown
from msh.render import plain
from msh.sandbox.grants import MOST_MOUNTS
from msh.syntax import static_text
from msh.syntax.nodes import ProcessSubstitution, Redirect, Word
from msh.syntax.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.config import Settings
    from msh.effects import Access, Effects
    from msh.resolve import Resolution, Use

BASE = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/alternatives")
DEVICES = tuple([f"/dev/{name}" for name in ["null", "zero", "full", "random", "urandom", "stdin", "stdout", "stderr"]])
READING = ("read", "list")
REDIRECTS = {"<": "read", ">": "write", ">>": "write", ">|": "write", "<>": "write", "&>": "write", "&>>": "write"}
TEXT_WIDTH = 60

STANDING = """\
every step: /usr and its links read-only, a private /tmp shared by the steps of the run, an empty HOME, synthetic
  /etc/passwd and /etc/hosts, an allow-listed environment, no descriptors but those the script opened, no network
"""


def grants_text(resolution: Resolution, settings: Settings, directory: str, *, verbose: bool) -> str:
    """One paragraph a step, in the order of the text; `directory` is where the script would start."""
    judge = _Judge(settings, directory)
    paragraphs: list[tuple[int, list[str]]] = []
    for use in resolution.uses:
        paragraphs.append((use.start, [_head(resolution, use.start, use.end), *_use_lines(use, judge)]))
    for redirect in walk(resolution.script):
        if isinstance(redirect, Redirect) and isinstance(redirect.target, Word) and _opens_a_file(redirect):
            path = static_text(redirect.target)
            lines = judge.line(REDIRECTS[redirect.operator], path if path is not None else Unknown())
            paragraphs.append((redirect.start, [_head(resolution, redirect.start, redirect.end), lines]))
    paragraphs.sort(key=lambda paragraph: paragraph[0])
    text = "".join(["\n".join(lines) + "\n" for _, lines in paragraphs])
    return (STANDING if verbose else "") + text


def _opens_a_file(redirect: Redirect) -> bool:
    """Not a pipe from or to a process substitution, nor a copy of a descriptor."""
    parts = redirect.target.parts
    return redirect.operator in REDIRECTS and not any(isinstance(part, ProcessSubstitution) for part in parts)


def _head(resolution: Resolution, start: int, end: int) -> str:
    source = resolution.source
    line, column = source.position(start)
    text = plain(" ".join(source.text[start:end].split()))
    text = text if len(text) <= TEXT_WIDTH else text[: TEXT_WIDTH - 1] + "…"
    return f"{plain(source.name)}:{line}:{column}: {text}"


def _use_lines(use: Use, judge: _Judge) -> Iterator[str]:
    effects = use.effects
    if effects.workspace:
        yield f"  {effects.workspace:<8} the whole workspace"
    yield from dict.fromkeys([judge.access(access) for access in effects.accesses])
    yield from _wider(effects)
    for inner in use.runs:
        yield f"  {'run':<8} {plain(inner.spec.name)}"
    if effects.network != "none":
        yield f"  {'network':<8} {'granted' if judge.settings.allow_network else 'refused: --allow-net would grant it'}"
    if not (effects.workspace or effects.accesses or use.runs) and effects.network == "none":
        yield "  nothing but its streams"


def _wider(effects: Effects) -> Iterator[str]:
    """Where a sandbox gives more than the words say (docs/security.md)."""
    if len([access for access in effects.accesses if access.kind in ("read", "write")]) > MOST_MOUNTS:
        yield f"  wider    more than {MOST_MOUNTS} files: it gets the directories that hold them"
    if effects.together and len([access for access in effects.accesses if access.kind == "entries"]) > 1:
        yield "  wider    it renames or links between directories: it gets the one above them that holds both"


class _Judge:
    """Says whether a name would be granted."""

    def __init__(self, settings: Settings, directory: str) -> None:
        self.settings = settings
        self.directory = directory

    def access(self, access: Access) -> str:
        return self.line(access.kind, access.path)

    def line(self, kind: str, path: str | Unknown) -> str:
        if isinstance(path, Unknown):
            shown = f"{plain(path.prefix)}… " if path.prefix else ""
            return f"  {kind:<8} {shown}(known at run time; in the workspace)"
        reason = self.reason(kind, path)
        return f"  {kind:<8} {plain(path)}" + (f"  ({reason})" if reason else "")

    def reason(self, kind: str, path: str) -> str:
        """Empty for what the workspace or a flag grants."""
        absolute = os.path.normpath(os.path.join(self.directory, path))
        writable = [root for root in (self.settings.workspace, *self.settings.allow_write) if root]
        readable = [*writable, *self.settings.allow_read] if kind in READING else writable
        if any(_is_inside(absolute, root) for root in readable) or absolute in DEVICES:
            return ""
        if _is_inside(absolute, "/tmp"):
            return "the run's private /tmp"
        if kind in READING and any(_is_inside(absolute, root) for root in BASE):
            return "base system"
        if kind in READING and _is_inside(absolute, "/etc"):
            return "the run's synthetic /etc, if it has this"
        return f"refused: {'--allow-read' if kind in READING else '--allow-write'} {plain(absolute)} would grant it"


def _is_inside(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")
