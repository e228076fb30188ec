"""Command-line options as data: one table drives the reading of a command line and its `--help`.

Not argparse: its import alone costs as much as the interpreter's own start; it knows neither `+e` nor `-euo pipefail`.
"""

from __future__ import annotations

from msh.config import SETTINGS, Given
from msh.record import Record

TYPE_CHECKING = False  # as `typing` has it, without importing that
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from msh.diagnostics import MshError


class Option(Record):
    """`flags` are its spellings, the last names it; `value` stands for its value in the help, if it takes one."""

    flags: tuple[str, ...]
    summary: str
    value: str = ""
    shell: str = ""  # the shell option that it switches on; `+` switches it off
    setting: str = ""  # the setting that it gives
    choices: tuple[str, ...] = ()


HELP = Option(("-h", "--help"), "show this help")

SHELL_OPTIONS = (
    Option(("-e",), "end at the first command that fails", shell="errexit"),
    Option(("-u",), "a variable that is not set is an error", shell="nounset"),
    Option(("-x",), "print each command before it runs", shell="xtrace"),
    Option(("-n",), "parse and resolve, run nothing", shell="noexec"),
    Option(("-f",), "no pathname expansion", shell="noglob"),
    Option(("-a",), "export every variable that is assigned", shell="allexport"),
    Option(("-b",), "tell at once when a background job ends", shell="notify"),
    Option(("-C",), "`>` does not overwrite a file", shell="noclobber"),
    Option(("-E",), "functions inherit the ERR trap", shell="errtrace"),
    Option(("-m",), "job control: accepted, and nothing is done about it", shell="monitor"),
    Option(("-T",), "functions inherit the DEBUG and RETURN traps", shell="functrace"),
    Option(("-v",), "print the script's lines as they are read", shell="verbose"),
    Option(("--posix",), "keep to POSIX where bash does something else", shell="posix"),
    Option(("-o",), "set a shell option by name, as `pipefail`; `+` instead of `-` unsets", value="NAME", shell="*"),
    Option(("-O",), "set an option of `shopt` by name, as `extglob`; `+` unsets", value="NAME", shell="shopt"),
)

CATALOG_OPTIONS = (
    Option(("--catalog",), "read commands from a catalog file too (repeatable)", value="FILE", setting="catalog"),
    Option(("--trust",), "let this project's msh.toml count without `msh trust`", setting="trust"),
)

GRANT_OPTIONS = (
    Option(
        ("--workspace",),
        "where naming a file grants it; `none`: nowhere (default: the directory msh is started in)",
        value="DIR|none",
        setting="workspace",
    ),
    Option(
        ("--allow-read",),
        "let steps read this file, directory or `s3://BUCKET[/PREFIX]` (repeatable)",
        value="PATH",
        setting="allow_read",
    ),
    Option(
        ("--allow-write",),
        "let steps write this file, directory or `s3://BUCKET[/PREFIX]` (repeatable)",
        value="PATH",
        setting="allow_write",
    ),
    Option(("--deny-read",), "never let steps read this, whatever else grants it", "PATH", setting="deny_read"),
    Option(("--deny-write",), "never let steps write this, whatever else grants it", "PATH", setting="deny_write"),
    Option(
        ("--net",),
        "the network of steps: `none`; `ask` before each connection; `host`: those that need one have the host's "
        "(default: those that need one ask, when there is somebody to ask)",
        value="none|ask|host",
        setting="net",
    ),
    Option(
        ("--allow-net",),
        "let steps connect to this host without a question (repeatable)",
        value="HOST[:PORT]",
        setting="allow_net",
    ),
    Option(("--deny-net",), "never let a step connect to this host", value="HOST[:PORT]", setting="deny_net"),
    Option(
        ("--proxy",),
        "make the connections of steps through this proxy, and no others: `http://…` (CONNECT) or `socks5://…`",
        value="URL",
        setting="proxy",
    ),
    Option(
        ("--prompt",),
        "who is asked for more: `tty` the terminal, `stdin` lines of standard input, `no` nobody "
        "(default: the terminal, when standard input and error are one)",
        value="tty|stdin|no",
        setting="prompt",
    ),
    Option(("--policy",), "take the answers that a run before has recorded", "FILE", setting="policy"),
    Option(("--record-policy",), "write the answers of this run to a file", "FILE", setting="record_policy"),
    Option(("--audit",), "append every grant, question and answer to a file, as JSON", "FILE", setting="audit"),
    Option(("--allow-env",), "let steps see this inherited variable (repeatable)", value="NAME", setting="allow_env"),
)

BACKEND = Option(
    ("--backend",), "what isolates each step: `bubblewrap` (default), `native` or `docker`", "NAME", setting="backend"
)
LIMIT_OPTIONS = (
    Option(("--timeout",), "end the run after this time: `10`, `10s`, `2m` (status 124)", "SECONDS", setting="timeout"),
    Option(
        ("--limit",),
        "bounds of the run: memory, cpu, cpus, pids, files, disk, throughput, output (repeatable)",
        "NAME=VALUE,...",
        setting="limit",
    ),
    Option(
        ("--allow-weaker",),
        "accept that these limits, or `paths` and `programs` in containers, hold less than they say",
        "NAME,...",
        setting="allow_weaker",
    ),
)
HOW_OPTIONS = (
    BACKEND,
    Option(
        ("--errors",),
        "errors of a running script: `plain` as bash words them, `full` with the place in the script, `auto` full on a "
        "terminal (default)",
        value="auto|full|plain",
        setting="errors",
    ),
    Option(("--trace",), "`set -x` also says in what each step runs", setting="trace"),
    Option(("--endpoint-url",), "where `s3://` files are, when not at Amazon's", "URL", setting="endpoint_url"),
    *LIMIT_OPTIONS,
)

