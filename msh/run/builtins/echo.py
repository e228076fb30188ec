"""echo."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell


def echo(sh: Shell, argv: list[str]) -> int:
    """bash's echo: leading words made of n, e and E only are options."""
    newline, escapes, index = True, "xpg_echo" in sh.options, 1
    while index < len(argv):
        word = argv[index]
        if len(word) < 2 or word[0] != "-" or word.strip("neE") != "-":
            break
        for letter in word[1:]:
            newline = newline and letter != "n"
            escapes = letter == "e" or (escapes and letter != "E")
        index += 1
    text = " ".join(argv[index:])
    if escapes and "\\" in text:
        from msh.expand.escapes import decode_echo

        text, stopped = decode_echo(text)
        newline = newline and not stopped
    sh.write(text + "\n" if newline else text)
    return 0


BUILTINS: dict[str, Builtin] = {"echo": echo}
