"""The variables of a state machine.

A variable of the script is `v_NAME`; what a state machine keeps for itself has names without that prefix:

    rc        `$?`                                  state   all that has happened, by reference (`commit.py`)
    exited    the last region has ended the script  tail    the end of its standard error

Step Functions lets a branch read the variables around it and not assign them, and refuses one that assigns a name which
is assigned outside. So each branch, and each subshell, has names of its own for what it changes (`v2_NAME`, `rc2`).
"""

from __future__ import annotations

from msh.aws.asl import Code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from msh.aws.asl import Value
    from msh.aws.flow import Flow, Level

LONGEST = 80  # characters of a name
KEY = 256  # bytes of a commit's key, at most
LARGE = 12 << 10  # bytes of `state` that are soon made one commit: a Fail's cause has to hold it


class Frame:
    """What one process of the script sees: the machine, a turn that runs beside others, a subshell.

    `ends`: the ways on which it has ended before its end. `begun`: a region has certainly run. `size`: the most
    bytes that `state` has.
    """

    def __init__(self, level: Level, number: int, changes: Iterable[str], outer: Frame | None = None) -> None:
        self.level = level
        self.outer = outer
        self.own = {name: _name(number, index, name) for index, name in enumerate(sorted(changes))}
        self.ends: Flow = []
        self.begun: bool = outer.begun if outer else False
        self.size: int = outer.size if outer else KEY

    def shell(self, name: str) -> str:
        """The machine's name of a variable of the script."""
        found = self.own.get(name)
        if found is not None:
            return found
        if self.outer is None:
            raise ValueError(f"the plan has no variable `{name}`")
        return self.outer.shell(name)

    def variable(self, name: str) -> str:
        """The name of one of the machine's own variables."""
        return f"{name}{self.level.suffix}"

    def reading(self, flow: Flow, names: Iterable[str]) -> dict[str, Value]:
        """The values of variables of the script for the state that a flow is to enter."""
        return {name: self.level.reading(flow, self.shell(name)) for name in names}

    def code(self, name: str) -> Code:
        """One of the machine's own variables, to be read."""
        return Code(f"${self.variable(name)}")


def _name(number: int, index: int, name: str) -> str:
    prefix = f"v{number or ''}_"
    return prefix + name if len(prefix + name) <= LONGEST else f"w{number or ''}_{index}"
