"""mapfile, also called readarray: the lines of an input as the elements of an array."""

from __future__ import annotations

import os
import sys

from msh.expand.environment import AssociativeArray, IndexedArray
from msh.run.assignables import is_name
from msh.run.builtins.reading import LARGEST_CHUNK, UNREADABLE, Input, check_descriptor
from msh.run.control import ShellError
from msh.run.numbers import is_decimal
from msh.run.variable import AssignmentError
from msh.source import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.run.builtins import Builtin
    from msh.run.shell import Shell

QUANTUM = 5000  # lines between two calls of -C


class Request:
    """`mapfile [-d delim] [-n count] [-O origin] [-s skip] [-t] [-u fd] [-C callback] [-c quantum] [array]`."""

    def __init__(self, argv: list[str]) -> None:
        self.caller = argv[0]
        self.strip = False
        self.delimiter = b"\n"
        self.callback = ""
        self.numbers = {"n": 0, "s": 0, "u": 0, "c": QUANTUM, "O": -1}
        operands = self._options(argv[1:])
        self.name = operands[0] if operands else "MAPFILE"
        if not is_name(self.name):
            raise ShellError(f"{self.caller}: `{self.name}': not a valid identifier")

    def _options(self, words: list[str]) -> list[str]:
        while words and words[0].startswith("-") and len(words[0]) > 1:
            letters = words.pop(0)[1:]
            if letters == "-":
                break
            while letters:
                letter, letters = letters[0], letters[1:]
                if letter == "t":
                    self.strip = True
                    continue
                if letter not in "cCdnOsu":
                    raise ShellError(f"{self.caller}: -{letter}: invalid option", 2)
                if not letters and not words:
                    raise ShellError(f"{self.caller}: -{letter}: option requires an argument", 2)
                self._set(letter, letters or words.pop(0))
                letters = ""
        return words

    def _set(self, letter: str, value: str) -> None:
        if letter == "d":
            self.delimiter = value.encode("utf-8", "surrogateescape")[:1] or b"\0"
        elif letter == "C":
            self.callback = value
        elif not is_decimal(value) or (letter == "c" and not int(value)):
            what = {"u": "invalid file descriptor specification", "n": "invalid line count", "s": "invalid line count"}
            what |= {"O": "invalid array origin", "c": "invalid callback quantum"}
            raise ShellError(f"{self.caller}: {value}: {what[letter]}")
        else:
            self.numbers[letter] = min(int(value), sys.maxsize)


def mapfile(sh: Shell, argv: list[str]) -> int:
    """Without -O the array is emptied first. What stands behind a NUL in a line is lost, as in bash."""
    request = Request(argv)
    numbers = request.numbers
    if numbers["u"]:
        check_descriptor(sh, request.caller, numbers["u"])
    array = _prepare(sh, request)
    plain = not set(sh.attributes(request.name)) & set("ilcu")
    index = max(numbers["O"], 0)
    limit = numbers["n"] + numbers["s"] if numbers["n"] else None
    closed = numbers["u"] not in sh.descriptors.opened  # as bash has it, an empty input
    for count, line in enumerate([] if closed else _lines(numbers["u"], request.delimiter, limit)):
        if count < numbers["s"]:
            continue
        text = line.removesuffix(request.delimiter) if request.strip else line
        value = decode(text.partition(b"\0")[0])
        taken = count - numbers["s"] + 1
        if request.callback and taken % numbers["c"] == 0:
            from msh.expand.quote import quote_single

            sh.run_text(f"{request.callback} {index} {quote_single(value)}", request.caller, sh.line())
        if plain:
            array[index] = value
        else:
            sh.assign_element(request.name, index, value)
        index += 1
    return 0


def _prepare(sh: Shell, request: Request) -> IndexedArray:
    """The array as it is before the first line."""
    name, caller = request.name, request.caller
    try:
        variable = sh.variables.writable(name)
    except AssignmentError as error:
        raise sh.refused(str(error)) from None
    if isinstance(variable.value, AssociativeArray) or "A" in variable.attributes:
        raise ShellError(f"{caller}: {name}: not an indexed array")
    if request.numbers["O"] >= 0 and variable.value is not None:
        sh.variables.become_array(name)
    if request.numbers["O"] >= 0 and isinstance(variable.value, IndexedArray):
        return variable.value
    array = IndexedArray()
    sh.variables.set_array(name, array)
    return array


def _lines(fd: int, mark: bytes, count: int | None) -> Iterator[bytes]:
    source = Input(fd)
    if count is None:
        pieces = _all(fd).split(mark)
        yield from (piece + mark for piece in pieces[:-1])
        if pieces[-1]:
            yield pieces[-1]
        return
    for _ in range(count):
        line, complete = source.until(mark)
        if line or complete:
            yield line + (mark if complete else b"")
        if not complete:
            return


def _all(fd: int) -> bytes:
    """All that can be read: of what is open for writing only, as bash has it, nothing."""
    data = bytearray()
    try:
        while chunk := os.read(fd, LARGEST_CHUNK):
            data += chunk
    except OSError as error:
        if error.errno not in UNREADABLE:
            raise
    return bytes(data)


BUILTINS: dict[str, Builtin] = {"mapfile": mapfile, "readarray": mapfile}
