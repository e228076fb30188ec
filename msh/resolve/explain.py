"""What to do about a command that nobody mapped."""

from __future__ import annotations

from msh.catalog.builtins import BUILTINS
from msh.nearest import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from msh.catalog import Lookup


MAP_IT = 'map it in `msh.toml` or with `--catalog FILE`: `[{0}]`, `run = {{ host = "{0}" }}`'


def help_for(name: str, catalog: Lookup, functions: Collection[str], program: bool, guess: bool = True) -> str:
    """The most likely cure for MSH201; `program`: another program runs the command, `guess`: look for a near name."""
    note = catalog.note(name)
    if note:
        return note
    if program and name in functions:
        return f"`{name}` is a function, which other programs cannot run: `export -f {name}`, then `bash -c '{name} …'`"
    if program and name in BUILTINS:
        return f"`{name}` is a builtin of the shell, which other programs cannot run"
    if "/" in name:
        return "map its directory with `[[path]]` in `msh.toml`, or the command by name"
    if not guess:
        return MAP_IT.format(name)
    known = set(catalog.names()) if program else {*catalog.names(), *BUILTINS, *functions}
    found = nearest(name, known)
    if found:
        return f"did you mean `{found}`?"
    return MAP_IT.format(name)
