"""Shells started by a script (`sh -c …`, `bash FILE`, `./x.sh`): interpreted here, in a fork, never in a sandbox.

A nested shell gets what a child process would get: its arguments, the exported variables and functions, the open
descriptors. Its text is parsed and resolved against the same catalog before any of it runs.
"""

from __future__ import annotations

import os

from msh.catalog.builtins import POSIX_SHELLS
from msh.diagnostics import MshError
from msh.run.control import ShellError
from msh.run.shell import Shell
from msh.source import Source, decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.catalog.model import CommandSpec
    from msh.run.processes import Process

LONG = {"--posix", "--norc", "--noprofile", "--login", "--noediting", "--"}
INTERACTIVE = ("interactive", "expand_aliases", "histexpand")  # what `-i` switches on
WITH_FILE = ("--rcfile", "--init-file")


class Invocation:
    """A shell's command line taken apart (POSIX XCU sh)."""

    def __init__(self, argv: list[str]) -> None:
        self.options: list[tuple[str, bool]] = []
        self.shopts: list[tuple[str, bool]] = []
        self.command: str | None = None
        self.standard_input = False
        operands = argv[1:]
        wants_command = False
        while operands and len(operands[0]) > 1 and operands[0][0] in "-+":
            word = operands.pop(0)
            if word in WITH_FILE:
                del operands[:1]  # of settings for a terminal, which nobody sits at
                continue
            if word in LONG:
                if word == "--":
                    break
                if word == "--posix":
                    self.options.append(("posix", True))
                elif word == "--login":
                    self.shopts.append(("login_shell", True))
                continue
            on = word[0] == "-"
            for letter in word[1:]:
                wants_command |= letter == "c"
                self.standard_input |= letter == "s"
                if letter in "oO":
                    if operands:
                        (self.options if letter == "o" else self.shopts).append((operands.pop(0), on))
                elif letter == "i":
                    self.shopts += [(name, True) for name in INTERACTIVE]
                elif letter == "l":
                    self.shopts.append(("login_shell", True))
                elif letter not in "cs":
                    self.options.append((_option(argv[0], letter), on))
        if wants_command:
            if not operands:
                raise ShellError(f"{argv[0]}: -c: option requires an argument", 2)
            self.command = operands.pop(0)
        self.operands = operands


def _option(shell: str, letter: str) -> str:
    from msh.run.builtins.options import LETTERS

    if letter not in LETTERS:
        raise ShellError(f"{shell}: -{letter}: invalid option", 2)
    return LETTERS[letter]


def start_shell(sh: Shell, spec: CommandSpec, argv: list[str], environment: dict[str, str], title: str = "") -> Process:
    """Start a nested shell in a fork. A `title` is `$0` where that is the shell's own name (`exec -a`)."""
    return sh.fork(lambda: _main(sh, spec, argv, environment, title), lingers=True)


def _main(sh: Shell, spec: CommandSpec, argv: list[str], environment: dict[str, str], title: str) -> int:
    sh.signals.enter_subshell()
    try:
        inner = _shell(sh, spec, argv, environment, title)
    except ShellError as error:
        sh.write_error(f"{error.message}\n")  # it is said by the shell that did not start
        return error.status
    except MshError as error:
        return sh.report(error)
    from msh.run.reading import load
    from msh.run.script import finish, run_script

    try:
        reading = load(inner, inner.source)
    except MshError as error:
        return sh.report(error)
    return finish(inner, lambda: run_script(inner, reading))


def _shell(sh: Shell, spec: CommandSpec, argv: list[str], environment: dict[str, str], title: str) -> Shell:
    """A fresh shell with what the command line and the environment say."""
    from msh.run.builtins.options import SHOPT, set_option
    from msh.run.start import import_environment, prepare

    invocation = Invocation(["sh"] if spec.script_path else argv)
    if spec.script_path:
        source, name, positional = _script_file(sh, spec, argv[0]), argv[0], argv[1:]
    else:
        source, name, positional = _text(sh, title or argv[0], invocation)
    inner = Shell(sh.resources, name, source)
    inner.directory = sh.directory
    inner.descriptors = sh.descriptors
    inner.jobs.relatives = sh.jobs.of_fork().relatives
    prepare(inner)
    import_environment(inner, environment)
    inner.positional = positional
    inner.argument_lists = [positional]
    if not spec.script_path and os.path.basename(argv[0]) in POSIX_SHELLS:
        set_option(inner, "posix", True)
    for option, on in invocation.options:
        set_option(inner, option, on)
    for option, on in invocation.shopts:
        if option not in SHOPT and option not in INTERACTIVE:
            raise ShellError(f"{argv[0]}: {option}: invalid shell option name", 2)
        (inner.options.add if on else inner.options.discard)(option)
    inner.signals.install()
    return inner


def _script_file(sh: Shell, spec: CommandSpec, name: str) -> Source:
    """The script that a name stands for. One that the catalog maps itself needs no grant, like any program."""
    if "/" in name:
        try:
            return Source(name, sh.read_file(name), name)
        except MshError:
            if spec.origin == spec.script_path:
                raise
    with open(spec.script_path, "rb") as file:
        return Source(name, decode(file.read()), spec.script_path)


def _text(sh: Shell, shell: str, invocation: Invocation) -> tuple[Source, str, list[str]]:
    operands = invocation.operands
    if invocation.command is not None:
        return Source("-c", invocation.command), (operands or [shell])[0], operands[1:]
    if operands and not invocation.standard_input:
        try:
            text = sh.read_file(operands[0])
        except OSError as error:
            missing = isinstance(error, (FileNotFoundError, NotADirectoryError))
            raise ShellError(f"{shell}: {operands[0]}: {error.strerror}", 127 if missing else 126) from None
        if "\0" in text:
            raise ShellError(f"{shell}: {operands[0]}: cannot execute binary file", 126)
        return Source(operands[0], text, operands[0]), operands[0], operands[1:]
    data = b""
    while chunk := os.read(0, 65536):
        data += chunk
    return Source("standard input", decode(data)), shell, operands
