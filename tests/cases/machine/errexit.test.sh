#### set -e ends at the first command that fails
set -e
echo one > f
cat f
grep -q two f
echo never
## stdout:
one
## status: 1

#### set -e does not count in conditions
set -e
if grep -q x /dev/null; then echo never; fi
while grep -q x /dev/null; do echo never; done
grep -q x /dev/null || echo "failed $?"
! true
grep -q x /dev/null && echo never
echo end
## stdout:
failed 1
end

#### set -e counts after the last operator
set -e
true && grep -q x /dev/null
echo never
## status: 1

#### set -e in a function that is called in a condition is off all through it
set -e
f() { grep -q x /dev/null; echo "went on"; }
if f; then echo yes; fi
f || echo never
f
echo never
## stdout:
went on
yes
went on
## status: 1

#### set -e in a loop and in a subshell
set -e
for i in 1 2 3; do
    echo "$i" | grep -v 2 > out || { echo "none at $i"; continue; }
    cat out
done
(false; echo never) || echo "subshell $?"
(grep -q x /dev/null; echo never)
echo never
## stdout:
1
none at 2
3
never
## status: 1

#### set -e and assignments from commands
set -e
x=$(false) || echo "assigned $?"
echo "$(false)" end
y=$(echo before; false; echo after)
echo never "$y"
## stdout:
assigned 1
 end
never before
after

#### set -e switched on and off on the way
set -e
set +e
false
echo "still $?"
set -e
true
cat /dev/null
false
echo never
## stdout:
still 1
## status: 1

#### set -u ends the script where a variable is not set
set -u
x=
echo "[$x]${y-default}"
cat /dev/null
echo "$nobody" 2> /dev/null
echo never
## stdout:
[]default
## status: 1

#### the error operator ends the script
x=1
echo "${x:?is set}" | cat
: "${y:?is not set}" 2> /dev/null
echo never
## stdout:
1
## status: 1

#### pipefail
grep x /dev/null | cat
echo $?
set -o pipefail
grep x /dev/null | cat
echo $?
grep x /dev/null | cat || echo "handled ${PIPESTATUS[*]}"
set -e
seq 1 3 | grep -v . | cat
echo never
## stdout:
0
1
handled 1 0
## status: 1

#### PIPESTATUS of the command before
false | true | grep x
echo "${PIPESTATUS[@]}"
echo "${PIPESTATUS[@]}"
true | (exit 3) | (exit 4)
x=("${PIPESTATUS[@]}")
echo "${x[*]} $?"
## stdout:
1 0 1
0
0 3 4 0

#### the status of everything, one after the other
true; echo "true $?"
false; echo "false $?"
grep -q x /dev/null; echo "grep $?"
cat missing 2> /dev/null; echo "cat $?"
(exit 7); echo "subshell $?"
{ false; }; echo "group $?"
x=$(exit 9); echo "assignment $?"
x=1; echo "plain $?"
[ -e missing ]; echo "test $?"
[[ a == b ]]; echo "conditional $?"
((0)); echo "arithmetic $?"
f() { return 42; }; echo "definition $?"
f; echo "function $?"
for i in 1 2; do false; done; echo "for $?"
while false; do :; done; echo "while $?"
case x in x) false ;; esac; echo "case $?"
if false; then :; fi; echo "if $?"
! true; echo "not $?"
false | true; echo "pipe $?"
sh -c 'exit 5'; echo "shell $?"
sh -c 'kill -TERM $$'; echo "signal $?"
cd missing 2> /dev/null; echo "cd $?"
false || false; echo "or $?"
set -- a; shift 2; echo "shift $?"
## stdout:
true 0
false 1
grep 1
cat 1
subshell 7
group 1
assignment 9
plain 0
test 1
conditional 1
arithmetic 1
definition 0
function 42
for 1
while 0
case 1
if 0
not 1
pipe 0
shell 5
signal 143
cd 1
or 1
shift 1

#### a failed expansion abandons its statement and goes on with the next
x=5
echo "$((x / 0))" never 2> /dev/null; echo "never either"
echo "status $?"
if echo $((1 / 0)) 2> /dev/null; then
    echo never
fi
echo "status $?"
readonly r=1
r=2 2> /dev/null
echo "r is $r"
## stdout:
status 1
status 1
r is 1

#### an ERR trap counts failures, but no conditions
n=0
trap 'n=$((n + 1))' ERR
false
grep -q x /dev/null || true
if false; then :; fi
grep -q x /dev/null
echo "$n"
## stdout:
2

#### an EXIT trap runs at the end, with the status
trap 'echo "end $?"; cat log' EXIT
echo first > log
cat log
echo second >> log
(exit 6)
## stdout:
first
end 6
first
second
## status: 6

#### an EXIT trap and exit in between
trap 'echo "cleaning"; ls' EXIT
echo x > made
if [ -s made ]; then
    exit 2
fi
echo never
## stdout:
cleaning
made
## status: 2

#### an EXIT trap decides the status
trap 'grep -q x /dev/null || exit 8' EXIT
set -e
cat /dev/null
false
## status: 8

#### an EXIT trap that is changed and taken away
trap 'echo one' EXIT
cat /dev/null
trap 'echo two; false' EXIT
echo hello | cat
trap - EXIT
trap 'echo three' EXIT
(trap 'echo inner' EXIT; echo in)
echo out
## stdout:
hello
in
inner
out
three

#### an EXIT trap sees functions, variables and the directory of the end
mkdir d
finish() { echo "$x in ${PWD##*/}"; cat f; }
trap finish EXIT
x=1
cd d
echo text > f
x='2 3'
set -e
grep -q none f
## stdout:
2 3 in d
text
## status: 1
