"""read: input taken so that nothing beyond what was asked for is lost to later commands."""

from __future__ import annotations

import errno
import os
import re
import stat

from msh.expand.environment import IndexedArray
from msh.run.assignables import is_name
from msh.run.control import Interrupted, ShellError
from msh.source import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from msh.run.builtins import Builtin
    from msh.run.shell import Shell

    Match: TypeAlias = Callable[[str, int], re.Match[str] | None]

CHUNK = 4096  # of the first read; longer lines are read in larger ones
LARGEST_CHUNK = 1 << 20
UNREADABLE = (errno.EBADF, errno.EISDIR, errno.EIO)
KEPT = 64  # pairs of expressions that are remembered, each for an IFS
LONGEST = 1e9  # seconds of a timeout; the system takes not many more


class Late(Exception):
    """The time of `read -t` is over; `data` came before."""

    def __init__(self, data: bytes) -> None:
        self.data = data


class Input:
    """Bytes of a descriptor up to a delimiter, the rest left in place.

    A seekable file is read in chunks and put back to the first byte not used; anything else is read byte by byte, as
    POSIX asks (XCU read: no bytes beyond the line may be consumed).
    """

    def __init__(self, fd: int, deadline: float | None = None) -> None:
        self.fd = fd
        self.deadline = deadline
        try:
            self.seekable = stat.S_ISREG(os.fstat(fd).st_mode)
        except OSError as error:
            raise ShellError(f"read: {fd}: invalid file descriptor: {error.strerror}") from None

    def until(self, delimiter: bytes, limit: int | None = None) -> tuple[bytes, bool]:
        """The bytes before the delimiter (at most `limit`), and whether the delimiter was seen.

        Raises ShellError when it cannot be read: a directory, a descriptor that is open for writing only.
        """
        try:
            return self._by_chunk(delimiter) if self.seekable and limit is None else self._by_byte(delimiter, limit)
        except OSError as error:
            if error.errno not in UNREADABLE:
                raise
            raise ShellError(f"read: read error: {self.fd}: {error.strerror}") from None

    def _by_chunk(self, delimiter: bytes) -> tuple[bytes, bool]:
        data, size = bytearray(), CHUNK
        while chunk := os.read(self.fd, size):
            at = chunk.find(delimiter)
            if at >= 0:
                os.lseek(self.fd, at + 1 - len(chunk), os.SEEK_CUR)
                return bytes(data + chunk[:at]), True
            data += chunk
            size = min(2 * size, LARGEST_CHUNK)
        return bytes(data), False

    def _by_byte(self, delimiter: bytes, limit: int | None) -> tuple[bytes, bool]:
        data = bytearray()
        count = None if limit is None else _counter()
        while count is None or limit is None or count(bytes(data[-1:])) < limit:
            if not self._waited():
                raise Late(bytes(data))
            byte = os.read(self.fd, 1)
            if not byte:
                return bytes(data), False
            if byte == delimiter:
                return bytes(data), True
            data += byte
        return bytes(data), True

    def _waited(self) -> bool:
        """Wait for more; False when the time is over."""
        if self.deadline is None:
            return True
        import select
        import time

        left = max(0.0, self.deadline - time.monotonic())
        return bool(select.select([self.fd], [], [], left)[0])


def _counter() -> Callable[[bytes], int]:
    """Takes the next bytes and says how many characters there are now, an unfinished one not counted."""
    import codecs

    decode_next = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
    done = 0

    def count(data: bytes) -> int:
        nonlocal done
        done += len(decode_next(data))
        return done

    return count


