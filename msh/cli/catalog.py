"""`msh catalog`: the commands that are mapped, and what msh knows of each."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msh.catalog import load_catalog
from msh.cli.options import CATALOG_OPTIONS, HELP, parse_options
from msh.cli.output import write
from msh.cli.run import working_directory
from msh.cli.usage import verb_help
from msh.config import load_settings
from msh.diagnostics import Diagnostic, MshError
from msh.render import plain, report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msh.catalog import Catalog, CommandSpec

OPTIONS = (*CATALOG_OPTIONS, HELP)
SUMMARY = (
    "`list`: every mapped command, or those whose name or summary has WORD. `show`: what is known of a command."
    " `stub`: entries to fill in for the commands that scripts call and nobody mapped."
)
EXAMPLES = (
    "msh catalog list",
    "msh catalog list compress",
    "msh catalog show sort",
    "msh catalog stub x.sh >> msh.toml",
)


def main(arguments: list[str]) -> int:
    """List the catalog, or show some of its entries."""
    parsed = parse_options(arguments, OPTIONS)
    if parsed.has("--help"):
        return write(verb_help("catalog list [WORD...] | show NAME... | stub SCRIPT...", SUMMARY, OPTIONS, EXAMPLES))
    action, words = (parsed.operands[0], parsed.operands[1:]) if parsed.operands else ("list", ())
    directory = working_directory()
    catalog = load_catalog(load_settings(parsed.settings(), os.environ, directory), directory)
    report(catalog.diagnostics, count=False)
    if action == "list":
        return write("".join([f"{line}\n" for line in _rows(catalog, words)]))
    if action == "show" and words:
        return write("\n".join(["".join([f"{line}\n" for line in _entry(_spec(catalog, name))]) for name in words]))
    if action == "stub" and words:
        from msh.cli.stubs import stubs

        return write(stubs(words, catalog))
    needs = {"show": "a name", "stub": "a script"}.get(action)
    message = f"`msh catalog {action}` needs {needs}" if needs else f"`msh catalog` has no action `{action}`"
    raise MshError(Diagnostic("MSH461", message, help="it is `list [WORD...]`, `show NAME...` or `stub SCRIPT...`"))


def _rows(catalog: Catalog, words: tuple[str, ...]) -> Iterator[str]:
    for name in catalog.names():
        spec = catalog.lookup(name)
        line = f"{plain(name):<18} {plain(spec.summary if spec else '')}".rstrip()
        if all(word in line for word in words):
            yield line


def _spec(catalog: Catalog, name: str) -> CommandSpec:
    spec = catalog.lookup(name)
    if spec is None:
        from msh.nearest import nearest

        near = nearest(name, catalog.names())
        help_ = f"did you mean `{near}`?" if near else "`msh catalog list` has them all"
        raise MshError(Diagnostic("MSH201", f"`{name}` is not in the catalog", help=help_))
    return spec


def _entry(spec: CommandSpec) -> Iterator[str]:
    """A spec in words; what is as usual is left out."""
    yield f"{plain(spec.name)}: {plain(spec.summary)}" if spec.summary else plain(spec.name)
    yield f"  from      {plain(spec.origin)}"
    if spec.shell:
        yield "  runs      interpreted by msh itself"
    else:
        program = " ".join([spec.run.program, *spec.arguments])
        yield f"  runs      {plain(program)}" + (f" in the image {plain(spec.run.image)}" if spec.run.image else "")
    if spec.subcommands:
        yield f"  commands  {' '.join(sorted(spec.subcommands))}"
    operands = " ".join([slot.role + ("..." if slot.repeats else "") for slot in spec.operands])
    yield f"  operands  {operands or 'none'}"
    roles: dict[str, list[str]] = {}
    for option in dict.fromkeys([*spec.options.short.values(), *spec.options.long.values()]):
        if option.role not in ("", "text"):
            roles.setdefault(option.role, []).append(_spelled(option.name, spec))
    for role, names in sorted(roles.items()):
        yield f"  {role:<9} {' '.join(sorted(names))}"
    if spec.files:
        yield f"  files     {'the whole workspace' if spec.files == 'workspace' else 'reads the whole workspace'}"
    yield f"  network   {spec.network}" + (f", proxy `{spec.proxy}`" if spec.proxy else "")
    yield f"  dataflow  {spec.dataflow}" + (f", merged by `{' '.join(spec.merge)}`" if spec.merge else "")


def _spelled(option: str, spec: CommandSpec) -> str:
    """`-o`, `--output`, and `-exec` of commands whose long options have one dash."""
    return ("-" if len(option) == 1 or spec.options.style == "single" else "--") + option
