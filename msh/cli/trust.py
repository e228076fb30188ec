"""`msh trust`: let a project's `msh.toml`, or a command file of it, count."""

from __future__ import annotations

import os

from msh.catalog.sources import PROJECT_FILE, project_file
from msh.catalog.trust import distrust, is_trusted, read, trust
from msh.cli.options import HELP, Option, parse_options
from msh.cli.output import write
from msh.cli.run import working_directory
from msh.cli.usage import verb_help
from msh.diagnostics import Diagnostic, MshError
from msh.render import plain

OPTIONS = (
    Option(("--check",), "trust nothing; status 0 when each file is trusted as it is, else 1"),
    Option(("--revoke",), "take the trust back"),
    HELP,
)
SUMMARY = "Lets what FILE maps count (default: the nearest msh.toml) as it is now; when it changes, trust it again."
EXAMPLES = ("msh trust", "msh trust tools/report", "msh trust --revoke msh.toml")


def main(arguments: list[str]) -> int:
    """Trust the files, or tell whether they are trusted."""
    parsed = parse_options(arguments, OPTIONS)
    if parsed.has("--help"):
        return write(verb_help("trust [OPTION] [FILE...]", SUMMARY, OPTIONS, EXAMPLES))
    paths = list(parsed.operands) or [_nearest()]
    if parsed.has("--check"):
        states = [(path, _is_trusted(path)) for path in paths]
        lines = [f"{plain(path)}: {'trusted' if trusted else 'not trusted'}\n" for path, trusted in states]
        return write("".join(lines)) or int(not all(trusted for _, trusted in states))
    if parsed.has("--revoke"):
        return write(
            "".join([f"{plain(path)}: {'revoked' if distrust(path) else 'was not trusted'}\n" for path in paths])
        )
    return write("".join([f"trusted: {plain(trust(path).path)}\n" for path in paths]))


def _nearest() -> str:
    directory = working_directory()
    path = project_file(directory)
    if path is None:
        message = f"there is no `{PROJECT_FILE}` in `{directory}` or above it"
        raise MshError(Diagnostic("MSH220", message, help="name the file to trust"))
    return os.path.relpath(path, directory)


def _is_trusted(path: str) -> bool:
    try:
        return is_trusted(read(path))
    except OSError as error:
        raise MshError(Diagnostic("MSH220", f"cannot read `{path}`: {error.strerror}")) from None
