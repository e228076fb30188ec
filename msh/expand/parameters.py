"""`$x` and `${x…}`: where a parameter's value comes from, and what stands in for it when it is unset or null.

A compiled parameter is an `Expansion`. It may give one value, a list (`$@`, `${a[*]}`), or turn to its operand
(`${x:-operand}`), which is expanded in the same context as the parameter itself. Operators that change
a value, and indirection, are in modules of their own, loaded when a script first uses them.
"""

from __future__ import annotations

from msh.expand.environment import ExpansionError
from msh.expand.fields import default_delimiters, delimiters, search_special
from msh.expand.texts import compile_parts, compile_segments, compile_text
from msh.expand.words import emit_part, emit_quoted_part
from msh.syntax.nodes import FOREIGN, DoubleQuoted, Literal, Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from msh.expand.environment import Environment
    from msh.expand.fields import Fields, Segment
    from msh.expand.texts import Text
    from msh.expand.words import Emit
    from msh.syntax.nodes import Word, WordPart

    Get: TypeAlias = Callable[[Environment], str | None]
    GetList: TypeAlias = Callable[[Environment], list[str]]

SUBSTITUTES = frozenset({"-", ":-", "=", ":=", "?", ":?", "+", ":+"})


class Expansion:
    """A parameter, ready to be expanded: as one text, as fields, as the segments of a pattern."""

    __slots__ = ()

    may_be_list = False
    """Whether it may make any number of fields inside double quotes."""

    def text(self, environment: Environment) -> str:
        """As one value."""
        raise NotImplementedError

    def emit(self, environment: Environment, out: Fields) -> None:
        """As fields; inside double quotes empty text makes none by itself."""
        raise NotImplementedError

    def segments(self, environment: Environment) -> list[Segment]:
        """As a part of a pattern."""
        raise NotImplementedError


class Operand:
    """The word of `${x:-word}`, compiled when first used."""

    __slots__ = ("_emit", "_segments", "_text", "quoted", "word")

    def __init__(self, word: Word | None, quoted: bool) -> None:
        self.word = word
        self.quoted = quoted
        self._text: Text | None = None
        self._emit: list[Emit] | None = None
        self._segments: Callable[[Environment], list[Segment]] | None = None

    def text(self, environment: Environment) -> str:
        if self.word is None:
            return ""
        if self._text is None:
            self._text = compile_parts(self.word.parts, True) if self.quoted else compile_text(self.word)
        return self._text(environment)

    def emit(self, environment: Environment, out: Fields) -> None:
        if self._emit is None:
            self._emit = self._emits()
        for emit in self._emit:
            emit(environment, out)

    def _emits(self) -> list[Emit]:
        parts: Sequence[WordPart] = self.word.parts if self.word is not None else ()
        if self.quoted:
            return [emit_quoted_part(part) for part in parts]
        if parts and type(parts[0]) is Literal and parts[0].text.startswith("~"):
            from msh.expand.tildes import emit_operand_tilde

            return [emit_operand_tilde(parts), *[emit_part(part, split=True) for part in parts[1:]]]
        return [emit_part(part, split=True) for part in parts]

    def segments(self, environment: Environment) -> list[Segment]:
        if self.word is None:
            return []
        if self.quoted:
            return [(self.text(environment), True)]
        if self._segments is None:
            self._segments = compile_segments(self.word)
        return self._segments(environment)


class Scalar(Expansion):
    """One value, got by `get`; None when unset. `change`, if any, makes the operation of this time."""

    __slots__ = ("change", "get", "node", "quoted")

    def __init__(self, node: Parameter, get: Get, quoted: bool) -> None:
        self.node = node
        self.get = get
        self.quoted = quoted

    def text(self, environment: Environment) -> str:
        value = self.get(environment)
        return value if value is not None else unset(self.node, environment)

    def emit(self, environment: Environment, out: Fields) -> None:
        value = self.text(environment)
        if value:
            self.give(value, out)

    def give(self, value: str, out: Fields) -> None:
        """A value that is not empty, as fields."""
        if self.quoted:
            out.quoted(value)
        elif out.delimiters is default_delimiters and search_special(value) is None:
            out.literal(value)  # not as quoted: a `]` may close what another part opened
        else:
            out.split(value)

    def segments(self, environment: Environment) -> list[Segment]:
        return [(self.text(environment), self.quoted)]


