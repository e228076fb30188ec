"""echo and printf."""

from __future__ import annotations

import re

from msh.run.control import ShellError
from msh.source import decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.run.builtins import Builtin
    from msh.run.shell import Shell


def echo(sh: Shell, argv: list[str]) -> int:
    """bash's echo: leading words made of n, e and E only are options."""
    newline, escapes, index = True, "xpg_echo" in sh.options, 1
    while index < len(argv):
        word = argv[index]
        if len(word) < 2 or word[0] != "-" or word.strip("neE") != "-":
            break
        for letter in word[1:]:
            newline = newline and letter != "n"
            escapes = letter == "e" or (escapes and letter != "E")
        index += 1
    text = " ".join(argv[index:])
    if escapes and "\\" in text:
        from msh.expand.escapes import decode_echo

        text, stopped = decode_echo(text)
        newline = newline and not stopped
    sh.write(text + "\n" if newline else text)
    return 0


_SPEC = re.compile(r"%(?:(%)|\(([^)]*)\)T|([-+ 0#']*)(\*|\d+)?(?:\.(\*|\d*))?([hlLjzt]*)([a-zA-Z])?)")


def printf(sh: Shell, argv: list[str]) -> int:
    """POSIX XCU printf with bash's %q, %b, %(…)T and -v."""
    operands = argv[1:]
    into: str | None = None
    if operands[:1] == ["-v"]:
        if len(operands) < 2:
            raise ShellError("printf: -v: option requires an argument", 2)
        into, operands = operands[1], operands[2:]
    if operands[:1] == ["--"]:
        operands = operands[1:]
    if not operands:
        raise ShellError("printf: usage: printf [-v var] format [arguments]", 2)
    run = Formatter(sh, operands[1:])
    text = run.all(operands[0])
    if into is not None:
        if not into.partition("[")[0].isidentifier():
            raise ShellError(f"printf: `{into}': not a valid identifier", 2)
        sh.assign_to(into, text)
    else:
        sh.write(text)
    return run.status


