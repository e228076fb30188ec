"""Script × Catalog → Resolution: which commands would run, which of them nobody mapped, and what each may touch.

Nothing runs before everything is known, so the whole script is resolved first, and all that is wrong is said at once.

Which names are functions cannot be told while walking: a function may be called above its definition, and an `eval`
further down may define one. So there are two passes over each text, with a third over what the second leaves:

1. `tree.py` walks the whole tree: functions that are never called, here-documents, substitutions in words, arithmetic,
   `case` patterns; function names are gathered first.
2. Each simple command is a *line* of words. A word is its text, or an `Unknown` that says how it begins (`words.py`).
   A line is followed through what runs another line: builtins that take a command or a text (`command`, `exec`, `eval`,
   `trap`), shells (`sh -c TEXT`), and every command of the catalog whose spec says that it runs one (`xargs`, `find
   -exec`, `env`): `effects_of` gives those lines. A text is parsed and goes through pass 1 with its positions mapped
   back. Two things change on the way, and `Scope` holds them: what is run by another program sees no builtins and no
   functions, and what a nested shell defines is its own.
3. A name that no one maps is reported unless one of its scopes turned out to define a function of that name. Where a
   file or a text is read that is not known yet (`source`, `eval`), it may still come to be one: the run decides. So it
   does where the script gives PATH a directory that is not known yet, in which the name may be that of a script.

A name or a text that is not known yet goes to `Resolution.dynamic`: `msh check --strict` refuses it, a run resolves
it by `resolve_argv` when it is known, and denies it then if it is not mapped. What not even the run will know, since
it becomes known only inside a step (`xargs -I{} {}`), is refused at once.

Each text is parsed once for each level that it is nested in, and the levels are bounded, so the whole is linear.
"""

from __future__ import annotations

from msh.record import Record
from msh.resolve.lines import Resolver
from msh.resolve.scope import Scope, Text, Word
from msh.resolve.use import Use as Use
from msh.syntax.reading import Reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from msh.catalog import CommandSpec, Lookup
    from msh.diagnostics import Diagnostic
    from msh.effects import Effects
    from msh.source import Source
    from msh.syntax.nodes import Script


class Resolution(Record):
    """What resolving a script found.

    `diagnostics` is empty when every name that can be known is mapped. `dynamic` says what is known only at run time.
    `uses` has every step that the script may start, in the order of the text. `held` is what is wrong where the aliases
    are only guessed: a run reads and resolves that part again when it comes there.
    """

    script: Script
    source: Source
    diagnostics: tuple[Diagnostic, ...] = ()
    dynamic: tuple[Diagnostic, ...] = ()
    uses: tuple[Use, ...] = ()
    held: tuple[Diagnostic, ...] = ()


def resolve(
    script: Script, source: Source, catalog: Lookup, functions: Iterable[str] = (), *, inner: bool = False
) -> Resolution:
    """Resolve a whole script; `functions` are defined before it starts.

    `inner`: a running shell reads it (`eval`, `source`), so its functions may call some that it defines later.
    """
    return resolve_reading(Reading(script), source, catalog, functions, inner=inner)


def resolve_reading(
    reading: Reading,
    source: Source,
    catalog: Lookup,
    functions: Iterable[str] = (),
    *,
    inner: bool = False,
    found: Callable[[str], bool] | None = None,
) -> Resolution:
    """As `resolve`, for a script that may define aliases. `found`: whether a script of this name lies along PATH now.

    A name that is ever one of them may be called, like that of a function: the run says so if there is none of it then.
    """
    script, unsure = reading.script, reading.unsure
    resolver = Resolver(catalog, reading, inner=inner, found=found)
    scope = Scope((reading.defined.union(functions),))
    resolver.tree(script, Text(source), scope)
    wrong = resolver.findings.all()
    held = [one for one in wrong if one.labels and one.labels[0].start >= unsure] if unsure >= 0 else []
    return Resolution(
        script,
        source,
        diagnostics=tuple([one for one in wrong if one not in held]) if held else wrong,
        dynamic=(*_guessed(reading, source), *resolver.findings.dynamic, *held),
        uses=tuple(sorted(resolver.uses, key=lambda use: use.start)),
        held=tuple(held),
    )


def resolve_parts(
    parts: Callable[[], Iterable[Script]],
    source: Source,
    catalog: Lookup,
    functions: Iterable[str] = (),
    *,
    inner: bool = False,
    found: Callable[[str], bool] | None = None,
) -> tuple[Diagnostic, ...]:
    """What is wrong in a script that is read in parts, of which only one is in memory at a time.

    Raises MshError when a part does not parse.
    """
    defined: set[str] = set()
    scope = Scope((frozenset(functions),))
    while True:
        known = len(defined)
        resolver = Resolver(catalog, inner=inner, found=found)
        for part in parts():
            resolver.tree(part, Text(source), scope, defined)
            resolver.forget()
        wrong = resolver.findings.all()
        if not wrong or len(defined) == known:
            return wrong  # else a function that is defined further down may make it right


def _guessed(reading: Reading, source: Source) -> list[Diagnostic]:
    """MSH208, when the aliases are known only at run time."""
    if reading.unsure < 0:
        return []
    from msh.diagnostics import Diagnostic, Label

    message = "which aliases there are after this is known only at run time"
    help_ = "what follows is read and resolved again then; give the text of aliases in quotes, without a condition"
    return [Diagnostic("MSH208", message, source, (Label(*reading.cause),), help_)]


def resolve_argv(
    catalog: Lookup, argv: Sequence[str], functions: Iterable[str] = (), directory: str | None = None
) -> tuple[CommandSpec, Effects]:
    """The spec of a command whose words are all known, and its effects with those of all that it runs in turn.

    `functions` are those that a shell inside the step would see (`export -f`); paths are relative to `directory`.
    Raises MshError (MSH201, MSH204).
    """
    from msh.diagnostics import MshError

    resolver = Resolver(catalog, running=True, directory=directory)
    scope = Scope((frozenset(functions),), program=True)
    use = resolver.line([Word(text, text) for text in argv], Text(None), scope)
    findings = resolver.findings.all() + resolver.findings.dynamic
    if findings or use is None:
        raise MshError(*findings)
    return use.spec, use.effects
