"""`${@:offset:length}` and `${a[@]:offset:length}`."""

from __future__ import annotations

from msh.expand.arrays import elements
from msh.expand.environment import ArithmeticFault, IndexedArray
from msh.expand.operators import compile_bounds, cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.expand.environment import Environment
    from msh.expand.parameters import GetList
    from msh.syntax.nodes import Parameter


def compile_slice(node: Parameter) -> GetList:
    """Positional parameters count from 1, with `$0` before them; elements of an indexed array by subscript.

    A scalar is cut as `${x:offset:length}` is.
    """
    bounds = compile_bounds(node)
    take = _positional if node.subscript is None else _elements

    def values(environment: Environment) -> list[str]:
        offset, length = bounds(environment)
        whole = environment.value(node.name) if node.subscript is not None else None
        if isinstance(whole, str):
            return [cut(whole, offset, length, node)]
        taken = take(node.name, offset, length, environment)
        if length is not None and length < 0:
            raise ArithmeticFault(f"{length}: substring expression < 0", node)
        return taken

    return values


def _positional(_: str, offset: int, length: int | None, environment: Environment) -> list[str]:
    values = environment.positional
    if offset < 0:
        offset += len(values) + 1
        if offset < 0:
            return []
    if offset == 0:
        values = [environment.special("0") or "", *values]
    else:
        offset -= 1
    return values[offset:] if length is None else values[offset : offset + length]


def _elements(name: str, offset: int, length: int | None, environment: Environment) -> list[str]:
    value = environment.value(name)
    if isinstance(value, IndexedArray):
        lowest = offset + value.last() + 1 if offset < 0 else offset
        values = [text for index, text in value.in_order().items() if index >= lowest]
        start = -1 if lowest < 0 else 0
    else:  # of an associative array offsets 0 and 1 both mean the first element, as in bash
        values = elements(name, environment)
        start = offset + len(values) if offset < 0 else max(offset - 1, 0)
    if start < 0:
        return []
    return values[start:] if length is None else values[start : start + length]
