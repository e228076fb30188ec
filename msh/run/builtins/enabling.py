"""`enable`: builtins put aside, so that a command of the same name is run (bash manual, Bash Builtins)."""

from __future__ import annotations

from msh.catalog.builtins import SPECIAL_BUILTINS
from msh.run.builtins import TOPICS
from msh.run.builtins.letters import letters
from msh.run.control import ShellError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell

_USAGE = "enable: usage: enable [-a] [-dnps] [-f filename] [name ...]"


def enable(sh: Shell, argv: list[str]) -> int:
    given, operands = letters(argv, "adfnps", _USAGE)
    if "f" in given:
        raise ShellError("enable: builtins in shared objects cannot be loaded")
    if not operands or "p" in given:
        return _list(sh, given)
    status = 0
    for name in operands:
        known = name in TOPICS and ("s" not in given or name in SPECIAL_BUILTINS)
        if not known or "d" in given:
            sh.complain(f"enable: {name}: {'not dynamically loaded' if known else 'not a shell builtin'}")
            status = 1
        elif "n" in given:
            sh.disabled.add(name)
        else:
            sh.disabled.discard(name)
    return status


def _list(sh: Shell, given: str) -> int:
    """In a form that a shell reads back: the enabled ones, with `n` the others, with `a` both, with `s` the special."""
    for name in sorted(TOPICS):
        off = name in sh.disabled
        if ("a" in given or off == ("n" in given)) and ("s" not in given or name in SPECIAL_BUILTINS):
            sh.write(f"enable {'-n ' if off else ''}{name}\n")
    return 0


BUILTINS: dict[str, Builtin] = {"enable": enable}
