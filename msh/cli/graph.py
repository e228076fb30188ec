"""`msh graph`: a script's plan, drawn."""

from __future__ import annotations

import os

from msh.catalog import load_catalog
from msh.cli.options import CATALOG_OPTIONS, HELP, Option, parse_options
from msh.cli.output import write
from msh.cli.run import working_directory
from msh.cli.script import read_file, read_input
from msh.cli.usage import verb_help
from msh.config import load_settings
from msh.diagnostics import Diagnostic, MshError
from msh.plan.aliases import read_plain
from msh.plan.build import sketch
from msh.plan.drawing import dot, mermaid
from msh.plan.graph import graph_of
from msh.render import report
from msh.resolve import resolve

OPTIONS = (
    Option(("--format",), "mermaid (default) or dot", value="FORMAT", choices=("mermaid", "dot")),
    *CATALOG_OPTIONS,
    HELP,
)
SUMMARY = "Draws a script's plan: what one task runs, and the control flow between. What is not mapped is marked red."
EXAMPLES = ("msh graph report.sh", "msh graph --format dot report.sh | dot -Tsvg > report.svg")


def main(arguments: list[str]) -> int:
    """Print the drawing of one script."""
    parsed = parse_options(arguments, OPTIONS)
    if parsed.has("--help"):
        return write(verb_help("graph [OPTION...] SCRIPT", SUMMARY, OPTIONS, EXAMPLES))
    if len(parsed.operands) != 1:
        raise MshError(Diagnostic("MSH461", "`msh graph` needs one script", help="`-` is standard input"))
    path = parsed.operands[0]
    try:
        source = read_input() if path == "-" else read_file(path)
    except MshError as error:  # 126 and 127 are what a run would give; nothing was to run
        report(error.diagnostics)
        return 2
    script = read_plain(source)
    directory = working_directory()
    catalog = load_catalog(load_settings(parsed.settings(), os.environ, directory), directory)
    resolution = resolve(script, source, catalog)
    unmapped = [found.labels[0].start for found in resolution.diagnostics if found.labels]
    graph = graph_of(sketch(script, source, resolution), script, unmapped)
    return write(dot(graph) if parsed.value("--format") == "dot" else mermaid(graph))
