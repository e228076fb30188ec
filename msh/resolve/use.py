"""One command line of the script, resolved."""

from __future__ import annotations

from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.catalog import CommandSpec
    from msh.effects import Effects, Unknown
    from msh.syntax.nodes import SimpleCommand


class Use(Record):
    """A step that the script may start.

    `effects` hold those of `runs` too, the commands that this one runs in turn. `start` and `end` are offsets into the
    script's own text, also for a command inside the text of `sh -c`; `command` is None for one that has no node of its
    own. `context` says where it stands: "", `function f`, `substitution`, `sh -c`.
    """

    spec: CommandSpec
    arguments: tuple[str | Unknown, ...]
    effects: Effects
    start: int
    end: int
    command: SimpleCommand | None = None
    context: str = ""
    runs: tuple[Use, ...] = ()
