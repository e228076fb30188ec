#### the last stage runs in the shell
shopt -s lastpipe
echo hi | read line; echo "$line"
i=0; printf '%s\n' 1 2 3 | while read l; do ((i++)); done; echo $i
true | { x=1; false; }; echo "$? ${PIPESTATUS[@]} $x"
true | (y=2); echo ${y-unset}
f() { z=3; return 4; }; true | f; echo "$? $z ${PIPESTATUS[@]}"
## stdout:
hi
3
1 0 1 1
unset
4 3 0 4

#### standard input is put back
shopt -s lastpipe
{ echo a | read x; read y; echo "$x $y"; } <<< b
## stdout:
a b

#### pipefail, and an exit
shopt -s lastpipe; set -o pipefail
false | x=1; echo "$? $x"
true | exit 3
echo not here
## stdout:
1 1
## status: 3

#### errexit
shopt -s lastpipe; set -e
true | false
echo not here
## stdout:
## status: 1

#### not without it
echo hi | read line; echo "[$line]"
## stdout:
[]

#### at first PIPESTATUS is empty
echo "[${PIPESTATUS[@]}]"
## stdout:
[]
