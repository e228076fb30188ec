"""Builtins that steer: jumps, `eval`, `source`, `exec`, `command`, `builtin`."""

from __future__ import annotations

from msh.expand.environment import ExpansionError
from msh.run.control import BreakLoop, ContinueLoop, FunctionReturn, ShellError, ShellExit
from msh.run.signals import DEBUG, EXIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell


EXEC = "exec: usage: exec [-cl] [-a name] [command [argument ...]] [redirection ...]"


def true(sh: Shell, argv: list[str]) -> int:
    return 0


def false(sh: Shell, argv: list[str]) -> int:
    return 1


def _levels(sh: Shell, argv: list[str]) -> int:
    """The operand of break and continue: how many loops, at most the open ones."""
    operands = argv[2:] if argv[1:2] == ["--"] else argv[1:]
    if len(operands) > 1:
        raise ExpansionError(f"{argv[0]}: too many arguments")  # which abandons the statement, as in bash
    text = operands[0] if operands else "1"
    try:
        levels = int(text)
    except ValueError:
        raise ShellError(f"{argv[0]}: {text}: numeric argument required", 128, fatal=True) from None
    if levels < 1:
        sh.complain(f"{argv[0]}: {text}: loop count out of range")
        leave = BreakLoop(sh.loops)  # as in bash, also for `continue`
        leave.status = 1
        sh.pipestatus = [1]
        raise leave
    return min(levels, sh.loops)


def break_(sh: Shell, argv: list[str]) -> int:
    if _in_loop(sh, argv):
        levels = _levels(sh, argv)
        sh.pipestatus = [0]
        raise BreakLoop(levels)
    return 0


def continue_(sh: Shell, argv: list[str]) -> int:
    if _in_loop(sh, argv):
        levels = _levels(sh, argv)
        sh.pipestatus = [0]
        raise ContinueLoop(levels)
    return 0


def _in_loop(sh: Shell, argv: list[str]) -> bool:
    if not sh.loops and "posix" not in sh.options:
        sh.complain(f"{argv[0]}: only meaningful in a `for', `while', or `until' loop")
    return bool(sh.loops)


def _status_operand(sh: Shell, argv: list[str]) -> int:
    operands = argv[2:] if argv[1:2] == ["--"] else argv[1:]
    if not operands:
        trap = sh.signals.active[-1] if sh.signals.active else DEBUG
        before = trap == EXIT if argv[0] == "exit" else trap != DEBUG  # as bash: what the trap came between counts
        return sh.signals.status if before else sh.status
    try:
        status = int(operands[0].strip())
    except ValueError:
        sh.complain(f"{argv[0]}: {operands[0]}: numeric argument required")
        return 2
    if len(operands) > 1:
        raise ExpansionError(f"{argv[0]}: too many arguments")
    return status & 0xFF


def return_(sh: Shell, argv: list[str]) -> int:
    if not sh.calls and not sh.sourcing:
        raise ShellError("return: can only `return' from a function or sourced script", 2)
    raise FunctionReturn(_status_operand(sh, argv))


def exit_(sh: Shell, argv: list[str]) -> int:
    raise ShellExit(_status_operand(sh, argv), asked=True)


def eval_(sh: Shell, argv: list[str]) -> int:
    """The words, joined by blanks, parsed and resolved now, run in this shell."""
    words = argv[2:] if argv[1:2] == ["--"] else argv[1:]
    with sh.leniently():
        return sh.run_text(" ".join(words), "eval", sh.line(), special=True)


def source(sh: Shell, argv: list[str]) -> int:
    """A file's commands in this shell; the path passes the gate like any other."""
    from msh.run.builtins.letters import letters

    usage = f"{argv[0]}: usage: {argv[0]} filename [arguments]"
    _, operands = letters(argv, "", usage)
    if not operands:
        raise ShellError(f"{argv[0]}: filename argument required", 2, usage=usage, fatal="posix" in sh.options)
    with sh.leniently():
        return sh.source_file(operands[0], operands[1:])


def exec_(sh: Shell, argv: list[str]) -> int:
    """`exec cmd`: run it and end the shell with its status; the redirections of a bare `exec` stay (see simple.py)."""
    clean, login, title, operands = _exec_options(argv[1:])
    if not operands:
        return 0
    sh.clear_exit_trap()
    if login:
        title = f"-{title or operands[0]}"
    raise ShellExit(sh.run_external(operands, clean=clean, title=title))


def _exec_options(words: list[str]) -> tuple[bool, bool, str, list[str]]:
    """`-c`, `-l`, the name that `-a` gives, and the command."""
    clean, login, title = False, False, ""
    while words and words[0].startswith("-") and words[0] != "-":
        option = words.pop(0)
        if option == "--":
            break
        for at, letter in enumerate(option[1:], 2):
            if letter == "a":
                title = option[at:] or (words.pop(0) if words else "")
                if not title:
                    raise ShellError("exec: -a: option requires an argument", 2, usage=EXEC)
                break
            if letter not in "cl":
                raise ShellError(f"exec: -{letter}: invalid option", 2, usage=EXEC)
            clean |= letter == "c"
            login |= letter == "l"
    return clean, login, title, words


def command(sh: Shell, argv: list[str]) -> int:
    """`command [-pvV] name …`: skip functions, and with `-p` scripts along the script's own PATH."""
    from msh.run.builtins.letters import letters

    given, operands = letters(argv, "pvV", "command: usage: command [-pVv] command [arg ...]")
    if "v" in given.lower():
        from msh.run.builtins.kinds import describe

        return describe(sh, operands, verbose="V" in given, caller="command")
    if not operands:
        return 0
    from msh.run.builtins import TOPICS

    name = operands[0]
    if "p" in given and "/" not in name and name not in TOPICS and sh.resources.catalog.lookup(name) is None:
        raise ShellError(f"{name}: command not found", 127)
    with sh.leniently():
        return sh.invoke(operands, functions=False, plain=True)


def builtin_(sh: Shell, argv: list[str]) -> int:
    """`builtin name …`: the builtin even when a function has its name."""
    from msh.run.builtins import TOPICS, builtin

    operands = argv[2:] if argv[1:2] == ["--"] else argv[1:]
    if not operands:
        return 0
    if operands[0] not in TOPICS or operands[0] in sh.disabled:
        raise ShellError(f"builtin: {operands[0]}: not a shell builtin")
    return builtin(operands[0])(sh, operands)


BUILTINS: dict[str, Builtin] = {
    ":": true,
    "true": true,
    "false": false,
    "break": break_,
    "continue": continue_,
    "return": return_,
    "exit": exit_,
    "eval": eval_,
    "source": source,
    ".": source,
    "exec": exec_,
    "command": command,
    "builtin": builtin_,
}
