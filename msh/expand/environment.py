"""What expansion asks of the shell that runs a script: variables, options, substitutions, the file system.

The interpreter implements `Environment`; `msh.expand.testing` has a small one for tests. Expansion never opens, lists
or stats anything by itself: whatever it learns about files comes from the environment, through the gate.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Protocol, TypeAlias

    from msh.syntax.nodes import CommandSubstitution, Node, ProcessSubstitution
else:
    Protocol = object


class IndexedArray(dict[int, str]):
    """An indexed array: subscript to value. It is brought into ascending order when that is asked for.

    Most arrays grow at their end and are in order as they are; so neither the last subscript nor the order costs more
    than a look, and appending in a loop is linear.
    """

    __slots__ = ("_ascending",)

    def __init__(self, items: Mapping[int, str] | Iterable[tuple[int, str]] = ()) -> None:
        super().__init__(items)
        self._ascending = not self

    def __setitem__(self, key: int, value: str) -> None:
        if self._ascending and self and key < next(reversed(self)) and key not in self:
            self._ascending = False
        super().__setitem__(key, value)

    def in_order(self) -> IndexedArray:
        """Itself, its subscripts ascending."""
        if not self._ascending:
            items = list(self.items())
            if any(items[i][0] > items[i + 1][0] for i in range(len(items) - 1)):
                self.clear()
                self.update(sorted(items))
            self._ascending = True
        return self

    def drop(self, key: int) -> None:
        """Take an element out if there is one. Off the end in a way that leaves no hole for `last` to look through."""
        if self._ascending and self and key == next(reversed(self)):
            self.popitem()
        else:
            self.pop(key, None)

    def last(self) -> int:
        """The greatest subscript, -1 when there is none."""
        return next(reversed(self.in_order()), -1)


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
        self.abandons = False  # not only `(( ))`, in whose expression an expansion failed, but the statement
        self.told = False  # once it has been said, what it passes through need not say it


class ArithmeticFault(ExpansionError):
    """An expression without a value, `${x:0:-9}`: the one failure after which bash goes on under `set -e` too."""


class SubscriptFault(ArithmeticFault):
    """A subscript without a value. Also in `(( ))`, `let` and `[[ ]]` it abandons the statement, as in bash."""


class NoElement(ExpansionError):
    """A subscript before the first element."""


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

    def declared(self, name: str) -> bool:
        """Whether there is a variable of this name, be it without a value; after namerefs."""

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
