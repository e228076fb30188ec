"""alias, unalias."""

from __future__ import annotations

from msh.run.builtins.letters import letters
from msh.run.control import ShellError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell

#: What a name may not hold: what ends a word, quotes, what begins an expansion, `/` (bash).
NOT_IN_NAMES = frozenset(" \t\n|&;()<>'\"\\`$/")


def alias(sh: Shell, argv: list[str]) -> int:
    """`alias [-p] [name[=text] …]`: what is defined counts from the next line on."""
    given, operands = letters(argv, "p", "alias: usage: alias [-p] [name[=value] ... ]")
    if given or len(argv) == 1:
        sh.write("".join([shown(sh, name) for name in sorted(sh.aliases)]))
    status = 0
    for operand in operands:
        name, equals, value = operand.partition("=")
        if equals and name:
            status = define(sh, name, value) or status
        elif operand in sh.aliases:
            sh.write(shown(sh, operand))
        else:
            sh.complain(f"alias: {operand}: not found")
            status = 1
    return status


def define(sh: Shell, name: str, value: str) -> int:
    """Status 1, and a message, for what cannot be a name."""
    if NOT_IN_NAMES.intersection(name):
        sh.complain(f"alias: `{name}': invalid alias name")
        return 1
    sh.aliases[name] = value
    return 0


def shown(sh: Shell, name: str) -> str:
    """As a command that defines it again (POSIX XCU alias); in bash's POSIX mode without the `alias`."""
    from msh.expand.quote import quote_single

    before = "" if "posix" in sh.options else "alias -- " if name.startswith("-") else "alias "
    return f"{before}{name}={quote_single(sh.aliases[name])}\n"


def unalias(sh: Shell, argv: list[str]) -> int:
    """`unalias [-a] name …`"""
    usage = "unalias: usage: unalias [-a] name [name ...]"
    given, operands = letters(argv, "a", usage)
    if given:
        sh.aliases.clear()
        return 0
    if len(argv) == 1:
        raise ShellError(usage, 2)
    status = 0
    for name in operands:
        if sh.aliases.pop(name, None) is None:
            sh.complain(f"unalias: {name}: not found")
            status = 1
    return status


BUILTINS: dict[str, Builtin] = {"alias": alias, "unalias": unalias}
