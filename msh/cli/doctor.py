"""`msh doctor`: what this host offers for sandboxes, and what to do where it falls short."""

from __future__ import annotations

from msh.cli.options import HELP, Option, parse_options
from msh.cli.output import write
from msh.cli.usage import verb_help
from msh.diagnostics import Diagnostic, MshError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.sandbox.doctor import Check

OPTIONS = (Option(("--format",), "`text` (default) or `json`", "FORMAT", choices=("text", "json")), HELP)
EXAMPLES = ("msh doctor", "msh doctor --format json")


def main(arguments: list[str]) -> int:
    """Print every check; 1 when one fails that msh needs to run anything."""
    parsed = parse_options(arguments, OPTIONS)
    if parsed.has("--help"):
        return write(verb_help("doctor [OPTION...]", "What this host offers for sandboxes.", OPTIONS, EXAMPLES))
    if parsed.operands:
        raise MshError(Diagnostic("MSH461", "`msh doctor` takes no operands", help="`msh doctor --help` shows its use"))
    from msh.sandbox.doctor import checks

    found = list(checks())
    write(as_json(found) if parsed.value("--format") == "json" else as_text(found))
    return int(any(check.needed and not check.ok for check in found))


def as_text(found: list[Check]) -> str:
    """A line for each check, its cure below it."""
    width = max(len(check.name) for check in found)
    lines = []
    for check in found:
        mark = "ok" if check.ok else "FAILS" if check.needed else "no"
        lines.append(f"{mark:5}  {check.name:{width}}  {check.detail}")
        if not check.ok and check.cure:
            lines.append(f"{'':{width + 9}}{check.cure}")
        if not check.ok and "AppArmor" in check.cure:
            from msh.sandbox.doctor import APPARMOR_PROFILE

            lines += [f"{'':{width + 9}}| {line}" for line in APPARMOR_PROFILE.splitlines()]
    return "".join([f"{line}\n" for line in lines])


def as_json(found: list[Check]) -> str:
    """The checks as a list of objects."""
    import json

    fields = ("name", "ok", "detail", "cure", "needed")
    return json.dumps([{field: getattr(check, field) for field in fields} for check in found], indent=2) + "\n"