class Changed(Scalar):
    """A value after an operator: `${x#p}`, `${#x}`, `${x@Q}`."""

    __slots__ = ("change",)

    def __init__(
        self, node: Parameter, get: Get, change: Callable[[Environment], Callable[[str], str]], quoted: bool
    ) -> None:
        super().__init__(node, get, quoted)
        self.change = change

    def text(self, environment: Environment) -> str:
        value = self.get(environment)
        if value is None:
            value = unset(self.node, environment)
            if self.node.operator:
                return value
        return self.change(environment)(value)


class Substituted(Expansion):
    """`${x:-word}` and its like, of one value."""

    __slots__ = ("choose", "may_be_list", "operand", "quoted")

    def __init__(self, choose: Get, operand: Operand, quoted: bool) -> None:
        self.choose = choose
        self.operand = operand
        self.quoted = quoted
        self.may_be_list = quoted and operand.word is not None and any(map(_may_be_list, operand.word.parts))

    def text(self, environment: Environment) -> str:
        value = self.choose(environment)
        return value if value is not None else self.operand.text(environment)

    def emit(self, environment: Environment, out: Fields) -> None:
        value = self.choose(environment)
        if value is None:
            self.operand.emit(environment, out)
        elif not self.quoted:
            out.split(value)
        elif value:
            out.quoted(value)

    def segments(self, environment: Environment) -> list[Segment]:
        value = self.choose(environment)
        return [(value, self.quoted)] if value is not None else self.operand.segments(environment)


def _may_be_list(part: WordPart) -> bool:
    if type(part) is DoubleQuoted:
        return any(map(_may_be_list, part.parts))
    return type(part) is Parameter and compile_parameter(part, True).may_be_list


# ---- compiling ------------------------------------------------------------------

_compiled: dict[tuple[int, bool], tuple[Parameter, Expansion]] = {}


def compile_parameter(node: Parameter, quoted: bool) -> Expansion:
    """The expansion of a parameter; `quoted` when it stands in double quotes."""
    key = id(node), quoted
    known = _compiled.get(key)
    if known is not None and known[0] is node:
        return known[1]
    if len(_compiled) > 20_000:  # scripts that eval new text for ever
        _compiled.clear()
    expansion = _compile(node, quoted)
    _compiled[key] = node, expansion
    return expansion


def _compile(node: Parameter, quoted: bool) -> Expansion:
    subscript = node.subscript
    if (node.operator == ":" and _is_empty(node)) or _is_nowhere(node) or node.name[0] in FOREIGN:
        return Scalar(node, _bad_substitution(node), quoted)
    if node.prefix == "!":
        from msh.expand.indirection import compile_indirect

        return compile_indirect(node, quoted)
    if node.prefix == "" and (node.name in ("@", "*") or (subscript is not None and subscript.all)):
        from msh.expand.lists import compile_list

        return compile_list(node, quoted)
    if node.prefix == "#" and node.operator:
        return Scalar(node, _bad_substitution(node), quoted)
    if node.prefix == "#":
        return Changed(node, *_length(node), quoted)
    return compile_scalar(node, getter(node), quoted)


def _is_empty(node: Parameter) -> bool:
    """`${x:}`"""
    return node.replacement is None and (node.argument is None or not node.argument.parts)


def _is_nowhere(node: Parameter) -> bool:
    """`${a[]}`"""
    return node.subscript is not None and not node.subscript.all and not node.subscript.word.parts


def _bad_substitution(node: Parameter) -> Get:
    def fail(_: Environment) -> str:
        from msh.syntax import print_word
        from msh.syntax.nodes import Word

        raise ExpansionError(f"{print_word(Word(node.start, node.end, (node,)))}: bad substitution", node)

    return fail


def compile_scalar(node: Parameter, get: Get, quoted: bool) -> Expansion:
    """A parameter of one value with the node's operator."""
    if node.operator == "":
        return Scalar(node, get, quoted)
    if node.operator in SUBSTITUTES:
        operand = Operand(node.argument, quoted)
        return Substituted(_choose(node, get, operand), operand, quoted)
    if node.operator == "@" and _described(node):
        from msh.expand.transformations import compile_described

        return Scalar(node, compile_described(node, get), quoted)
    from msh.expand.operators import compile_operator

    return Changed(node, get, compile_operator(node), quoted)


