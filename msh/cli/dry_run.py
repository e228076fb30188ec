"""`msh try`: runs a script over a layer, shows what it would change, and asks whether to make the changes."""

from __future__ import annotations

import json
import os
import signal
import sys

from msh.cli.differences import as_data, summary
from msh.cli.options import HELP, RUN_OPTIONS, Option, parse_options
from msh.cli.output import write
from msh.cli.run import script_of, settings_of
from msh.cli.usage import verb_help
from msh.diagnostics import Diagnostic, MshError
from msh.render import plain
from msh.run import execute
from msh.run.processes import fork
from msh.sandbox.changes import changes
from msh.sandbox.commit import commit
from msh.sandbox.objects import is_object
from msh.sandbox.overlay import lay_over
from msh.sandbox.runtime import Runtime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from msh.cli.options import Parsed
    from msh.config import Settings
    from msh.sandbox.changes import Change

OPTIONS = (
    Option(("--commit",), "make the changes without asking"),
    Option(("--discard",), "show the changes only, without asking"),
    Option(("--full",), "show all that differs in text files, not the first lines of each"),
    Option(("--report",), "write the changes as JSON to this file too", value="FILE"),
    *[option for option in RUN_OPTIONS if option.flags[-1] not in ("--version", "--help")],
    HELP,
)
SUMMARY = (
    "Runs a script as `msh SCRIPT` does, but over a layer: the workspace and directories granted for writing stay as "
    "they are. Then shows what the script would have changed and asks whether to commit it. Without a terminal nothing "
    "is committed unless `--commit` is given. Exit status: the script's own."
)
EXAMPLES = ("msh try cleanup.sh", "msh try --discard -c 'rm -rf build'", "msh try --report changes.json install.sh")


def main(arguments: list[str]) -> int:
    """Run, show, ask; the status of the script."""
    parsed = parse_options(arguments, OPTIONS, operands_last=True)
    if parsed.has("--help"):
        return write(verb_help("try [OPTION...] SCRIPT [ARG...]", SUMMARY, OPTIONS, EXAMPLES))
    if parsed.has("--commit") and parsed.has("--discard"):
        raise MshError(Diagnostic("MSH461", "`--commit` and `--discard` are given", help="choose one"))
    if not parsed.operands and not parsed.has("-s"):
        raise MshError(Diagnostic("MSH461", "`msh try` needs a script", help="for example: msh try cleanup.sh"))
    settings = settings_of(parsed).replace(dry_run=True)
    script = script_of(parsed)
    directories = _directories(settings)
    report = _report_file(parsed)
    runtime = Runtime()
    try:
        layers = lay_over(directories, runtime.path)
        status = _run(lambda: execute(*script, settings))
        found = [change for layer in layers for change in changes(layer)]
        _show(found, full=parsed.has("--full"))
        if report >= 0:
            _write_report(report, found)
        _finish(found, parsed)
    finally:
        runtime.close()
    return status


def _directories(settings: Settings) -> list[str]:
    """What the script may write: real paths, none inside another."""
    for path in settings.allow_write:
        if is_object(path) or os.path.isfile(path):
            what = "an object" if is_object(path) else "a single file"
            message = f"`--allow-write {path}`: what is written to {what} cannot be held back"
            help_ = "leave it out" if is_object(path) else "grant its directory"
            raise MshError(Diagnostic("MSH416", message, help=help_))
    granted = [*settings.allow_write, *([settings.workspace] if settings.workspace else [])]
    real = {os.path.realpath(path) for path in granted if os.path.isdir(path)}  # a run says what is not there
    return sorted(path for path in real if not any(path.startswith(other.rstrip("/") + "/") for other in real))


def _run(script: Runner) -> int:
    """The script in a process of its own, since it may give up root's rights, which the commit needs."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the script's; what it changed is shown then
    try:
        return fork(lambda: _as_child(script)).wait()
    finally:
        signal.signal(signal.SIGINT, before)


def _as_child(script: Runner) -> int:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return script()
    except MshError as error:
        from msh.diagnostics import exit_status
        from msh.render import report

        report(error.diagnostics)
        return exit_status(error.diagnostics)
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()


def _show(found: Sequence[Change], *, full: bool) -> None:
    text = summary(found, full=full) if found else "nothing would change\n"
    sys.stderr.write(f"\n{text}" if found else text)
    sys.stderr.flush()


def _report_file(parsed: Parsed) -> int:
    """Opened before the layers, so that it is written where it was named; -1 for none."""
    path = parsed.value("--report")
    if path is None:
        return -1
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise MshError(Diagnostic("MSH466", f"cannot write `{path}`: {error.strerror}")) from None


def _write_report(number: int, found: Sequence[Change]) -> None:
    with open(number, "w", encoding="utf-8", errors="backslashreplace") as file:
        json.dump({"version": 1, "changes": as_data(found)}, file, indent=2)
        file.write("\n")


def _finish(found: Sequence[Change], parsed: Parsed) -> None:
    """Commit or discard, as was said or is answered."""
    if not found:
        return
    if parsed.has("--discard") or not (parsed.has("--commit") or _agreed()):
        sys.stderr.write("discarded: nothing was changed\n")
        return
    left = commit(found)
    sys.stderr.write(f"committed: {len(found) - len(left)} changes\n")
    for change in left:
        kind = change.new.kind if change.new else ""
        sys.stderr.write(f"left out: {plain(change.name)}, a {kind} cannot be carried over\n")


def _agreed() -> bool:
    """The answer of the terminal; no without one."""
    import termios

    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError:
        return False
    with open(terminal, "r+b", buffering=0) as file:
        termios.tcflush(file, termios.TCIFLUSH)  # what was typed before the question is no answer to it
        file.write(b"\x1b[0mCommit these changes? [yes/no] ")
        return file.readline().strip().lower() in (b"yes", b"y")


if TYPE_CHECKING:
    from collections.abc import Callable

    Runner = Callable[[], int]
