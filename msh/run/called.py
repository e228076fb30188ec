"""Shell scripts that a script calls by their path, or by name along its PATH: msh interprets them itself.

They are read through the gate, so what may be read may be called, and the commands in them are resolved as if they
stood in the script. Programs are never looked for here: a name that the catalog maps is what the catalog says, whatever
PATH is.
"""

from __future__ import annotations

import os
import stat

from msh.catalog.layers import SYSTEM, names_shell
from msh.diagnostics import MshError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.catalog.model import CommandSpec
    from msh.run.files import Files


def own_directories(sh: Files) -> list[str]:
    """The directories of PATH that are not the system's and may be looked at."""
    path = sh.get("PATH")
    directories = [] if path is None else [each for each in path.split(":") if each.rstrip("/") not in SYSTEM]
    found = []
    for directory in dict.fromkeys(each or "." for each in directories):
        status = sh.gate.peek(sh.absolute(directory))
        if status is not None and stat.S_ISDIR(status.st_mode):
            found.append(directory)
    return found


def called_script(sh: Files, name: str) -> str:
    """The path of the shell script that a name stands for which nobody mapped; empty when there is none."""
    if "/" in name:
        return name if _is_script(sh, name) else ""
    candidates = [os.path.join(directory, name) for directory in own_directories(sh)] if name else []
    return next((path for path in candidates if _is_script(sh, path)), "")


def script_spec(sh: Files, path: str) -> CommandSpec:
    """What the catalog would say of such a script."""
    from msh.catalog.load import script_entry

    return script_entry(path, sh.absolute(path))


def _is_script(sh: Files, path: str) -> bool:
    where = sh.absolute(path)
    status = sh.gate.peek(where)
    if status is None or not stat.S_ISREG(status.st_mode) or os.path.dirname(where) in SYSTEM:
        return False
    try:
        if not sh.gate.access(where, os.X_OK):
            return False
        with open(sh.gate.open(where, os.O_RDONLY, 0), "rb") as file:
            return names_shell(file.read(256))
    except (MshError, OSError):
        return False
