"""Help texts, made from the tables that read the command line."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from msh import __version__
from msh.cli import VERBS
from msh.cli.options import RUN_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msh.cli.options import Option

WIDTH = 100
INDENT = 26

EXAMPLES = """\
examples:
  msh report.sh 2026-10              run a script with an argument
  msh -c 'sort names | uniq -c'      run a line
  msh check report.sh                what is wrong with it, without running it
  msh check --grants report.sh       what each of its steps would be allowed
  msh --allow-read /etc/hosts -c 'wc -l /etc/hosts'
"""

SETTINGS_NOTE = """\
Each setting is also read from a variable (`MSH_ALLOW_READ`, `MSH_TIMEOUT`, ...; lists are separated by colons) and from
config.toml in $XDG_CONFIG_HOME/msh. `msh config` shows what counts and where it comes from.
"""

STATUS_NOTE = """\
exit status: the script's own; 2 syntax or usage, 124 timeout, 126 refused by policy, 127 a command is not mapped,
128+n ended by signal n.
"""


def version() -> str:
    """`msh 0.1.0`"""
    return f"msh {__version__}\n"


def main_help() -> str:
    """What `msh --help` prints."""
    head = [
        "usage: msh [OPTION...] SCRIPT [ARG...]",
        "       msh [OPTION...] -c COMMANDS [NAME [ARG...]]",
        "       msh [OPTION...] [-s [ARG...]] < SCRIPT",
        "       msh VERB ...",
        "",
        "Runs a shell script: refused unless every command is mapped, every command in a sandbox of its own.",
        "",
        "verbs:",
    ]
    verbs = [_row(name, summary) for name, (_, summary) in VERBS.items()]
    options = ["", "options:", *[_option_row(option) for option in RUN_OPTIONS], ""]
    return "\n".join([*head, *verbs, *options, EXAMPLES, SETTINGS_NOTE, STATUS_NOTE])


def verb_help(usage: str, summary: str, options: Sequence[Option], examples: Sequence[str]) -> str:
    """What `msh VERB --help` prints."""
    rows = [_option_row(option) for option in options]
    shown = [f"  {example}" for example in examples]
    return "\n".join([f"usage: msh {usage}", "", summary, "", "options:", *rows, "", "examples:", *shown, ""])


def _option_row(option: Option) -> str:
    value = option.value or "|".join(option.choices)
    return _row(", ".join(option.flags) + (f" {value}" if value else ""), option.summary)


def _row(name: str, summary: str) -> str:
    lines = textwrap.wrap(summary, WIDTH - INDENT)
    first = f"  {name:<{INDENT - 4}}  " if len(name) <= INDENT - 4 else f"  {name}\n{' ' * INDENT}"
    return first + f"\n{' ' * INDENT}".join(lines)
