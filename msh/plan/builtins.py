"""What the builtins do to their shell: which variables they set, and marks (see `facts.py`)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from msh.plan.arithmetic import names_in_text
from msh.syntax import nodes as n
from msh.syntax import static_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from msh.plan.facts import Gatherer

    Words = Sequence[n.Word | n.Assignment]
    Handler = Callable[[Gatherer, Words, n.SimpleCommand], None]


def texts(words: Words) -> list[str | None]:
    """The words as far as they are known; an assignment is the name it assigns."""
    return [word.name if isinstance(word, n.Assignment) else static_text(word) for word in words]


def _marks(*marks: str) -> Handler:
    def handle(gatherer: Gatherer, words: Words, node: n.SimpleCommand) -> None:
        gatherer.mark(*marks)

    return handle


def _directory(gatherer: Gatherer, words: Words, node: n.SimpleCommand) -> None:
    gatherer.mark("cd")
    gatherer.write("PWD", "OLDPWD", "DIRSTACK")
    gatherer.reads.update(("HOME", "CDPATH", "OLDPWD"))


def _declare(gatherer: Gatherer, words: Words, node: n.SimpleCommand) -> None:
    """`declare export readonly local typeset`: every operand that is no option is a name, perhaps with a value."""
    known = texts(words[1:])
    options = "".join([text for text in known if text and text[0] in "-+"])
    if texts(words[:1])[0] in ("local", "declare", "typeset") and "g" not in options:
        gatherer.mark("local")
    if "n" in options and texts(words[:1]) != ["export"]:
        gatherer.everything = True
    if "f" in options:
        gatherer.mark("state")
        return
    for word, text in zip(words[1:], known, strict=True):
        if isinstance(word, n.Assignment):
            continue  # as any other
        if text is None:
            gatherer.everything = gatherer.everything or not _assigns(gatherer, word)
        elif text and text[0] not in "-+":
            gatherer.write(_base(text))


def _assigns(gatherer: Gatherer, word: n.Word) -> bool:
    """`export "x=$y"`: the name is known though the value is not."""
    beginning = ""
    for part in word.parts[0].parts if isinstance(word.parts[0], n.DoubleQuoted) else word.parts:
        if not isinstance(part, n.Literal):
            break
        beginning += part.text
    name, equals, _ = beginning.partition("=")
    if equals and name.rstrip("+").isidentifier():
        gatherer.write(name.rstrip("+"))
        return True
    return False


def _unset(gatherer: Gatherer, words: Words, node: n.SimpleCommand) -> None:
    for text in texts(words[1:]):
        if text is None:
            gatherer.everything = True
        elif text == "-f":
            gatherer.mark("state")
        elif text[:1] != "-":
            gatherer.write(_base(text))


def _names(options_with_value: str, otherwise: str = "") -> Handler:
    """Operands are names to be set: `read`, `mapfile`; without any `otherwise` is."""

    def handle(gatherer: Gatherer, words: Words, node: n.SimpleCommand) -> None:
        known = texts(words[1:])
        operands: list[str | None] = []
        skip = False
        for text in known:
            if skip:
                skip = False
            elif text is not None and len(text) > 1 and text[0] == "-" and not operands:
                if "a" in text and "a" in options_with_value:  # read -a NAME
                    operands.append(text.partition("a")[2] or None)
                    if operands == [None]:
                        operands.clear()
                elif text[-1] in options_with_value:
                    skip = True
            else:
                operands.append(text)
        for operand in operands or [otherwise]:
            if operand is None:
                gatherer.everything = True
            else:
                gatherer.write(_base(operand))
        if not gatherer.redirected:
            gatherer.mark("input")

    return handle


def _printf(gatherer: Gatherer, words: Words, node: n.SimpleCommand) -> None:
    known = texts(words[1:3])
    if known and known[0] is not None and known[0].startswith("-v"):
        name = known[0][2:] or (known[1] if len(known) > 1 else None)
        if name is None:
            gatherer.everything = True
        else:
            gatherer.write(_base(name))


def _getopts(gatherer: Gatherer, words: Words, node: n.SimpleCommand) -> None:
    gatherer.mark("state", "parameters", "shift")
    gatherer.reads.add("OPTIND")
    gatherer.write("OPTIND", "OPTARG")
    known = texts(words[1:3])
    if len(known) == 2 and known[1] is not None:
        gatherer.write(known[1])
    else:
        gatherer.everything = True


def _let(gatherer: Gatherer, words: Words, node: n.SimpleCommand) -> None:
    for word, text in zip(words[1:], texts(words[1:]), strict=True):
        if text is None or isinstance(word, n.Assignment):
            gatherer.everything = True
        else:
            used, changed = names_in_text(text)
            gatherer.reads |= used
            gatherer.write(*changed)


def _exec(gatherer: Gatherer, words: Words, node: n.SimpleCommand) -> None:
    gatherer.mark("exit" if len(words) > 1 else "descriptor")


def _wait(gatherer: Gatherer, words: Words, node: n.SimpleCommand) -> None:
    gatherer.mark("jobs")
    known = texts(words[1:])
    if "-p" in known[:-1]:
        name = known[known.index("-p") + 1]
        gatherer.everything = gatherer.everything or name is None
        gatherer.write(name or "")


def _test(gatherer: Gatherer, words: Words, node: n.SimpleCommand) -> None:
    """`[ -v name ]`"""
    for word, operand in pairwise(words[1:]):
        if isinstance(word, n.Word) and static_text(word) == "-v" and isinstance(operand, n.Word):
            gatherer.named(operand)


def _eval(gatherer: Gatherer, words: Words, node: n.SimpleCommand) -> None:
    """A text that is known is as good as written there."""
    known = texts(words[1:])
    script = None if None in known else gatherer.index.parsed(" ".join([text or "" for text in known]))
    if script is None:
        gatherer.unknown()
    else:
        gatherer.text(script)


def _source(gatherer: Gatherer, words: Words, node: n.SimpleCommand) -> None:
    gatherer.unknown()
    gatherer.mark("task", "input")


def _inner(gatherer: Gatherer, words: Words, node: n.SimpleCommand) -> None:
    """`command name …`, `builtin name …`"""
    rest = list(words[1:])
    while rest and isinstance(rest[0], n.Word) and (text := static_text(rest[0])) and text[0] == "-":
        if not {"v", "V"}.isdisjoint(text[1:]):
            return
        del rest[0]
    if rest:
        gatherer.command(rest, node, functions=False)


def _base(text: str) -> str:
    """The name in `name`, `name=value`, `name+=value`, `name[subscript]`."""
    return text.partition("=")[0].partition("[")[0].rstrip("+")


HANDLERS: dict[str, Handler] = {
    "cd": _directory,
    "pushd": _directory,
    "popd": _directory,
    "declare": _declare,
    "typeset": _declare,
    "local": _declare,
    "export": _declare,
    "readonly": _declare,
    "unset": _unset,
    "read": _names("adinNptu", "REPLY"),
    "mapfile": _names("dnOsucC", "MAPFILE"),
    "readarray": _names("dnOsucC", "MAPFILE"),
    "printf": _printf,
    "getopts": _getopts,
    "let": _let,
    "exec": _exec,
    "wait": _wait,
    "[": _test,
    "test": _test,
    "eval": _eval,
    ".": _source,
    "source": _source,
    "command": _inner,
    "builtin": _inner,
    "exit": _marks("exit"),
    "return": _marks("return"),
    "break": _marks("break"),
    "continue": _marks("continue"),
    "shift": _marks("state", "parameters", "shift"),
    "set": _marks("state", "shift"),
    "shopt": _marks("state"),
    "umask": _marks("state"),
    "ulimit": _marks("state"),
    "alias": _marks("state"),
    "unalias": _marks("state"),
    "hash": _marks("state"),
    "enable": _marks("state"),
    "trap": _marks("state", "trap"),
    "kill": _marks("jobs", "exit"),
    "jobs": _marks("jobs"),
    "fg": _marks("jobs"),
    "bg": _marks("jobs"),
    "disown": _marks("jobs"),
    "caller": _marks("caller"),
}
