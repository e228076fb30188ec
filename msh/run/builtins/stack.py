"""pushd, popd, dirs: the stack of directories, whose top is the current one (bash manual, Directory Stack Builtins)."""

from __future__ import annotations

from msh.run.control import ShellError
from msh.run.numbers import is_decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell


USAGE = {
    "pushd": "pushd: usage: pushd [-n] [+N | -N | dir]",
    "popd": "popd: usage: popd [-n] [+N | -N]",
    "dirs": "dirs: usage: dirs [-clpv] [+N] [-N]",
}


def _misused(caller: str, what: str) -> ShellError:
    return ShellError(f"{caller}: {what}", 2, usage=USAGE[caller])


def whole_stack(sh: Shell) -> list[str]:
    """The current directory and those below it."""
    return [sh.directory, *sh.directory_stack]


def _index(sh: Shell, caller: str, word: str) -> int:
    """`+n` from the top, `-n` from the bottom, as an index into the whole stack."""
    size = len(sh.directory_stack) + 1
    index = int(word[1:]) if word[0] == "+" else size - 1 - int(word[1:])
    if not 0 <= index < size:
        shown = word[1:] if caller == "dirs" else word
        what = f"{shown}: directory stack index out of range" if sh.directory_stack else "directory stack empty"
        raise ShellError(f"{caller}: {what}")
    return index


def _is_index(word: str) -> bool:
    return word[:1] in ("+", "-") and is_decimal(word[1:])


def _operand(argv: list[str]) -> tuple[bool, str | None]:
    """What `pushd` and `popd` take: whether -n is given, and the operand. `-` is an operand."""
    keep, words = False, argv[1:]
    while words and words[0].startswith("-") and words[0] != "-" and not _is_index(words[0]):
        word = words.pop(0)
        if word == "--":
            break
        if word != "-n":
            raise _misused(argv[0], f"{word}: invalid number")
        keep = True
    if words and words[0][:1] == "+" and not _is_index(words[0]):
        raise _misused(argv[0], f"{words[0]}: invalid number")
    if len(words) > 1 and argv[0] == "pushd":
        raise ShellError("pushd: too many arguments")
    return keep, words[0] if words else None


def _enter(sh: Shell, caller: str, path: str) -> None:
    try:
        sh.change_directory(path)
    except ShellError as error:
        raise ShellError(error.message.replace("cd:", f"{caller}:", 1)) from None


def pushd(sh: Shell, argv: list[str]) -> int:
    """Add a directory, turn the stack round, or exchange the two at the top. -n leaves the current directory."""
    keep, operand = _operand(argv)
    stack = whole_stack(sh)
    if operand is None:
        if len(stack) < 2:
            raise ShellError("pushd: no other directory")
        stack[:2] = [stack[1], stack[0]]
    elif _is_index(operand):
        index = _index(sh, "pushd", operand)
        stack = stack[index:] + stack[:index]
    elif keep:
        stack.insert(1, operand)
    else:
        target = (sh.variables.scalar("OLDPWD") or "") if operand == "-" else operand
        _enter(sh, "pushd", target)
        stack.insert(0, sh.directory)
    if not keep and stack[0] != sh.directory:
        _enter(sh, "pushd", stack[0])
    sh.directory_stack[:] = stack[1:]
    _show(sh, whole_stack(sh))
    return 0


def popd(sh: Shell, argv: list[str]) -> int:
    """Take a directory off the stack; the top one is left, unless -n."""
    keep, operand = _operand(argv)
    if operand is not None and not _is_index(operand):
        raise _misused("popd", f"{operand}: invalid argument")
    if not sh.directory_stack:
        raise ShellError("popd: directory stack empty")
    index = _index(sh, "popd", operand) if operand is not None else 0
    if index:
        del sh.directory_stack[index - 1]
    else:
        if not keep:
            _enter(sh, "popd", sh.directory_stack[0])
        del sh.directory_stack[0]
    _show(sh, whole_stack(sh))
    return 0


def _show(sh: Shell, paths: list[str], *, between: str = " ", full: bool = False) -> None:
    home = sh.variables.scalar("HOME") or ""
    sh.write(between.join([path if full else _short(path, home) for path in paths]) + "\n")


def _short(path: str, home: str) -> str:
    inside = home and (path == home or path.startswith(home + "/"))
    return "~" + path[len(home) :] if inside else path


def dirs(sh: Shell, argv: list[str]) -> int:
    """`dirs [-clpv] [+n] [-n]`; each option is a word of its own."""
    given: set[str] = set()
    chosen: int | None = None
    for position, word in enumerate(argv[1:], 1):
        if word in ("-c", "-l", "-p", "-v"):
            given.add(word[1])
        elif word == "--":
            if argv[position + 1 :]:
                raise _misused("dirs", f"{argv[position + 1]}: invalid argument")
        elif _is_index(word):
            chosen = _index(sh, "dirs", word)
        else:
            raise _misused("dirs", f"{word}: invalid {'number' if word[:1] in '+-' else 'option'}")
    if "c" in given:
        sh.directory_stack.clear()
        return 0
    stack, full = whole_stack(sh), "l" in given
    paths = stack if chosen is None else [stack[chosen]]
    if "v" not in given:
        _show(sh, paths, between="\n" if "p" in given else " ", full=full)
        return 0
    home = "" if full else sh.variables.scalar("HOME") or ""
    for number, path in enumerate(paths, chosen or 0):
        sh.write(f"{number:2}  {_short(path, home)}\n")
    return 0


BUILTINS: dict[str, Builtin] = {"pushd": pushd, "popd": popd, "dirs": dirs}
