"""`env NAME=VALUE command`: where nothing but the environment changes, a shell that is the command is msh's own to run.

Run inside the step of `env` it would be a real shell with all that its commands need together; so each of its commands
is a step of its own, as after `NAME=VALUE sh …`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

    from msh.catalog.arguments import Argument
    from msh.catalog.model import CommandSpec

CLEAR = ("-", "-i", "--ignore-environment")
UNSET = ("-u", "--unset")


def command_at(spec: CommandSpec, arguments: Sequence[Argument]) -> int:
    """Where the command stands among the arguments of `env` when what is before it only sets variables; else -1.

    `arguments` with those of the entry. What an entry says of its steps (limits, a proxy) holds in a step only.
    """
    if (spec.run.kind, spec.run.program) != ("host", "env") or spec.limits or spec.proxy:
        return -1
    at = 0
    while at < len(arguments):
        word = arguments[at]
        text = word if isinstance(word, str) else word.prefix
        if word in UNSET:
            at += 2
        elif word in CLEAR or ("=" in text and text[0] not in "-="):
            at += 1
        else:
            break
    if at >= len(arguments):
        return -1
    word = arguments[at]
    return -1 if isinstance(word, str) and word.startswith("-") else at


def change(environment: MutableMapping[str, str], words: Sequence[str]) -> None:
    """Do to an environment what the words before the command say."""
    rest = iter(words)
    for word in rest:
        if word in UNSET:
            environment.pop(next(rest, ""), None)
        elif word in CLEAR:
            environment.clear()
        else:
            name, _, value = word.partition("=")
            environment[name] = value