class ReadOptions:
    """`read` options."""

    def __init__(self, argv: list[str]) -> None:
        self.raw = self.silent = False
        self.array: str | None = None
        self.delimiter = "\n"
        self.count: int | None = None
        self.exact = False
        self.prompt = ""
        self.timeout: float | None = None
        self.fd = 0
        self.names = self._parse(argv)

    def _parse(self, argv: list[str]) -> list[str]:
        operands = argv[1:]
        while operands and operands[0].startswith("-") and len(operands[0]) > 1:
            option = operands.pop(0)
            if option == "--":
                break
            letters = option[1:]
            while letters:
                letter, letters = letters[0], letters[1:]
                if letter in "rse":
                    self.raw |= letter == "r"
                    self.silent |= letter == "s"
                elif letter in "adinNptu":
                    if not letters and not operands:
                        raise ShellError(f"read: -{letter}: option requires an argument", 2)
                    self._set(letter, letters or operands.pop(0))
                    letters = ""
                else:
                    raise ShellError(f"read: -{letter}: invalid option", 2)
        return operands

    def _set(self, letter: str, value: str) -> None:
        try:
            if letter == "a":
                self.array = value
            elif letter == "d":
                self.delimiter = value[:1] or "\0"
            elif letter in "nN":
                self.count, self.exact = int(value), letter == "N"
            elif letter == "p":
                self.prompt = value
            elif letter == "t":
                self.timeout = min(float(value), LONGEST)
                if not self.timeout >= 0:
                    raise ValueError
            elif letter == "u":
                self.fd = int(value)
        except ValueError:
            what = {"t": "timeout specification", "u": "file descriptor specification"}.get(letter, "number")
            raise ShellError(f"read: {value}: invalid {what}") from None


def read(sh: Shell, argv: list[str]) -> int:
    options = ReadOptions(argv)
    for name in options.names if options.array is None else [options.array]:
        if not is_name(name.partition("[")[0]):
            raise ShellError(f"read: `{name}': not a valid identifier")
    check_descriptor(sh, "read", options.fd)
    if options.timeout == 0:
        import select

        return 0 if select.select([options.fd], [], [], 0)[0] else 1
    if options.prompt and os.isatty(options.fd):
        sh.write_error(options.prompt)
    try:
        line, complete = sh.waiting(lambda: _line(options))
    except Late as late:
        _assign(sh, options, decode(late.data.replace(b"\0", b"")))
        return 142
    except Interrupted as signal:
        return 128 + signal.number
    _assign(sh, options, line)
    return 0 if complete else 1


def _line(options: ReadOptions) -> tuple[str, bool]:
    """One logical line: without -r a backslash joins lines and stays as a mark (`\\x`) for the splitter."""
    deadline = None
    if options.timeout is not None:
        import time

        deadline = time.monotonic() + options.timeout
    source = Input(options.fd, deadline)
    delimiter = options.delimiter.encode("utf-8", "surrogateescape")[:1]
    if options.exact:
        data, complete = source.until(b"", options.count)
        return decode(data).replace("\0", ""), complete
    data, complete = source.until(delimiter, options.count)
    if not options.raw and delimiter == b"\n":
        while complete and _odd_backslash(data):
            try:
                more, complete = source.until(delimiter, None)
            except Late as late:
                raise Late(data[:-1] + late.data) from None
            data = data[:-1] + more
    return decode(data.replace(b"\0", b"")), complete


def _odd_backslash(data: bytes) -> bool:
    return (len(data) - len(data.rstrip(b"\\"))) % 2 == 1


def _assign(sh: Shell, options: ReadOptions, line: str) -> None:
    ifs = sh.variables.scalar("IFS")
    ifs = " \t\n" if ifs is None else ifs
    if options.exact:
        fields = [line if options.raw else _unescape(line)]
        if options.array is not None:
            sh.variables.set_array(options.array, IndexedArray({0: fields[0]}))
            return
        names = options.names or ["REPLY"]
        for index, name in enumerate(names):
            sh.assign_to(name, fields[0] if index == 0 else "")
        return
    if options.array is not None:
        values = split(line, ifs, None, options.raw)
        sh.variables.set_array(options.array, IndexedArray(enumerate(values)))
        if sh.attributes(options.array) not in ("", "a"):
            for index, value in enumerate(values):
                sh.assign_element(options.array, index, value)
        return
    if not options.names:
        sh.assign("REPLY", line if options.raw else _unescape(line))
        return
    fields = split(line, ifs, len(options.names), options.raw)
    for index, name in enumerate(options.names):
        sh.assign_to(name, fields[index] if index < len(fields) else "")


