"""A script executed here."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.catalog import Lookup
    from msh.config import Settings
    from msh.source import Source


def execute(
    source: Source, name: str, arguments: tuple[str, ...], settings: Settings, catalog: Lookup | None = None
) -> int:
    """Run a script: `name` is its `$0`, `arguments` are `$1` and on; the exit status.

    With `catalog` its commands are the only ones, and no catalog file is read.

    Raises MshError, before anything has run, when the text does not parse or names a command that is not mapped.
    """
    from msh.run.main import run

    return run(source, name, arguments, settings, catalog)
