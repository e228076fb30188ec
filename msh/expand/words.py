"""The words of a command, prepared once and expanded often: each becomes a function that gives fields.

`compile_fields` cuts words into fields and matches them against path names. A word that is one field whatever its
value (`msh.expand.texts`) goes the short way.
"""

from __future__ import annotations

from msh.expand.fields import DEFAULT_IFS, Fields, search_pattern_character, search_special
from msh.expand.texts import compile_parts, constant_of, join_texts, part_text
from msh.syntax.nodes import (
    ArithmeticExpansion,
    CommandSubstitution,
    DoubleQuoted,
    ExtendedGlob,
    Literal,
    Parameter,
    ProcessSubstitution,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from msh.expand.environment import Environment
    from msh.expand.parameters import Scalar
    from msh.expand.texts import Text
    from msh.syntax.nodes import Word, WordPart

    Emit: TypeAlias = Callable[[Environment, Fields], None]
    MakeFields: TypeAlias = Callable[[Environment], list[str]]


def compile_fields(words: Iterable[Word], *, listed: bool = False) -> MakeFields:
    """The words of a command as its fields: all expansions, in the order of POSIX XCU 2.6.

    `listed`: of an array's list, where the tilde of `x=~` is none; nor is it in a word out of brace expansion.
    """
    plans = [_Fielded(_choose_braces(word)) if _has_braces(word) else _plan(word, assigns=not listed) for word in words]
    constants = [plan for plan in plans if isinstance(plan, str)]
    if len(constants) == len(plans):
        return lambda _: constants.copy()
    texts = [plan for plan in plans if not isinstance(plan, _Fielded)]
    if len(texts) == len(plans):
        return lambda environment: [text if isinstance(text, str) else text(environment) for text in texts]
    emits = [_plan_emit(plan) for plan in plans]

    def fields(environment: Environment) -> list[str]:
        return _finished(Fields(environment.get("IFS")), emits, environment)

    if all(not isinstance(plan, _Fielded) or plan.scalar is not None for plan in plans):
        return _fields_of_scalars(plans, emits, fields)
    return fields


def _finished(out: Fields, emits: Sequence[Emit], environment: Environment) -> list[str]:
    """The fields of all words, when these words are added."""
    for emit in emits:
        emit(environment, out)
    if out.patterns:
        from msh.expand.pathnames import expand_pathnames

        return expand_pathnames(out.done, environment)
    return out.done  # type: ignore[return-value]  # all are text when nothing is to be matched


def _fields_of_scalars(plans: Sequence[str | Text | _Fielded], emits: list[Emit], fields: MakeFields) -> MakeFields:
    """For words of which each mostly is one field: `$x` holds neither delimiters nor pattern characters."""
    quick = [(plan, None) if not isinstance(plan, _Fielded) else (None, plan.scalar) for plan in plans]

    def scalars(environment: Environment) -> list[str]:
        ifs = environment.get("IFS")
        if ifs is not None and ifs != DEFAULT_IFS:
            return fields(environment)
        done: list[str] = []
        for index, (text, scalar) in enumerate(quick):
            if text is not None:
                done.append(text if isinstance(text, str) else text(environment))
                continue
            value = scalar.text(environment)  # type: ignore[union-attr]  # one of the two is there
            if not value:
                continue
            if search_special(value) is None:
                done.append(value)
                continue
            out = Fields(ifs)
            out.done += done
            scalar.give(value, out)  # type: ignore[union-attr]  # likewise
            out.end_word()
            return _finished(out, emits[index + 1 :], environment)
        return done

    return scalars


class _Fielded:
    """The plan of a word that may make any number of fields; `scalar` when it is one parameter of one value."""

    __slots__ = ("emit", "scalar")

    def __init__(self, emit: Emit, scalar: Scalar | None = None) -> None:
        self.emit = emit
        self.scalar = scalar


def _has_braces(word: Word) -> bool:
    """Whether there may be a brace expansion."""
    text = "".join([part.text for part in word.parts if type(part) is Literal])
    return "{" in text and ("," in text or ".." in text)


def _choose_braces(word: Word) -> Emit:
    """The words are made when they are first wanted; `set +B` turns brace expansion off at any time."""
    off = _plan_emit(_plan(word, assigns=True))
    on: list[Emit] = []

    def emit(environment: Environment, out: Fields) -> None:
        if not environment.option("braceexpand"):
            off(environment, out)
            return
        if not on:
            on.extend(_expanded(word))
        for each in on:
            each(environment, out)

    return emit


def _expanded(word: Word) -> list[Emit]:
    from msh.syntax import expand_braces

    plans = [_plan(each, assigns=False) for each in expand_braces(word)]
    words = [plan for plan in plans if isinstance(plan, str)]
    return [_plan_emit(plan) for plan in plans] if len(words) < len(plans) else [lambda _, out: out.done.extend(words)]


def _plan(word: Word, *, assigns: bool) -> str | Text | _Fielded:
    """How to expand a word: a constant, one text that is one field, or anything."""
    parts = word.parts
    if any(type(part) is Literal and ("~" in part.text or search_pattern_character(part.text)) for part in parts):
        first = parts[0]
        if len(parts) == 1 and isinstance(first, Literal) and first.text in ("[", "[["):
            return first.text
        return _Fielded(compile_emit(word, assigns=assigns))
    if len(parts) == 1 and type(parts[0]) is Literal:
        return parts[0].text
    if len(parts) == 1 and type(parts[0]) is Parameter:
        return _Fielded(compile_emit(word), _scalar(parts[0]))
    for part in parts:
        if isinstance(part, (Parameter, CommandSubstitution, ExtendedGlob, ArithmeticExpansion)):
            return _Fielded(compile_emit(word))
        if (isinstance(part, DoubleQuoted) and may_be_list(part.parts)) or _is_nothing(part):
            return _Fielded(compile_emit(word))
    if not parts:
        return _Fielded(_nothing)
    text = compile_parts(parts, False)
    constant = constant_of(text)
    return text if constant is None else constant


def _scalar(part: Parameter) -> Scalar | None:
    """An unquoted parameter of one value, None when it is a list or has an operand to turn to."""
    from msh.expand.parameters import Scalar, compile_parameter

    expansion = compile_parameter(part, False)
    return expansion if isinstance(expansion, Scalar) else None


def _nothing(_: Environment, __: Fields) -> None:
    return None


def _is_nothing(part: WordPart) -> bool:
    """`<()` makes no field."""
    return isinstance(part, ProcessSubstitution) and not part.body


def _plan_emit(plan: str | Text | _Fielded) -> Emit:
    if isinstance(plan, _Fielded):
        return plan.emit
    if isinstance(plan, str):
        constant = plan
        return lambda _, out: out.done.append(constant)
    make = plan
    return lambda environment, out: out.done.append(make(environment))


# ---- one word ---------------------------------------------------------------------


def may_be_list(parts: Sequence[WordPart]) -> bool:
    """Whether parts in double quotes may make any number of fields but one."""
    for part in parts:
        if type(part) is Parameter:
            from msh.expand.parameters import compile_parameter

            if compile_parameter(part, True).may_be_list:
                return True
        elif type(part) is DoubleQuoted and may_be_list(part.parts):
            return True
    return False


def compile_emit(word: Word, *, assigns: bool = True) -> Emit:
    """A word of a command, given to `Fields`; `assigns` where `name=~` is expanded as in an assignment."""
    parts = word.parts
    if len(parts) == 1 and type(parts[0]) is Parameter:
        from msh.expand.parameters import compile_parameter

        return _ended(compile_parameter(parts[0], False).emit)
    first = parts[0]
    emits: list[Emit] = []
    if type(first) is Literal and "~" in first.text:
        from msh.expand.tildes import emit_tilde

        emits.append(emit_tilde(parts, assigns=assigns))
        parts = parts[1:]
    emits += [emit_part(part) for part in parts]
    return _ended(emits[0]) if len(emits) == 1 else _ended(emit_all(emits))


def _ended(emit: Emit) -> Emit:
    def ended(environment: Environment, out: Fields) -> None:
        emit(environment, out)
        out.end_word()

    return ended


def emit_all(emits: Sequence[Emit]) -> Emit:
    """Several one after another."""
    if len(emits) == 1:
        return emits[0]

    def emit_each(environment: Environment, out: Fields) -> None:
        for emit in emits:
            emit(environment, out)

    return emit_each


def emit_part(part: WordPart, *, split: bool = False) -> Emit:
    """An unquoted part of a word; with `split`, of the operand in `${x:-a b}`, where literal text is cut too."""
    if isinstance(part, Literal):
        text = part.text
        if split:
            return lambda _, out: out.split(text)
        return lambda _, out: out.literal(text)
    if isinstance(part, Parameter):
        from msh.expand.parameters import compile_parameter

        return compile_parameter(part, False).emit
    if isinstance(part, DoubleQuoted) and may_be_list(part.parts):
        return emit_double_quoted(part.parts)
    if _is_nothing(part):
        return _nothing
    if isinstance(part, ExtendedGlob):
        return _emit_extended_glob(part)
    made = join_texts([part_text(part, isinstance(part, DoubleQuoted))])
    if isinstance(part, (CommandSubstitution, ArithmeticExpansion)):
        return lambda environment, out: out.split(made(environment))
    return lambda environment, out: out.quoted(made(environment))


def _emit_extended_glob(part: ExtendedGlob) -> Emit:
    emits: list[Emit] = [_literal(f"{part.kind}(")]
    for i, alternative in enumerate(part.alternatives):
        if i:
            emits.append(_literal("|"))
        emits += [emit_part(each) for each in alternative.parts]
    return emit_all([*emits, _literal(")")])


def _literal(text: str) -> Emit:
    return lambda _, out: out.literal(text)


def emit_double_quoted(parts: Sequence[WordPart]) -> Emit:
    """`"a$@b"`: a field at least, unless all there is are lists without elements."""
    emits = [emit_quoted_part(part) for part in parts]

    def emit(environment: Environment, out: Fields) -> None:
        out.vanished = False
        for each in emits:
            each(environment, out)
        if not out.vanished:
            out.quoted("")
        out.vanished = False

    return emit


def emit_quoted_part(part: WordPart) -> Emit:
    """A part inside double quotes; empty text makes no field by itself."""
    if type(part) is Parameter:
        from msh.expand.parameters import compile_parameter

        return compile_parameter(part, True).emit
    if type(part) is DoubleQuoted:
        return emit_all([emit_quoted_part(each) for each in part.parts])
    made = join_texts([part_text(part, True)])

    def emit(environment: Environment, out: Fields) -> None:
        text = made(environment)
        if text:
            out.quoted(text)

    return emit