class Formatter:
    """One printf: the format is used again while arguments are left."""

    def __init__(self, sh: Shell, arguments: list[str]) -> None:
        self.sh = sh
        self.arguments = arguments
        self.at = 0
        self.status = 0
        self.stopped = False

    def all(self, form: str) -> str:
        pieces = list(self._pieces(form))
        out: list[str] = []
        while True:
            before = self.at
            for piece in pieces:
                out.append(piece if isinstance(piece, str) else self._directive(piece))
                if self.stopped:
                    return "".join(out)
            if self.at >= len(self.arguments) or self.at == before:
                return "".join(out)

    def _pieces(self, form: str) -> Iterator[str | re.Match[str]]:
        from msh.expand.escapes import decode_format

        end = 0
        for match in _SPEC.finditer(form):
            if match.start() > end:
                yield decode_format(form[end : match.start()])
            yield "%" if match[1] else match
            end = match.end()
        if end < len(form):
            yield decode_format(form[end:])

    def _next(self) -> str | None:
        if self.at >= len(self.arguments):
            return None
        self.at += 1
        return self.arguments[self.at - 1]

    def _complain(self, message: str) -> None:
        self.sh.complain(f"printf: {message}")
        self.status = 1

    def _directive(self, match: re.Match[str]) -> str:
        if match[2] is not None:
            return self._time(match[2])
        flags, width, precision, conversion = match[3] or "", match[4], match[5], match[7]
        if conversion is None:
            self._complain(f"`{match[0][-1]}': missing format character")
            self.stopped = True
            return ""
        if width == "*":
            number = self._integer(self._next())
            flags, width = (flags + "-" if number < 0 else flags), str(abs(number))
        if precision == "*":
            number = self._integer(self._next())
            precision = str(number) if number >= 0 else None
        return self._convert(conversion, flags, int(width or 0), None if precision is None else int(precision or 0))

    def _convert(self, conversion: str, flags: str, width: int, precision: int | None) -> str:
        argument = self._next()
        if conversion in "sbcqQ":
            return _padded(self._text(conversion, argument, precision), flags, width)
        if conversion in "diouxX":
            return _integer_text(self._integer(argument), conversion, flags, width, precision)
        if conversion in "eEfFgGaA":
            return _float_text(self._float(argument), conversion, flags, width, precision)
        if conversion == "n":
            return ""
        self._complain(f"`{conversion}': invalid format character")
        self.stopped = True
        return ""

    def _text(self, conversion: str, argument: str | None, precision: int | None) -> str:
        text = argument or ""
        if conversion == "c":
            return _cut(text, 1)
        if conversion == "b":
            from msh.expand.escapes import decode_b

            text, self.stopped = decode_b(text)
        elif conversion in "qQ":
            from msh.expand.quote import quote

            text = quote(text if conversion == "q" else _cut(text, precision))
            if conversion == "Q":
                return text
        return _cut(text, precision)

    def _integer(self, argument: str | None) -> int:
        text = (argument or "").strip()
        if not text:
            return 0
        if text[0] in "'\"":
            return _code(text[1:])
        match = re.match(r"([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)", text)
        if match is None:
            self._complain(f"{argument}: invalid number")
            return 0
        if match.end() < len(text):
            self._complain(f"{argument}: invalid {'octal ' if text.lstrip('+-').startswith('0') else ''}number")
        digits = match[2]
        base = 16 if digits[:2] in ("0x", "0X") else 8 if digits[0] == "0" else 10
        value = int(digits, base)
        if value > 0x7FFFFFFFFFFFFFFF + (match[1] == "-"):
            self.sh.complain(f"printf: warning: {argument}: Numerical result out of range")
            value = 0x7FFFFFFFFFFFFFFF + (match[1] == "-")
        return -value if match[1] == "-" else value

    def _float(self, argument: str | None) -> float:
        text = (argument or "").strip()
        if not text:
            return 0.0
        if text[0] in "'\"":
            return float(_code(text[1:]))
        try:
            return float.fromhex(text) if text.lstrip("+-")[:2].lower() == "0x" else float(text.replace("_", "x"))
        except ValueError:
            self._complain(f"{argument}: invalid number")
            match = re.match(r"[-+]?\d*\.?\d*(?:[eE][-+]?\d+)?", text)
            try:
                return float(match[0]) if match else 0.0
            except ValueError:
                return 0.0

    def _time(self, form: str) -> str:
        import time

        argument = self._next()
        seconds = self._integer(argument) if argument is not None else -1
        try:
            moment = time.localtime(time.time() if seconds in (-1, -2) else seconds)
        except (OSError, OverflowError):
            raise ShellError(f"printf: {argument}: Value too large for defined data type") from None
        return time.strftime(form or "%X", moment)


def _code(text: str) -> int:
    """`'x`: the number of a character; a byte that is not text is its value."""
    if not text:
        return 0
    code = ord(text[0])
    return code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code


def _padded(text: str, flags: str, width: int) -> str:
    blanks = " " * (width - len(encode(text)))  # POSIX counts bytes
    return text + blanks if "-" in flags else blanks + text


def _cut(text: str, precision: int | None) -> str:
    """The first bytes, be they half a character."""
    return text if precision is None else decode(encode(text)[:precision])


def _integer_text(value: int, conversion: str, flags: str, width: int, precision: int | None) -> str:
    sign = ""
    if conversion in "di":
        sign = "-" if value < 0 else "+" if "+" in flags else " " if " " in flags else ""
        value = abs(value)
    else:
        value &= 0xFFFFFFFFFFFFFFFF
    digits = format(value, {"d": "d", "i": "d", "u": "d", "o": "o"}.get(conversion, conversion))
    if precision is not None:
        digits = "" if precision == 0 and value == 0 else digits.rjust(precision, "0")
    if "#" in flags and value:
        sign += {"o": "" if digits.startswith("0") else "0", "x": "0x", "X": "0X"}.get(conversion, "")
    if "0" in flags and "-" not in flags and precision is None:
        digits = digits.rjust(width - len(sign), "0")
    return _padded(sign + digits, flags, width)


def _float_text(value: float, conversion: str, flags: str, width: int, precision: int | None) -> str:
    if conversion in "aA":
        text = value.hex().replace("0000000000000p", "p").replace(".p", "p")
        return _padded(text.upper() if conversion == "A" else text, flags, width)
    spec = "%" + "".join(c for c in dict.fromkeys(flags) if c in "-+ 0#") + (str(width) if width else "")
    return (spec + ("" if precision is None else f".{precision}") + conversion) % value


BUILTINS: dict[str, Builtin] = {"echo": echo, "printf": printf}
