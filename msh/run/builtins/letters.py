"""Options of builtins that are letters without values, as bash's `internal_getopt` reads them."""

from __future__ import annotations

from msh.run.control import ShellError


def letters(argv: list[str], known: str, usage: str = "") -> tuple[str, list[str]]:
    """The letters given before the operands (`-a -bc --`), in their order, and the operands.

    Raises ShellError, status 2 and with the usage, for a letter that is not known. A `-` alone is an operand.
    """
    given, operands = "", argv[1:]
    while operands and len(operands[0]) > 1 and operands[0].startswith("-"):
        word, operands = operands[0], operands[1:]
        if word == "--":
            break
        for letter in word[1:]:
            if letter not in known:
                raise ShellError(f"{argv[0]}: -{letter}: invalid option", 2, usage=usage)
        given += word[1:]
    return given, operands
