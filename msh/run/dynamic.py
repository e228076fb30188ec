"""Variables whose value is made when they are read: RANDOM, LINENO, FUNCNAME and their like (bash, Shell Variables)."""

from __future__ import annotations

import os
import time

from msh.expand.environment import AssociativeArray, IndexedArray
from msh.run.numbers import is_decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.run.shell import Shell
    from msh.source import Source

_ATTRIBUTES = {
    "i": "RANDOM SECONDS SRANDOM BASHPID",
    "ir": "PPID UID EUID",
    "r": "SHELLOPTS BASHOPTS",
    "a": "PIPESTATUS FUNCNAME BASH_SOURCE BASH_LINENO BASH_ARGV BASH_ARGC DIRSTACK GROUPS",
    "A": "BASH_ALIASES BASH_CMDS",
}
SEED = 123459876  # in place of 0, from which the generator would not move
_MAIN = {"-c": "environment", "standard input": "main"}  # what BASH_SOURCE calls a text that is no file


def install(sh: Shell) -> None:
    """Make them known to the shell's variables."""
    variables = sh.variables
    variables.computed |= _scalars(sh)
    variables.arrays |= _arrays(sh)
    variables.assigned |= _assigned(sh)
    variables.entered |= _entered(sh)
    variables.watched |= _watched(sh)
    for letters, names in _ATTRIBUTES.items():
        for name in names.split():
            variables.traits[name] = frozenset(letters)
    variables.dynamic = frozenset(variables.computed) | frozenset(variables.arrays)


def _scalars(sh: Shell) -> dict[str, Callable[[], str]]:
    def random() -> str:
        # The generator of Park and Miller, folded to 15 bits: a seed gives the numbers it gives in bash. No secret.
        last = sh.random_last
        while sh.random_last == last:
            sh.random = 16807 * (sh.random % 0x7FFFFFFF or SEED) % 0x7FFFFFFF
            sh.random_last = (sh.random >> 16 ^ sh.random) & 0x7FFF
        return str(sh.random_last)

    return {
        "LINENO": lambda: str(sh.line()),
        "BASH_COMMAND": lambda: _command(sh),
        "SECONDS": lambda: str(int((time.monotonic() - sh.began) // 1)),
        "RANDOM": random,
        "SRANDOM": lambda: str(int.from_bytes(os.urandom(4))),
        "EPOCHSECONDS": lambda: str(int(time.time())),
        "EPOCHREALTIME": lambda: f"{time.time():.6f}",
        "BASHPID": lambda: str(os.getpid()),
        "BASH_SUBSHELL": lambda: str(sh.depth),
        "BASH_ARGV0": lambda: sh.name,
        "PPID": lambda: str(sh.parent),
        "UID": lambda: str(os.getuid()),
        "EUID": lambda: str(os.geteuid()),
        "SHELLOPTS": lambda: _options(sh, shopt=False),
        "BASHOPTS": lambda: _options(sh, shopt=True),
    }


def _command(sh: Shell) -> str:
    """What is being run; in a trap, what it came between."""
    from msh.run.shown import shown

    node = sh.signals.interrupted if sh.signals.active else sh.here
    return "" if node is None else shown(node)


def _options(sh: Shell, *, shopt: bool) -> str:
    from msh.run.builtins.options import NAMES, SHOPT, internal

    return ":".join([name for name in (SHOPT if shopt else NAMES) if internal(name) in sh.options])


def _arrays(sh: Shell) -> dict[str, Callable[[], IndexedArray | AssociativeArray | None]]:
    def arguments() -> IndexedArray:
        return IndexedArray(enumerate([word for words in reversed(sh.argument_lists) for word in reversed(words)]))

    def counts() -> IndexedArray:
        return IndexedArray(enumerate([str(len(words)) for words in reversed(sh.argument_lists)]))

    return {
        "PIPESTATUS": lambda: IndexedArray(enumerate(map(str, sh.pipestatus))),
        "FUNCNAME": lambda: IndexedArray(enumerate(_names(sh))) if sh.calls else None,
        "BASH_SOURCE": lambda: IndexedArray(enumerate(sources(sh))),
        "BASH_LINENO": lambda: IndexedArray(enumerate(_lines(sh))),
        "DIRSTACK": lambda: IndexedArray(enumerate([sh.directory, *sh.directory_stack])),
        "GROUPS": lambda: IndexedArray(enumerate(map(str, os.getgroups()))),
        "BASH_ARGV": arguments,
        "BASH_ARGC": counts,
        "BASH_ALIASES": lambda: AssociativeArray(sh.aliases),
        "BASH_CMDS": lambda: AssociativeArray({name: path for name, (path, _) in sh.hashed.items()}),
    }


def _entered(sh: Shell) -> dict[str, Callable[[str, str], None]]:
    """What assigning an element of a computed array does."""

    def alias(name: str, value: str) -> None:
        from msh.run.builtins.aliases import define

        define(sh, name, value)

    def hashed(name: str, path: str) -> None:
        sh.hashed[name] = (path, 0)

    def below(index: str, path: str) -> None:
        if 0 < int(index) <= len(sh.directory_stack):
            sh.directory_stack[int(index) - 1] = path

    return {"BASH_ALIASES": alias, "BASH_CMDS": hashed, "DIRSTACK": below}


def _assigned(sh: Shell) -> dict[str, Callable[[str], None]]:
    def reset(value: str) -> None:
        sh.began = time.monotonic() - (int(value) if is_decimal(value.removeprefix("-")) else 0)

    def seed(value: str) -> None:
        sh.random = (int(value) if is_decimal(value.removeprefix("-")) else 0) & 0xFFFFFFFF
        sh.random_last = 0
        sh.seeded = True

    def rename(value: str) -> None:
        sh.name = value

    return {"SECONDS": reset, "RANDOM": seed, "BASH_ARGV0": rename}


def _watched(sh: Shell) -> dict[str, Callable[[str | None], None]]:
    """Ordinary variables that the shell itself looks at."""

    def restart(_: str | None) -> None:
        sh.getopts_offset = 1

    def posix(value: str | None) -> None:
        from msh.run.builtins.options import keep_to_posix

        keep_to_posix(sh, on=value is not None)

    return {"OPTIND": restart, "POSIXLY_CORRECT": posix}


# ---- the calls ---------------------------------------------------------------


def from_file(sh: Shell) -> bool:
    """Whether the shell's main text is a file: only then has it a place of its own at the end of the call stack."""
    return sh.main.name not in _MAIN


def source_name(source: Source) -> str:
    """A text as BASH_SOURCE and `caller` name it; one that is evaluated belongs to the text that does so."""
    name = source.origin or source.name
    return _MAIN.get(name, name)


def _names(sh: Shell) -> list[str]:
    return [call.name for call in reversed(sh.calls)] + (["main"] if from_file(sh) else [])


def sources(sh: Shell) -> list[str]:
    """BASH_SOURCE: where what is run now is from, and what has called it."""
    found = [source_name(source) for source in (sh.source, *[call.source for call in reversed(sh.calls)])]
    return found if from_file(sh) else found[:-1]


def _lines(sh: Shell) -> list[str]:
    return [str(call.line) for call in reversed(sh.calls)] + (["0"] if from_file(sh) else [])
