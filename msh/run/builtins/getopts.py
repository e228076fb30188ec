"""getopts: the next option of a list (POSIX XCU getopts). The place inside a bundle of letters is kept by the shell."""

from __future__ import annotations

from msh.run.builtins.letters import letters
from msh.run.control import RefusedAssignment, ShellError
from msh.run.numbers import is_decimal
from msh.run.variable import AssignmentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell

USAGE = "getopts: usage: getopts optstring name [arg ...]"


def getopts(sh: Shell, argv: list[str]) -> int:
    _, operands = letters(argv, "", USAGE)
    if len(operands) < 2:
        raise ShellError("", 2, usage=USAGE)
    options, name = operands[:2]
    found = _next(sh, options, operands[2:] or sh.positional)
    if found is None:
        _argument(sh, None)
        try:
            return _bind(sh, name, "?") or 1
        except ShellError as error:
            raise ShellError(error.message) from None
    letter, argument = found
    _argument(sh, argument)
    return _bind(sh, name, letter)


def _argument(sh: Shell, argument: str | None) -> None:
    """OPTARG; one that is readonly stays as it is."""
    try:
        if argument is None:
            sh.variables.unset("OPTARG")
        else:
            sh.variables.set("OPTARG", argument)
    except AssignmentError as error:
        if argument is not None:
            sh.complain(str(error))


def _bind(sh: Shell, name: str, value: str) -> int:
    if not (name.isascii() and name.isidentifier()):
        raise ShellError(f"getopts: `{name}': not a valid identifier")
    try:
        sh.assign(name, value)
    except RefusedAssignment as error:
        raise ShellError(error.message, 2) from None
    return 0


def _next(sh: Shell, options: str, arguments: list[str]) -> tuple[str, str | None] | None:
    """The option and its argument; `?` or `:` when something is wrong with it; None after the last. Moves OPTIND."""
    text = sh.variables.scalar("OPTIND") or "1"
    index = max(int(text), 1) if is_decimal(text) else 1
    word = arguments[index - 1] if index <= len(arguments) else ""
    if sh.getopts_index != index or sh.getopts_offset >= len(word):
        sh.getopts_offset = 1
    if sh.getopts_offset == 1 and (not word.startswith("-") or word in ("-", "--")):
        _move(sh, min(index, len(arguments) + 1) + (word == "--"))
        return None
    letter = word[sh.getopts_offset]
    sh.getopts_offset += 1
    rest = word[sh.getopts_offset :]
    place = options.removeprefix(":").find(letter) if letter != ":" else -1
    known = options.removeprefix(":")[place:] if place >= 0 else ""
    if known[1:2] == ":":
        return _with_argument(sh, letter, rest, index, arguments, quiet=options.startswith(":"))
    _move(sh, index if rest else index + 1, sh.getopts_offset if rest else 1)
    if known:
        return letter, None
    if options.startswith(":"):
        return "?", letter
    _complain(sh, f"illegal option -- {letter}")
    return "?", None


def _with_argument(
    sh: Shell, letter: str, rest: str, index: int, arguments: list[str], *, quiet: bool
) -> tuple[str, str | None]:
    if rest:
        _move(sh, index + 1)
        return letter, rest
    if index < len(arguments):
        _move(sh, index + 2)
        return letter, arguments[index]
    _move(sh, index + 1)
    if quiet:
        return ":", letter
    _complain(sh, f"option requires an argument -- {letter}")
    return "?", None


def _move(sh: Shell, index: int, offset: int = 1) -> None:
    sh.variables.set("OPTIND", str(index))
    sh.getopts_index, sh.getopts_offset = index, offset


def _complain(sh: Shell, message: str) -> None:
    """Without a line, as bash; not at all with OPTERR=0."""
    if sh.get("OPTERR") != "0":
        sh.write_error(f"{sh.name}: {message}\n")


BUILTINS: dict[str, Builtin] = {"getopts": getopts}
