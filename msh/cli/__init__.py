"""The `msh` command: finds the verb, or runs a script.

A verb's module is imported when the verb is called, so that a plain run pays for none of them.
"""

from __future__ import annotations

import gc
import os
import sys

from msh.diagnostics import MshError
from msh.diagnostics import exit_status as status_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

VERBS = {
    "check": ("msh.cli.check", "parse and resolve scripts, print every finding; run nothing"),
    "fmt": ("msh.cli.fmt", "print scripts in one layout"),
    "exec": ("msh.cli.exec", "run a plan that `msh compile --target local` wrote"),
    "try": ("msh.cli.dry_run", "run a script over a layer, show what it would change, then commit or discard it"),
    "explain": ("msh.cli.explain", "what a diagnostic's code means and what to do about it"),
    "compile": ("msh.cli.compile", "make a state machine of a script, with all that it needs on AWS"),
    "graph": ("msh.cli.graph", "draw a script's plan as mermaid or dot"),
    "catalog": ("msh.cli.catalog", "list the mapped commands, show what is known of one"),
    "trust": ("msh.cli.trust", "let a project's msh.toml count, as it is now"),
    "doctor": ("msh.cli.doctor", "what this host offers for sandboxes, and what to do where it falls short"),
    "config": ("msh.cli.config", "show each setting and where it comes from"),
}


def start() -> NoReturn:
    """The console script.

    Leaves at once: Python's own tidying up takes a tenth of a short run, and by now every process was waited for and
    every directory removed.
    """
    gc.disable()  # until the script begins (`msh/run/main.py`): imports make no garbage, and looking for it takes 3 ms
    status = main()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # None when msh was started with the descriptor closed
            stream.flush()
    os._exit(status)


def main(argv: list[str] | None = None) -> int:
    """Do what the command line says; the exit status."""
    try:
        return _dispatch([_text(argument) for argument in (sys.argv[1:] if argv is None else argv)])
    except MshError as error:
        from msh.render import report

        report(error.diagnostics)
        return status_of(error.diagnostics)
    except KeyboardInterrupt:
        return 130


def _dispatch(arguments: list[str]) -> int:
    if arguments and arguments[0] in VERBS:
        from importlib import import_module

        gc.enable()
        module = import_module(VERBS[arguments[0]][0])
        status: int = module.main(arguments[1:])
        return status
    from msh.cli.run import main as run

    return run(arguments)


def _text(argument: str) -> str:
    """An argument decoded as scripts are: UTF-8, whatever the locale says."""
    return argument if argument.isascii() else os.fsencode(argument).decode("utf-8", "surrogateescape")
