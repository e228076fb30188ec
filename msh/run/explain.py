"""Errors of a running script, shown as syntax errors are: code, message, place, excerpt, what to do.

Scripts and tests read bash's own wording, so that is what standard error gets by default, but for a terminal: there,
and with `--errors full` wherever the script has not redirected it, a person reads (docs/decisions/0012-errors.md).
"""

from __future__ import annotations

import os

from msh.diagnostics import Diagnostic, Label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.messages import Messages
    from msh.syntax.nodes import Node

#: How a message ends, and what helps. The first that fits counts.
HELPS = (
    ("unbound variable", "`set -u` is on: give it a value first, or write `${NAME-}` for an empty one"),
    ("readonly variable", "it was made readonly before: use another name, or a subshell"),
    ("ambiguous redirect", "the target is not one word: put it in double quotes, and see that it has a value"),
    ("unary operator expected", "a word of the test is empty or missing: put it in double quotes, or use `[[ ]]`"),
    ("binary operator expected", "a word of the test is several words: put it in double quotes, or use `[[ ]]`"),
    ("too many arguments", "a word is several words: put it in double quotes"),
    ("integer expression expected", "compare texts with `=`, and see that the number has a value"),
    ("cannot overwrite existing file", "`set -o noclobber` is on: `>|` overwrites all the same"),
    ("Bad file descriptor", "nothing is open there: open it first, as `exec 3< file` does"),
    ("bad substitution", "see the forms of `${ }` in the manual of bash; arrays take `${name[index]}`"),
    ("No such file or directory", "the directory and the name have to be there; paths begin at the current directory"),
    ("Is a directory", "a file is needed here"),
    ("Not a directory", "a part of the path is a file"),
    ("Permission denied", "look at the owner and the mode of the file and its directories"),
    ("division by 0", "see that the divisor has a value"),
)
MOST_CALLS = 5  # that are named


def applies(sh: Messages) -> bool:
    """Whether who reads standard error now wants more than bash's wording."""
    errors = sh.resources.settings.errors
    try:
        if errors == "full":
            return identity(2) == sh.resources.standard_error
        return errors == "auto" and os.isatty(2)
    except OSError:
        return False


def identity(fd: int) -> tuple[int, int] | None:
    """What a descriptor is open on; None when it is closed."""
    try:
        status = os.fstat(fd)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def show(sh: Messages, message: str, code: str, node: Node | None) -> None:
    """Print it."""
    from msh.render import report

    warning = message.startswith("warning: ")
    severity = "warning" if warning else "error"
    labels = (_place(sh, node),) if sh.here is not None or node is not None else ()
    text = message.removeprefix("warning: ").rstrip("\n")
    found = Diagnostic(code, text, sh.source, labels, _help(sh, text), severity)
    report([found], count=False)


def placed(sh: Messages, diagnostic: Diagnostic) -> Diagnostic:
    """What was found at run time, with the command's place in the script."""
    if diagnostic.source is not None or sh.here is None:
        return diagnostic
    return diagnostic.replace(source=sh.source, labels=(_place(sh, None),))


def _place(sh: Messages, node: Node | None) -> Label:
    """The part that failed when it stands in the command that is run; text made at run time has places of its own."""
    here = sh.here
    if here is None:
        return Label(0, 0)
    if node is not None and here.start <= node.start < node.end <= here.end:
        return Label(node.start, node.end)
    return Label(here.start, here.end)


def _help(sh: Messages, message: str) -> str:
    help_ = next((text for end, text in HELPS if end in message), "")
    calls = [f"`{call.name}`, called at line {call.line}" for call in reversed(sh.calls)]
    if len(calls) > MOST_CALLS:
        calls[MOST_CALLS:] = ["…"]
    return "; ".join(filter(None, [help_, f"this is in {', in '.join(calls)}" if calls else ""]))
