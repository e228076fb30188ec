"""cd and pwd. Paths are those of the run's view; the gate decides what may be entered."""

from __future__ import annotations

import posixpath

from msh.run.builtins.letters import letters
from msh.run.control import ShellError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell


def _along_cdpath(sh: Shell, target: str) -> str | None:
    """The directory found through CDPATH, POSIX cd step 5; an empty entry is the current directory, not shown."""
    if target.startswith(("/", "./", "../")) or target in (".", ".."):
        return None
    for entry in (sh.variables.scalar("CDPATH") or "").split(":"):
        candidate = posixpath.join(entry, target)
        if sh.is_directory(candidate):
            return candidate if entry else None
    return None


def cd(sh: Shell, argv: list[str]) -> int:
    given, operands = letters(argv, "LPe@")
    if len(operands) > 1:
        raise ShellError("cd: too many arguments")
    show = False
    if not operands:
        home = sh.variables.scalar("HOME")
        if home is None:
            raise ShellError("cd: HOME not set")
        target = home
    elif operands[0] == "-":
        old = sh.variables.scalar("OLDPWD")
        if old is None:
            raise ShellError("cd: OLDPWD not set")
        target, show = old, True
    else:
        target = operands[0]
        found = _along_cdpath(sh, target)
        if found is not None:
            target, show = found, True
    sh.change_directory(target, physical=_physical(sh, given))
    if show:
        sh.write(sh.directory + "\n")
    return 0


def _physical(sh: Shell, given: str) -> bool:
    """Of -L and -P the last counts."""
    last = next((letter for letter in reversed(given) if letter in "LP"), "")
    return last == "P" or (not last and "physical" in sh.options)


def pwd(sh: Shell, argv: list[str]) -> int:
    given, _ = letters(argv, "LP")
    sh.write((sh.gate.realpath(sh.directory) if _physical(sh, given) else sh.directory) + "\n")
    return 0


BUILTINS: dict[str, Builtin] = {"cd": cd, "pwd": pwd}
