"""printf: POSIX XCU printf with bash's %q, %Q, %b, %n, %(…)T and -v."""

from __future__ import annotations

import re

from msh.run.control import ShellError
from msh.source import decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.run.builtins import Builtin
    from msh.run.shell import Shell

USAGE = "printf: usage: printf [-v var] format [arguments]"
LONGEST_TIME = 127  # bytes; bash gives nothing for more
LONGEST_KEPT = 1 << 26  # bytes of padding that a variable may get
MOST_DIGITS = 17000  # after the point; all that follow are zeros in any `long double`
CHUNK = 1 << 16
_SPEC = re.compile(
    r"%(?:(%)|([-+ 0#']*)(\*|\d+)?(?:\.(\*|\d*))?(?:\(((?:[^()]|\([^()]*\))*)\)(T)|[hlLjzt]*([a-zA-Z%$(])?))"
)
_INTEGER = re.compile(r"([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)")


class Run:
    """One character many times: `%9999999d` needs no memory."""

    __slots__ = ("character", "count")

    def __init__(self, character: str, count: int) -> None:
        self.character = character
        self.count = count


def printf(sh: Shell, argv: list[str]) -> int:
    operands = argv[1:]
    into: str | None = None
    while operands and len(operands[0]) > 1 and operands[0].startswith("-"):
        option = operands.pop(0)
        if option == "--":
            break
        if not option.startswith("-v"):
            raise ShellError(f"printf: {option[:2]}: invalid option", 2, usage=USAGE)
        if option == "-v" and not operands:
            raise ShellError("printf: -v: option requires an argument", 2, usage=USAGE)
        into = option[2:] or operands.pop(0)
        if not _is_target(into):
            raise ShellError(f"printf: `{into}': not a valid identifier", 2)
    if not operands:
        raise ShellError("", 2, usage=USAGE)
    run = Formatter(sh, operands[1:], kept=into is not None)
    out = run.all(operands[0])
    if into is None:
        _write(sh, out)
    else:
        sh.assign_to(into, _kept(out).partition("\0")[0])
    return run.status


def _is_target(text: str) -> bool:
    """`name` or `name[subscript]`."""
    name, bracket, rest = text.partition("[")
    return name.isascii() and name.isidentifier() and (not bracket or (rest.endswith("]") and len(rest) > 1))


def _write(sh: Shell, out: list[str | Run]) -> None:
    text: list[str] = []
    for piece in out:
        if isinstance(piece, str):
            text.append(piece)
            continue
        sh.write("".join(text))
        text = []
        for left in range(piece.count, 0, -CHUNK):
            sh.write(piece.character * min(left, CHUNK))
    sh.write("".join(text))


def _kept(out: list[str | Run]) -> str:
    if sum(piece.count for piece in out if isinstance(piece, Run)) > LONGEST_KEPT:
        raise ShellError("printf: the text is too long for a variable")
    return "".join([piece if isinstance(piece, str) else piece.character * piece.count for piece in out])


def _size(piece: str | Run) -> int:
    return piece.count if isinstance(piece, Run) else len(encode(piece))


