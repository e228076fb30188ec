"""Parameters with any number of values: `$@`, `$*`, `${a[@]}`, `${a[*]}`, with operators element by element."""

from __future__ import annotations

from msh.expand.environment import ExpansionError
from msh.expand.parameters import SUBSTITUTES, Expansion, Operand, label, missing, separator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from msh.expand.environment import Environment
    from msh.expand.fields import Fields, Segment
    from msh.expand.parameters import Get, GetList
    from msh.syntax.nodes import Parameter

    ChooseList: TypeAlias = Callable[[Environment], list[str] | None]


class Listed(Expansion):
    """A list. `star` joins it in double quotes; None from `choose` turns to the operand.

    `by_ifs`: as one text it is joined by the first character of IFS though it is no `*`, as with some operators.
    """

    __slots__ = ("by_ifs", "choose", "may_be_list", "operand", "quoted", "star")

    def __init__(
        self, choose: ChooseList, star: bool, quoted: bool, operand: Operand | None = None, *, by_ifs: bool = False
    ) -> None:
        self.choose = choose
        self.star = star
        self.by_ifs = star or by_ifs
        self.quoted = quoted
        self.operand = operand or Operand(None, quoted)
        self.may_be_list = not star or operand is not None

    def text(self, environment: Environment) -> str:
        values = self.choose(environment)
        if values is None:
            return self.operand.text(environment)
        between = separator(environment) if self.by_ifs else " "
        return (between if self.star else between or " ").join(values)

    def emit(self, environment: Environment, out: Fields) -> None:
        values = self.choose(environment)
        if values is None:
            self.operand.emit(environment, out)
        elif not self.quoted:
            emit_unquoted(values, out)
        elif not self.star:
            emit_separate(values, out)
        elif values:
            out.quoted(separator(environment).join(values))

    def segments(self, environment: Environment) -> list[Segment]:
        values = self.choose(environment)
        if values is None:
            return self.operand.segments(environment)
        return [((separator(environment) if self.star else " ").join(values), self.quoted)]


def emit_separate(values: list[str], out: Fields) -> None:
    """`"$@"`: the first joins what stands before, the last what follows."""
    if not values:
        out.vanished = True
        return
    out.quoted(values[0])
    if len(values) > 1:
        out.end()
        out.done += values[1:-1]
        out.quoted(values[-1])


def emit_unquoted(values: list[str], out: Fields) -> None:
    """`$@` and `$*`: joined by the first character of IFS and cut again, so that a delimiter ends each element."""
    limits = out.delimiters
    if limits.ifs:
        out.split(limits.first.join(values))
        return
    for i, value in enumerate(values):
        if i:
            out.cut_off()
        if value:
            out.literal(value)


def compile_list(node: Parameter, quoted: bool) -> Expansion:
    """A parameter of many values with the node's operator."""
    get = list_getter(node)
    star = node.name == "*" or (node.subscript is not None and node.subscript.all == "*")
    operator = node.operator
    if operator == "":
        return Listed(get, star, quoted)
    if operator in SUBSTITUTES:
        operand = Operand(node.argument, quoted)
        return Listed(_choose(node, get, operand, star), star, quoted, operand)
    if operator == ":":
        from msh.expand.slices import compile_slice

        return Listed(compile_slice(node), star, quoted, by_ifs=quoted)
    if operator == "@":
        from msh.expand.transformations import compile_list_transformation

        return Listed(compile_list_transformation(node, get), star, quoted, by_ifs=True)
    from msh.expand.operators import compile_operator

    make = compile_operator(node)

    def changed(environment: Environment) -> list[str]:
        values = get(environment)
        return list(map(make(environment), values)) if values else values

    return Listed(changed, star, quoted, by_ifs=quoted or operator[0] in "#%")


def _choose(node: Parameter, get: GetList, operand: Operand, star: bool) -> ChooseList:
    null_counts = node.operator[0] == ":"
    kind = node.operator[-1]

    def choose(environment: Environment) -> list[str] | None:
        values = get(environment)
        null = not values
        if null_counts and not null and not any(values):
            null = not (separator(environment) if star and operand.quoted else " ").join(values)
        if kind == "+":
            return ([""] if values else []) if null else None
        if not null:
            return values
        if kind == "=":
            raise ExpansionError(f"{_assigned_label(node)}: cannot assign in this way", node)
        if kind == "?":
            raise missing(node, operand, environment)
        return None

    return choose


def compile_count(node: Parameter) -> Get:
    """`${#a[@]}`. Of all uses of a list, it alone minds under `set -u` that there is no such variable."""
    if node.subscript is None:
        return lambda environment: str(len(environment.positional))
    name = node.name

    def count(environment: Environment) -> str:
        value = environment.value(name)
        if value is None:
            if environment.option("nounset"):
                raise ExpansionError(f"{name}: unbound variable", node, exits=True)
            return "0"
        return "1" if isinstance(value, str) else str(len(value))

    return count


def _assigned_label(node: Parameter) -> str:
    return label(node) if node.subscript is not None else f"${node.name}"


def list_getter(node: Parameter) -> GetList:
    """Where the values come from: the positional parameters, or the elements of an array by ascending subscript."""
    if node.subscript is None:
        return lambda environment: environment.positional
    from msh.expand.arrays import elements

    name = node.name
    return lambda environment: elements(name, environment)
