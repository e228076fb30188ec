#### variables assigned in a substitution stay there
x=1; y=$(x=2; echo $x); echo $x $y
## stdout:
1 2
#### arrays changed in a substitution stay as they were
a=(1 2 3); declare -A m=([k]=v)
y=$(a[1]=x; m[k]=w; unset 'a[0]'; echo "${a[*]} ${m[k]}")
echo "$y | ${a[*]} ${m[k]}"
## stdout:
x 3 w | 1 2 3 v
#### attributes given in a substitution stay there
x=1; y=$(readonly x; export x; declare -i z=3+4; echo $x $z); x=2; echo $x $y ${z-unset}
## stdout:
2 1 7 unset
#### options set in a substitution stay there
y=$(set -f; shopt -s nullglob; echo $-); case $- in *f*) echo leaked;; esac
shopt -q nullglob || echo off; case $y in *f*) echo inside;; esac
## stdout:
off
inside
#### positional parameters changed in a substitution stay there
set -- a b c; y=$(shift; set -- "$@" d; echo "$*"); echo "$* | $y"
## stdout:
a b c | b c d
#### the directory of a substitution is its own
mkdir d; y=$(cd d; echo "${PWD##*/} ${OLDPWD##*/}"); echo "${y%% *}"; [ "${PWD##*/}" != d ] && echo here; echo ${OLDPWD-none}
## stdout:
d
here
none
#### functions defined or removed in a substitution
f() { echo one; }
y=$(f() { echo two; }; f); echo $y; f
y=$(unset -f f; type -t f || echo none); echo $y; f
## stdout:
two
one
none
one
#### functions marked in a substitution
f() { :; }
y=$(readonly -f f; export -f f; echo ok)
f() { echo changed; }; f; declare -F
## stdout:
changed
declare -f f
#### exit ends the substitution only
x=$(echo a; exit 3; echo b); echo $? $x
x=$(f() { exit 4; }; f; echo b); echo $? $x
## stdout:
3 a
4
#### return leaves the substitution of a function
f() { x=$(echo a; return 5; echo b); echo $? $x; }; f
## stdout:
5 a
#### errexit is not inherited, but with inherit_errexit
set -e; x=$(false; echo on); echo $x
shopt -s inherit_errexit; y=$(false; echo on) || echo "failed $y"; echo $y
z=$(false; echo no); echo never
## status: 1
## stdout:
on
on
#### errexit set in a substitution ends it
x=$(set -e; false; echo no); echo "$? [$x]"
## stdout:
1 []
#### an unset variable under nounset ends the substitution
set -u; x=$(echo a; echo $nothing; echo b); echo "$x"
## stdout:
a
## stderr-contains: unbound variable
#### status before and after a substitution
(exit 7); x=$(echo $?); echo $? $x
x=$(exit 9); echo $? ${PIPESTATUS[0]}
## stdout:
0 7
9 9
#### the EXIT trap of the shell does not run in a substitution
trap 'echo bye' EXIT; x=$(echo a); echo "[$x]"; y=$(f() { exit; }; f); echo "[$y]"
## stdout:
[a]
[]
bye
#### an EXIT trap set in a substitution runs there
x=$(trap 'echo bye' EXIT; echo a); echo "[$x]"; trap
## stdout:
[a
bye]
#### BASH_SUBSHELL, BASHPID and $$
x=$(echo $BASH_SUBSHELL $(echo $BASH_SUBSHELL)); echo $x $BASH_SUBSHELL
x=$(echo $BASHPID); [ $x != $$ ] && echo other; y=$(echo $$); [ $y = $$ ] && echo same
n=BASHPID; x=$(echo ${!n}); [ $x != $$ ] && echo other
## stdout:
1 2 0
other
same
other
#### functions that call functions, with locals
f() { local a=$1; g; echo "f $a"; }; g() { a=$a$a; echo "g $a"; }
a=out; x=$(f in); echo $x; echo $a
## stdout:
g inin f inin
out
#### a local of the function around a substitution
f() { local a=1; x=$(local a=2 b=3; echo $a $b); echo $x $a ${b-none}; x=$(unset a; echo ${a-gone}); echo $x $a; }
a=0; f; echo $a
## stdout:
2 3 1 none
gone 1
0
#### declare -g in a substitution
f() { local v=1; x=$(declare -g v=2; unset v; echo ${v-none}); echo $x $v; }; v=0; f; echo $v
## stdout:
none 1
0
#### recursion through substitutions
fib() { if (($1 < 2)); then echo $1; else echo $(($(fib $(($1 - 1))) + $(fib $(($1 - 2))))); fi; }
fib 8
## stdout:
21
#### recursion by more substitutions than one process runs
f() { if (($1)); then echo $(f $(($1 - 1)))x; fi; }; x=$(f 40); echo ${#x}
## stdout:
40
#### redirections in a substitution
x=$(echo a; echo b >&2; echo c 2>/dev/null; { echo d; echo e >&2; } 2>&1; echo f >/dev/null); echo $x
## stdout:
a c d e
## stderr-contains: b
#### standard output closed in a substitution
x=$( { echo a >&-; echo $?; } 2>/dev/null; echo b); echo $x
## stdout:
1 b
#### names of the standard output lead to it
x=$(echo a; echo b >/dev/stdout; echo c >>/dev/fd/1); echo $x
## stdout:
a b c
#### standard output of a substitution is no terminal
x=$([ -t 1 ] && echo tty; [[ -t 1 ]] && echo tty; test -t 1 || echo none); echo $x
## stdout:
none
#### input read in a substitution is gone
printf '%s\n' one two three > f; { x=$(read -r l; echo $l); read -r y; echo $x $y; } < f
## stdout:
one two
#### here-documents and here-strings in a substitution
x=$(read -r a b <<< "1 2"; echo $b $a; while read -r l; do echo "<$l>"; done <<E
p
$b
E
); echo $x
## stdout:
2 1 <p> <2>
#### background jobs of a substitution are its own
x=$(: & wait $!; echo $?; jobs); echo $x; jobs
## stdout:
0
#### umask and ulimit of a substitution are its own
umask 022; x=$(umask 077; umask); echo $x; umask
ulimit -Sn 2000; x=$(ulimit -Sn 1900; ulimit -n); echo $x; ulimit -n
## stdout:
0077
0022
1900
2000
#### traps set in a substitution are its own
x=$(trap 'echo no' USR1; echo set); echo $x; trap
## stdout:
set
#### aliases of a substitution are its own
shopt -s expand_aliases
x=$(alias e=echo; alias e); echo "$x"; alias e 2>/dev/null || echo none
## stdout:
alias e='echo'
none
#### eval in a substitution
x=1; y=$(eval 'x=2; echo $x'); echo $x $y
## stdout:
1 2
#### descriptors opened in a substitution are its own
x=$(exec 5>f; echo a >&5; echo b); echo $x; { echo c >&5; } 2>/dev/null || echo closed; cat f
## stdout:
b
closed
a
#### the sequence of RANDOM goes on as if nothing had drawn from it
RANDOM=5; a=$RANDOM; RANDOM=5; x=$(: $RANDOM $RANDOM); b=$RANDOM; [ $a = $b ] && echo same
## stdout:
same
#### SECONDS and OPTIND set in a substitution
SECONDS=100; x=$(SECONDS=0; getopts ab o -ab; echo $OPTIND); echo $x $OPTIND; ((SECONDS >= 100)) && echo kept
## stdout:
1 1
kept
#### a variable that arithmetic assigns
x='y=5'; z=$(echo $((x)); echo $y); echo $z ${y-unset}
## stdout:
5 5 unset
#### a value given by := stays in the substitution
x=$(echo ${u:=v}); echo $x ${u-unset}
## stdout:
v unset
#### set -x shows the depth
x=$(set -x; : a $(: b)); :
## stdout:
## stderr-contains: + : a
## stderr-contains: ++ : b
#### a NUL byte and bytes that are no text
x=$(printf 'a\0b\xff') 2>/dev/null; printf '%s' "$x" | od -An -tx1
## stdout:
 61 62 ff
#### newlines at the end
x=$(echo; echo a; echo; printf '\n\n'); echo "[$x]"
## stdout:
[
a]
#### a large output
x=$(for i in {1..3000}; do echo "line $i"; done); echo ${#x}
## stdout:
28892

#### what a substitution does to an assignment before a function's call is its own
a=1
f() { x=$(export a=2; echo "$a"); echo "$x $a"; }
a=tmp f; echo $a
g() { x=$(local a; a=2; echo "$a"); echo "$x $a"; }
a=tmp g; echo $a
## stdout:
2 tmp
1
2 tmp
1
