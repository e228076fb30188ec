"""`msh fmt`: scripts printed back from their trees, in one layout."""

from __future__ import annotations

import os

from msh.cli.options import HELP, Option, parse_options
from msh.cli.output import write
from msh.cli.script import read_file, read_input
from msh.cli.usage import verb_help
from msh.diagnostics import Diagnostic, MshError
from msh.render import plain, report
from msh.source import encode
from msh.syntax import parse, print_script

OPTIONS = (
    Option(("-w", "--write"), "write the result back to the file, when it differs"),
    Option(("--check",), "name the files that differ, print nothing else; status 1 when there are any"),
    Option(("--diff",), "print how the result differs; status 1 when it does"),
    HELP,
)
SUMMARY = "Prints scripts in one layout. `-` or no file: standard input. Status 2 when a file cannot be parsed."
EXAMPLES = ("msh fmt report.sh", "msh fmt -w *.sh", "msh fmt --check *.sh    for continuous integration")


def main(arguments: list[str]) -> int:
    """Format each file; one that cannot be read or parsed does not keep the others from it."""
    parsed = parse_options(arguments, OPTIONS)
    if parsed.has("--help"):
        return write(verb_help("fmt [OPTION...] [FILE...]", SUMMARY, OPTIONS, EXAMPLES))
    mode = next((flag for flag in ("--write", "--check", "--diff") if parsed.has(flag)), "")
    status, shown = 0, []
    for path in parsed.operands or ("-",):
        try:
            differs, text = _format(path, mode)
        except MshError as error:
            report(error.diagnostics)
            status = 2
            continue
        shown.append(text)
        if differs and mode in ("--check", "--diff"):
            status = max(status, 1)
    return write("".join(shown), status)


def _format(path: str, mode: str) -> tuple[bool, str]:
    """Whether the file differs from its layout, and what to print."""
    source = read_input() if path == "-" else read_file(path)
    text = print_script(parse(source), source)
    differs = text != source.text
    if mode == "--write" and path != "-":
        if differs:
            _replace(path, text)
        return differs, ""
    if mode == "--check":
        return differs, f"{plain(source.name)}\n" if differs else ""
    if mode == "--diff":
        from difflib import unified_diff

        before, after = source.text.splitlines(keepends=True), text.splitlines(keepends=True)
        name = plain(source.name)
        return differs, "".join(unified_diff(before, after, name, f"{name} (formatted)"))
    return differs, text


def _replace(path: str, text: str) -> None:
    """Put the new text in the file's place at once: at no moment is there half a script. Its mode is kept."""
    path = os.path.realpath(path)
    beside = f"{path}.{os.getpid()}.msh-fmt"
    try:
        fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with open(fd, "wb") as file:
                file.write(encode(text))
            os.chmod(beside, os.stat(path).st_mode & 0o7777)
            os.replace(beside, path)
        except OSError:
            os.unlink(beside)
            raise
    except OSError as error:
        raise MshError(Diagnostic("MSH466", f"cannot write `{path}`: {error.strerror}")) from None
