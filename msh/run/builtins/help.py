"""help: what the builtins and the words of the language are for, in a line each."""

from __future__ import annotations

from msh.run.builtins.letters import letters
from msh.run.control import ShellError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell

TOPICS = """\
(( ... )) | (( expression )) | succeed if an arithmetic expression is not 0
. | . filename [arguments] | run the commands of a file in this shell
: | : | succeed and do nothing
[ | [ arg... ] | test files, texts and numbers
[[ ... ]] | [[ expression ]] | test files, texts and numbers without splitting words
alias | alias [-p] [name[=value] ... ] | set or show aliases
bg | bg [job_spec ...] | continue jobs in the background
break | break [n] | leave one or n loops
builtin | builtin [shell-builtin [arg ...]] | run a builtin although a function has its name
caller | caller [expr] | show where a function was called
case | case WORD in [PATTERN [| PATTERN]...) COMMANDS ;;]... esac | choose commands by a pattern
cd | cd [-L|[-P [-e]] [-@]] [dir] | change the current directory
command | command [-pVv] command [arg ...] | run a command although a function has its name, or describe it
compgen | compgen [-abcdefgjksuv] [-o option] [-A action] [-W wordlist] [word] | show possible completions of a word
complete | complete [-pr] [-o option] [-A action] [-F function] [name ...] | note how arguments are completed
compopt | compopt [-o|+o option] [-DEI] [name ...] | change how a completion being made is used
continue | continue [n] | begin the next turn of a loop
coproc | coproc [NAME] command [redirections] | run a command beside the shell, joined by two pipes
declare | declare [-aAfFgiIlnrtux] [name[=value] ...] or declare -p [-aAfFilnrtux] [name ...] \
| set variables and their attributes
dirs | dirs [-clpv] [+N] [-N] | show the stack of directories
disown | disown [-h] [-ar] [jobspec ... | pid ...] | forget jobs
echo | echo [-neE] [arg ...] | write arguments
enable | enable [-a] [-dnps] [-f filename] [name ...] | put builtins aside, and take them back
eval | eval [arg ...] | run arguments as commands
exec | exec [-cl] [-a name] [command [argument ...]] [redirection ...] | run a command in place of the shell
exit | exit [n] | end the shell
export | export [-fn] [name[=value] ...] or export -p | hand variables on to commands
false | false | fail
fg | fg [job_spec] | continue a job in the foreground
for | for NAME [in WORDS ... ] ; do COMMANDS; done | run commands for each of some words
for (( | for (( exp1; exp2; exp3 )); do COMMANDS; done | run commands as long as an expression is not 0
function | function name { COMMANDS ; } or name () { COMMANDS ; } | define a function
getopts | getopts optstring name [arg ...] | take options apart
hash | hash [-lr] [-p pathname] [-dt] [name ...] | remember where commands are
help | help [-dms] [pattern ...] | show what builtins are for
if | if COMMANDS; then COMMANDS; [ elif COMMANDS; then COMMANDS; ]... [ else COMMANDS; ] fi \
| run commands on a condition
jobs | jobs [-lnprs] [jobspec ...] or jobs -x command [args] | show jobs
kill | kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec] | send a signal
let | let arg [arg ...] | evaluate arithmetic expressions
local | local [option] name[=value] ... | set variables of a function
mapfile | mapfile [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array] \
| read lines into an array
popd | popd [-n] [+N | -N] | take a directory off the stack
printf | printf [-v var] format [arguments] | write arguments by a format
pushd | pushd [-n] [+N | -N | dir] | put a directory on the stack
pwd | pwd [-LP] | show the current directory
read | read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...] \
| read a line into variables
readarray | readarray [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array] \
| read lines into an array
readonly | readonly [-aAf] [name[=value] ...] or readonly -p | keep variables from being changed
return | return [n] | leave a function
select | select NAME [in WORDS ... ;] do COMMANDS; done | run commands for words chosen from a menu
set | set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...] | set options and positional parameters
shift | shift [n] | drop positional parameters
shopt | shopt [-pqsu] [-o] [optname ...] | set options of the shell
source | source filename [arguments] | run the commands of a file in this shell
test | test [expr] | test files, texts and numbers
time | time [-p] pipeline | show how long a pipeline takes
times | times | show how long the shell and its commands have run
trap | trap [-lp] [[arg] signal_spec ...] | say what is run when a signal arrives
true | true | succeed
type | type [-afptP] name [name ...] | say what names of commands mean
typeset | typeset [-aAfFgiIlnrtux] name[=value] ... or typeset -p [-aAfFilnrtux] [name ...] \
| set variables and their attributes
ulimit | ulimit [-SHacdflmnstuv] [limit] | set limits on resources
umask | umask [-p] [-S] [mode] | set which permissions new files do not get
unalias | unalias [-a] name [name ...] | remove aliases
unset | unset [-f] [-v] [-n] [name ...] | remove variables and functions
until | until COMMANDS; do COMMANDS; done | run commands as long as others fail
wait | wait [-fn] [-p var] [id ...] | wait for jobs to end
while | while COMMANDS; do COMMANDS; done | run commands as long as others succeed
{ ... } | { COMMANDS ; } | run commands together
"""


class Topic:
    """One line of the table."""

    __slots__ = ("name", "summary", "usage")

    def __init__(self, line: str) -> None:
        name, usage_and_summary = line.split(" | ", 1)
        self.name = name
        self.usage, self.summary = usage_and_summary.rsplit(" | ", 1)


def usage_of(name: str) -> str:
    """The line that follows when a builtin was given what it does not take; nothing when it has none."""
    topics = [Topic(line) for line in TOPICS.splitlines()]
    return next((f"{name}: usage: {topic.usage}" for topic in topics if topic.name == name), "")


def help_(sh: Shell, argv: list[str]) -> int:
    """`help [-dms] [pattern…]`"""
    given, patterns = letters(argv, "dms")
    topics = [Topic(line) for line in TOPICS.splitlines()]
    if not patterns:
        sh.write("These commands are part of the shell; `help name` says more about one.\n\n")
        sh.write("".join(f" {topic.usage}\n" for topic in topics))
        return 0
    found = [topic for pattern in patterns for topic in _matching(topics, pattern)]
    if not found:
        raise ShellError(f"help: no help topics match `{patterns[-1]}'.  Try `help help'.")
    sh.write("".join(_text(topic, given) for topic in found))
    return 0


def _matching(topics: list[Topic], pattern: str) -> list[Topic]:
    """The topics that a pattern matches; only when there are none, those that begin with it."""
    from msh.expand.patterns import pattern_of

    matches = pattern_of([(pattern, False)], extglob=True).matches
    whole = [topic for topic in topics if matches(topic.name)]
    return whole or [topic for topic in topics if topic.name.split(" ")[0].startswith(pattern)]


def _text(topic: Topic, given: str) -> str:
    if "s" in given:
        return f"{topic.name}: {topic.usage}\n"
    if "d" in given:
        return f"{topic.name} - {topic.summary}\n"
    if "m" in given:
        return f"NAME\n    {topic.name} - {topic.summary}\n\nSYNOPSIS\n    {topic.usage}\n\n"
    return f"{topic.name}: {topic.usage}\n    {topic.summary}\n"


BUILTINS: dict[str, Builtin] = {"help": help_}
