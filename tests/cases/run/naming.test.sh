#### `type -t` gives the kind, `-a` all of them, `-f` none that is a function
f() { echo hi; }
cd() { :; }
type -t f if cd nosuch; echo $?
type -at cd
type -ft cd f; echo $?
## stdout:
function
keyword
function
1
function
builtin
builtin
1
#### an option that `type` does not have
type -z cd
## status: 2
## stderr-contains: type: -z: invalid option
#### a special builtin is said to be one in POSIX's mode
type export
set -o posix
type export pwd
## stdout:
export is a shell builtin
export is a special shell builtin
pwd is a shell builtin
#### `command -v` succeeds when one of the names is found
command -v nosuch cd; echo $?
command -v nosuch; echo $?
## stdout:
cd
0
1
#### `hash` lists what was run, and how often
cat /dev/null; cat /dev/null
hash | sed 's,/.*/,,'
hash -t cat | sed 's,/.*/,,'
hash -d cat; hash -t cat
hash nosuch; echo $?
## stdout:
hits	command
   2	cat
cat
1
## stderr-contains: hash: nosuch: not found
#### BASH_CMDS is the table of `hash`
hash -p /opt/bin/tool tool
declare -p BASH_CMDS
BASH_CMDS[other]=/opt/bin/other
hash -t tool other
type other
## stdout:
declare -A BASH_CMDS=([tool]="/opt/bin/tool" )
tool	/opt/bin/tool
other	/opt/bin/other
other is hashed (/opt/bin/other)
#### an element of BASH_ALIASES is an alias
BASH_ALIASES[ll]='ls -l'
alias
## stdout:
alias ll='ls -l'
#### `enable -n` puts a builtin aside
enable -n pwd
type -t test pwd
enable -n
enable pwd; enable -n
enable -n nosuch; echo $?
## stdout:
builtin
file
enable -n pwd
1
## stderr-contains: enable: nosuch: not a shell builtin
#### BASH_ARGV has the script's arguments, and those of calls under `extdebug`
shopt -s extdebug
f() { echo "${BASH_ARGV[@]}: ${BASH_ARGC[@]}"; }
f a b
f
## stdout:
b a: 2 0
: 0 0
#### FUNCNAME is declared, without a value, outside of functions
declare -p FUNCNAME
f() { declare -p FUNCNAME; }
f
## stdout:
declare -a FUNCNAME
declare -a FUNCNAME=([0]="f" [1]="main")
