"""What is known about commands and the process: type, hash, times, caller."""

from __future__ import annotations

import os

from msh.run.builtins import TOPICS
from msh.run.builtins.letters import letters
from msh.run.control import ShellError
from msh.run.numbers import is_decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell

RESERVED = frozenset(
    "if then else elif fi do done case esac while until for in function select time coproc { } ! [[ ]]".split(" ")
)

_LONG = {"-type": "-t", "-path": "-p", "-all": "-a"}


def kinds(sh: Shell, name: str, *, functions: bool = True) -> list[str]:
    """All that a name stands for, what counts first: alias, keyword, function, builtin, file."""
    found = []
    if name in sh.aliases and "expand_aliases" in sh.options:
        found.append("alias")
    if name in RESERVED:
        found.append("keyword")
    if functions and name in sh.functions:
        found.append("function")
    if name in TOPICS:
        found.append("builtin")
    if sh.locate(name):
        found.append("file")
    return found


def kind(sh: Shell, name: str) -> str:
    """What a name stands for, or nothing."""
    return next(iter(kinds(sh, name)), "")


def describe(sh: Shell, names: list[str], *, verbose: bool, caller: str) -> int:
    """`command -v`, `command -V`: status 0 when any of the names stands for something."""
    status = 1
    for name in names:
        what = kind(sh, name)
        if what:
            status = 0
            _describe(sh, name, what, verbose=verbose)
        elif verbose:
            sh.complain(f"{caller}: {name}: not found")
    return status


def _describe(sh: Shell, name: str, what: str, *, verbose: bool) -> None:
    if what == "alias":
        from msh.expand.quote import quote_single

        value = sh.aliases[name]
        sh.write(f"{name} is aliased to `{value}'\n" if verbose else f"alias {name}={quote_single(value)}\n")
    elif not verbose:
        sh.write((sh.locate(name) if what == "file" else name) + "\n")
    elif what == "file":
        sh.write(f"{name} is {sh.locate(name)}\n")
    elif what == "function":
        sh.write(f"{name} is a function\n{sh.functions[name].text()}\n")
    else:
        sh.write(f"{name} is a shell {what}\n")


def type_(sh: Shell, argv: list[str]) -> int:
    """`type [-afptP] name …`; the catalog gives a name one file at most, so `-a` shows no second."""
    argv = [argv[0], *[_LONG.get(word, word) for word in argv[1:]]]
    given, operands = letters(argv, "afptP", "type: usage: type [-afptP] name [name ...]")
    status = 0
    for name in operands:
        found = ["file"] if "P" in given else kinds(sh, name, functions="f" not in given)
        if "P" in given and not sh.locate(name):
            found = []
        if not found:
            status = 1
            if not set("tpP") & set(given):
                sh.complain(f"type: {name}: not found")
        for what in found if "a" in given else found[:1]:
            if "t" in given:
                sh.write(what + "\n")
            elif "p" not in given and "P" not in given:
                _describe(sh, name, what, verbose=True)
            elif what == "file":
                sh.write(sh.locate(name) + "\n")
    return status


def hash_(sh: Shell, argv: list[str]) -> int:
    """Nothing is remembered: the catalog is the table. Names are only checked; `-t` says what they stand for."""
    given, operands = letters(argv, "lrpdt", "hash: usage: hash [-lr] [-p pathname] [-dt] [name ...]")
    if "p" in given:
        raise ShellError("hash: a command is mapped in the catalog, not by `hash -p`")
    if not given and not operands:
        sh.write("hash: hash table empty\n")
    status = 0
    for name in operands:
        found = sh.locate(name) if "t" in given else kind(sh, name)
        if not found:
            sh.complain(f"hash: {name}: not found")
            status = 1
        elif "t" in given:
            sh.write((f"{name}\t" if len(operands) > 1 else "") + found + "\n")
    return status


def times(sh: Shell, argv: list[str]) -> int:
    now = os.times()

    def show(seconds: float) -> str:
        return f"{int(seconds // 60)}m{seconds % 60:.3f}s"

    sh.write(f"{show(now.user)} {show(now.system)}\n{show(now.children_user)} {show(now.children_system)}\n")
    return 0


def caller(sh: Shell, argv: list[str]) -> int:
    """`caller [n]`: line, function and file of the n-th call outwards; NULL where there is no file (bash)."""
    from msh.run.dynamic import from_file, source_name

    operands = argv[2:] if argv[1:2] == ["--"] else argv[1:]
    if operands and not is_decimal(operands[0]):
        raise ShellError(f"caller: {operands[0]}: invalid number", 2)
    level = int(operands[0]) if operands else 0
    if level >= len(sh.calls):
        return 1
    call = sh.calls[-1 - level]
    outermost = level + 1 == len(sh.calls)
    name = "NULL" if outermost and not from_file(sh) else source_name(call.source)
    if not operands:
        sh.write(f"{call.line} {name}\n")
        return 0
    if outermost and not from_file(sh):
        return 1
    outer = "main" if outermost else sh.calls[-2 - level].name
    sh.write(f"{call.line} {outer} {name}\n")
    return 0


BUILTINS: dict[str, Builtin] = {
    "type": type_,
    "hash": hash_,
    "times": times,
    "caller": caller,
}