def _described(node: Parameter) -> bool:
    """Whether it is `${x@A}` or `${x@a}`."""
    parts = node.argument.parts if node.argument is not None else ()
    return len(parts) == 1 and type(parts[0]) is Literal and parts[0].text in ("A", "a")


def _length(node: Parameter) -> tuple[Get, Callable[[Environment], Callable[[str], str]]]:
    """`${#x}` in characters; `${#a[@]}` and `${#@}` in elements."""
    if node.name in ("@", "*") or (node.subscript is not None and node.subscript.all):
        from msh.expand.lists import compile_count

        return compile_count(node), lambda _: str
    from msh.expand.characters import count

    get = getter(node)
    if node.subscript is not None:
        from msh.expand.arrays import or_empty

        get = or_empty(node.name, get)
    return get, lambda environment: lambda value: str(count(value, environment))


def _choose(node: Parameter, get: Get, operand: Operand) -> Get:
    """The value, or None for the operand."""
    operator = node.operator
    null_counts = operator[0] == ":"
    kind = operator[-1]
    if kind == "-":
        return (lambda environment: get(environment) or None) if null_counts else get

    def alternative(environment: Environment) -> str | None:
        value = get(environment)
        return "" if value is None or (null_counts and not value) else None

    def assigned(environment: Environment) -> str:
        value = get(environment)
        if value is None or (null_counts and not value):
            value = assign(node, operand.text(environment), environment)
        return value

    def required(environment: Environment) -> str:
        value = get(environment)
        if value is None or (null_counts and not value):
            raise missing(node, operand, environment)
        return value

    return alternative if kind == "+" else assigned if kind == "=" else required


def missing(node: Parameter, operand: Operand, environment: Environment) -> ExpansionError:
    """The error of `${x?word}`."""
    null = "parameter null or not set" if node.operator == ":?" else "parameter not set"
    message = operand.text(environment) if operand.word is not None and operand.word.parts else null
    return ExpansionError(f"{label(node)}: {message}", node, exits=True)


def assign(node: Parameter, value: str, environment: Environment) -> str:
    """`${x=word}`; gives the value after the variable's attributes had their say."""
    name = node.name
    if not (name[0].isalpha() or name[0] == "_"):
        raise ExpansionError(f"${name}: cannot assign in this way", node)
    if node.subscript is None:
        environment.assign(name, value)
    else:
        from msh.expand.arrays import element_key

        key = element_key(name, node.subscript, environment)
        environment.assign_element(name, key, value)
    stored = getter(node)(environment)
    return value if stored is None else stored


def unset(node: Parameter, environment: Environment) -> str:
    """The value of an unset parameter: empty, or an error under `set -u`."""
    if environment.option("nounset"):
        raise ExpansionError(f"{label(node)}: unbound variable", node, exits=True)
    return ""


def label(node: Parameter) -> str:
    """A parameter as messages of bash name it."""
    if node.subscript is not None:
        from msh.syntax import print_word

        return f"{node.name}[{node.subscript.all or print_word(node.subscript.word)}]"
    plain = node.name[0].isalpha() or node.name[0] == "_" or node.braced
    return node.name if plain else f"${node.name}"


def getter(node: Parameter) -> Get:
    """Where one value comes from; None when unset."""
    name = node.name
    if node.subscript is not None:
        from msh.expand.arrays import element_getter

        return element_getter(name, node.subscript)
    if name[0].isdigit():
        return _positional(int(name))
    if name == "#":
        return lambda environment: str(len(environment.positional))
    if name in ("?", "$", "!", "-", "_"):
        return lambda environment: environment.special(name)
    return lambda environment: environment.get(name)


def _positional(number: int) -> Get:
    if number == 0:
        return lambda environment: environment.special("0")

    def get(environment: Environment) -> str | None:
        values = environment.positional
        return values[number - 1] if number <= len(values) else None

    return get


def separator(environment: Environment) -> str:
    """What `"$*"` puts between its elements: the first character of IFS, a blank when it is unset."""
    ifs = environment.get("IFS")
    return " " if ifs is None else delimiters(ifs).first
