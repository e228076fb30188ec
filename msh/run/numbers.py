"""Numbers in the arguments of builtins."""

from __future__ import annotations


def is_decimal(text: str) -> bool:
    """Whether a text is a decimal number of 63 bits: `str.isdigit` takes `²` for one, and `int` refuses that."""
    return len(text) < 19 and text.isascii() and text.isdigit()
