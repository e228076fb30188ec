"""What is known about commands and the process: type, hash, times, ulimit, caller."""

from __future__ import annotations

import os

from msh.run.builtins import TOPICS
from msh.run.control import ShellError
from msh.run.numbers import is_decimal
from msh.sandbox.descriptors import NEEDED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell

RESERVED = frozenset(
    "if then else elif fi do done case esac while until for in function select time coproc { } ! [[ ]]".split(" ")
)


def kind(sh: Shell, name: str) -> str:
    """What a name stands for: alias, keyword, function, builtin, file, or nothing."""
    if name in sh.aliases and "expand_aliases" in sh.options:
        return "alias"
    if name in RESERVED:
        return "keyword"
    if name in sh.functions:
        return "function"
    if name in TOPICS:
        return "builtin"
    return "file" if sh.locate(name) else ""


def describe(sh: Shell, names: list[str], *, verbose: bool, caller: str) -> int:
    """`command -v`, `command -V`, `type`."""
    status = 0
    for name in names:
        what = kind(sh, name)
        if not what:
            status = 1
            if verbose:
                sh.complain(f"{caller}: {name}: not found")
        elif what == "alias":
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
    return status


def type_(sh: Shell, argv: list[str]) -> int:
    given, operands = "", argv[1:]
    while operands and operands[0].startswith("-") and len(operands[0]) > 1:
        given += operands.pop(0)[1:]
    if "t" in given:
        status = 0
        for name in operands:
            what = kind(sh, name)
            if what:
                sh.write(what + "\n")
            else:
                status = 1
        return status
    if "p" in given or "P" in given:
        found = [sh.locate(name) for name in operands if "P" in given or kind(sh, name) == "file"]
        sh.write("".join(path + "\n" for path in found if path))
        return 0 if all(kind(sh, name) for name in operands) else 1
    return describe(sh, operands, verbose=True, caller="type")


def hash_(sh: Shell, argv: list[str]) -> int:
    """Nothing is remembered: the catalog is the table. Names are only checked; `-t` says what they stand for."""
    given, operands = "", argv[1:]
    while operands and len(operands[0]) > 1 and operands[0].startswith("-"):
        word, operands = operands[0], operands[1:]
        if word == "--":
            break
        for letter in word[1:]:
            if letter not in "lrpdt":
                usage = "hash: usage: hash [-lr] [-p pathname] [-dt] [name ...]"
                raise ShellError(f"hash: -{letter}: invalid option", 2, usage=usage)
        given += word[1:]
        if letter == "p":
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


LIMITS = {
    "c": ("core file size", "blocks", "CORE", 512),
    "d": ("data seg size", "kbytes", "DATA", 1024),
    "f": ("file size", "blocks", "FSIZE", 1024),
    "l": ("max locked memory", "kbytes", "MEMLOCK", 1024),
    "m": ("max memory size", "kbytes", "RSS", 1024),
    "n": ("open files", "", "NOFILE", 1),
    "s": ("stack size", "kbytes", "STACK", 1024),
    "t": ("cpu time", "seconds", "CPU", 1),
    "u": ("max user processes", "", "NPROC", 1),
    "v": ("virtual memory", "kbytes", "AS", 1024),
}


def ulimit(sh: Shell, argv: list[str]) -> int:
    """The limits of this shell, inherited by its steps."""
    import resource

    letters, operands = "", argv[1:]
    while operands and operands[0].startswith("-"):
        letters += operands.pop(0)[1:]
    which = [letter for letter in letters if letter not in "HSa"] or ["f"]
    if "a" in letters:
        for letter, (title, unit, name, scale) in LIMITS.items():
            value = resource.getrlimit(getattr(resource, "RLIMIT_" + name))["H" in letters]
            sh.write(f"{title:24}({unit + ', ' if unit else ''}-{letter}) {_shown(value, scale)}\n")
        return 0
    for letter in which:
        if letter not in LIMITS:
            raise ShellError(f"ulimit: -{letter}: invalid option", 2)
        _, _, name, scale = LIMITS[letter]
        number = getattr(resource, "RLIMIT_" + name)
        soft, hard = resource.getrlimit(number)
        if not operands:
            sh.write(_shown(hard if "H" in letters else soft, scale) + "\n")
            continue
        value = _wanted(operands[0], scale, soft, hard)
        if letter == "n" and 0 <= value < NEEDED:
            raise ShellError(f"ulimit: open files: cannot modify limit: msh itself needs {NEEDED}")
        try:
            resource.setrlimit(number, _pair(letters, value, soft, hard))
            sh.limited.add("RLIMIT_" + name)
        except (OSError, ValueError, OverflowError) as error:
            raise ShellError(f"ulimit: {LIMITS[letter][0]}: cannot modify limit: {error}") from None
    return 0


def _pair(letters: str, value: int, soft: int, hard: int) -> tuple[int, int]:
    """The new soft and hard limit: both unless -S or -H says which."""
    only_hard, only_soft = "H" in letters and "S" not in letters, "S" in letters and "H" not in letters
    return soft if only_hard else value, hard if only_soft else value


def _shown(value: int, scale: int) -> str:
    return "unlimited" if value < 0 else str(value // scale)


def _wanted(text: str, scale: int, soft: int, hard: int) -> int:
    if text in ("unlimited", "hard", "soft"):
        return {"unlimited": -1, "hard": hard, "soft": soft}[text]
    if not is_decimal(text):
        raise ShellError(f"ulimit: {text}: invalid number")
    return int(text) * scale


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
    "ulimit": ulimit,
    "caller": caller,
}
