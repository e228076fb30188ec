"""The catalog: layers of entries, of which the last one that has a name counts.

Standard < user < project < command files on PATH < `--catalog` files. The standard layer is a generated module,
imported at the first look-up, and a spec is built only when its command is looked up: a script of builtins pays for
neither.
"""

from __future__ import annotations

from msh.catalog.build import build_spec
from msh.catalog.model import CommandSpec
from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from msh.config import Settings
    from msh.diagnostics import Diagnostic


class Layer(Record):
    """Some entries and where they come from: `tables` by name, the `lines` they stand at when `origin` is a file."""

    origin: str
    tables: Mapping[str, Mapping[str, Any]]
    lines: Mapping[str, int] = {}
    directories: tuple[tuple[str, Mapping[str, Any]], ...] = ()  # of `[[path]]`: absolute directory, its table


class Catalog:
    """Commands by name. Look-ups are remembered, so one Catalog sees one state of the files."""

    def __init__(self, layers: Sequence[Layer] = (), diagnostics: Sequence[Diagnostic] = ()) -> None:
        self.layers = tuple(layers)
        self.diagnostics = tuple(diagnostics)
        self._specs: dict[str, CommandSpec | None] = {}

    def lookup(self, name: str) -> CommandSpec | None:
        """The spec of a command name or path, None when nothing maps it."""
        if name not in self._specs:
            self._specs[name] = self._find(name)
        return self._specs[name]

    def names(self) -> list[str]:
        """All names, for suggestions and completion."""
        return sorted({name for layer in self._all_layers() for name in layer.tables})

    def note(self, name: str) -> str:
        """Why a name is not mapped although some file would map it; empty when none would."""
        return ""

    def _all_layers(self) -> tuple[Layer, ...]:
        return (standard_layer(), *self.layers)

    def _find(self, name: str) -> CommandSpec | None:
        for layer in reversed(self._all_layers()):
            if name in layer.tables:
                return build_spec(name, self._whole(name, layer), layer.origin)
        return None

    def _whole(self, name: str, layer: Layer) -> Mapping[str, Any]:
        table = layer.tables[name]
        return {**layer.tables[table["like"]], **table} if "like" in table else table


def standard_layer() -> Layer:
    """What ships with msh."""
    from msh.catalog.standard_tables import TABLES

    return Layer("standard", TABLES)


def load_catalog(settings: Settings, directory: str) -> Catalog:
    """The catalog of a run started for a script in `directory`."""
    return Catalog()
