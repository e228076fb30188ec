"""Which commands exist, and what each of them touches. The loader is imported when a command is looked up."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from msh.catalog.load import Catalog as Catalog
    from msh.catalog.load import load_catalog as load_catalog
    from msh.catalog.model import CommandSpec as CommandSpec

    class Lookup(Protocol):
        """What resolving asks of a catalog; one that is not loaded yet will do."""

        def lookup(self, name: str, directory: str | None = None) -> CommandSpec | None: ...

        def names(self) -> list[str]: ...

        def note(self, name: str) -> str: ...

        def script_text(self, path: str, directory: str | None = None) -> str | None: ...


_HOMES = {"Catalog": "msh.catalog.load", "load_catalog": "msh.catalog.load", "CommandSpec": "msh.catalog.model"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module `msh.catalog` has no `{name}`")
    return getattr(__import__(_HOMES[name], fromlist=[name]), name)
