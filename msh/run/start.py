"""The first shell of a run, and its variables."""

from __future__ import annotations

import os
import time

from msh.expand.environment import IndexedArray
from msh.run.numbers import is_decimal
from msh.run.variables import Variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from msh.run.shell import Shell

VERSION = "5.2.15(1)-release"  # the bash whose behaviour scripts may expect
DEFAULTS = {
    "IFS": " \t\n",
    "OPTIND": "1",
    "PS4": "+ ",
    "BASH_VERSION": VERSION,
    "HOSTTYPE": "x86_64",
    "OSTYPE": "linux-gnu",
    "MACHTYPE": "x86_64-pc-linux-gnu",
}


def prepare(sh: Shell) -> None:
    """Default variables and those whose value is made when read."""
    table = sh.variables.table
    for name, value in DEFAULTS.items():
        table[name] = Variable(value)
    table["BASH_VERSINFO"] = Variable(
        IndexedArray(enumerate(["5", "2", "15", "1", "release", "x86_64-pc-linux-gnu"])), frozenset("ar")
    )
    sh.options |= {"braceexpand", "hashall", "interactive_comments", "sourcepath", "globskipdots", "patsub_replacement"}
    _computed(sh)


def _computed(sh: Shell) -> None:
    def random() -> str:
        # A linear congruence, as bash's: seedable by assignment, no secret.
        sh.random = (sh.random * 1103515245 + 12345) & 0x7FFFFFFF
        return str(sh.random >> 16 & 0x7FFF)

    def reset(value: str) -> None:
        sh.began = time.monotonic() - (int(value) if is_decimal(value.removeprefix("-")) else 0)

    def seed(value: str) -> None:
        sh.random = int(value) if is_decimal(value.removeprefix("-")) else 0
        sh.seeded = True

    computed = sh.variables.computed
    computed["LINENO"] = lambda: str(sh.line())
    computed["SECONDS"] = lambda: str(int(time.monotonic() - sh.began))
    computed["RANDOM"] = random
    computed["SRANDOM"] = lambda: str(int.from_bytes(os.urandom(4)))
    computed["EPOCHSECONDS"] = lambda: str(int(time.time()))
    computed["EPOCHREALTIME"] = lambda: f"{time.time():.6f}"
    computed["BASHPID"] = lambda: str(os.getpid())
    computed["BASH_SUBSHELL"] = lambda: str(sh.depth)
    computed["PPID"] = lambda: str(os.getppid())
    computed["UID"] = lambda: str(os.getuid())
    computed["EUID"] = lambda: str(os.geteuid())
    computed["SHELLOPTS"] = lambda: ":".join(sorted(sh.options & _set_names()))
    arrays = sh.variables.arrays
    arrays["PIPESTATUS"] = lambda: IndexedArray(enumerate(map(str, sh.pipestatus)))
    arrays["FUNCNAME"] = lambda: _names(sh)
    arrays["BASH_SOURCE"] = lambda: IndexedArray(
        enumerate([s.name for s in [sh.source, *[c.source for c in reversed(sh.calls)]]])
    )
    arrays["BASH_LINENO"] = lambda: IndexedArray(enumerate([*[str(c.line) for c in reversed(sh.calls)], "0"]))
    arrays["DIRSTACK"] = lambda: IndexedArray(enumerate([sh.directory, *sh.directory_stack]))
    arrays["GROUPS"] = lambda: IndexedArray(enumerate(map(str, os.getgroups())))
    sh.variables.assigned |= {"SECONDS": reset, "RANDOM": seed}
    sh.variables.dynamic = frozenset(computed)


def _set_names() -> set[str]:
    from msh.run.builtins.options import NAMES

    return set(NAMES)


def _names(sh: Shell) -> IndexedArray:
    if not sh.calls:
        return IndexedArray()
    return IndexedArray(enumerate([*[call.name for call in reversed(sh.calls)], "main"]))


def import_environment(sh: Shell, environment: Mapping[str, str]) -> None:
    """Exported variables, and functions that another shell exported (`BASH_FUNC_name%%`)."""
    for name, value in environment.items():
        if name.startswith("BASH_FUNC_") and name.endswith("%%"):
            _import_function(sh, name[10:-2], value)
        elif name.isidentifier() and name.isascii() and name not in sh.variables.computed:
            sh.variables.table[name] = Variable(value, frozenset("x"))
    sh.variables.table["IFS"] = Variable(" \t\n")
    sh.variables.table["PWD"] = Variable(sh.directory, frozenset("x"))
    level = sh.get("SHLVL") or "0"
    sh.variables.table["SHLVL"] = Variable(str(int(level) + 1 if is_decimal(level) else 1), frozenset("x"))


def _import_function(sh: Shell, name: str, value: str) -> None:
    from msh.run.functions import Function
    from msh.source import Source
    from msh.syntax import parse
    from msh.syntax.nodes import FunctionDefinition

    source = Source(f"{name} (exported function)", f"{name} {value}")
    [statement] = parse(source).body
    if isinstance(statement.command, FunctionDefinition):
        sh.functions[name] = function = Function(statement.command, source)
        function.exported = True
