"""`msh [OPTION...] SCRIPT [ARG...]`, `msh -c COMMANDS`, a script on standard input: the start-up path."""

from __future__ import annotations

import os

from msh.cli.options import RUN_OPTIONS, parse_options
from msh.config import load_settings
from msh.diagnostics import Diagnostic, MshError
from msh.source import Source

TYPE_CHECKING = False  # as `typing` has it, without importing that
if TYPE_CHECKING:
    from msh.cli.options import Parsed
    from msh.config import Settings


def main(arguments: list[str]) -> int:
    """Run what the command line names; the script's own status."""
    parsed = parse_options(arguments, RUN_OPTIONS, operands_last=True)
    if parsed.has("--help") or parsed.has("--version"):
        from msh.cli.output import write
        from msh.cli.usage import main_help, version

        return write(main_help() if parsed.has("--help") else version())
    settings = settings_of(parsed)
    source, name, operands = script_of(parsed)
    return _execute(source, name, operands, settings)


def settings_of(parsed: Parsed) -> Settings:
    """The settings of a run, the shell options of its command line among them."""
    settings = load_settings(parsed.settings(), os.environ, working_directory())
    if settings.prompt == "stdin" and (
        parsed.has("-s") or not (parsed.has("-c") or parsed.operands[:1] not in ((), ("-",)))
    ):
        help_ = "name the script as a file, or give it with `-c`"
        raise MshError(
            Diagnostic("MSH461", "with `--prompt stdin` standard input holds answers, no script", help=help_)
        )
    return settings.replace(options=shell_options(parsed))


def _execute(source: Source, name: str, operands: tuple[str, ...], settings: Settings) -> int:
    from msh.run import execute

    return execute(source, name, operands, settings)


def working_directory() -> str:
    """The directory msh was started in."""
    try:
        return os.getcwd()
    except OSError as error:
        raise MshError(Diagnostic("MSH463", f"cannot find out the working directory: {error.strerror}")) from None


def script_of(parsed: Parsed) -> tuple[Source, str, tuple[str, ...]]:
    """The script, its `$0` and its arguments."""
    from msh.cli.script import read_file, read_input

    operands = parsed.operands
    if parsed.has("-c"):
        if not operands:
            raise MshError(Diagnostic("MSH461", "`-c` needs commands", help="for example: msh -c 'echo hello'"))
        return Source("-c", operands[0]), *_name_and_rest(operands[1:])
    if parsed.has("-s"):
        return read_input(), "msh", operands
    if operands and operands[0] != "-":
        return read_file(operands[0]), operands[0], operands[1:]
    if not operands and _is_terminal(0):
        help_ = "run a script with `msh SCRIPT`, a line with `msh -c 'COMMANDS'`; `msh --help` shows more"
        raise MshError(Diagnostic("MSH465", "there is no interactive prompt yet", help=help_))
    return read_input(), "msh", operands[1:]


def _name_and_rest(operands: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    return (operands[0], operands[1:]) if operands else ("msh", ())


def _is_terminal(fd: int) -> bool:
    try:
        return os.isatty(fd)
    except OSError:
        return False


def shell_options(parsed: Parsed) -> tuple[str, ...]:
    """What is on after all of `-e +u -o pipefail …`; with a `+` what `+O` puts off, for some of these begin on."""
    switched: dict[str, bool] = {}
    begin_on: set[str] = set()
    for option, value in parsed.options:
        if option.shell:
            name = value.removeprefix("+") if option.value else option.shell
            switched[name] = not value.startswith("+")
            if option.shell == "shopt":
                begin_on.add(name)
    return tuple([name if on else f"+{name}" for name, on in switched.items() if on or name in begin_on])
