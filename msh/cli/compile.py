"""`msh compile`: a script as files that something else runs, without msh's catalog and settings of today."""

from __future__ import annotations

import json
import os
from importlib import import_module
from typing import TYPE_CHECKING

from msh.catalog import load_catalog
from msh.cli.options import CATALOG_OPTIONS, GRANT_OPTIONS, HELP, Option, parse_options
from msh.cli.output import write
from msh.cli.output_directory import write_file, write_files
from msh.cli.run import working_directory
from msh.cli.script import read_file, read_input
from msh.cli.usage import verb_help
from msh.config import load_settings
from msh.diagnostics import Diagnostic, MshError
from msh.plan.aliases import read_plain
from msh.plan.bundle import Bundle, Job
from msh.plan.pins import pins_of
from msh.record import Record
from msh.render import in_order, report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from msh.catalog import Catalog
    from msh.cli.options import Parsed
    from msh.config import Settings
    from msh.source import Source


class Target(Record):
    """What `--target` names: the module with its `compile_script(Job) -> Bundle`, and the options that only it has."""

    module: str
    summary: str
    options: tuple[Option, ...] = ()
    single: bool = False  # it makes one file, which `-o` names; without `-o` that goes to standard output


TARGETS = {
    "aws": Target(
        "msh.aws.compile",
        "a state machine of AWS Step Functions, its worker and all that it needs",
        (
            Option(
                ("--worker",), "what runs its tasks: lambda-zip (default), host, or a TOML file of yours", "KIND|FILE"
            ),
            Option(("--memory",), "of a task (default: what the kind says)", value="MB"),
            Option(("--disk",), "of a task's /tmp (default: what the kind says)", value="MB"),
            Option(("--task-timeout",), "the longest that a task may take (default: 900)", value="SECONDS"),
            Option(("--region",), "whose prices the estimate uses (default: us-east-1)", value="REGION"),
            Option(("--estimate",), "what a run may cost; without -o nothing is written"),
        ),
    ),
    "local": Target("msh.cli.local", "a plan of its sandboxed steps, which `msh exec` runs", single=True),
}
OPTIONS = (
    Option(("-o", "--output"), "the directory to write to, made when it is missing; for local, the file", value="DIR"),
    Option(
        ("--target",),
        "; ".join([f"`{name}`: {target.summary}" for name, target in TARGETS.items()]) + " (default: aws)",
        value="TARGET",
        choices=tuple(TARGETS),
    ),
    *[option for target in TARGETS.values() for option in target.options],
    Option(("--format",), "how to say what was made: text (default) or json", value="FORMAT", choices=("text", "json")),
    *CATALOG_OPTIONS,
    *GRANT_OPTIONS,
    HELP,
)
SUMMARY = "Compiles a script. All that cannot be compiled is said at once, and then nothing is written (status 1)."
EXAMPLES = (
    "msh compile report.sh -o build",
    "msh compile report.sh --estimate",
    "msh compile report.sh -o build --worker worker.toml --format json",
    "msh compile --target local report.sh -o report.json",
    "msh check --target aws report.sh",
)


def main(arguments: list[str]) -> int:
    """Compile one script: 0 when it was, 1 when it is refused, 2 when msh could not (usage, files)."""
    parsed = parse_options(arguments, OPTIONS)
    if parsed.has("--help"):
        return write(verb_help("compile [OPTION...] SCRIPT -o DIR", SUMMARY, OPTIONS, EXAMPLES))
    if len(parsed.operands) != 1:
        raise MshError(Diagnostic("MSH461", "`msh compile` needs one script", help="`-` is standard input"))
    name = parsed.value("--target") or "aws"
    options = _own_options(parsed, name)
    directory = parsed.value("--output")
    single = TARGETS[name].single
    if directory is None and "--estimate" not in options and not single:
        raise MshError(Diagnostic("MSH461", "`msh compile` needs a directory to write to: `-o DIR`"))
    try:
        source = read_input() if parsed.operands[0] == "-" else read_file(parsed.operands[0])
    except MshError as error:  # 126 and 127 are what a run would give; nothing was to run
        report(error.diagnostics)
        return 2
    here = working_directory()
    settings = load_settings(parsed.settings(), os.environ, here)
    catalog = load_catalog(settings, here)
    try:
        bundle = compiled(source, name, catalog, settings, here, options)
    except MshError as error:
        return _refused(error.diagnostics, parsed)
    if single:
        return _write_one(bundle, directory, parsed)
    if directory is not None:
        write_files(directory, bundle.files)
    report(bundle.notes)
    return write(_json(bundle, directory) if parsed.value("--format") == "json" else _text(bundle, directory))


def _refused(diagnostics: tuple[Diagnostic, ...], parsed: Parsed) -> int:
    """For a person on standard error; for a program as `msh check` has it."""
    if parsed.value("--format") != "json":
        report(diagnostics)
        return 1
    from msh.report import as_json

    return write(as_json(in_order(diagnostics)), 1)


def _write_one(bundle: Bundle, path: str | None, parsed: Parsed) -> int:
    """The bundle's one file, at `path` or on standard output; nothing else is printed there then."""
    [data] = bundle.files.values()
    if path is not None:
        write_file(path, data)
    report(bundle.notes)
    if path is None:
        return write(data.decode())
    directory, name = os.path.split(path)
    bundle = bundle.replace(files={name: data})
    return write(_json(bundle, directory) if parsed.value("--format") == "json" else _text(bundle, directory))


def compiled(
    source: Source, target: str, catalog: Catalog, settings: Settings, directory: str, options: Mapping[str, str]
) -> Bundle:
    """A script compiled for a target. Raises `MshError` with all that keeps it from being compiled."""
    script = read_plain(source)
    pins = pins_of(script, source, catalog)
    if pins.resolution.diagnostics:
        raise MshError(*pins.resolution.diagnostics)
    module = import_module(TARGETS[target].module)
    job = Job(script, source, pins.resolution, catalog, settings, directory, options, pins.specs)
    bundle: Bundle = module.compile_script(job)
    return bundle.replace(notes=(*catalog.diagnostics, *bundle.notes))


def _own_options(parsed: Parsed, target: str) -> dict[str, str]:
    """The options of the target. Another target's are refused rather than ignored."""
    own = {option.flags[-1] for option in TARGETS[target].options}
    owners = {option.flags[-1]: name for name, other in TARGETS.items() for option in other.options}
    given = {option.flags[-1]: value for option, value in parsed.options if option.flags[-1] in owners}
    for flag in given:
        if flag not in own:
            raise MshError(Diagnostic("MSH461", f"`{flag}` is an option of `--target {owners[flag]}`"))
    return given


def _text(bundle: Bundle, directory: str | None) -> str:
    lines = []
    if directory is not None:
        for name, data in bundle.files.items():
            lines.append(f"wrote {os.path.join(directory, name)}  {len(data):,} bytes\n")
    if bundle.shape:
        counts = [f"{count} {name if count != 1 else name.removesuffix('s')}" for name, count in bundle.shape.items()]
        lines.append(", ".join(counts) + "\n")
    return "".join(lines) + bundle.report


def _json(bundle: Bundle, directory: str | None) -> str:
    """`files` have their bytes' number; it is empty when nothing was written."""
    sizes = {name: len(data) for name, data in bundle.files.items()} if directory is not None else {}
    document = {"version": 1, "directory": directory, "files": sizes, "shape": dict(bundle.shape), **bundle.facts}
    return json.dumps(document, indent=2) + "\n"
