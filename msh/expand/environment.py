"""What expansion asks of the shell that runs a script: variables, options, substitutions, the file system.

The interpreter implements `Environment`; `msh.expand.testing` has a small one for tests. Expansion never opens, lists
or stats anything by itself: whatever it learns about files comes from the environment, through the gate.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Protocol, TypeAlias

    from msh.syntax.nodes import CommandSubstitution, Node, ProcessSubstitution
else:
    Protocol = object


class IndexedArray(dict[int, str]):
    """An indexed array: subscript to value, in any order."""

    __slots__ = ()


class AssociativeArray(dict[str, str]):
    """An associative array: key to value, in the order of insertion."""

    __slots__ = ()


Value: TypeAlias = "str | IndexedArray | AssociativeArray"


class ExpansionError(Exception):
    """An expansion that bash refuses, in bash's words, without its `name: line n: ` in front.

    With `exits` a shell that is not interactive ends (status 1 from a file, 127 from `-c`): an unset variable under
    `set -u`, `${x:?}`. Without, only the command line in hand is given up, with status 1, and the script goes on with
    the next one: division by 0, a bad substitution, a readonly variable.
    """

    def __init__(self, message: str, node: Node | None = None, *, exits: bool = False, status: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.node = node
        self.exits = exits
        self.status = status  # 2 for a regular expression that is none


class Environment(Protocol):
    """A running shell as words see it. A name given to it is a valid variable name, never `a[1]` nor `@`."""

    positional: list[str]
    """`$1` and on; `$@`, `$*`, `$#` are taken from here."""

    def get(self, name: str) -> str | None:
        """What `$name` is: a scalar, or element 0 of an array; None when unset. Follows namerefs.

        Dynamic variables (RANDOM, SECONDS, LINENO, …) give a new value each time.
        """

    def value(self, name: str) -> Value | None:
        """The whole value, following namerefs; an array as the dictionary itself, which expansion never changes."""

    def assign(self, name: str, value: str) -> None:
        """`name=value`, with the effect of the variable's attributes; to element 0 of an array.

        Raises ExpansionError(`name: readonly variable`).
        """

    def assign_element(self, name: str, key: int | str, value: str) -> None:
        """`name[key]=value`; the variable becomes an indexed array when it is none. Raises as `assign` does."""

    def attributes(self, name: str) -> str:
        """The attributes as letters of `declare` (`aAilnrtux`), empty for a plain or unset variable; after namerefs."""

    def reference(self, name: str) -> str | None:
        """The text a nameref holds (`x`, `a[1]`), None when `name` is no nameref."""

    def names(self) -> Iterable[str]:
        """The names of all set variables, in any order."""

    def special(self, name: str) -> str | None:
        """One of `? $ ! - 0 _`; None when unset (`$!` before the first background job)."""

    def option(self, name: str) -> bool:
        """An option by the name that `set -o` or `shopt` gives it: nounset, noglob, nullglob, extglob, …"""

    def command_substitution(self, node: CommandSubstitution) -> bytes:
        """Runs the list in a subshell and gives all it wrote to standard output."""

    def process_substitution(self, node: ProcessSubstitution) -> str:
        """Starts the list and gives the path that reads from or writes to it."""

    def home(self, user: str) -> str | None:
        """The home directory of a user, None when there is no such user; `""` is the user msh runs for."""

    def list_directory(self, path: str) -> Sequence[str]:
        """The names in a directory without `.` and `..`, in any order; none when it cannot be read. `""` is `.`."""

    def is_directory(self, path: str) -> bool:
        """Whether it is a directory, or a symbolic link to one."""

    def is_link(self, path: str) -> bool:
        """Whether it is a symbolic link."""

    def exists(self, path: str) -> bool:
        """Whether there is such a name; a symbolic link to nothing is there."""

    def warn(self, message: str) -> None:
        """Prints a warning with the script's name and line in front."""