class Formatter:
    """One printf: the format is used again while arguments are left."""

    def __init__(self, sh: Shell, arguments: list[str], *, kept: bool) -> None:
        self.sh = sh
        self.kept = kept  # for a variable
        self.written = 0  # bytes that have left `out`
        self.arguments = arguments
        self.at = 0
        self.status = 0
        self.stopped = False
        self.out: list[str | Run] = []

    def all(self, form: str) -> list[str | Run]:
        pieces = list(_pieces(form))
        self._warn_of_escapes(form)
        while True:
            before = self.at
            for piece in pieces:
                if isinstance(piece, str):
                    self.out.append(piece)
                elif piece[0] == "%s":  # by far the commonest
                    self.out.append(self._next() or "")
                else:
                    self._directive(piece)
                if self.stopped:
                    return self.out
            if self.at >= len(self.arguments) or self.at == before:
                return self.out

    def _next(self) -> str | None:
        if self.at >= len(self.arguments):
            return None
        self.at += 1
        return self.arguments[self.at - 1]

    def _complain(self, message: str, *, status: int = 1) -> None:
        """Lines that are complete come before the message."""
        if not self.kept:
            lines = [at for at, piece in enumerate(self.out, 1) if isinstance(piece, str) and "\n" in piece]
            complete, self.out = self.out[: max(lines, default=0)], self.out[max(lines, default=0) :]
            _write(self.sh, complete)
            self.written += sum([_size(piece) for piece in complete])
        self.sh.complain(f"printf: {message}")
        self.status = status

    def _warn_of_escapes(self, text: str) -> None:
        if "\\" in text:
            from msh.expand.escapes import missing_digits

            for kind in missing_digits(text):
                self._complain(f"missing {'hex' if kind == 'x' else 'unicode'} digit for \\{kind}", status=self.status)

    def _directive(self, match: re.Match[str]) -> None:
        flags, width, precision, conversion = match[2] or "", match[3], match[4], match[6] or match[7]
        if conversion is None:
            self._complain(f"`{match[0]}': missing format character")
            self.stopped = True
            return
        if conversion == "(":
            found = _behind_parenthesis(match.string[match.end() :])
            self._complain(f"warning: `{found}': invalid time format specification", status=self.status)
            self.out.append("%(")
            return
        if width == "*":
            number = self._integer(self._next(), signed=True)
            flags, width = (flags + "-" if number < 0 else flags), str(abs(number))
        if precision == "*":
            precision = str(self._integer(self._next(), signed=True))
        digits = None if precision is None or precision.startswith("-") else int(precision or 0)
        self._convert(conversion, flags, int(width or 0), digits, match[5])

    def _convert(self, conversion: str, flags: str, width: int, precision: int | None, form: str | None) -> None:
        if conversion not in "TsbcqQdiouxXeEfFgGaAn" or (conversion == "T" and form is None):
            self._complain(f"`{conversion}': invalid format character")
            self.stopped = True
        elif conversion == "T":
            self._pad("", _cut(self._time(form or ""), precision), flags, width)
        elif conversion in "sbcqQ":
            self._pad("", self._text(conversion, self._next(), precision), flags, width)
        elif conversion == "n":
            self._count(self._next() or "")
        elif conversion in "diouxX":
            value = self._integer(self._next(), signed=conversion in "di")
            self._number(*_integer_digits(value, conversion, flags), flags, width, precision)
        else:
            self._float(self._next(), conversion, flags, width, precision)

    # ---- padding ---------------------------------------------------------------------

    def _fill(self, character: str, count: int) -> None:
        if count > 0:
            self.out.append(character * count if count < CHUNK else Run(character, count))

    def _pad(self, sign: str, text: str, flags: str, width: int, zeros: int = 0) -> None:
        """A text, after its sign and `zeros`, in a field; POSIX counts bytes."""
        blanks = width - len(encode(text)) - len(sign) - zeros
        if "-" not in flags:
            self._fill(" ", blanks)
        self.out.append(sign)
        self._fill("0", zeros)
        self.out.append(text)
        if "-" in flags:
            self._fill(" ", blanks)

    def _number(self, sign: str, digits: str, flags: str, width: int, precision: int | None) -> None:
        """An integer: its precision is a number of digits, and switches the flag 0 off."""
        if precision is not None:
            digits = "" if precision == 0 and digits == "0" else digits
            zeros = precision - len(digits)
        else:
            zeros = width - len(sign) - len(digits) if "0" in flags and "-" not in flags else 0
        self._pad(sign, digits, flags, width, max(zeros, 0))

    # ---- conversions -------------------------------------------------------------------

    def _text(self, conversion: str, argument: str | None, precision: int | None) -> str:
        text = argument or ""
        if conversion == "c":
            return _cut(text, 1) or "\0"
        if conversion == "b":
            from msh.expand.escapes import decode_b

            self._warn_of_escapes(text)
            text, self.stopped = decode_b(text)
        elif conversion in "qQ":
            from msh.expand.quote import quote

            if conversion == "Q":
                return quote(_cut(text, precision))
            text = quote(text)
        return _cut(text, precision)

    def _count(self, name: str) -> None:
        """`%n`: how much has been written so far, into a variable."""
        if name and not _is_target(name):
            self._complain(f"`{name}': not a valid identifier")
        elif name:
            self.sh.assign_to(name, str(self.written + sum([_size(piece) for piece in self.out])))

    def _integer(self, argument: str | None, *, signed: bool) -> int:
        """As strtoimax or strtoumax with base 0, saturating; what follows the number is an error."""
        text = argument or ""
        if text[:1] in ("'", '"'):
            return _code(text[1:])
        if not text:
            return 0
        body = text.lstrip(" \t\n\v\f\r")
        match = _INTEGER.match(body)
        if match is None or match.end() < len(body):
            self._invalid(text)
        if match is None:
            return 0
        digits, negative = match[2], match[1] == "-"
        base = 16 if digits[:2] in ("0x", "0X") else 8 if digits[0] == "0" else 10
        value = int(digits, base)
        most = (1 << 63) - 1 + negative if signed else (1 << 64) - 1
        if value > most:
            self._complain(f"warning: {text}: Numerical result out of range", status=self.status)
            return most if not signed else -most if negative else most
        return -value if negative else value

    def _invalid(self, text: str) -> None:
        digits = text.lstrip(" \t\n\v\f\r").lstrip("+-")
        kind = "hex " if digits[:2] in ("0x", "0X") else "octal " if digits[:1] == "0" else ""
        self._complain(f"{text}: invalid {kind}number")

    def _float(self, argument: str | None, conversion: str, flags: str, width: int, precision: int | None) -> None:
        from msh.run.floats import Float, parse, shown

        text = argument or ""
        if text[:1] in ("'", '"'):
            text = str(_code(text[1:]))
        body = text.lstrip(" \t\n\v\f\r")
        number, end = parse(body) if body else (Float(parse("0")[0].value), 0)
        if end < len(body) or (text and not body):
            self._invalid(text)
        sign = "-" if number.negative else "+" if "+" in flags else " " if " " in flags else ""
        kept = precision if precision is None else min(precision, MOST_DIGITS)
        digits = shown(number, conversion, kept, alternate="#" in flags)
        if digits[:2] in ("0x", "0X"):
            sign, digits = sign + digits[:2], digits[2:]
        padded = "0" in flags and "-" not in flags and not number.special
        self._pad(sign, digits, flags, width, max(width - len(sign) - len(digits), 0) if padded else 0)
        if precision is not None and precision > MOST_DIGITS:
            self._fill("0", precision - MOST_DIGITS)

    def _time(self, form: str) -> str:
        argument = self._next()
        seconds = self._integer(argument, signed=True) if argument is not None else -1
        try:
            text = _in_zone(self.sh, form or "%X", seconds)
        except (OSError, OverflowError, ValueError):
            raise ShellError(f"printf: {argument}: Value too large for defined data type") from None
        return text if len(encode(text)) <= LONGEST_TIME else ""


