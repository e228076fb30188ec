#### kill -0 tells when a background command has ended
sleep 0.2 &
while kill -0 $! 2> /dev/null; do sleep 0.05; done
echo ended
## stdout:
ended

#### a trap on SIGKILL is accepted, and subshells are none the worse for it
trap 'echo trapped' KILL STOP
(echo subshell)
echo $?
## stdout:
subshell
0

#### shift in a sourced file shifts the arguments that it was given
echo 'shift; echo $#' > file
set -- 1
. ./file a b
echo $1
. ./file
echo $#
## stdout:
1
1
0
0

#### read -t assigns what came before its time was over
{ printf 'a b'; sleep 2; } | { read -t 0.5 x y; echo "$? [$x] [$y]"; }
## stdout:
142 [a] [b]

#### a trap that was caught while a subshell ran sees its status
trap 'echo trapped $?' USR1
(kill -s USR1 $$; exit 3)
echo $?
f() { (kill -s USR1 $$; exit 4); echo not reached; }
trap 'return' USR1
f
echo $?
## stdout:
trapped 3
3
4

#### the EXIT trap is listed while it runs, and one that it sets is not run
(trap 'trap; trap "echo not run" EXIT; exit 4' EXIT; exit 3)
echo $?
f() { trap 'echo not run' EXIT; exit 5; }
(trap f EXIT; exit 3)
echo $?
## stdout:
trap -- 'trap; trap "echo not run" EXIT; exit 4' EXIT
4
5

#### in a replacement that is expanded a backslash quotes `&` and itself
x=abc
for r in '\\' '\\\' '\\x' 'x\\' '\\&' '\&' 'x\y' '\'; do
    echo "${x/b/$r} ${x/b/"$r"}"
done
echo "${x/b/\\\\}"
shopt -u patsub_replacement
r='\\'
echo "${x/b/$r}"
## stdout:
a\c a\\c
a\\c a\\\c
a\xc a\\xc
ax\c ax\\c
a\bc a\\&c
a&c a\&c
ax\yc ax\yc
a\c a\c
a\\c
a\\c

#### set -C also keeps what `&>` would overwrite
set -C
echo a > file
echo b &> file
echo c &>> file
cat file
## stdout:
a
c

#### a tilde is expanded in an assignment behind `command` too
HOME=/h
command command export a=~ b=~/x c=d~
echo "$a $b $c"
## stdout:
/h /h/x d~
