"""The script that tasks run parts of, and the only commands they may run.

    script.sh       the text, byte for byte; its SHA-256 is in every request
    commands.json   `pinned_to_json` of the plan's commands (msh/catalog/pinned.py)
    settings.json   what the script was granted when it was compiled, and `name`, its `$0`

Both lie beside the handler in a worker that was made for one script, or below `scripts/SHA256/` in the bucket for one
that serves many. A warm worker keeps what it has parsed.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

from msh.aws.missing import specs_of
from msh.aws.store import read, truncated, write
from msh.catalog.pinned import Pinned, pinned_to_json
from msh.config import Settings
from msh.diagnostics import Diagnostic, MshError
from msh.record import Record
from msh.resolve import resolve
from msh.run.resources import Resources
from msh.source import Source, decode, encode
from msh.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from msh.aws.store import Store
    from msh.catalog.model import CommandSpec
    from msh.syntax.nodes import Script

TEXT = "script.sh"
COMMANDS = "commands.json"
SETTINGS = "settings.json"
FILES = (TEXT, COMMANDS, SETTINGS)
GRANTS = ("allow_read", "allow_write", "network", "allow_environment")
_KEPT = 8  # scripts that a generic worker remembers


class Prepared(Record):
    """A script that was read, parsed and resolved against its own commands. `name` is `$0`."""

    name: str
    source: Source
    tree: Script
    catalog: Pinned
    settings: Settings


def script_files(source: Source, specs: Iterable[CommandSpec], settings: Settings) -> dict[str, bytes]:
    """What a worker needs of a script, by file name; the same bytes for the same script."""
    granted = {name: _plain(getattr(settings, name)) for name in GRANTS}
    return {
        TEXT: encode(source.text),
        COMMANDS: _document(pinned_to_json(specs)),
        SETTINGS: _document({"version": 1, "name": source.name, **granted}),
    }


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _document(value: object) -> bytes:
    """Sorted, so that it does not tell in which order anything was found."""
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode("ascii")


def upload_script(store: Store, files: Mapping[str, bytes]) -> str:
    """For workers that serve many scripts; the SHA-256 that requests name."""
    sha256 = hashlib.sha256(files[TEXT]).hexdigest()
    for name in FILES:
        write(store, f"scripts/{sha256}/{name}", files[name])
    return sha256


class Scripts:
    """The scripts of one worker; `directory` holds the files of the one it was made for, if there is one."""

    def __init__(self, directory: str = "") -> None:
        self._directory = directory
        self._known: dict[str, Prepared] = {}

    def get(self, sha256: str, store: Store, workspace: str) -> Prepared:
        """Raises MshError: MSH504 for another text than the request means, MSH201 … when it does not resolve."""
        if sha256 not in self._known:
            files = self._beside(sha256) or {name: _fetch(store, sha256, name) for name in FILES}
            if len(self._known) >= _KEPT:
                del self._known[next(iter(self._known))]
            self._known[sha256] = prepare(files, workspace)
        return self._known[sha256]

    def _beside(self, sha256: str) -> dict[str, bytes] | None:
        """The files beside the handler, when they are of this script."""
        if not self._directory or not os.path.exists(os.path.join(self._directory, TEXT)):
            return None
        files = {}
        for name in FILES:
            with open(os.path.join(self._directory, name), "rb") as file:
                files[name] = file.read()
        return files if hashlib.sha256(files[TEXT]).hexdigest() == sha256 else None


def _fetch(store: Store, sha256: str, name: str) -> bytes:
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise MshError(Diagnostic("MSH510", f"`{sha256[:80]}` names no script: expected the SHA-256 of its text"))
    key = f"scripts/{sha256}/{name}"
    data = read(store, key)
    if name == TEXT and hashlib.sha256(data).hexdigest() != sha256:
        raise truncated(store.name, key, "it is another text")
    return data


def prepare(files: Mapping[str, bytes], workspace: str) -> Prepared:
    """Parse and resolve; raises MshError MSH511 when a command is mapped and is not on this machine."""
    catalog = Pinned(json.loads(files[COMMANDS]), workspace, workspace)
    granted = json.loads(files[SETTINGS])
    fields = {name: tuple(value) if isinstance(value, list) else value for name, value in granted.items()}
    settings = Settings(workspace).replace(**{name: fields[name] for name in GRANTS if name in fields})
    name = str(granted.get("name", TEXT))
    source = Source(name, decode(files[TEXT]))
    tree = parse(source)
    resolution = resolve(tree, source, catalog)
    errors = [found for found in resolution.diagnostics if found.severity == "error"]
    if errors:
        raise MshError(*errors)
    _check_programs(specs_of(resolution).values(), Resources(settings, workspace, catalog))
    return Prepared(name, source, tree, catalog, settings)


def _check_programs(specs: Iterable[CommandSpec], resources: Resources) -> None:
    """What the text names has to be here; a name that is known only at run time is told by the interpreter."""
    named = [spec for spec in specs if not spec.shell and "/" not in spec.name]
    missing = [spec.name for spec in named if not resources.program_path(spec, spec.name)]
    if missing:
        names = ", ".join([f"`{name}`" for name in sorted(missing)])
        message = f"this worker does not have {names}, which the script may run"
        help_ = "choose a worker kind that has it: `msh compile --worker KIND`, `msh check --target aws`"
        raise MshError(Diagnostic("MSH511", message, help=help_))
