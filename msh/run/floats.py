"""printf's floating-point directives with the x87 `long double` that bash calculates in (64 bits of mantissa).

Values are exact fractions rounded to that width; their decimal digits are exact too, rounded half to even as by glibc.
"""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from fractions import Fraction

MANTISSA = 64
SMALLEST = -16445  # exponent of the least denormal
LARGEST = 16384  # 2**LARGEST is infinite
_number = re.compile(
    r"[-+]?(?:(0[xX])([0-9a-fA-F]*)\.?([0-9a-fA-F]*)(?:[pP]([-+]?\d+))?|(\d*)\.?(\d*)(?:[eE]([-+]?\d+))?)"
)
_special = re.compile(r"([-+]?)(inf(?:inity)?|nan(?:\(\w*\))?)", re.IGNORECASE)


class Float:
    """A number: `value`, or `special` (`inf`, `nan`) when there is none; `negative` also for -0."""

    __slots__ = ("negative", "special", "value")

    def __init__(self, value: Fraction, *, negative: bool = False, special: str = "") -> None:
        self.value = value
        self.negative = negative
        self.special = special


def parse(text: str) -> tuple[Float, int]:
    """As strtold: the number at the beginning of a text, and where it ends (0 when there is none)."""
    if special := _special.match(text):
        return Float(Fraction(0), negative=special[1] == "-", special=special[2][:3].lower()), special.end()
    match = _number.match(text)
    if match is None or not (match[2] or match[3] or match[5] or match[6] or match[1]):
        return Float(Fraction(0)), 0
    negative = text.startswith("-")
    end = match.end()
    if match[1] and not (match[2] or match[3]):
        return Float(Fraction(0), negative=negative), text.index("0") + 1  # of `0x` only the 0 is a number
    if match[1]:
        whole, part, power = match[2], match[3], int(match[4] or 0)
        exponent = power - 4 * len(part)
        if abs(power) > 40000:
            return _beyond(negative, power > 0), end
        value = Fraction(int(whole + part or "0", 16)) * Fraction(2) ** exponent
    else:
        whole, part, power = match[5], match[6], int(match[7] or 0)
        if abs(power) > 10000 + len(whole) + len(part):
            return _beyond(negative, power > 0 and bool((whole + part).strip("0"))), end
        value = Fraction(int(whole + part or "0")) * Fraction(10) ** (power - len(part))
    if value and _exponent(value) >= LARGEST:
        return _beyond(negative, True), end
    return Float(_rounded(value), negative=negative), end


def _beyond(negative: bool, large: bool) -> Float:
    return Float(Fraction(0), negative=negative, special="inf" if large else "")


def _rounded(value: Fraction) -> Fraction:
    """The nearest `long double`."""
    if not value:
        return value
    scale = max(_exponent(value) - MANTISSA + 1, SMALLEST)
    return Fraction(round(value / Fraction(2) ** scale)) * Fraction(2) ** scale


def _exponent(value: Fraction) -> int:
    """The power of two at or below a positive value."""
    guess = value.numerator.bit_length() - value.denominator.bit_length()
    return guess if Fraction(2) ** guess <= value else guess - 1


def shown(number: Float, conversion: str, precision: int | None, *, alternate: bool) -> str:
    """The digits, without sign and padding, for one of `fFeEgGaA`."""
    if number.special:
        text = number.special
    elif conversion in "aA":
        text = _hexadecimal(number.value, precision)
    else:
        text = _decimal(number.value, conversion.lower(), 6 if precision is None else precision, alternate)
    return text.upper() if conversion.isupper() else text


def _decimal(value: Fraction, conversion: str, precision: int, alternate: bool) -> str:
    with localcontext() as context:
        context.prec = 40000
        context.Emax, context.Emin = 999999, -999999
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        if conversion == "f":
            return format(exact, f".{precision}f") + ("." if alternate and not precision else "")
        if conversion == "e":
            return _scientific(exact, precision, alternate)
        return _general(exact, precision or 1, alternate)


def _scientific(value: Decimal, precision: int, alternate: bool) -> str:
    digits, _, power = format(value, f".{precision}e").partition("e")
    exponent = int(power) if value else 0
    return f"{digits}{'.' if alternate and not precision else ''}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"


def _general(value: Decimal, precision: int, alternate: bool) -> str:
    exponent = int(_scientific(value, precision - 1, False).partition("e")[2])
    if not -4 <= exponent < precision:
        digits, _, power = _scientific(value, precision - 1, alternate).partition("e")
        return (digits if alternate else _stripped(digits)) + "e" + power
    text = format(value, f".{precision - 1 - exponent}f")
    if alternate:
        return text if "." in text else text + "."
    return _stripped(text)


def _stripped(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _hexadecimal(value: Fraction, precision: int | None) -> str:
    """As glibc shows the x87 format: the first digit is 8 to f."""
    if not value:
        return "0x0" + ("." + "0" * precision if precision else "") + "p+0"
    exponent = _exponent(value) - 3
    places = 15 if precision is None else precision
    mantissa = round(value / Fraction(2) ** exponent * 16**places)
    if mantissa >= 16 ** (places + 1):
        mantissa, exponent = mantissa >> 4, exponent + 4
    digits = f"{mantissa:x}"
    part = digits[1:].rstrip("0") if precision is None else digits[1:]
    return f"0x{digits[0]}{'.' + part if part else ''}p{exponent:+d}"
