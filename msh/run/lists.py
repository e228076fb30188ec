"""`name=(…)`: lists assigned to indexed and associative arrays."""

from __future__ import annotations

from msh.expand.environment import AssociativeArray, IndexedArray
from msh.run.control import RefusedAssignment, ShellError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from msh.run.environment import ShellEnvironment

    Element: TypeAlias = tuple[str | None, str, bool]  # subscript or None, value, whether `+=`


def assign_list(
    sh: ShellEnvironment, name: str, elements: Sequence[Element], *, append: bool, associative: bool
) -> None:
    """Assign a list to a variable; raises AssignmentError for a readonly one."""
    variables = sh.variables
    name = variables.resolve(name)
    variable = variables.writable(name)
    if "n" in variable.attributes and not variable.value:
        sh.warn(f"warning: {name}: removing nameref attribute")
        variable.attributes -= {"n"}
    if associative or "A" in variable.attributes:
        variable.attributes |= {"A"}
        _assign_pairs(sh, name, elements, append)
        return
    array = variable.elements() if append else IndexedArray()
    variables.set_array(name, array)
    assert isinstance(array, IndexedArray)
    index = array.last() + 1
    plain = not variable.attributes & {"i", "l", "u"}
    for subscript, value, add in elements:
        if subscript is None and plain:
            array[index] = value
        else:
            try:
                index = index if subscript is None else _listed_index(sh, name, subscript, value, add)
            except RefusedAssignment as error:
                sh.warn(str(error))  # the others are assigned, and the status is 0, as in bash
                continue
            sh.put(name, value, str(index), add)
        index += 1


def _listed_index(sh: ShellEnvironment, name: str, subscript: str, value: str, add: bool) -> int:
    """The index of `[subscript]=value` in a list."""
    shown = f"[{subscript}]{'+' * add}={value}"
    if subscript in ("@", "*"):
        raise RefusedAssignment(f"{shown}: cannot assign to non-numeric index")
    index = sh.known_key(name, subscript) if subscript else None
    if index is None:
        raise RefusedAssignment(f"{shown}: bad array subscript")
    return int(index)


def _assign_pairs(sh: ShellEnvironment, name: str, elements: Sequence[Element], append: bool) -> None:
    """An associative array's literal: `[key]=value`, or keys and values in turn."""
    if not append:
        sh.variables.set_array(name, AssociativeArray())
    words = [value for subscript, value, _ in elements if subscript is None]
    if len(words) == len(elements):
        for i in range(0, len(words), 2):
            sh.put(name, words[i + 1] if i + 1 < len(words) else "", words[i], False)
        return
    for subscript, value, add in elements:
        if subscript is None:
            raise ShellError(f"{name}: {value}: must use subscript when assigning associative array")
        if subscript:
            sh.put(name, value, subscript, add)
        else:
            sh.warn(f"[]={value}: bad array subscript")  # and the others are assigned, as in bash
