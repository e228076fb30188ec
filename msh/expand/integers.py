"""64-bit integers: constants of every base, and the operators with the rules of C and of bash's expr.c."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MAXIMUM = 2**63 - 1
MINIMUM = -(2**63)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@_"


def wrap(value: int) -> int:
    """A value as 64 bits keep it."""
    return value if MINIMUM <= value <= MAXIMUM else (value + 2**63) % 2**64 - 2**63


def number(text: str) -> int:
    """The value of a constant: decimal, `0` octal, `0x` hexadecimal, `base#digits`; ValueError in bash's words."""
    base, digits = 10, text
    if text[:2] in ("0x", "0X"):
        base, digits = 16, text[2:]
    elif text[0] == "0":
        base = 8
    prefix, mark, rest = digits.partition("#")
    if mark:
        if base != 10:
            raise ValueError("invalid number" if prefix.isdigit() else "value too great for base")
        base, digits = number(prefix), rest
        if not 2 <= base <= 64:
            raise ValueError("invalid arithmetic base")
        if not digits:
            raise ValueError("invalid integer constant")
    if base <= 36:
        digits = digits.lower()
    value = 0
    for digit in digits:
        weight = _DIGITS.find(digit)
        if not 0 <= weight < base:
            raise ValueError("invalid number" if digit == "#" else "value too great for base")
        value = value * base + weight
    return wrap(value)


def _divide(left: int, right: int) -> int:
    if right == 0:
        raise ValueError("division by 0")
    quotient = abs(left) // abs(right)
    return wrap(quotient if (left < 0) == (right < 0) else -quotient)


def _remainder(left: int, right: int) -> int:
    if right == 0:
        raise ValueError("division by 0")
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


def _power(left: int, right: int) -> int:
    if right < 0:
        raise ValueError("exponent less than 0")
    return wrap(pow(left, right, 2**64))


OPERATORS: dict[str, Callable[[int, int], int]] = {
    "+": lambda left, right: wrap(left + right),
    "-": lambda left, right: wrap(left - right),
    "*": lambda left, right: wrap(left * right),
    "/": _divide,
    "%": _remainder,
    "**": _power,
    "<<": lambda left, right: wrap(left << (right & 63)),  # as the processor shifts: by the low six bits
    ">>": lambda left, right: left >> (right & 63),
    "<": lambda left, right: int(left < right),
    "<=": lambda left, right: int(left <= right),
    ">": lambda left, right: int(left > right),
    ">=": lambda left, right: int(left >= right),
    "==": lambda left, right: int(left == right),
    "!=": lambda left, right: int(left != right),
    "&": lambda left, right: left & right,
    "|": lambda left, right: left | right,
    "^": lambda left, right: left ^ right,
    ",": lambda _, right: right,
}
