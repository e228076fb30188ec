#### an expansion that fails in the redirection of a step fails only the step
cat <<< $((1/0)); echo "after $?"
cat <<END; echo "after $?"
$((1+))
END
## stdout:
after 1
after 1

#### set -u in the redirection of a step fails only the step
set -u
cat <<END; echo "after $?"
$nope
END
## stdout:
after 1

#### an expansion that fails in the redirection of a builtin abandons the line
echo x > $((1/0)); echo "same line"
echo "next $?"
## stdout:
next 1

#### let fails without abandoning the line
f() { let 'x = 1/0'; echo "let $?"; }
f; echo "next $?"
## stdout:
let 1
next 0

#### a refused assignment in a builtin is its status
readonly r=1
export r=2; echo $?
read r <<< 3; echo $?
printf -v r x; echo $?
(( r = 3 )); echo $?
getopts a r; echo $?
for r in 1 2; do echo never; done; echo $?
echo $r
## stdout:
1
1
1
1
1
1
1

#### a refused assignment of its own abandons the line
readonly r=1
f() { r=2; echo never; }
f; echo never
echo "next $?"
## stdout:
next 1

#### a refused assignment before a command lets the command run
readonly r=1
r=2 echo "with $r"; echo $?
## stdout:
with 1
0

#### what fails in an expansion is said with standard error as it is there
set -u
x=$( { echo "$none"; } 2>&1 )
echo "${x##*: none}"
{
  (f() { echo ${none:?bad}; }; f 2> /dev/null)
  (while :; do echo "${none?}"; done 2> /dev/null)
  (eval 'echo $((1/0))' 2> /dev/null; echo not reached)
  echo x 2> /dev/null > "$((1/0))"
} 2>&1
## stdout:
: unbound variable
## status: 1

#### a failed expansion in eval, source or a trap abandons a line of that text, not more
e='1*'
eval ': $((e)); echo same line
echo next line'
echo "after eval $?"
eval ': $((e))' || echo or
f() { eval ': $((e))'; echo "in a function $?"; }
f
for i in 1 2; do eval ': $((e))'; echo "turn $i"; done
printf '%s\n' ': $((e)); echo same line' 'echo next line' > src
. ./src
trap ': $((e)); echo same line' USR1
kill -USR1 $$
echo after the trap
eval 'readonly R=1; R=2'; echo "readonly $?"
(eval ': $((e))'; echo not in a subshell)
echo $?
## stdout:
next line
after eval 0
or
in a function 1
turn 1
turn 2
next line
after the trap
readonly 1
1
## stderr-contains: operand expected

#### what PIPESTATUS is after a failed expansion, and after `!` of a condition
e='1*'
true | false | true
: $((e))
echo "${PIPESTATUS[@]}"
! [[ a ]]; echo "${PIPESTATUS[@]}"
! (( 0 )); echo "${PIPESTATUS[@]}"
! false; echo "${PIPESTATUS[@]}"
## stdout:
1
1
0
1
## stderr-contains: operand expected

#### an expansion that fails in a condition abandons the line, an expression that does is false
e='1*'
[[ e -eq 1 ]]; echo "$?"
(( e )); echo "$?"
[[ $((e)) ]]; echo not this
[[ a == ${!nothing} ]]; echo not this
(( ${!nothing} + 1 )); echo not this
(( $((e)) )); echo not this
for ((i = ${!nothing}; i < 1; i++)); do :; done; echo not this
if [[ ${1:=2} ]]; then :; fi; echo not this
echo end
## stdout:
1
1
end
## stderr-contains: operand expected

#### errors name the text that is run: a sourced file, that of a function
echo 'let 1+' > lib; . ./lib
echo 'f() { let 2+; }' > functions; . ./functions; f
bash -c 'let 3+; f() { let 4+; }; f'
BASH_ARGV0=other; let 5+; echo "$0"
## stdout:
other
## stderr-contains: ./lib: line 1: let: 1+
## stderr-contains: ./functions: line 1: let: 2+
## stderr-contains: bash: line 1: let: 3+
## stderr-contains: environment: line 1: let: 4+

#### a transformation that there is not ends the script, where there is a value to be transformed
(echo "${none@Z}" ${none[@]@Z}; echo on)
(a=1; [[ ${a@Z} ]] || echo no; echo no); echo $?
(a=1; x=${a@}; echo no); echo $?
(a=(1); eval 'echo ${a[@]@Z}'; echo no); echo $?
## stdout:

on
1
1
1
