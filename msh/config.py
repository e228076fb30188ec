"""Settings of a run, from flags, `MSH_*`, project, user and built-in values, in that order."""

from __future__ import annotations

from msh.record import Record


class Settings(Record):
    """What the user decided about one run.

    `workspace` is an absolute directory in which naming a file grants it, or None. Paths in `allow_*` are absolute or
    relative to the directory msh was started in.
    """

    workspace: str | None
    allow_read: tuple[str, ...] = ()
    allow_write: tuple[str, ...] = ()
    allow_network: bool = False
    allow_environment: tuple[str, ...] = ()  # names of inherited variables that steps may see
    catalogs: tuple[str, ...] = ()  # files, later wins
    backend: str = "bubblewrap"
    timeout: float | None = None  # seconds for the whole run
    trust: bool = False  # project files count without `msh trust`
    options: tuple[str, ...] = ()  # shell options that are on: errexit, nounset, xtrace, noexec, pipefail …
