#### a function names its callers, their text and their lines
outer() { inner; }
inner() { echo "${FUNCNAME[@]}" / "${BASH_SOURCE[@]##*/}" / "${BASH_LINENO[@]}"; caller 0 | sed 's|/.*/||'; }
outer
echo "[${FUNCNAME[@]}] $FUNCNAME"
## stdout:
inner outer main / case.sh case.sh case.sh / 1 3 0
1 outer case.sh
[] 

#### a text that is no file has no place in the call stack
show='f() { echo "${FUNCNAME[@]} / ${BASH_SOURCE[@]} / ${BASH_LINENO[@]}"; caller; caller 0; }
f; echo "$? [${BASH_SOURCE[@]}] [${BASH_LINENO[@]}] [$FUNCNAME]"'
bash -c "$show"
echo "$show" | bash
## stdout:
f / environment / 2
2 NULL
1 [] [] []
f / main / 2
2 NULL
1 [] [] []

#### eval goes on with the lines of its script and belongs to its text
:
text='echo $LINENO
echo $LINENO; f() { echo "${BASH_SOURCE[0]##*/}"; }'
eval "$text"; f
## stdout:
4
5
case.sh

#### variables that are computed have attributes, and may be readonly
for name in RANDOM SECONDS PPID UID EUID BASHPID; do declare -p $name; done | sed 's/=.*//'
declare -p SHELLOPTS BASHOPTS BASH_SUBSHELL FUNCNAME | sed 's/=.*//'
SHELLOPTS=x; echo not reached
(unset UID; echo $?)
echo "${!BASH_V*}" ${BASHOPTS:+set}
## stdout:
declare -i RANDOM
declare -i SECONDS
declare -ir PPID
declare -ir UID
declare -ir EUID
declare -i BASHPID
declare -r SHELLOPTS
declare -r BASHOPTS
declare -- BASH_SUBSHELL
declare -a FUNCNAME
1
BASH_VERSINFO BASH_VERSION set
## stderr-contains: SHELLOPTS: readonly variable

#### an exported SHELLOPTS sets the options of a nested shell
export SHELLOPTS
set -o pipefail
bash -c 'shopt -o pipefail; false | true; echo $?; set +o pipefail; echo $SHELLOPTS'
shopt -u -o pipefail; bash -c 'echo $SHELLOPTS'
## stdout:
pipefail       	on
1
braceexpand:hashall:interactive-comments
braceexpand:hashall:interactive-comments

#### shopt goes on after a name it does not know, and lists what is on or off
shopt -s nosuch extglob; echo $?
shopt extglob
shopt -u nocaseglob nullglob; shopt -p nullglob extglob; echo $?
shopt -q extglob; echo $?
shopt -s | grep -c glob
shopt -po noglob
shopt -su x; echo $?
## stdout:
1
extglob        	on
shopt -u nullglob
shopt -s extglob
1
0
3
set +o noglob
1

#### FUNCNAME is there while a function runs or a file is read
echo 'echo "${FUNCNAME[0]-none} ${#FUNCNAME[@]} ${BASH_SOURCE[0]}"' > lib
. ./lib
f() { . ./lib; }; f
bash -c '. ./lib; f() { . ./lib; }; f'
## bash: differs because it has FUNCNAME in a file only while a function runs too, then with the same entries
## stdout:
source 2 ./lib
source 3 ./lib
source 1 ./lib
source 2 ./lib
