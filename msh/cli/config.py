"""`msh config`: each setting, its value, and where that comes from."""

from __future__ import annotations

import os

from msh.cli.options import CATALOG_OPTIONS, GRANT_OPTIONS, HELP, HOW_OPTIONS, Option, parse_options
from msh.cli.output import write
from msh.cli.run import working_directory
from msh.cli.usage import verb_help
from msh.config import LISTS, SETTINGS, Setting, Settings, all_given, load_settings, user_file
from msh.render import plain

OPTIONS = (
    Option(("--format",), "how to print them (default: text)", value="FORMAT", choices=("text", "json")),
    *GRANT_OPTIONS,
    *CATALOG_OPTIONS,
    *HOW_OPTIONS,
    HELP,
)
SUMMARY = "Each setting, its value and where it comes from: flags, MSH_* variables, the user's file, built in."
EXAMPLES = ("msh config", "MSH_TIMEOUT=10m msh config --format json")


def main(arguments: list[str]) -> int:
    """Print the settings that a run with these flags would have."""
    parsed = parse_options(arguments, OPTIONS)
    if parsed.has("--help"):
        return write(verb_help("config [OPTION...]", SUMMARY, OPTIONS, EXAMPLES))
    settings = load_settings(parsed.settings(), os.environ, working_directory())
    origins: dict[str, list[str]] = {}
    for given in all_given(parsed.settings(), os.environ):
        known = origins.setdefault(given.setting.name, []) if given.setting.kind in (*LISTS, "limits") else []
        origins[given.setting.name] = [*known, *([] if given.origin in known else [given.origin])]
    rows = [(setting, getattr(settings, setting.field), origins.get(setting.name, [])) for setting in SETTINGS]
    if parsed.value("--format") == "json":
        import json

        values = {setting.name: {"value": value, "origins": origin} for setting, value, origin in rows}
        return write(json.dumps(values, indent=2) + "\n")
    return write(_text(rows, settings))


def _text(rows: list[tuple[Setting, object, list[str]]], settings: Settings) -> str:
    lines = []
    for setting, value, origin in rows:
        shown = _shown(setting, value) or "-"
        lines.append(f"{setting.name:<12} {shown:<40} {plain(', '.join(origin)) or 'built in'}".rstrip())
    path = user_file(os.environ)
    if path and not os.path.exists(path):
        lines.append(f"\n{plain(path)} does not exist")
    return "\n".join(lines) + "\n"


def _shown(setting: Setting, value: object) -> str:
    if setting.kind == "limits" and isinstance(value, tuple):
        from msh.limits import written

        return written(value)
    values = value if isinstance(value, tuple) else (value,)
    return ":".join([plain(_word(item)) for item in values])


def _word(value: object) -> str:
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)
