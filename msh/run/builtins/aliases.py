"""alias, unalias."""

from __future__ import annotations

from msh.run.control import ShellError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell

#: What a name may not hold: what ends a word, quotes, what begins an expansion, `/` (bash).
NOT_IN_NAMES = frozenset(" \t\n|&;()<>'\"\\`$/")


def alias(sh: Shell, argv: list[str]) -> int:
    """`alias [-p] [name[=text] …]`: what is defined counts from the next line on."""
    operands, listing = argv[1:], len(argv) == 1
    while operands and operands[0].startswith("-") and operands[0] != "-":
        word = operands.pop(0)
        if word == "--":
            break
        if set(word[1:]) != {"p"}:
            letter = (word[1:].replace("p", "") + " ")[0]
            raise ShellError(f"alias: -{letter}: invalid option\nalias: usage: alias [-p] [name[=value] ... ]", 2)
        listing = True
    if listing:
        sh.write("".join([shown(sh, name) for name in sorted(sh.aliases)]))
    status = 0
    for operand in operands:
        name, equals, value = operand.partition("=")
        if equals and name:
            status = _define(sh, name, value) or status
        elif operand in sh.aliases:
            sh.write(shown(sh, operand))
        else:
            sh.complain(f"alias: {operand}: not found")
            status = 1
    return status


def _define(sh: Shell, name: str, value: str) -> int:
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
    operands = argv[1:]
    while operands and operands[0].startswith("-") and operands[0] != "-":
        word = operands.pop(0)
        if word == "--":
            break
        if set(word[1:]) != {"a"}:
            letter = (word[1:].replace("a", "") + " ")[0]
            raise ShellError(f"unalias: -{letter}: invalid option\nunalias: usage: unalias [-a] name [name ...]", 2)
        sh.aliases.clear()
        return 0
    if not operands and len(argv) == 1:
        raise ShellError("unalias: usage: unalias [-a] name [name ...]", 2)
    status = 0
    for name in operands:
        if sh.aliases.pop(name, None) is None:
            sh.complain(f"unalias: {name}: not found")
            status = 1
    return status


BUILTINS: dict[str, Builtin] = {"alias": alias, "unalias": unalias}
