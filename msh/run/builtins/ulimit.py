"""ulimit: the limits of this shell, inherited by its steps (POSIX XCU ulimit, with bash's resources)."""

from __future__ import annotations

from msh.run.builtins.letters import letters
from msh.run.control import ShellError
from msh.run.numbers import is_decimal
from msh.sandbox.descriptors import NEEDED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell

USAGE = "ulimit: usage: ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]"
LIMITS = {  # title, unit, resource, bytes (or whatever it counts) in a unit
    "R": ("real-time non-blocking time", "microseconds", "RTTIME", 1),
    "c": ("core file size", "blocks", "CORE", 512),
    "d": ("data seg size", "kbytes", "DATA", 1024),
    "e": ("scheduling priority", "", "NICE", 1),
    "f": ("file size", "blocks", "FSIZE", 1024),
    "i": ("pending signals", "", "SIGPENDING", 1),
    "l": ("max locked memory", "kbytes", "MEMLOCK", 1024),
    "m": ("max memory size", "kbytes", "RSS", 1024),
    "n": ("open files", "", "NOFILE", 1),
    "p": ("pipe size", "512 bytes", "", 512),
    "q": ("POSIX message queues", "bytes", "MSGQUEUE", 1),
    "r": ("real-time priority", "", "RTPRIO", 1),
    "s": ("stack size", "kbytes", "STACK", 1024),
    "t": ("cpu time", "seconds", "CPU", 1),
    "u": ("max user processes", "", "NPROC", 1),
    "v": ("virtual memory", "kbytes", "AS", 1024),
    "x": ("file locks", "", "LOCKS", 1),
}
LOCKS = 10  # RLIMIT_LOCKS of Linux, which the library does not name
PIPE = 4096  # bytes that a pipe takes at once


def ulimit(sh: Shell, argv: list[str]) -> int:
    given, operands = letters(argv, "".join(["HSa", *LIMITS]), USAGE)
    which = list(LIMITS) if "a" in given else [letter for letter in given if letter not in "HS"] or ["f"]
    for letter in which:
        if operands and "a" not in given:
            _set(sh, letter, operands[0], hard="H" in given, soft="S" in given)
        else:
            _show(sh, letter, hard="H" in given, labelled=len(which) > 1)
    return 0


def _number(letter: str) -> int:
    import resource

    name = LIMITS[letter][2]
    number: int = LOCKS if name == "LOCKS" else getattr(resource, f"RLIMIT_{name}")
    return number


def _show(sh: Shell, letter: str, *, hard: bool, labelled: bool) -> None:
    import resource

    title, unit, name, scale = LIMITS[letter]
    value = resource.getrlimit(_number(letter))[hard] if name else PIPE
    text = "unlimited" if value < 0 else str(value // scale)
    label = f"({unit}, -{letter})" if unit else f"(-{letter})"
    sh.write((f"{title:<20}{label:>20} " if labelled else "") + text + "\n")


def _set(sh: Shell, letter: str, text: str, *, hard: bool, soft: bool) -> None:
    """Both the soft and the hard limit, unless -S or -H says which."""
    import resource

    title, _, name, scale = LIMITS[letter]
    if not name:
        raise ShellError(f"ulimit: {title}: cannot modify limit: Invalid argument")
    before = resource.getrlimit(_number(letter))
    value = _wanted(text, scale, *before)
    if letter == "n" and 0 <= value < NEEDED:
        raise ShellError(f"ulimit: open files: cannot modify limit: msh itself needs {NEEDED}")
    if letter == "f":
        sh.resources.prepare_fork()  # first the files that msh itself makes for a run: the limit is for the script's
    pair = before[0] if hard and not soft else value, before[1] if soft and not hard else value
    try:
        resource.setrlimit(_number(letter), pair)
    except (OSError, ValueError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else "Invalid argument"
        raise ShellError(f"ulimit: {title}: cannot modify limit: {reason}") from None
    if name != "LOCKS":
        sh.limited.add(f"RLIMIT_{name}")


def _wanted(text: str, scale: int, soft: int, hard: int) -> int:
    if text in ("unlimited", "hard", "soft"):
        return {"unlimited": -1, "hard": hard, "soft": soft}[text]
    if not is_decimal(text):
        raise ShellError(f"ulimit: {text}: invalid number")
    return int(text) * scale


BUILTINS: dict[str, Builtin] = {"ulimit": ulimit}
