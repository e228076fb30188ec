"""The builtins: name → function `(shell, argv) -> status`, by topic, each module imported when first called.

A builtin gets its expanded arguments, `argv[0]` being its name. It reports errors by raising `ShellError` in bash's
words, or by `shell.complain` when it goes on with the next operand.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from msh.run.shell import Shell

    Builtin: TypeAlias = Callable[[Shell, list[str]], int]

TOPICS: dict[str, str] = {
    name: module
    for module, names in {
        "flow": ": true false break continue return exit eval source . exec command builtin",
        "declarations": "export readonly declare typeset local",
        "variables": "unset shift let",
        "getopts": "getopts",
        "umask": "umask",
        "ulimit": "ulimit",
        "options": "set shopt",
        "traps": "trap",
        "aliases": "alias unalias",
        "echo": "echo",
        "printf": "printf",
        "reading": "read",
        "mapping": "mapfile readarray",
        "conditions": "test [",
        "directories": "cd pwd",
        "stack": "pushd popd dirs",
        "help": "help",
        "completing": "compgen complete compopt",
        "kill": "kill",
        "jobs": "wait jobs bg fg disown",
        "inquiry": "times caller",
        "kinds": "type",
        "hashing": "hash",
        "enabling": "enable",
    }.items()
    for name in names.split()
}

_loaded: dict[str, Builtin] = {}


def builtin(name: str) -> Builtin:
    """The function of a builtin; `name` is one of `TOPICS`."""
    function = _loaded.get(name)
    if function is None:
        # Not importlib, which costs more than a loop of a thousand turns.
        module = __import__(f"msh.run.builtins.{TOPICS[name]}", fromlist=["BUILTINS"])
        function = _loaded[name] = module.BUILTINS[name]
    return function
