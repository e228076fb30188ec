"""`${!x}`: the parameter that x names; `${!prefix*}` and `${!a[@]}`, which are lists of names and of subscripts."""

from __future__ import annotations

from msh.expand.arrays import keys
from msh.expand.environment import ExpansionError
from msh.expand.lists import Listed
from msh.expand.parameters import Expansion, compile_parameter, getter, label
from msh.expand.references import parse_reference
from msh.syntax.nodes import Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from msh.expand.environment import Environment
    from msh.expand.fields import Fields, Segment
    from msh.expand.parameters import Get

_REMEMBERED = 4096


def compile_indirect(node: Parameter, quoted: bool) -> Expansion:
    """A parameter with prefix `!`."""
    if node.operator in ("*", "@") and node.argument is None and node.subscript is None:
        name = node.name
        return _Names(
            lambda environment: _with_prefix(name, environment.names()), node.operator == "*", quoted, uncut=""
        )
    if node.subscript is not None and node.subscript.all and node.operator == "":
        name = node.name
        return _Names(lambda environment: keys(name, environment), node.subscript.all == "*", quoted, uncut=" ")
    return Indirect(node, quoted)


class _Names(Listed):
    """Names or subscripts. Without quotes, `*` joins them by `uncut` where IFS is empty, and none is cut off (bash)."""

    __slots__ = ("uncut",)

    def __init__(self, choose: Callable[[Environment], list[str]], star: bool, quoted: bool, *, uncut: str) -> None:
        super().__init__(choose, star, quoted, by_ifs=quoted)
        self.uncut = uncut

    def emit(self, environment: Environment, out: Fields) -> None:
        if not self.star or self.quoted or out.delimiters.ifs:
            super().emit(environment, out)
        elif values := self.choose(environment):
            out.literal(self.uncut.join(values))


def _with_prefix(prefix: str, names: Iterable[str]) -> list[str]:
    return sorted([name for name in names if name.startswith(prefix)])


class Indirect(Expansion):
    """Finds its target each time, and expands that with the operator of the node."""

    __slots__ = ("_get", "_targets", "node", "quoted")

    may_be_list = True

    def __init__(self, node: Parameter, quoted: bool) -> None:
        self.node = node
        self.quoted = quoted
        self._get = self._source(node)
        self._targets: dict[str, Parameter] = {}

    @staticmethod
    def _source(node: Parameter) -> Get:
        """Where the name comes from; `${!*}`, and `${!a[@]…}` with an operator, take all elements as one name."""
        plain = Parameter(node.start, node.end, node.name, True, "", node.subscript)
        if node.name not in ("*", "@") and (plain.subscript is None or not plain.subscript.all):
            return getter(plain)
        joined = compile_parameter(plain, True)
        return lambda environment: joined.text(environment) or None

    def text(self, environment: Environment) -> str:
        return self._find(environment).text(environment)

    def emit(self, environment: Environment, out: Fields) -> None:
        self._find(environment).emit(environment, out)

    def segments(self, environment: Environment) -> list[Segment]:
        return self._find(environment).segments(environment)

    def _find(self, environment: Environment) -> Expansion:
        name = self.node.name
        if self.node.subscript is None and (name[0].isalpha() or name[0] == "_"):
            reference = environment.reference(name)
            if reference is not None:  # `${!ref}` of a nameref is the name it refers to, in the end
                return _Named(_last(reference, environment), self.quoted)
        text = self._get(environment)
        parameter = self._nothing(environment) if text is None else self._parameter(text, environment)
        if self.node.operator == "" and environment.option("nounset") and parameter.subscript is None:
            self._check(parameter, environment)
        return compile_parameter(parameter, self.quoted)

    def _nothing(self, environment: Environment) -> Parameter:
        """What is declared and has no value leads to nothing, which is its own value just as well."""
        name, plain = self.node.name, self.node.replace(prefix="")
        if (name[0].isalpha() or name[0] == "_") and not environment.declared(name):
            raise ExpansionError(f"{label(plain)}: invalid indirect expansion", self.node)
        if self.node.operator == "" and environment.option("nounset"):
            raise ExpansionError(f"!{label(plain)}: unbound variable", self.node, exits=True)
        return plain

    def _check(self, target: Parameter, environment: Environment) -> None:
        """Under `set -u` the message names the parameter that was written."""
        if target.name not in ("@", "*") and getter(target)(environment) is None:
            raise ExpansionError(f"!{self.node.name}: unbound variable", self.node, exits=True)

    def _parameter(self, text: str, environment: Environment) -> Parameter:
        known = self._targets.get(text)
        if known is not None:
            return known
        target = parse_reference(text, environment)
        if target is None:
            raise ExpansionError(f"{text}: invalid variable name", self.node)
        parameter = self.node.replace(prefix="", name=target.name, subscript=target.subscript, braced=True)
        if len(self._targets) > _REMEMBERED:
            self._targets.clear()
        self._targets[text] = parameter
        return parameter


def _last(name: str, environment: Environment) -> str:
    """Where a chain of namerefs ends."""
    seen = {name}
    while (further := environment.reference(name)) and further not in seen:
        seen.add(further)
        name = further
    return name


class _Named(Expansion):
    __slots__ = ("name", "quoted")

    def __init__(self, name: str, quoted: bool) -> None:
        self.name = name
        self.quoted = quoted

    def text(self, environment: Environment) -> str:
        return self.name

    def emit(self, environment: Environment, out: Fields) -> None:
        out.quoted(self.name)

    def segments(self, environment: Environment) -> list[Segment]:
        return [(self.name, self.quoted)]
