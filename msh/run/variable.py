"""One shell variable: its value and attributes."""

from __future__ import annotations

from msh.expand.environment import AssociativeArray, IndexedArray
from msh.run.assignables import take_apart

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.expand.environment import Value


NONE: frozenset[str] = frozenset()


class AssignmentError(Exception):
    """A variable that may not be assigned (readonly), or not like this."""


class Variable:
    """A variable: `value` is None when it is declared but unset.

    Attributes are the letters of `declare`: a (indexed array), A (associative array), c, i, l, n, r, t, u, x.
    """

    __slots__ = ("attributes", "value")

    def __init__(self, value: Value | None = None, attributes: frozenset[str] = frozenset()) -> None:
        self.value = value
        self.attributes = attributes

    @property
    def exported(self) -> bool:
        return "x" in self.attributes

    def scalar(self) -> str | None:
        """The value as `$name` gives it: element 0 of an array."""
        value = self.value
        if value is None or isinstance(value, str):
            return value
        return value.get("0") if isinstance(value, AssociativeArray) else value.get(0)

    def elements(self) -> IndexedArray | AssociativeArray:
        """The array in the variable; a scalar becomes element 0 of an indexed one."""
        value = self.value
        if isinstance(value, (IndexedArray, AssociativeArray)):
            return value
        if "A" in self.attributes:
            array: IndexedArray | AssociativeArray = (
                AssociativeArray() if value is None else AssociativeArray({"0": value})
            )
        else:
            array = IndexedArray() if value is None else IndexedArray({0: value})
            self.attributes |= {"a"}
        self.value = array
        return array


def check_reference(target: str) -> None:
    """Raise AssignmentError for what a nameref cannot stand for."""
    found = take_apart(target)
    if found is None or found.value is not None:
        raise AssignmentError(f"`{target}': not a valid identifier")


def copied(value: Value | None) -> Value | None:
    """A value that does not change with the original."""
    if isinstance(value, IndexedArray):
        return IndexedArray(value)
    return AssociativeArray(value) if isinstance(value, AssociativeArray) else value


def cased(value: str, attributes: frozenset[str]) -> str:
    """A value under `declare -l`, `-u` or `-c`."""
    if "l" in attributes:
        return value.lower()
    if "u" in attributes:
        return value.upper()
    if "c" in attributes:
        return value[:1].upper() + value[1:].lower()
    return value
