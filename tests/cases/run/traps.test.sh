#### EXIT runs at the end
trap 'echo bye' EXIT; echo hi
## stdout:
hi
bye

#### EXIT sees the status and can change it
trap 'echo $?; exit 9' EXIT; exit 3
## stdout:
3
## status: 9

#### EXIT runs under set -e
set -e; trap 'echo cleanup $?' EXIT; false; echo never
## stdout:
cleanup 1
## status: 1

#### a subshell has an EXIT trap of its own
trap 'echo outer' EXIT; (trap 'echo inner' EXIT; echo in); echo out
## stdout:
in
inner
out
outer

#### a subshell does not inherit EXIT
trap 'echo once' EXIT; (echo sub); echo main
## stdout:
sub
main
once

#### trap - resets
trap 'echo no' EXIT; trap - EXIT; echo end
## stdout:
end

#### a signal to the shell itself runs its trap
trap 'echo got' USR1; kill -USR1 $$; echo after
## stdout:
got
after

#### an ignored signal
trap '' TERM; kill -TERM $$; echo alive
## stdout:
alive

#### TERM without a trap
(kill -TERM $BASHPID; echo never); echo $?
## stdout:
143

#### trap prints what is set
trap 'echo a b' INT; trap
## stdout:
trap -- 'echo a b' SIGINT

#### RETURN
f() { trap 'echo returned' RETURN; echo body; }; f
## stdout:
body
returned

#### EXIT with a function and the variables of the end
x=1; f() { echo "x=$x"; }; trap f EXIT; x=2
## stdout:
x=2

#### the EXIT trap runs where the shell is left, with the redirections of that place
try() { printf '%s\n' 'trap "echo t" EXIT' "$2" > script; bash $1 script; echo "$?" . $(cat f1); }
try -e '{ { false; } > f1; } > f2'
try -e '{ { exit 1; } > f1; } > f2'
try -e 'while read -r x; do exit 4; done <<< a > f1'
try -e 'eval "exit 2" > f1'
try -e 'f() { exit 3; }; f > f1'
try -e 'f() { false; }; f > f1'
try -u '{ echo $nope; } > f1' 2>/dev/null
try -e 'trap "echo u; exit 6" EXIT; { exit 1; } > f1'
bash -c 'trap "echo t" EXIT; { exit 1; } > f1'
## stdout:
1 . t
1 . t
4 . t
2 . t
3 . t
t
1 .
t
1 .
6 . u
t
## status: 1

#### the EXIT trap sees the function that calls exit
trap 'echo "$x $1 ${FUNCNAME[0]}"' EXIT
x=out
f() { local x=in; exit 4; }
f a
## stdout:
in a f
## status: 4

#### the EXIT trap sees the parameters of the function that set -e ends
set -e
trap 'echo "[$x] $1"' EXIT
f() { local x=1; false; }
f a
## stdout:
[] a
## status: 1

#### a process substitution lists of the traps outside only those of pseudo signals
trap 'echo bye' EXIT
trap : USR1
trap 'echo error' ERR
while read -r l; do echo "<$l>"; done < <(trap)
## stdout:
<trap -- 'echo error' ERR>
bye

#### a subshell in a subshell lists the traps of all that are around it
trap 'echo bye' EXIT
(true; (trap))
echo "$(true; (trap))"
(trap : USR1; (trap))
## stdout:
trap -- 'echo bye' EXIT
trap -- 'echo bye' EXIT
trap -- ':' SIGUSR1
bye

#### of the compound commands in a pipeline only groups and subshells run an EXIT trap of their own
t() { trap 'echo trap $?' EXIT; }
echo | while read -r x; do t; done
for x in 1; do t; done | cat
if t; then :; fi | cat
case x in x) t ;; esac | cat
for x in 1; do t; exit 3; done | cat
echo group; { t; } | cat
echo group; : | { t; exit 3; } 2>&1
echo subshell; : | (for x in 1; do t; done)
echo command; t | cat
echo inside; : | { for x in 1; do t; done; }
## stdout:
group
trap 0
group
trap 3
subshell
trap 0
command
trap 0
inside
trap 0

#### in the background an EXIT trap is run as in a pipeline, but not by a group that is a stage
t() { trap 'echo trap $?' EXIT; }
for x in 1; do t; done & wait
: && { t; } & wait
: | { t; } & wait
{ t; } | cat & wait
echo group; { t; } & wait
echo subshell; (t) & wait
echo command; t & wait
echo negated; ! { t; } & wait
## stdout:
group
trap 0
subshell
trap 0
command
trap 0
negated
trap 0

#### `trap` in a list in the background finds SIGINT ignored, and leaves it so
{ trap; } & wait
echo later; { trap : INT; trap; } & wait
echo fixed; { trap; trap : INT; trap; } & wait
echo subshell; (trap -p TERM INT) & wait
echo stage; : | { trap; } & wait
echo nested; { (trap); echo "$(trap)"; } & wait
echo command; trap & wait
echo coprocess; coproc { trap; }; cat <&"${COPROC[0]}"; wait
## stdout:
trap -- '' SIGINT
later
trap -- ':' SIGINT
fixed
trap -- '' SIGINT
trap -- '' SIGINT
subshell
trap -- '' SIGINT
stage
trap -- '' SIGINT
nested

command
coprocess
trap -- '' SIGINT
