#### DEBUG runs before each command, with its text and line
trap 'echo "$LINENO: $BASH_COMMAND"' DEBUG
x=1
for i in 1 'a b'; do echo  "$i"; done
case $x in 1) : one ;; esac
if [[ $x == 1 ]]; then (( x++ )); fi
for ((i=0; i<1; i++)); do :; done
while [ $x -lt 3 ]; do x=3; done
echo x > /dev/null 2>&1
{ ! false; }
## stdout:
2: x=1
3: for i in 1 'a b'
3: echo "$i"
1
3: for i in 1 'a b'
3: echo "$i"
a b
4: case $x in 
4: : one
5: [[ $x == 1 ]]
5: (( x++ ))
6: ((i=0))
6: ((i<1))
6: :
6: ((i++))
6: ((i<1))
7: [ $x -lt 3 ]
7: x=3
7: [ $x -lt 3 ]
8: echo x > /dev/null 2>&1
9: false

#### DEBUG of the stages of a pipeline runs in the shell
trap 'n=$((n+1))' DEBUG
echo a | cat
echo $n
## stdout:
a
3

#### functions, subshells and substitutions do not inherit DEBUG
trap 'echo "$BASH_COMMAND"' DEBUG
f() { echo in f; }
f
( echo subshell )
echo $(echo substitution)
## stdout:
f
in f
subshell
echo $(echo substitution)
substitution

#### with functrace they do, and a function's beginning counts
set -T
trap 'echo "$LINENO $BASH_COMMAND ${FUNCNAME[*]}"' DEBUG
f()
{
  echo in f
}
f 1
( echo subshell )
## stdout:
7 f 1 
4 f 1 f main
5 echo in f f main
in f
8 echo subshell 
subshell

#### extdebug: DEBUG can pass a command over
shopt -s extdebug
trap '[[ $BASH_COMMAND != skip* ]]' DEBUG
skip() { echo skipped; }
echo a
skip 1
f() { echo x; skip; echo y; }
f
## stdout:
a
x
y

#### the DEBUG trap is not run within itself and keeps the status
trap 'false; true' DEBUG
false
echo $?
trap - DEBUG
(exit 3)
trap 'false' DEBUG
echo $?
## stdout:
1
0

#### what DEBUG removes is gone
trap 'trap - DEBUG; echo once' DEBUG
echo a
echo b
## stdout:
once
a
b