def _pieces(form: str) -> Iterator[str | re.Match[str]]:
    """The format taken apart: text, and directives."""
    from msh.expand.escapes import decode_format

    end = 0
    for match in _SPEC.finditer(form):
        if match.start() > end:
            yield decode_format(form[end : match.start()])
        yield "%" if match[1] else match
        end = match.end()
    if end < len(form):
        yield decode_format(form[end:])


def _behind_parenthesis(text: str) -> str:
    """The character after the parenthesis that closes one before the text."""
    depth = 1
    for at, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if not depth:
            return text[at + 1 : at + 2]
    return ""


def _in_zone(sh: Shell, form: str, seconds: int) -> str:
    """A moment in the time zone of the exported TZ; -1 is now, -2 when the shell began."""
    import os
    import time

    outer, zone = os.environ.get("TZ"), sh.variables.environment().get("TZ")
    _set_zone(zone)
    try:
        if seconds == -2:
            moment = time.time() - (time.monotonic() - sh.began)
        else:
            moment = time.time() if seconds == -1 else seconds
        return time.strftime(form, time.localtime(moment))
    finally:
        _set_zone(outer)


def _set_zone(zone: str | None) -> None:
    import os
    import time

    if zone != os.environ.get("TZ"):
        if zone is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = zone
        time.tzset()


def _code(text: str) -> int:
    """`'x`: the number of a character; a byte that is not text is its value."""
    if not text:
        return 0
    code = ord(text[0])
    return code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code


def _cut(text: str, precision: int | None) -> str:
    """The first bytes, be they half a character."""
    return text if precision is None else decode(encode(text)[:precision])


def _integer_digits(value: int, conversion: str, flags: str) -> tuple[str, str]:
    """Sign or prefix, and digits."""
    if conversion in "di":
        sign = "-" if value < 0 else "+" if "+" in flags else " " if " " in flags else ""
        return sign, str(abs(value))
    value &= 0xFFFFFFFFFFFFFFFF
    digits = str(value) if conversion == "u" else format(value, conversion)
    if "#" not in flags or not value:
        return "", digits
    return (
        ("", "0" + digits) if conversion == "o" else ("0" + conversion, digits) if conversion in "xX" else ("", digits)
    )


BUILTINS: dict[str, Builtin] = {"printf": printf}
