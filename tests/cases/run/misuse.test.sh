#### too many operands of exit, return, break and shift abandon the statement
exec 2>/dev/null
f() { return 1 2; echo here; }
f; echo not here
echo $?
for i in 1 2; do echo $i; break 1 2; done; echo not here
echo $?
exit 1 2; echo not here
echo $?
## stdout:
1
1
1
1

#### return outside of a function
return 2>/dev/null; echo $?
( return 3 ) 2>/dev/null; echo $?
## stdout:
2
2

#### builtin and command with --
builtin; builtin -- false; echo $?
command; command -- false; echo $?
command -pv cd
command -x 2>/dev/null; echo $?
## stdout:
1
1
cd
2

#### a signal that there is not
trap 'no_such_command' NOSUCH 2>/dev/null; echo $?
trap - NOSUCH 2>/dev/null; echo $?
## stdout:
1
1

#### the last argument
: foo; echo "[$_]"
x=1; echo "[$_]"
f() { echo "in $_"; : x; }; : y; f q; echo "$_"
## stdout:
[foo]
[]
in y
q

#### LINENO in the head of for ((
for (( i = 0; i < LINENO; i++ )); do
  echo $i
done
## stdout:
0

#### numbers that no descriptor has
test -t 12345678910; echo $?
[ -t 99 ]; echo $?
## stdout:
1
1

#### an option that trap does not have runs nothing
(trap -1 EXIT) 2>/dev/null; echo $?
trap -- : EXIT; trap - EXIT; trap -p
## stdout:
2

#### a shell with a start-up file
bash --norc --rcfile /dev/null -c 'echo ok'
## stdout:
ok

#### names that cannot be
read -a 1x <<<y; echo $?
wait -p 1x; echo $?
eval 'function a=b() { :; }; function /bin/echo { :; }'
export -f a=b; echo $?
declare -fx /bin/echo; echo $?
env true; echo $?
## stdout:
1
1
1
0
0
## stderr-contains: wait: `1x': not a valid identifier
## stderr-contains: export: a=b: cannot export

#### trap with one word that is no signal, caller with one that is no number
trap 512; echo $?
trap ''; echo $?
caller -z; echo $?
## stdout:
2
2
2
## stderr-contains: trap: usage: trap [-lp] [[arg] signal_spec ...]
## stderr-contains: caller: usage: caller [expr]
