#### braces in the operands of declaration builtins are expanded
export c=x{a,b} d={1,2}
echo $c $d
f() { local c=y{a,b}; echo $c; }
f
## stdout:
xb 2
yb

#### read takes elements of arrays
a=(1 2 3)
read 'a[1]' 'a[5]' <<< "x y z"
echo "${a[@]}" "${!a[@]}"
## stdout:
1 x 3 y z 0 1 2 5

#### $- lists its letters in the order of bash
set -fuea
echo $-
## stdout:
aefhuB

#### PIPESTATUS after each kind of command
false | true; x=1; echo ${PIPESTATUS[@]}
false | true; ! false; echo ${PIPESTATUS[@]}
false | true; [[ a == b ]]; echo ${PIPESTATUS[@]}
false | true; ((0)); echo ${PIPESTATUS[@]}
f() { return 4; }; f; echo ${PIPESTATUS[@]}
false | true; for i in 1; do :; done; echo ${PIPESTATUS[@]}
x=$(false); echo ${PIPESTATUS[@]}
false | true; case x in esac; echo ${PIPESTATUS[@]}
## stdout:
0
1
1
1
4
0
1
1 0

#### $! is known in subshells
: & p=$!
[ "$(echo $!)" = "$p" ] && (echo $!) | grep -qx "$p" && echo same
wait
## stdout:
same

#### a subscript before the first element abandons an assignment, not a builtin
a=(1 2); a[-5]=x; echo same
echo "next $?"; unset 'a[-5]'; echo "unset $?"; (( a[-5]++ )); echo $?
a=(); a[-1]=1; echo same
read 'b[-9]' <<< x; echo "read $?"
## stdout:
next 1
unset 1
1
read 1

#### a list cannot be an element
a=(1 2); a[0]=(3 4); echo same
echo next "${a[@]}"
## stdout:
next 1 2

#### exported arrays stay in the shell
export a=(1 2); env | grep ^a; declare -p a
## stdout:
declare -ax a=([0]="1" [1]="2")

#### a variable without a value leads indirection to nothing, one that is not there to an error
declare -A h=([k]=v); declare d
echo "[${!h}] [${!d}] [${!d-none}] [${!h:+some}]"
echo "[${!u-none}]"
echo $?
## stdout:
[] [] [none] []
1
## stderr-contains: u: invalid indirect expansion

#### mapfile of a closed input has no elements
e=(a b)
mapfile -t e <&-
echo $? ${#e[@]}
## stdout:
0 0

#### parentheses as a stage or in the background are one subshell
echo x | ( echo $BASH_SUBSHELL )
( echo $BASH_SUBSHELL ) | { read -r x; echo $x; }
( echo $BASH_SUBSHELL ) & wait
x=$( (echo $BASH_SUBSHELL) ); echo $x
## stdout:
1
1
1
2

#### an element before the first is left out of a list of elements, which goes on
n=-2 e=()
e+=([n]=v)
echo "$? ${#e[@]}"
e=(a [n]=z b)
echo "$? ${e[*]}"
## stdout:
0 0
0 a b
## stderr-contains: bad array subscript
#### an assignment before export, readonly or local lasts as the variable does
v=1; v=2 export v; declare -p v
w=1; w=2 readonly w; declare -p w
f() { z=y typeset z; echo "|$z|"; declare -p z; }
z=42 f; z=9; f; declare -p z
g() { local q=1; q=2 export q; declare -p q; }
g; declare -p q
k() { export u; }
u=5 k; declare -p u
## stdout:
declare -x v="2"
declare -rx w="2"
|y|
declare -x z="y"
|y|
declare -x z="y"
declare -- z="9"
declare -x q="2"
declare -x u="5"
## stderr-contains: declare: q: not found
#### what a scope hides is uncovered by unset in a function, also within `x=1 eval`
unlocal() { unset -v "$1"; }
f() {
  local v=local1
  v=tempenv2 eval '
    local v=local2
    v=tempenv3 eval "
      local v=local3
      for i in 1 2 3 4 5; do echo \"\${v-unset}\"; unlocal v; done
    "
  '
}
v=global
v=tempenv1 f
x=1 eval 'export x'; declare -p x 2>/dev/null || echo none
## stdout:
local3
local2
local1
global
unset
none

#### set -a exports no array for an assignment to an element
set -a
a=(1); a[1]=2; a+=(3)
declare -a b; b[2]=1
declare -A h; h[k]=v
x=1; x+=2
declare -p a b h x
## stdout:
declare -a a=([0]="1" [1]="2" [2]="3")
declare -a b=([2]="1")
declare -A h=([k]="v" )
declare -x x="12"

#### a descriptor for a name, without a command, is left to nobody
{fd}> f
x=1 {fd}> f
echo "${fd-unset} $x"
y=$(exit 3) {fd}> f
echo $?
: {fd}> f
echo "${fd:+set}"
## stdout:
unset 1
0
set

#### the tilde of a word that reads like an assignment, but not in a list nor out of braces
HOME=/h
echo x=~ x[1]=~ x+=~ x=a:~ {a,b}x=~ {a,b=~}
e=(x=~ ~ [3]=~ y=a:~)
echo "${e[@]}"
## stdout:
x=/h x[1]=/h x+=/h x=a:/h ax=~ bx=~ a b=~
x=~ /h /h y=a:~

#### what stands before a command has no attributes but that it is exported
declare -u a=x
declare -i n=1
f() { a=z n=2+2; declare -p a n; }
a=tmp n=3+4 f
declare -p a n
declare -u e
read -r -a e <<< 'q r'
echo "${e[@]}"
## stdout:
declare -x a="z"
declare -x n="2+2"
declare -u a="X"
declare -i n="1"
Q R

#### declare in a function exports what stands before its call to the scope outside
a=1 b=1 c=1 d=1
f() { export a=2; a=3; }
a=tmp f
g() { local b; declare -r b=4; }
b=tmp g
h() { declare -x c=5; unset c; }
c=tmp h
i() { declare -g d=6; export -n d; }
d=tmp i
echo "$a ${a@a} $b ${b@a} $c $d ${d@a}"
## stdout-json: "3 x 4 rx 1 6 \n"

#### `+=` before a command adds to an integer
declare -i x=2
x+=5 eval 'echo $x'; echo $x
x+=5 printenv x
set -o posix; x+=5 eval 'echo $x'; echo $x
## stdout:
7
2
7
7
7

#### the positional parameters, joined, may name a parameter
a=x x=value
set -- a; echo "${!*}" "${!@}" ${!*}
set -- a x; echo ${!*}; echo not reached
echo but this is
## stdout:
x x x
but this is
## stderr-contains: a x: invalid variable name

#### with localvar_unset a caller's local variable stays local when it is unset
f() { local x=1; g; echo "f ${x-unset}"; }
g() { unset x; echo "g ${x-unset}"; x=new; }
x=global; f; echo $x
shopt -s localvar_unset
x=global; f; echo $x
## stdout:
g global
f new
new
g unset
f new
global
