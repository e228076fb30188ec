"""What a command is, as data: the tables of one catalog entry.

An entry says how a command's arguments are read (its options, its operands) and what each of them makes the command
touch. `docs/catalog.md` describes the TOML form; `build.py` makes these values from it; `arguments.py` reads an argv
with them and `msh/effects.py` says what it touches.

A *role* says what a word is to the command:

    text          nothing outside the command: a number, a pattern, a host name
    read          a file whose content is read (`-` is standard input)
    write         a file that is made or truncated (`-` is standard output)
    change        an existing file whose content or attributes change, never made
    list          a directory whose tree is read
    entries       a directory in which names appear, change and go; or a file to be made or replaced
    entry         a name that appears, changes or goes in the directory that holds it: `rm`, `mkdir`, `sed -i`
    directory     the directory to which later names are relative: `tar -C`
    script        a text in the command's own language (`sed`, `awk`), see `CommandSpec.script`
    assignment    leading words NAME=VALUE, see `CommandSpec.assignments`
    command       a command line: this word and all that follow
    shell         a text for `sh -c`
    command-line  a command line as one word, split at blanks
    placeholder   the word that is replaced in the command: `xargs -I`
"""

from __future__ import annotations

from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

ACCESS_ROLES = ("read", "write", "change", "list", "entries", "entry")
RUNNING_ROLES = ("command", "shell", "command-line")
ROLES = ("text", *ACCESS_ROLES, "directory", "script", "assignment", *RUNNING_ROLES, "placeholder")

OWN_PROXY = "msh"  # `CommandSpec.proxy`: one of msh's own

OPTIONAL = -1  # `Option.values`: a value only when attached, `-wVALUE`, `--width=VALUE`
UNTIL_SEMICOLON = -2  # `Option.values`: words up to `;` or `{} +`, as `find -exec`


class Run(Record):
    """How a command is started. `kind` is `host`, `image`, `wasm`, `nix` or `lambda`.

    `program` is a name looked up on the fixed search path, or a path; in an image it is the program in there.
    """

    kind: str
    program: str
    image: str = ""
    packages: tuple[str, ...] = ()


class Option(Record):
    """One option. `values` counts the words it takes; see also `OPTIONAL` and `UNTIL_SEMICOLON`.

    With several values `role` has a role for each, apart by blanks. `pattern` finds the path in a value that holds
    more than a path (`curl -F name=@file`): group 1; a value that does not match names no file.
    """

    name: str
    values: int = 0
    role: str = ""
    pattern: str = ""


class Options(Record):
    """How a command reads its options.

    `style` is `gnu` (short ones bundled, long ones with two dashes, both abbreviated and permuted as getopt_long does),
    `single` (long ones with one dash as well: `find`, `openssl`, `gcc`) or `none` (every word is an operand).
    """

    short: Mapping[str, Option]
    long: Mapping[str, Option]
    style: str = "gnu"
    stop: bool = False  # options end at the first operand
    number: bool = False  # `-20` is an option: head, kill, diff
    plus: bool = False  # so is a word that begins with `+`: tail, date
    bundle: bool = False  # the first word is options even without a dash: tar, ps, ar
    words: tuple[str, ...] = ()  # words of a grammar, neither option nor operand: `(` and `!` of find


class Slot(Record):
    """A place of the operands."""

    role: str
    repeats: bool = False


class Rule(Record):
    """What changes when options are given: of a Rule, only what is not None counts.

    Applies when one of `given` is given (empty: always), none of `unless`, and the number of operands is `count` if
    that is not None.
    """

    given: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    count: int | None = None
    operands: tuple[Slot, ...] | None = None
    turn: tuple[tuple[str, str], ...] = ()  # operands of the one role become the other
    roles: tuple[tuple[str, str], ...] = ()  # of options: name, role
    runs: tuple[tuple[str, ...], ...] = ()  # besides the spec's own
    default: tuple[tuple[str, str], ...] | None = None
    always: tuple[tuple[str, str], ...] | None = None
    files: str | None = None
    network: str | None = None
    dataflow: str | None = None
    merge: tuple[str, ...] | None = None
    appends: bool | None = None


class CommandSpec(Record):
    """One catalog entry.

    Pairs in `default` and `always` are (role, path): what is touched when no operand names a file, and in any case.
    """

    name: str
    run: Run
    summary: str = ""
    arguments: tuple[str, ...] = ()  # stand before the script's own: an alias, `busybox sort`
    shell: bool = False  # a shell: its script is interpreted by msh itself
    script_path: str = ""  # with `shell`: the script that the name itself stands for (`./x.sh`)
    files: str = ""  # "", "workspace-read" or "workspace": sees, may change the whole workspace
    network: str = "none"  # "none" or "client"
    proxy: str = ""  # URL of the proxy that its connections go through, or `OWN_PROXY`
    options: Options = Options({}, {})
    operands: tuple[Slot, ...] = (Slot("text", True),)
    default: tuple[tuple[str, str], ...] = ()
    always: tuple[tuple[str, str], ...] = ()
    rules: tuple[Rule, ...] = ()
    runs: tuple[tuple[str, ...], ...] = ()  # command lines that it runs in any case
    dataflow: str = "effect"  # "stateless" | "pure" | "ordered" | "effect"
    merge: tuple[str, ...] = ()  # for "pure": merges the parts' outputs; `{options}` stands for the options given
    script: str = ""  # a `script` text that matches this pattern may read and change the workspace
    assignments: tuple[tuple[str, str], ...] = ()  # for role `assignment`: NAME and the role of its VALUE
    together: bool = False  # renames or links between its directories: one mount must hold them
    placeholder: str = ""  # replaced in the commands it runs: `{}` of find
    appends: bool = False  # adds words of its own to the command it runs: xargs
    limits: tuple[tuple[str, float], ...] = ()  # of each step, see `msh.limits`
    programs: str = "any"  # what it may execute: "own" is itself and what it runs in turn; names are these besides
    subcommands: Mapping[str, CommandSpec] = {}
    origin: str = "standard"  # the layer it comes from, or its file and line
