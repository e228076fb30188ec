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