def _unescape(text: str) -> str:
    return re.sub(r"\\(.?)", r"\1", text, flags=re.S) if "\\" in text else text


def split(line: str, ifs: str, count: int | None, raw: bool) -> list[str]:
    """Fields of a line by IFS; the last of `count` takes the rest with its delimiters (POSIX XCU read).

    Without `raw` a backslash quotes the next character and is removed, also where it is in IFS.
    """
    if not raw:
        ifs = ifs.replace("\\", "")
    blanks = "".join([c for c in ifs if c in " \t\n"])
    line = line.strip(blanks) if raw or "\\" not in line else _strip_unquoted(line, blanks)
    fields: list[str] = []
    for start, text, end in _scan(line, ifs, blanks, raw):
        if count is not None and len(fields) == count - 1:
            rest = line[start:] if end == len(line) else _strip_blanks(line[start:], blanks, raw)
            if end < len(line) and not line[end:].strip(blanks)[1:] and line[end:].strip(blanks) in tuple(ifs):
                rest = line[start:end]  # one trailing delimiter only: it ends the last field
            fields.append(rest if raw else _unescape(rest))
            return fields
        fields.append(text)
    return fields


def _strip_unquoted(line: str, blanks: str) -> str:
    stripped = line.lstrip(blanks)
    shorter = stripped.rstrip(blanks)
    if len(shorter) < len(stripped) and (len(shorter) - len(shorter.rstrip("\\"))) % 2:
        shorter = stripped[: len(shorter) + 1]
    return shorter


def _strip_blanks(rest: str, blanks: str, raw: bool) -> str:
    """Several fields in one: blanks at their end go, also quoted ones, as in bash."""
    while rest and rest[-1] in blanks:
        quoted = not raw and (len(rest) - 1 - len(rest[:-1].rstrip("\\"))) % 2
        rest = rest[: -2 if quoted else -1]
    return rest


def _scan(line: str, ifs: str, blanks: str, raw: bool) -> Iterator[tuple[int, str, int]]:
    """(start, value, end) of each field, the delimiter lying at `end`."""
    field, delimiter = _splitters.get((ifs, raw)) or _make_splitters(ifs, blanks, raw)
    position, size = 0, len(line)
    while position < size:
        found = field(line, position)
        end = found.end() if found is not None else size
        text = line[position:end]
        yield position, text if raw else _unescape(text), end
        found = delimiter(line, end)
        position = found.end() if found is not None else size


def _make_splitters(ifs: str, blanks: str, raw: bool) -> tuple[Match, Match]:
    """What matches a field, and what matches the delimiter behind it; either may be empty, neither gives back."""
    others = "".join([c for c in ifs if c not in blanks])
    blank = f"[{re.escape(blanks)}]*+" if blanks else ""
    delimiter = f"{blank}(?:[{re.escape(others)}]{blank})?" if others else blank
    inside = re.escape(ifs if raw else ifs + "\\")
    plain = f"[^{inside}]" if inside else "."
    field = f"{plain}*+" if raw else rf"(?:{plain}++|\\.?)*+"
    made = re.compile(field, re.DOTALL).match, re.compile(delimiter).match
    if len(_splitters) < KEPT:
        _splitters[ifs, raw] = made
    return made


_splitters: dict[tuple[str, bool], tuple[Match, Match]] = {}


def check_descriptor(sh: Shell, name: str, number: int) -> None:
    """Only the script's own: what msh holds itself is not to be read."""
    if number not in sh.descriptors.opened:
        raise ShellError(f"{name}: {number}: invalid file descriptor: Bad file descriptor")


BUILTINS: dict[str, Builtin] = {"read": read}
