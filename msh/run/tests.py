"""The primaries of `test`, `[` and `[[ ]]`: file, string, number and variable tests.

Files are looked at through the gate only; what it refuses is as if it were not there (the gate says so once).
"""

from __future__ import annotations

import os
import stat

from msh.run.control import ShellError
from msh.run.numbers import is_decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.run.shell import Shell

MODES: dict[str, Callable[[int], bool]] = {
    "-b": stat.S_ISBLK,
    "-c": stat.S_ISCHR,
    "-d": stat.S_ISDIR,
    "-f": stat.S_ISREG,
    "-p": stat.S_ISFIFO,
    "-S": stat.S_ISSOCK,
    "-g": lambda mode: bool(mode & stat.S_ISGID),
    "-k": lambda mode: bool(mode & stat.S_ISVTX),
    "-u": lambda mode: bool(mode & stat.S_ISUID),
}
ACCESS = {"-r": os.R_OK, "-w": os.W_OK, "-x": os.X_OK}
UNARY = {*MODES, *ACCESS, "-e", "-a", "-s", "-h", "-L", "-t", "-G", "-N", "-O", "-n", "-z", "-o", "-v", "-R"}
NUMBERS: dict[str, Callable[[int, int], bool]] = {
    "-eq": lambda a, b: a == b,
    "-ne": lambda a, b: a != b,
    "-lt": lambda a, b: a < b,
    "-le": lambda a, b: a <= b,
    "-gt": lambda a, b: a > b,
    "-ge": lambda a, b: a >= b,
}
BINARY = {*NUMBERS, "=", "==", "!=", "<", ">", "-nt", "-ot", "-ef"}


def unary(sh: Shell, operator: str, operand: str) -> bool:
    """One unary primary."""
    if operator == "-n":
        return operand != ""
    if operator == "-z":
        return operand == ""
    if operator == "-t":
        return is_decimal(operand) and int(operand) < 1 << 31 and os.isatty(int(operand))
    if operator == "-o":
        return sh.has_option(operand)
    if operator in ("-v", "-R"):
        return sh.is_set(operand) if operator == "-v" else _is_reference(sh, operand)
    return _file(sh, operator, operand)


def _is_reference(sh: Shell, name: str) -> bool:
    variable = sh.variables.table.get(name)
    return variable is not None and "n" in variable.attributes and variable.value is not None


def _file(sh: Shell, operator: str, path: str) -> bool:
    if not path:
        return False
    if operator in ACCESS:
        return sh.gate.access(sh.absolute(path), ACCESS[operator])
    status = sh.file_status(path, follow=operator not in ("-h", "-L"))
    if status is None:
        return False
    if operator in ("-h", "-L"):
        return stat.S_ISLNK(status.st_mode)
    if operator in MODES:
        return MODES[operator](status.st_mode)
    if operator == "-s":
        return status.st_size > 0
    if operator == "-O":
        return status.st_uid == os.geteuid()
    if operator == "-G":
        return status.st_gid == os.getegid()
    if operator == "-N":
        return status.st_mtime > status.st_atime
    return True


def binary(sh: Shell, operator: str, left: str, right: str) -> bool:
    """One binary primary of `test`; strings compare by byte."""
    if operator in NUMBERS:
        return NUMBERS[operator](integer(left), integer(right))
    if operator in ("=", "=="):
        return left == right
    if operator == "!=":
        return left != right
    if operator == "<":
        return left < right
    if operator == ">":
        return left > right
    return files(sh, operator, left, right)


def files(sh: Shell, operator: str, left: str, right: str) -> bool:
    """`-nt`, `-ot`, `-ef`: a file that exists is newer than one that does not."""
    a, b = sh.file_status(left), sh.file_status(right)
    if operator == "-ef":
        return a is not None and b is not None and (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino)
    if operator == "-ot":
        a, b = b, a
    return a is not None and (b is None or a.st_mtime_ns > b.st_mtime_ns)


def integer(text: str) -> int:
    """A decimal integer operand."""
    try:
        digits = text.strip(" \t\n")
        if "_" in digits:
            raise ValueError
        return int(digits)
    except ValueError:
        raise ShellError(f"{text}: integer expression expected", 2) from None
