"""cd, pwd and the directory stack. Paths are those of the run's view; the gate decides what may be entered."""

from __future__ import annotations

import posixpath

from msh.run.control import ShellError
from msh.run.numbers import is_decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell


def _options(argv: list[str], known: str) -> tuple[str, list[str]]:
    """Single-letter options given, and the operands."""
    given, operands = "", argv[1:]
    while operands and operands[0].startswith("-") and len(operands[0]) > 1:
        option = operands.pop(0)
        if option == "--":
            break
        for letter in option[1:]:
            if letter not in known:
                raise ShellError(f"{argv[0]}: -{letter}: invalid option", 2)
            given += letter
    return given, operands


def _along_cdpath(sh: Shell, target: str) -> str | None:
    """The directory found through CDPATH, POSIX cd step 5."""
    if target.startswith(("/", "./", "../")) or target in (".", ".."):
        return None
    for entry in (sh.variables.scalar("CDPATH") or "").split(":"):
        candidate = posixpath.join(entry, target)
        if entry and sh.is_directory(candidate):
            return candidate
    return None


def cd(sh: Shell, argv: list[str]) -> int:
    given, operands = _options(argv, "LPe@")
    if len(operands) > 1:
        raise ShellError("cd: too many arguments")
    show = False
    if not operands:
        home = sh.variables.scalar("HOME")
        if home is None:
            raise ShellError("cd: HOME not set")
        target = home
    elif operands[0] == "-":
        old = sh.variables.scalar("OLDPWD")
        if old is None:
            raise ShellError("cd: OLDPWD not set")
        target, show = old, True
    else:
        target = operands[0]
        found = _along_cdpath(sh, target)
        if found is not None:
            target, show = found, True
    sh.change_directory(target, physical="P" in given or "physical" in sh.options)
    if show:
        sh.write(sh.directory + "\n")
    return 0


def pwd(sh: Shell, argv: list[str]) -> int:
    given, _ = _options(argv, "LP")
    physical = given.endswith("P") or (not given and "physical" in sh.options)
    sh.write((sh.gate.realpath(sh.directory) if physical else sh.directory) + "\n")
    return 0


def _show_stack(sh: Shell) -> None:
    home = sh.variables.scalar("HOME") or ""
    shown = [
        "~" + d[len(home) :] if home and (d == home or d.startswith(home + "/")) else d
        for d in [sh.directory, *sh.directory_stack]
    ]
    sh.write(" ".join(shown) + "\n")


def _index(sh: Shell, text: str) -> int | None:
    """`+n` or `-n` as an index into the stack with the current directory at 0."""
    if len(text) < 2 or text[0] not in "+-" or not is_decimal(text[1:]):
        return None
    size = len(sh.directory_stack) + 1
    index = int(text[1:]) if text[0] == "+" else size - 1 - int(text[1:])
    if not 0 <= index < size:
        raise ShellError(f"{text}: directory stack index out of range")
    return index


def pushd(sh: Shell, argv: list[str]) -> int:
    operands = argv[2:] if argv[1:2] == ["--"] else argv[1:]
    if len(operands) > 1:
        raise ShellError("pushd: too many arguments")
    if not operands:
        if not sh.directory_stack:
            raise ShellError("pushd: no other directory")
        operands = [sh.directory_stack[0]]
        rest = sh.directory_stack[1:]
    else:
        index = _index(sh, operands[0])
        if index is not None:
            stack = [sh.directory, *sh.directory_stack]
            stack = stack[index:] + stack[:index]
            sh.change_directory(stack[0])
            sh.directory_stack[:] = stack[1:]
            _show_stack(sh)
            return 0
        if operands[0][:1] == "-" and argv[1] != "--" and operands[0] != "-":
            raise ShellError(f"pushd: {operands[0]}: invalid number", 2)
        rest = list(sh.directory_stack)
    here = sh.directory
    try:
        sh.change_directory(operands[0])
    except ShellError as error:
        raise ShellError(error.message.replace("cd:", "pushd:", 1)) from None
    sh.directory_stack[:] = [here, *rest]
    _show_stack(sh)
    return 0


def popd(sh: Shell, argv: list[str]) -> int:
    index = _index(sh, argv[1]) if len(argv) > 1 and sh.directory_stack else 0
    if index is None or (len(argv) > 1 and argv[1][:1] not in "+-"):
        raise ShellError(f"popd: {argv[1]}: invalid argument", 2)
    if not sh.directory_stack:
        raise ShellError("popd: directory stack empty")
    if index == 0:
        sh.change_directory(sh.directory_stack.pop(0))
    else:
        del sh.directory_stack[index - 1]
    _show_stack(sh)
    return 0


def dirs(sh: Shell, argv: list[str]) -> int:
    given, operands = _options(argv, "clpv")
    if operands and _index(sh, operands[0]) is None:
        raise ShellError(f"dirs: {operands[0]}: invalid option", 2)
    if "c" in given:
        sh.directory_stack.clear()
    elif "v" in given:
        sh.write("".join(f"{i:2}  {d}\n" for i, d in enumerate([sh.directory, *sh.directory_stack])))
    elif "l" in given or "p" in given:
        sh.write(("\n" if "p" in given else " ").join([sh.directory, *sh.directory_stack]) + "\n")
    else:
        _show_stack(sh)
    return 0


BUILTINS: dict[str, Builtin] = {"cd": cd, "pwd": pwd, "pushd": pushd, "popd": popd, "dirs": dirs}
