"""What a name stands for: `type`, `command -v` (bash manual, Bash Builtins; POSIX XCU type, command)."""

from __future__ import annotations

from msh.catalog.builtins import SPECIAL_BUILTINS
from msh.run.builtins import TOPICS
from msh.run.builtins.letters import letters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.run.builtins import Builtin
    from msh.run.shell import Shell

RESERVED = frozenset(
    "if then else elif fi do done case esac while until for in function select time coproc { } ! [[ ]]".split(" ")
)
_LONG = {"-type": "-t", "-path": "-p", "-all": "-a", "--type": "-t", "--path": "-p", "--all": "-a"}  # of old


def kinds(sh: Shell, name: str, *, functions: bool = True) -> Iterator[str]:
    """All that a name stands for, what would be run first: alias, keyword, function, builtin, file."""
    if name in sh.aliases and "expand_aliases" in sh.options:
        yield "alias"
    if name in RESERVED:
        yield "keyword"
    if functions and name in sh.functions:
        yield "function"
    if name in TOPICS and name not in sh.disabled:
        yield "builtin"
    if sh.locate(name):
        yield "file"


def kind(sh: Shell, name: str) -> str:
    """What would be run; nothing when there is nothing."""
    return next(kinds(sh, name), "")


def describe(sh: Shell, names: list[str], *, verbose: bool, caller: str) -> int:
    """`command -v`, `command -V`; it succeeds when one of the names is found, as in bash."""
    status = 1
    for name in names:
        what = kind(sh, name)
        if what:
            status = 0
        if not what:
            if verbose:
                sh.complain(f"{caller}: {name}: not found")
        elif verbose:
            sh.write(_sentence(sh, name, what))
        elif what == "alias":
            from msh.expand.quote import quote_single

            sh.write(f"alias {name}={quote_single(sh.aliases[name])}\n")
        else:
            sh.write((sh.locate(name) if what == "file" else name) + "\n")
    return status


def _sentence(sh: Shell, name: str, what: str) -> str:
    if what == "alias":
        return f"{name} is aliased to `{sh.aliases[name]}'\n"
    if what == "file":
        path = sh.locate(name)
        hashed = name in sh.hashed and "hashall" in sh.options
        return f"{name} is hashed ({path})\n" if hashed else f"{name} is {path}\n"
    if what == "function":
        return f"{name} is a function\n{sh.functions[name].text()}\n"
    special = "special " if what == "builtin" and "posix" in sh.options and name in SPECIAL_BUILTINS else ""
    return f"{name} is a {special}shell {what}\n"


def type_(sh: Shell, argv: list[str]) -> int:
    usage = "type: usage: type [-afptP] name [name ...]"
    given, operands = letters([_LONG.get(word, word) for word in argv], "afptP", usage)
    form = given.replace("a", "").replace("f", "")[-1:]
    status = 0
    for name in operands:
        found = ["file"] if "P" in given else list(kinds(sh, name, functions="f" not in given))
        if "P" in given and not sh.locate(name):
            found = []
        if "a" not in given:
            found = found[:1]
        if not found:
            status = 1
            if not form:
                sh.complain(f"type: {name}: not found")
        sh.write("".join([_shown(sh, name, what, form) for what in found]))
    return status


def _shown(sh: Shell, name: str, what: str, form: str) -> str:
    if form == "t":
        return f"{what}\n"
    if form:
        return f"{sh.locate(name)}\n" if what == "file" else ""
    return _sentence(sh, name, what)


BUILTINS: dict[str, Builtin] = {"type": type_}
