"""set, shopt: how the shell behaves."""

from __future__ import annotations

from msh.expand.references import UNSAFE
from msh.run.control import ShellError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell

LETTERS = {
    "a": "allexport",
    "b": "notify",
    "B": "braceexpand",
    "C": "noclobber",
    "e": "errexit",
    "E": "errtrace",
    "f": "noglob",
    "h": "hashall",
    "H": "histexpand",
    "k": "keyword",
    "m": "monitor",
    "n": "noexec",
    "p": "privileged",
    "P": "physical",
    "t": "onecmd",
    "T": "functrace",
    "u": "nounset",
    "v": "verbose",
    "x": "xtrace",
}
NAMES = sorted(
    [*LETTERS.values(), "emacs", "history", "ignoreeof", "interactive-comments", "nolog", "pipefail", "posix", "vi"]
)
SHOPT = [
    "autocd",
    "assoc_expand_once",
    "cdable_vars",
    "cdspell",
    "checkhash",
    "checkjobs",
    "checkwinsize",
    "cmdhist",
    "compat31",
    "compat32",
    "compat40",
    "compat41",
    "compat42",
    "compat43",
    "compat44",
    "complete_fullquote",
    "direxpand",
    "dirspell",
    "dotglob",
    "execfail",
    "expand_aliases",
    "extdebug",
    "extglob",
    "extquote",
    "failglob",
    "force_fignore",
    "globasciiranges",
    "globskipdots",
    "globstar",
    "gnu_errfmt",
    "histappend",
    "histreedit",
    "histverify",
    "hostcomplete",
    "huponexit",
    "inherit_errexit",
    "interactive_comments",
    "lastpipe",
    "lithist",
    "localvar_inherit",
    "localvar_unset",
    "login_shell",
    "mailwarn",
    "no_empty_cmd_completion",
    "nocaseglob",
    "nocasematch",
    "noexpand_translation",
    "nullglob",
    "patsub_replacement",
    "progcomp",
    "progcomp_alias",
    "promptvars",
    "restricted_shell",
    "shift_verbose",
    "sourcepath",
    "varredir_close",
    "xpg_echo",
]


def set_(sh: Shell, argv: list[str]) -> int:
    operands = argv[1:]
    if not operands:
        from msh.run.builtins.listing import list_set

        return list_set(sh)
    while operands and len(operands[0]) > 1 and operands[0][0] in "-+":
        word = operands[0]
        if word == "--":
            sh.positional = operands[1:]
            return 0
        operands = operands[1:]
        on = word[0] == "-"
        for letter in word[1:]:
            if letter == "o":
                if not operands:
                    return _show_options(sh, readable=on)
                set_option(sh, operands[0], on)
                operands = operands[1:]
            elif letter in LETTERS:
                set_option(sh, LETTERS[letter], on)
            else:
                raise ShellError(f"set: {word[0]}{letter}: invalid option", 2)
    if operands[:1] == ["-"]:
        sh.options -= {"xtrace", "verbose"}
        operands = operands[1:]
        if not operands:
            return 0
    if operands:
        sh.positional = list(operands)
    return 0


def set_option(sh: Shell, name: str, on: bool) -> None:
    """`set -o name`, `set +o name`."""
    if name not in NAMES:
        raise ShellError(f"set: {name}: invalid option name", 2)
    if name == "posix" and on:
        sh.variables.set("POSIXLY_CORRECT", "y")  # which the shell looks at
    elif name == "posix":
        sh.variables.unset("POSIXLY_CORRECT")
    else:
        (sh.options.add if on else sh.options.discard)(internal(name))


def keep_to_posix(sh: Shell, *, on: bool) -> None:
    """POSIX's mode, in which aliases count."""
    for name in ("posix", "expand_aliases"):
        (sh.options.add if on else sh.options.discard)(name)


def internal(name: str) -> str:
    """The name under which the shell keeps an option: one has a name of `set -o` and another of `shopt`."""
    return "interactive_comments" if name == "interactive-comments" else name


def _show_options(sh: Shell, *, readable: bool) -> int:
    for name in NAMES:
        on = internal(name) in sh.options
        sh.write(f"{name:15}\t{'on' if on else 'off'}\n" if readable else f"set {'-' if on else '+'}o {name}\n")
    return 0


def shopt(sh: Shell, argv: list[str]) -> int:
    given, operands = "", argv[1:]
    while operands and operands[0].startswith("-") and len(operands[0]) > 1:
        for letter in operands[0][1:]:
            if letter not in "supqo":
                raise ShellError(f"shopt: -{letter}: invalid option", 2)
            given += letter
        operands = operands[1:]
    known = NAMES if "o" in given else SHOPT
    if "s" in given and "u" in given:
        raise ShellError("shopt: cannot set and unset shell options simultaneously")
    bad = [name for name in operands if name not in known and name != UNSAFE]
    for name in bad:
        sh.complain(f"shopt: {name}: invalid {'option' if 'o' in given else 'shell option'} name")
    names = [name for name in operands if name not in bad]
    if operands and ("s" in given or "u" in given):
        for name in names:
            (sh.options.add if "s" in given else sh.options.discard)(internal(name))
        return 1 if bad else 0
    return _show_shopt(sh, given, names if operands else known, asked=bool(operands)) or int(bool(bad))


def _show_shopt(sh: Shell, given: str, names: list[str], *, asked: bool) -> int:
    """List options; the status tells whether all that were asked for are on. -s and -u list only such."""
    for name in names:
        on = internal(name) in sh.options
        if "q" in given or ("s" in given and not on) or ("u" in given and on):
            continue
        if "p" not in given:
            sh.write(f"{name:15}\t{'on' if on else 'off'}\n")
        elif "o" in given:
            sh.write(f"set {'-' if on else '+'}o {name}\n")
        else:
            sh.write(f"shopt -{'s' if on else 'u'} {name}\n")
    return 0 if not asked or all(internal(name) in sh.options for name in names) else 1


BUILTINS: dict[str, Builtin] = {"set": set_, "shopt": shopt}
