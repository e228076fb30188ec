"""What may be assigned to, given as text: `name`, `name[subscript]`, with or without `=value`."""

from __future__ import annotations

from msh.record import Record
from msh.syntax.lazy import lazy_match

_name = lazy_match(globals(), "_name", r"[A-Za-z_][A-Za-z0-9_]*")


class Assignable(Record):
    """`name[subscript]+=value` taken apart; `value` is None without `=`, `subscript` as it is written."""

    name: str
    subscript: str | None = None
    value: str | None = None
    append: bool = False


def is_name(text: str) -> bool:
    """Whether the text is a POSIX name (XBD 3.235)."""
    return text.isascii() and text.isidentifier()


def take_apart(text: str) -> Assignable | None:
    """The parts of an operand of `declare`, `unset`, `read`; None when it does not begin with a name."""
    found = _name(text)
    if found is None:
        return None
    at, subscript = found.end(), None
    if text[at : at + 1] == "[":
        end = closing_bracket(text, at)
        if end != len(text) - 1 and text.endswith("]") and "=" not in text:
            end = len(text) - 1  # a key with a quote or a bracket in it: all that is between
        if end < 0:
            return None
        subscript, at = text[at + 1 : end], end + 1
    append = text.startswith("+=", at)
    if append or text.startswith("=", at):
        return Assignable(found[0], subscript, text[at + 1 + append :], append)
    return Assignable(found[0], subscript) if at == len(text) else None


def closing_bracket(text: str, at: int) -> int:
    """Where the bracket that opens at `at` is closed, -1 if it is not: brackets nest, quotes hide them."""
    depth, quote = 0, ""
    while at < len(text):
        c = text[at]
        if c == "\\" and quote != "'":
            at += 1
        elif quote:
            quote = "" if c == quote else quote
        elif c in "'\"":
            quote = c
        elif c == "[":
            depth += 1
        elif c == "]":
            depth -= 1
            if not depth:
                return at
        at += 1
    return -1
