"""A script before and while it runs: parsed and resolved, and the statements to run in their turn.

All of a text is parsed and resolved before any of it runs. Where aliases may be defined the text was read with those
that its commands seem to define (`msh/syntax/units.py`); what follows is read and resolved again when, at the end of a
complete command, the real ones are others (docs/decisions/0009-aliases.md).
"""

from __future__ import annotations

from msh.catalog.builtins import BUILTINS
from msh.diagnostics import MshError
from msh.syntax.nodes import SimpleCommand, Word
from msh.syntax.reading import Aliases, Reading, may_have_aliases, read
from msh.syntax.static import static_text
from msh.syntax.walk import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from msh.diagnostics import Diagnostic
    from msh.run.shell import Shell
    from msh.source import Source
    from msh.syntax.nodes import Script, Statement

RUNNERS = frozenset("command exec builtin eval trap . source".split())  # builtins that run what they are given
LONG = 1 << 19  # characters of a text whose tree is not kept as a whole


def load(sh: Shell, source: Source, begin: int = 0, *, inner: bool = False) -> Reading:
    """Parse and resolve, from an offset on. Raises MshError with every finding; nothing has run then.

    `inner`: see `resolve`.
    """
    aliases = aliases_of(sh)
    if len(source.text) - begin > LONG and not may_have_aliases(source.text, aliases):
        return _load_long(sh, source, begin, inner)
    return check(sh, source, read(source, aliases, begin), inner=inner)


def _load_long(sh: Shell, source: Source, begin: int, inner: bool) -> Reading:
    """Parse and resolve all parts of a long text; the first of them."""
    from msh.resolve import resolve_parts
    from msh.syntax.parts import read_parts

    catalog, functions = sh.resources.catalog, frozenset(sh.functions)
    wrong = resolve_parts(
        lambda: read_parts(source, begin), source, catalog, functions, inner=inner, found=_along_path(sh)
    )
    errors = _errors(wrong)
    if errors:
        raise MshError(*errors)
    return _part(source, begin)


def _part(source: Source, begin: int) -> Reading:
    from msh.syntax.parts import read_part

    script, end = read_part(source, begin)
    return Reading(script, rest=end if end < len(source.text) else -1, part=True)


def check(sh: Shell, source: Source, reading: Reading, *, inner: bool = False) -> Reading:
    """Resolve; what is wrong only where aliases are guessed is left for later. Raises MshError with every finding."""
    if reading.plain and only_builtins(reading.script):
        return reading
    from msh.resolve import resolve_reading

    catalog, functions = sh.resources.catalog, frozenset(sh.functions)
    resolution = resolve_reading(reading, source, catalog, functions, inner=inner, found=_along_path(sh))
    errors = _errors(resolution.diagnostics)
    if errors:
        raise MshError(*errors)
    return reading.until(reading.unsure) if resolution.held else reading


def _errors(found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    return tuple([one for one in found if one.severity == "error"])


def _along_path(sh: Shell) -> Callable[[str], bool]:
    """Whether a shell script of a name lies along PATH as it is now."""

    def found(name: str) -> bool:
        from msh.run.called import called_script

        return called_script(sh, name) != ""

    return found


def only_builtins(script: Script) -> bool:
    """Whether every command is a builtin that runs no other: then nothing is to be resolved, nor imported for it."""
    for node in walk(script):
        if isinstance(node, SimpleCommand) and node.words:
            first = node.words[0]
            name = static_text(first) if isinstance(first, Word) else None
            if name not in BUILTINS or name in RUNNERS:
                return False
    return True


def aliases_of(sh: Shell) -> Aliases:
    """The aliases as they are now."""
    return Aliases(dict(sh.aliases), "expand_aliases" in sh.options, "posix" in sh.options)


def statements(sh: Shell, source: Source, reading: Reading, *, inner: bool = False) -> Iterator[Statement]:
    """The statements to run. Raises MshError when what follows has to be read again and is not right."""
    begin = 0
    while True:
        before = None
        for statement in reading.script.body:
            begins = before is None or begins_unit(source.text, before.end, statement.start)
            if begins and (sh.aliases or reading.tables):
                table = aliases_of(sh).table
                if table != reading.table(statement.start):
                    begin = statement.start
                    break
            yield statement
            before = statement
        else:
            if reading.rest < 0:
                return
            begin = reading.rest
            if reading.part:
                reading = _part(source, begin)
                continue
        reading = load(sh, source, begin, inner=inner)


def begins_unit(text: str, end: int, start: int) -> bool:
    """Whether what begins at `start` is not in the line that the command before, up to `end`, ends in."""
    between = text[end:start]
    return "\n" in between and ("#" in between or "\n" in between.replace("\\\n", ""))
