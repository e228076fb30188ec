"""`msh exec`: runs what `msh compile --target local` wrote. No catalog file is read: what the plan holds is all."""

from __future__ import annotations

import os

from msh.catalog.pinned import Pinned
from msh.cli.options import EXEC_OPTIONS, parse_options
from msh.cli.run import shell_options, working_directory
from msh.config import all_given, load_settings
from msh.diagnostics import Diagnostic, MshError
from msh.plan.local import read_plan
from msh.run import execute
from msh.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.cli.options import Parsed
    from msh.config import Settings
    from msh.plan.local import LocalPlan

LARGEST = 256 << 20  # bytes; also bounds a device that never ends
SUMMARY = (
    "Runs a compiled plan: the script in it, with the commands in it and no others. What it may touch is decided here "
    "and now, by the same options as for a script. Exit status: the script's own; 2 for a plan that cannot be run."
)
EXAMPLES = (
    "msh compile --target local report.sh -o report.json",
    "msh exec report.json 2026-10",
    "msh exec --allow-read /data report.json",
)


def main(arguments: list[str]) -> int:
    """Run one plan; the status of its script."""
    parsed = parse_options(arguments, EXEC_OPTIONS, operands_last=True)
    if parsed.has("--help"):
        from msh.cli.output import write
        from msh.cli.usage import verb_help

        return write(verb_help("exec [OPTION...] PLAN.json [ARG...]", SUMMARY, EXEC_OPTIONS, EXAMPLES))
    if not parsed.operands:
        raise MshError(Diagnostic("MSH461", "`msh exec` needs a plan", help="`-` is standard input"))
    path, *rest = parsed.operands
    plan = read_plan(_read(path), "standard input" if path == "-" else path)
    settings = _settings(parsed, plan)
    pinned = Pinned(plan.commands, working_directory(), settings.workspace)
    return execute(Source(plan.name, plan.text), plan.name, tuple(rest), settings, pinned)


def _settings(parsed: Parsed, plan: LocalPlan) -> Settings:
    """As for a run of the script; the plan's backend counts unless somebody names another. Catalogs do not count."""
    given = parsed.settings()
    settings = load_settings(given, os.environ, working_directory())
    if not any(each.setting.name == "backend" for each in all_given(given, os.environ)):
        settings = settings.replace(backend=plan.backend)
    return settings.replace(options=shell_options(parsed), catalogs=(), trust=False)


def _read(path: str) -> bytes:
    """The bytes of a plan. Raises MshError: MSH462 there is none, MSH463 it cannot be read."""
    try:
        with open(0 if path == "-" else path, "rb", closefd=path != "-") as file:
            data = file.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MshError(Diagnostic("MSH462", f"cannot run `{path}`: {error.strerror}")) from None
    except OSError as error:
        raise MshError(Diagnostic("MSH463", f"cannot read `{path}`: {error.strerror}")) from None
    if len(data) > LARGEST:
        raise MshError(Diagnostic("MSH463", f"cannot read `{path}`: it is larger than {LARGEST >> 20} MiB"))
    return data
