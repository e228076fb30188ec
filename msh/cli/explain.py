"""`msh explain CODE`: a diagnostic's page."""

from __future__ import annotations

import os

from msh.cli.options import HELP, parse_options
from msh.cli.output import write
from msh.cli.usage import verb_help
from msh.diagnostics import Diagnostic, MshError
from msh.nearest import nearest
from msh.source import decode

OPTIONS = (HELP,)
EXAMPLES = ("msh explain MSH201", "msh explain          all codes and their titles")


def main(arguments: list[str]) -> int:
    """Print the pages that are asked for, or the list of all."""
    parsed = parse_options(arguments, OPTIONS)
    if parsed.has("--help"):
        return write(verb_help("explain [CODE...]", "What a code means and what to do about it.", OPTIONS, EXAMPLES))
    directory = pages_directory()
    codes = sorted([name.removesuffix(".md") for name in os.listdir(directory) if name.startswith("MSH")])
    if not parsed.operands:
        return write("".join([_title(_page(directory, code)) + "\n" for code in codes]))
    return write("\n".join([_page(directory, _known(code, codes)) for code in parsed.operands]))


def pages_directory() -> str:
    """Where the pages are: in the package when it is installed, beside it in a checkout."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    installed = os.path.join(package, "diagnostics_pages")
    return installed if os.path.isdir(installed) else os.path.join(package, "../docs/diagnostics")


def _known(code: str, codes: list[str]) -> str:
    """The code as its page is called: `msh201` and `201` are MSH201. Only a name from the list is ever opened."""
    name = code.upper() if code.upper().startswith("MSH") else f"MSH{code}"
    if name not in codes:
        near = nearest(name, codes)
        help_ = f"did you mean `{near}`?" if near else "`msh explain` lists the codes"
        raise MshError(Diagnostic("MSH468", f"there is no page for `{code}`", help=help_))
    return name


def _page(directory: str, code: str) -> str:
    with open(os.path.join(directory, f"{code}.md"), "rb") as file:
        return decode(file.read())


def _title(page: str) -> str:
    return page.split("\n", 1)[0].removeprefix("# ")
