#### ERR knows the line and the command
trap 'echo "$LINENO: $BASH_COMMAND: $?"' ERR
false

( exit 3 )
x=$(exit 4)
[[ a == b ]]
(( 0 ))
true | false
eval 'false'
if false; then :; fi
! true
false || true
## stdout:
2: false: 1
4: ( exit 3 ): 3
5: x=$(exit 4): 4
6: [[ a == b ]]: 1
7: (( 0 )): 1
8: false: 1
9: false: 1
9: eval 'false': 1

#### a function that fails: the line of its call, the command that failed in it
trap 'echo "$LINENO: $BASH_COMMAND"' ERR
f() {
  false a
}
f
## stdout:
5: false a
## status: 1

#### errtrace: each function on the way, innermost first
set -E
trap 'echo "$LINENO ${FUNCNAME[*]}"' ERR
f() {
  g
}
g() {
  false
}
f
## stdout:
7 g f main
4 f main
9 
## status: 1

#### errtrace: the stages of a pipeline leave it to the shell
set -E -o pipefail
trap 'echo "$BASH_COMMAND $?"' ERR
false | true
f() { false; true; }
f | cat
## stdout:
true 1
false 1

#### ERR in a trap for something else
trap 'echo err' ERR
trap 'false; echo usr' USR1
kill -USR1 $$
## stdout:
err
usr
