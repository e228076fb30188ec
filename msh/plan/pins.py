"""The catalog entries that a script uses: all that resolving it looks up and finds.

Not only those of its steps: a shell (`sh -c '…'`) is no step, since msh interprets it, and `command -v jq` asks for an
entry without running it. A script that is compiled takes these along, and no others.
"""

from __future__ import annotations

from msh.effects import Unknown
from msh.record import Record
from msh.resolve import resolve
from msh.resolve.tree import commands
from msh.resolve.words import words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.catalog import Lookup
    from msh.catalog.model import CommandSpec
    from msh.resolve import Resolution
    from msh.source import Source
    from msh.syntax.nodes import Script

ASKING = ("command", "type", "hash")  # builtins whose operands are names of commands


class Pins(Record):
    """A script's entries, by name in their order, and what resolving it found."""

    specs: tuple[CommandSpec, ...]
    resolution: Resolution


def pins_of(script: Script, source: Source, catalog: Lookup) -> Pins:
    """Resolve a script and remember the entries. Raises MshError as `Catalog.lookup` does."""
    recorder = _Recorder(catalog)
    resolution = resolve(script, source, recorder)
    for command, _ in commands(script):
        words = [word.value for word in words_of(command)]
        if words and words[0] in ASKING:
            for word in words[1:]:
                if not isinstance(word, Unknown):
                    recorder.lookup(word)
    return Pins(tuple([recorder.found[name] for name in sorted(recorder.found)]), resolution)


class _Recorder:
    """A catalog that remembers what was found in it."""

    def __init__(self, catalog: Lookup) -> None:
        self.catalog = catalog
        self.found: dict[str, CommandSpec] = {}

    def lookup(self, name: str, directory: str | None = None) -> CommandSpec | None:
        spec = self.catalog.lookup(name, directory)
        if spec is not None:
            self.found[name] = spec
        return spec

    def names(self) -> list[str]:
        return self.catalog.names()

    def note(self, name: str) -> str:
        return self.catalog.note(name)

    def script_text(self, path: str, directory: str | None = None) -> str | None:
        return self.catalog.script_text(path, directory)
