"""Words of which one value is made: text, or the segments of a pattern.

`compile_text` is for where there is one value (assignments, redirections, here-documents, `case`), `compile_segments`
for patterns, where it counts which characters were quoted. What is constant is computed here.
"""

from __future__ import annotations

from msh.expand.substitutions import compile_arithmetic_text, compile_command, compile_process
from msh.syntax.nodes import (
    ArithmeticExpansion,
    CommandSubstitution,
    DoubleQuoted,
    Escaped,
    ExtendedGlob,
    Literal,
    Parameter,
    ProcessSubstitution,
    SingleQuoted,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from msh.expand.environment import Environment
    from msh.expand.fields import Segment
    from msh.syntax.nodes import Word, WordPart

    Text: TypeAlias = Callable[[Environment], str]
    MakeSegments: TypeAlias = Callable[[Environment], list[Segment]]


# ---- text ------------------------------------------------------------------------


def compile_text(word: Word, *, assignment: bool = False, assigns: bool = False) -> Text:
    """A word as one text: no splitting, no path names. With `assignment`, `~` counts after `:` too.

    With `assigns` it does after `name=` and there after `:`, as in a command's words.
    """
    parts = word.parts
    first = parts[0] if parts else None
    if type(first) is Literal and "~" in first.text:
        from msh.expand.tildes import compile_tilde

        return join_texts(
            [compile_tilde(parts, assignment=assignment, assigns=assigns), compile_parts(parts[1:], False)]
        )
    if assignment and any(type(part) is Literal and "~" in part.text for part in parts):
        from msh.expand.tildes import compile_assigned_tildes

        return compile_assigned_tildes(parts)
    return compile_parts(parts, False)


def compile_parts(parts: Sequence[WordPart], quoted: bool) -> Text:
    """Parts side by side as one text; `quoted` when they stand in double quotes."""
    return join_texts([part_text(part, quoted) for part in parts])


def join_texts(texts: list[str | Text]) -> Text:
    """One function for several texts after another, constants folded."""
    folded: list[str | Text] = []
    for text in texts:
        constant = constant_of(text)
        if constant is not None:
            text = constant
            if folded and isinstance(folded[-1], str):
                folded[-1] += text
                continue
        if text != "":
            folded.append(text)
    if not folded:
        return _Constant("")
    if len(folded) == 1:
        only = folded[0]
        return _Constant(only) if isinstance(only, str) else only
    return _Joined([(part, None) if isinstance(part, str) else (None, part) for part in folded])


def constant_of(text: str | Text) -> str | None:
    """The text that does not depend on the environment, None if it does."""
    if isinstance(text, str):
        return text
    return text.text if type(text) is _Constant else None


class _Constant:
    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __call__(self, _: Environment) -> str:
        return self.text


class _Joined:
    __slots__ = ("pieces",)

    def __init__(self, pieces: list[tuple[str | None, Text | None]]) -> None:
        self.pieces = pieces

    def __call__(self, environment: Environment) -> str:
        return "".join([make(environment) if make is not None else text or "" for text, make in self.pieces])


def part_text(part: WordPart, quoted: bool) -> str | Text:
    """One part as text: constant, or to be made."""
    if isinstance(part, (Literal, Escaped, SingleQuoted)):
        return part.text
    if isinstance(part, DoubleQuoted):
        return compile_parts(part.parts, True)
    if isinstance(part, Parameter):
        from msh.expand.parameters import compile_parameter

        return compile_parameter(part, quoted).text
    if isinstance(part, CommandSubstitution):
        return compile_command(part)
    if isinstance(part, ArithmeticExpansion):
        return compile_arithmetic_text(part)
    if isinstance(part, ProcessSubstitution):
        return compile_process(part)
    texts: list[str | Text] = [f"{part.kind}("]
    for i, alternative in enumerate(part.alternatives):
        texts += ["|" if i else "", compile_parts(alternative.parts, quoted)]
    return join_texts([*texts, ")"])


# ---- patterns ---------------------------------------------------------------------


def compile_segments(word: Word, *, tilde: bool = True, assigns: bool = False) -> MakeSegments:
    """A word as segments for a pattern: what was quoted stands for itself. With `tilde`, one at its start counts.

    `assigns` as for `compile_text`.
    """
    parts = word.parts
    makers: list[MakeSegments] = []
    if tilde and parts and type(parts[0]) is Literal and "~" in parts[0].text:
        from msh.expand.tildes import tilde_segments

        makers.append(tilde_segments(parts, assigns=assigns))
        parts = parts[1:]
    makers += [_part_segments(part) for part in parts]
    if len(makers) == 1:
        return makers[0]
    return lambda environment: [segment for make in makers for segment in make(environment)]


def _part_segments(part: WordPart) -> MakeSegments:
    if isinstance(part, Parameter):
        from msh.expand.parameters import compile_parameter

        return compile_parameter(part, False).segments
    if isinstance(part, ExtendedGlob):
        return _glob_segments(part)
    quoted = not isinstance(part, (Literal, CommandSubstitution, ArithmeticExpansion))
    text = part_text(part, quoted)
    constant = constant_of(text)
    if constant is not None:
        fixed = [(constant, quoted)]
        return lambda _: fixed
    make = join_texts([text])
    return lambda environment: [(make(environment), quoted)]


def _glob_segments(part: ExtendedGlob) -> MakeSegments:
    makers = [compile_segments(alternative) for alternative in part.alternatives]

    def segments(environment: Environment) -> list[Segment]:
        made: list[Segment] = [(f"{part.kind}(", False)]
        for i, make in enumerate(makers):
            if i:
                made.append(("|", False))
            made += make(environment)
        return [*made, (")", False)]

    return segments
