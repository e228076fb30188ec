#### set -e ends at the first failure
set -e; echo a; false; echo b
## stdout:
a
## status: 1

#### not in a condition, nor left of an operator
set -e; if false; then :; fi; false || true; ! true; while false; do :; done; echo alive
## stdout:
alive

#### not the last of an and list that fails earlier
set -e; false && true; echo alive
## stdout:
alive

#### the last of an and list counts
set -e; true && false; echo never
## stdout:
## status: 1

#### in a function called in a condition it is off
set -e; f() { false; echo went on; }; if f; then echo yes; fi
## stdout:
went on
yes

#### in a function called plainly it is on
set -e; f() { false; echo never; }; f
## stdout:
## status: 1

#### a subshell that fails
set -e; (false; echo never); echo never
## stdout:
## status: 1

#### a command substitution in an assignment
set -e; x=$(false); echo never
## stdout:
## status: 1

#### a command substitution in an argument does not count
set -e; echo "[$(false)]"; echo alive
## stdout:
[]
alive

#### a pipeline counts by its last stage
set -e; false | true; echo alive; true | false; echo never
## stdout:
alive
## status: 1

#### pipefail
set -o pipefail; false | true; echo $?; true | true; echo $?
## stdout:
1
0

#### pipefail takes the rightmost failure
set -o pipefail; (exit 3) | (exit 4) | true; echo $?
## stdout:
4

#### set -u names the variable and ends
set -u; echo start; echo "$nothing"; echo never
## stdout:
start
## status: 1

#### set -u allows defaults and $@
set -u; echo "${x:-def}" "$@" "$#"; echo ok
## stdout:
def 0
ok

#### set -u in an array
set -u; a=(1); echo ${a[0]}; echo ${a[5]}; echo never
## stdout:
1
## status: 1

#### the error operator ends the shell
echo a; : ${x:?must be set}; echo never
## stdout:
a
## status: 1

#### set -f
touch a b; set -f; echo *; set +f; echo *
## stdout:
*
a b

#### set -C
set -C; echo a > f; echo b > f; echo $?; cat f; echo c >| f; cat f
## stdout:
1
a
c

#### set -x writes to standard error
set -x; echo hi 2>&1
## stdout:
hi

#### set -a exports
set -a; NEW=1; env | grep ^NEW=
## stdout:
NEW=1

#### ERR trap
trap 'echo err $?' ERR; false; true; if false; then :; fi; (exit 3)
## stdout:
err 1
err 3
## status: 3

#### set -n reads but does not run
set -n
echo never
## stdout:

#### the options in $-
set -eu; case $- in *e*u*) echo both;; esac
## stdout:
both

#### a stage of a negated pipeline is in a condition
set -e
! printf '' | { read x; echo in; }
echo $?
! false | (false; echo on)
## stdout:
in
1
on
## status: 1

#### an element that cannot be is the end, also in a condition
bash -ec 'e=(); if echo "a${e[-1]}b"; then :; fi; echo after' 2>/dev/null; echo $?
bash -ec 'e=(); (echo "${e[-1]:-d}"; echo in) || echo or' 2>/dev/null
bash -ec 'e=(); x=$(echo "a${e[-1]}b"; echo in); echo "$x"' 2>/dev/null
bash -c 'e=(); echo "a${e[-1]}b"; echo after' 2>/dev/null
## stdout:
1
or
ab
in
ab
after

#### an expression without a value gives up the line, and the next one runs
set -e
x='y z'
f() { if n=$((x)); then echo f; fi; echo g; }
f; echo here
echo $?
y=abc
echo ${y:0:-9}; echo here
echo $?
(echo $((x)); echo inner)
echo end
## stdout:
1
1
## status: 1

#### any other expansion that fails ends the shell
set -e
readonly x=1
if x=2; then echo no; fi
echo end
## status: 1

#### an assignment that is refused ends the shell, in a condition too
for command in 'readonly R=2' 'export R=2' 'read -r R <<< 2' 'printf -v R 2' 'for R in 2; do :; done' 'R=2 :' \
    'mapfile -t R <<< 2' 'getopts a R -a' 'export R+=2' 'read "e[-5]" <<< x' 'declare e[-5]=x'; do
    (
        set -e
        readonly R=1
        e=(1)
        eval "$command || echo or"
        echo went on
    ) 2>/dev/null
    echo $?
done
## stdout:
1
1
1
1
1
1
1
1
1
1
1

#### but not of declare, and not in eval or command in a condition
(
    set -e
    readonly R=1
    declare R=2 || echo declare
    eval 'export R=2' || echo eval
    command export R=2 || echo command
    if eval 'readonly R=2; echo in'; then echo if; fi
    unset 'e[-5]' || echo unset
) 2>/dev/null
## stdout:
declare
eval
command
in
if

#### a file that cannot be read in place of a substitution ends the shell, in a condition too
(set -e; x=$(< missing) || echo or; echo went on) 2>/dev/null
echo $?
(set -e; eval 'x=$(< missing)' || echo or; echo went on) 2>/dev/null
## stdout:
1
or
went on

#### the list of a process substitution in a redirection is not guarded by the condition that has it
(
    set -e
    while read -r line; do echo "$line"; done < <(echo in; false; echo not this) || echo or
    if read -r line < <(false; echo not this); then :; else echo else; fi
)
## stdout:
in
else

#### a trap's command is no part of the condition that it interrupts
(set -e; trap 'false; echo no' USR1; if kill -USR1 $BASHPID; then echo no; fi; echo no); echo $?
(set -e; trap 'false; echo no' DEBUG; if :; then echo no; fi); echo $?
(set -eT; f() { :; }; trap 'false; echo no' RETURN; f || echo no; echo no); echo $?
set -e; (trap 'false; echo no' EXIT; :) && echo no; echo $?
## stdout:
1
1
1
1

#### in `eval` in a condition `set -e` does not apply to a trap's command either
set -e
trap 'false; echo trap' USR1
eval 'kill -USR1 $BASHPID' || echo no
echo end
## stdout:
trap
end
