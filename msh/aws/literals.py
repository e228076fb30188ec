"""How text that a script's author wrote becomes part of a state machine without ever being read as one.

Three readers look into the strings of a definition: Step Functions evaluates a string from `{%` to `%}`, and refuses
one that has only half of that; CloudFormation replaces `${Name}` and resolves `{{resolve:…}}`; validators parse what
they take for an expression. So text that holds any of those pairs is written as an expression of one string literal, in
which braces are escaped; all other text stands as it is. JSONata has no `\\'`: its literals are always JSON's, in
double quotes.
"""

from __future__ import annotations

import base64
import json

from msh.source import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.aws.asl import Value

COMMENT_LENGTH = 200
#: What one of the readers would take for its own.
MARKS = ("{%", "%}", "${", "{{")


def quoted(text: str) -> str:
    """A JSONata string literal. Raises `ValueError` for what is no Unicode text (see `encoded`).

    Characters beyond ASCII stand for themselves: a pair of `\\u` escapes is not one character to every engine.
    """
    if not is_unicode(text):
        raise ValueError(f"{text!r} cannot stand in a state machine: it is not Unicode text")
    written = json.dumps(text, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    if any(mark in written for mark in MARKS):
        written = written.replace("{", "\\u007b").replace("}", "\\u007d")
    return written


def literal(text: str) -> str:
    """The string of a definition that means the text. One without a line, or of several, is none to asl-validator."""
    if text.splitlines() != [text] or any(mark in text for mark in MARKS):
        return f"{{% {quoted(text)} %}}"
    if not is_unicode(text):
        raise ValueError(f"{text!r} cannot stand in a state machine: it is not Unicode text")
    return text


def comment(text: str) -> str:
    """Text for a `Comment`, which nobody evaluates but CloudFormation: one line, the marks broken by a space."""
    line = " ".join(text.encode("utf-8", "backslashreplace").decode().split())
    line = "".join([c if c.isprintable() else " " for c in line])
    for mark in MARKS:
        while mark in line:
            line = line.replace(mark, f"{mark[0]} {mark[1]}")
    return line if len(line) <= COMMENT_LENGTH else line[: COMMENT_LENGTH - 1] + "…"


def encoded(text: str) -> Value:
    """A shell variable's value as it travels; what is not UTF-8 goes as base64."""
    if is_unicode(text):
        return text
    return {"value": {"base64": base64.b64encode(encode(text)).decode()}, "attributes": ""}


def is_unicode(text: str) -> bool:
    """Whether the text has no byte that was not UTF-8 in the script."""
    return text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text)
