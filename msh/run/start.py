"""The first shell of a run, and its variables."""

from __future__ import annotations

from msh.expand.environment import IndexedArray
from msh.run.dynamic import install
from msh.run.numbers import is_decimal
from msh.run.variable import Variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from msh.run.shell import Shell

VERSION = "5.2.15(1)-release"  # the bash whose behaviour scripts may expect
OPTIONS = frozenset(
    "braceexpand hashall checkwinsize cmdhist complete_fullquote extquote force_fignore globasciiranges globskipdots "
    "hostcomplete interactive_comments patsub_replacement progcomp promptvars sourcepath".split(" ")
)  # what a shell that is not interactive begins with, as bash
DEFAULTS = {
    "IFS": " \t\n",
    "OPTERR": "1",
    "PATH": "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin",
    "TERM": "dumb",
    "BASH": "/bin/bash",
    "HOSTNAME": "msh",  # as in every sandbox
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
    table["OPTIND"] = Variable("1", frozenset("i"))
    sh.options |= OPTIONS
    install(sh)


def switch_on(sh: Shell, names: Iterable[str]) -> None:
    """The options of the command line; `+name` is switched off."""
    for name in names:
        (sh.options.discard if name[0] == "+" else sh.options.add)(name.removeprefix("+"))
    if "posix" in sh.options:
        from msh.run.builtins.options import set_option

        set_option(sh, "posix", True)


def import_environment(sh: Shell, environment: Mapping[str, str]) -> None:
    """Exported variables, and functions that another shell exported (`BASH_FUNC_name%%`)."""
    for name, value in environment.items():
        if name.startswith("BASH_FUNC_") and name.endswith("%%"):
            _import_function(sh, name[10:-2], value)
        elif name in ("SHELLOPTS", "BASHOPTS"):
            _import_options(sh, name, value)
        elif name.isidentifier() and name.isascii() and name not in sh.variables.computed:
            sh.variables.table[name] = Variable(value, frozenset("x"))
    sh.variables.table["IFS"] = Variable(" \t\n")
    sh.variables.table["PWD"] = Variable(sh.directory, frozenset("x"))
    sh.variables.table.setdefault("OLDPWD", Variable(None, frozenset("x")))
    level = sh.get("SHLVL") or "0"
    sh.variables.table["SHLVL"] = Variable(str(int(level) + 1 if is_decimal(level) else 1), frozenset("x"))


def _import_options(sh: Shell, name: str, value: str) -> None:
    """Options that a shell outside has exported; they stay exported."""
    from msh.run.builtins.options import NAMES, SHOPT, internal

    known = NAMES if name == "SHELLOPTS" else SHOPT
    sh.options |= {internal(option) for option in value.split(":") if option in known}
    sh.variables.declare(name, frozenset("x"))


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