RUN_OPTIONS = (
    Option(("-c",), "take the commands from the first operand"),
    Option(("-s",), "take the commands from standard input, also when there are operands"),
    *SHELL_OPTIONS,
    *GRANT_OPTIONS,
    *CATALOG_OPTIONS,
    *HOW_OPTIONS,
    Option(("--version",), "show the version"),
    HELP,
)

EXEC_OPTIONS = (*SHELL_OPTIONS, *GRANT_OPTIONS, *HOW_OPTIONS, HELP)

# What `-o` takes: the names that `set -o` of the run knows (a test compares).
SHELL_OPTION_NAMES = tuple(
    (
        "allexport braceexpand emacs errexit errtrace functrace hashall histexpand history ignoreeof "
        "interactive-comments keyword monitor noclobber noexec noglob nolog notify nounset onecmd physical pipefail "
        "posix privileged verbose vi xtrace"
    ).split()
)


class Parsed(Record):
    """A command line that was read: options in their order with their values, and the operands."""

    options: tuple[tuple[Option, str], ...]  # a value may be "" ; `+e` gives "+"
    operands: tuple[str, ...]

    def value(self, flag: str) -> str | None:
        """The last value of an option ("" for one that takes none), None when it is not there."""
        return next((value for option, value in reversed(self.options) if option.flags[-1] == flag), None)

    def has(self, flag: str) -> bool:
        """Whether an option is there."""
        return self.value(flag) is not None

    def settings(self) -> tuple[Given, ...]:
        """The settings that it gives."""
        by_name = {setting.name: setting for setting in SETTINGS}
        return tuple(
            [
                Given(by_name[option.setting], value if option.value else "true", option.flags[-1])
                for option, value in self.options
                if option.setting
            ]
        )


def parse_options(arguments: Sequence[str], table: Iterable[Option], *, operands_last: bool = False) -> Parsed:
    """Read a command line. With `operands_last` all after the first operand are operands, as for a script's arguments.

    Raises `MshError` (MSH460 an option that is not in the table, MSH461 a value too many, too few or wrong).
    """
    by_flag = {flag: option for option in table for flag in option.flags}
    found: list[tuple[Option, str]] = []
    operands: list[str] = []
    rest = list(reversed(arguments))
    while rest:
        argument = rest.pop()
        if argument == "--":
            operands += reversed(rest)
            break
        if argument.startswith("--"):
            found.append(_long(argument, rest, by_flag))
        elif argument[:1] in ("-", "+") and len(argument) > 1:
            found += _short(argument, rest, by_flag)
        else:
            operands.append(argument)
            if operands_last:
                operands += reversed(rest)
                break
    return Parsed(tuple(found), tuple(operands))


def _long(argument: str, rest: list[str], by_flag: dict[str, Option]) -> tuple[Option, str]:
    flag, equals, value = argument.partition("=")
    option = by_flag.get(flag)
    if option is None:
        raise _unknown(flag, by_flag)
    if equals and not option.value:
        raise _misused(f"`{flag}` takes no value")
    return option, _checked(option, flag, value if equals else _next_value(option, flag, rest))


def _short(argument: str, rest: list[str], by_flag: dict[str, Option]) -> list[tuple[Option, str]]:
    """`-eu`, `-euo pipefail`, `+x`."""
    found = []
    sign, letters = argument[0], argument[1:]
    while letters:
        flag, letters = f"-{letters[0]}", letters[1:]
        option = by_flag.get(flag)
        if option is None or (sign == "+" and not option.shell):
            raise _unknown(sign + flag[1:] if len(argument) == 2 else argument, by_flag)
        if option.value:
            value, letters = letters or _next_value(option, flag, rest), ""
            found.append((option, (sign if sign == "+" else "") + _checked(option, flag, value)))
        else:
            found.append((option, sign if sign == "+" else ""))
    return found


def _next_value(option: Option, flag: str, rest: list[str]) -> str:
    if not option.value:
        return ""
    if not rest:
        raise _misused(f"`{flag}` needs a value: `{flag} {option.value}`")
    return rest.pop()


def _checked(option: Option, flag: str, value: str) -> str:
    known = _names(option)
    if known and value not in known:
        from msh.nearest import nearest

        near = nearest(value, known)
        raise _misused(f"`{value}` is not a shell option", f"did you mean `{near}`?" if near else "")
    if option.choices and value not in option.choices:
        raise _misused(f"`{flag}` is `{value}`: expected one of " + ", ".join([f"`{c}`" for c in option.choices]))
    return value


def _names(option: Option) -> Sequence[str]:
    """The shell options that an option takes by name."""
    if option.shell == "shopt":
        from msh.run.builtins.options import SHOPT

        return SHOPT
    return SHELL_OPTION_NAMES if option.shell == "*" else ()


def _unknown(flag: str, known: Iterable[str]) -> MshError:
    from msh.diagnostics import Diagnostic, MshError
    from msh.nearest import nearest

    near = nearest(flag, [name for name in known if name.startswith("--")]) if flag.startswith("--") else None
    help_ = f"did you mean `{near}`?" if near else "`msh --help` lists the options"
    return MshError(Diagnostic("MSH460", f"unknown option `{flag}`", help=help_))


def _misused(message: str, help_: str = "") -> MshError:
    from msh.diagnostics import Diagnostic, MshError

    return MshError(Diagnostic("MSH461", message, help=help_))
