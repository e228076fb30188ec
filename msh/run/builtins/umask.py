"""umask: the permissions that new files do not get, octal or as chmod's symbolic modes (POSIX XCU umask, chmod)."""

from __future__ import annotations

import os

from msh.run.builtins.letters import letters
from msh.run.control import ShellError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell

USAGE = "umask: usage: umask [-p] [-S] [mode]"
SHIFTS = {"u": 6, "g": 3, "o": 0}
BITS = {"r": 4, "w": 2, "x": 1, "s": 0, "t": 0}  # umask has no set-id and sticky bits


def umask(sh: Shell, argv: list[str]) -> int:
    given, operands = letters(argv, "pS", USAGE)
    mask = os.umask(0o077)
    os.umask(mask)
    if operands:
        mask = _octal(operands[0]) if operands[0][:1].isdigit() else 0o777 & ~_symbolic(operands[0], 0o777 & ~mask)
        os.umask(mask)
    if "S" in given or not operands:
        text = _shown(mask) if "S" in given else f"{mask:04o}"
        prefix = ("umask -S " if "S" in given else "umask ") if "p" in given and not operands else ""
        sh.write(prefix + text + "\n")
    return 0


def _shown(mask: int) -> str:
    return ",".join(
        f"{who}={''.join([letter for letter in 'rwx' if not (mask >> shift) & BITS[letter]])}"
        for who, shift in SHIFTS.items()
    )


def _octal(text: str) -> int:
    if text.strip("01234567") or int(text, 8) > 0o7777:
        raise ShellError(f"umask: {text}: octal number out of range")
    return int(text, 8) & 0o777


def _symbolic(text: str, before: int) -> int:
    """The permissions after `u=rwx,g-w,o=u`; a copy (`o=u`) is of what there was before all of it."""
    allowed = before
    for clause in text.split(","):
        names = clause[: len(clause) - len(clause.lstrip("ugoa"))]
        actions = clause[len(names) :]
        if not actions or actions[0] not in "+-=":
            raise ShellError(f"umask: `{actions[:1]}': invalid symbolic mode operator")
        while actions:
            operator = actions[0]
            size = next((i for i, c in enumerate(actions[1:], 1) if c in "+-="), len(actions))
            for who in names.replace("a", "ugo") or "ugo":
                bits = _permissions(actions[1:size], allowed, before) << SHIFTS[who]
                if operator == "=":
                    allowed &= ~(7 << SHIFTS[who])
                allowed = allowed & ~bits if operator == "-" else allowed | bits
            actions = actions[size:]
    return allowed


def _permissions(letters: str, allowed: int, before: int) -> int:
    if letters in SHIFTS:
        return before >> SHIFTS[letters] & 7
    bits = 0
    for letter in letters:
        if letter == "X":
            bits |= bool(allowed & 0o111)
        elif letter in BITS:
            bits |= BITS[letter]
        else:
            raise ShellError(f"umask: `{letter}': invalid symbolic mode character")
    return bits


BUILTINS: dict[str, Builtin] = {"umask": umask}
