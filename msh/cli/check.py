"""`msh check`: every finding of every script, before any of them runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msh.catalog import load_catalog
from msh.cli.options import BACKEND, CATALOG_OPTIONS, GRANT_OPTIONS, HELP, LIMIT_OPTIONS, Option, parse_options
from msh.cli.output import write
from msh.cli.run import working_directory
from msh.cli.script import read_file, read_input
from msh.cli.usage import verb_help
from msh.config import load_settings
from msh.diagnostics import Diagnostic, MshError
from msh.plan.aliases import refused_aliases
from msh.plan.bundle import Job
from msh.render import count_line, in_order, render, report, wants_colour
from msh.resolve import resolve_reading
from msh.syntax.reading import read

if TYPE_CHECKING:
    from msh.cli.options import Parsed
    from msh.config import Settings
    from msh.resolve import Resolution
    from msh.source import Source

FORMATS = ("text", "json", "github", "sarif")
OPTIONS = (
    Option(("--strict",), "names and texts that are known only at run time are findings too"),
    Option(("--grants",), "print what each step would be allowed, instead of findings when there are none"),
    Option(("-v", "--verbose"), "with --grants: also what every step is allowed, and each one's exact plan"),
    Option(
        ("--format",), "text (default), json, github or sarif", "FORMAT", choices=("text", "json", "github", "sarif")
    ),
    Option(("--stdin-filename",), "what to call the script on standard input (`-`)", value="NAME"),
    Option(("--color",), "auto (default), always or never", value="WHEN", choices=("auto", "always", "never")),
    Option(
        ("--target",),
        "also what keeps it from running there; else, as notes, what it becomes there",
        value="TARGET",
        choices=("aws",),
    ),
    Option(("--worker",), "with --target: what runs the tasks, as `msh compile` has it", value="KIND|FILE"),
    *CATALOG_OPTIONS,
    *GRANT_OPTIONS,
    *LIMIT_OPTIONS,
    BACKEND,
    HELP,
)
SUMMARY = (
    "Parses and resolves scripts and prints every finding. Status 0 clean, or nothing but notes; 1 findings; 2 could"
    " not run."
)
EXAMPLES = (
    "msh check report.sh",
    "msh check --grants report.sh",
    "msh check --format github scripts/*.sh",
    "msh check --target aws report.sh",
    "msh check --stdin-filename report.sh - < report.sh",
)


def main(arguments: list[str]) -> int:
    """Check each script; those that cannot be read are reported on standard error and make the status 2."""
    parsed = parse_options(arguments, OPTIONS)
    if parsed.has("--help"):
        return write(verb_help("check [OPTION...] SCRIPT...", SUMMARY, OPTIONS, EXAMPLES))
    if not parsed.operands:
        raise MshError(Diagnostic("MSH461", "`msh check` needs a script", help="`-` is standard input"))
    directory = working_directory()
    settings = load_settings(parsed.settings(), os.environ, directory)
    catalog = load_catalog(settings, directory)
    findings: list[Diagnostic] = []
    unread: list[Diagnostic] = []
    count = 0
    grants = []
    for path in parsed.operands:
        try:
            source = _read(path, parsed.value("--stdin-filename"))
        except MshError as error:
            unread += error.diagnostics
            continue
        count += 1
        try:
            reading = read(source)
            resolution = resolve_reading(reading, source, catalog)
        except MshError as error:
            findings += error.diagnostics
            continue
        findings += resolution.diagnostics + (resolution.dynamic if parsed.has("--strict") else ())
        if parsed.has("--target") and not resolution.diagnostics:
            job = Job(resolution.script, source, resolution, catalog, settings, directory, _own(parsed))
            findings += refused_aliases(reading, source) or _on_target(job)
        if parsed.has("--grants"):
            grants.append(_grants(resolution, settings, directory, parsed))
    unread = [*catalog.diagnostics, *unread]
    report(unread, count=False)
    wrong = any(d.severity != "note" for d in findings)
    status = 2 if any(d.severity == "error" for d in unread) else 1 if wrong else 0
    text = "".join(grants) if grants and not wrong else _shown(in_order(dict.fromkeys(findings)), parsed, count)
    return write(text, status)


def _on_target(job: Job) -> tuple[Diagnostic, ...]:
    from msh.aws.review import review

    return review(job)


def _own(parsed: Parsed) -> dict[str, str]:
    worker = parsed.value("--worker")
    return {} if worker is None else {"--worker": worker}


def _grants(resolution: Resolution, settings: Settings, directory: str, parsed: Parsed) -> str:
    from msh.cli.grants import grants_text

    return grants_text(resolution, settings, directory, verbose=parsed.has("--verbose"))


def _read(path: str, stdin_name: str | None) -> Source:
    if path != "-":
        return read_file(path)
    source = read_input()
    return source.replace(name=stdin_name) if stdin_name else source


def _shown(findings: list[Diagnostic], parsed: Parsed, count: int) -> str:
    kind = parsed.value("--format") or "text"
    if kind != "text":
        from msh.report import WRITERS

        return WRITERS[kind](findings)
    when = parsed.value("--color") or "auto"
    colour = when == "always" or (when == "auto" and wants_colour(1, os.environ))
    if not count:
        return ""
    scripts = f"{count} script{'' if count == 1 else 's'}"
    text = render(findings, colour=colour)
    return f"{text}\n{count_line(findings)} in {scripts}\n" if findings else f"no findings in {scripts}\n"
