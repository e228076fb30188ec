#### declare assigns elements, and lists that stand in data when the variable is an array
declare m[x]=1 list[1+1]=z
declare -A map; key='a b'; declare map[$key]=1 'map[e]=3'
declare -p list map
text='(1 "2 3" [5]=x)'; declare -a "from=$text" ; declare plain="$text"; declare -p from plain
declare from='(9)'; declare from+='(10)'; declare -p from
## stdout:
declare -a list=([2]="z")
declare -A map=([e]="3" ["a b"]="1" )
declare -a from=([0]="1" [1]="2 3" [5]="x")
declare -- plain="(1 \"2 3\" [5]=x)"
declare -a from=([0]="9" [1]="10")

#### a list in data runs no command
declare -a 'x=(1 $(echo hi))'; echo not reached
echo nor this
## stdout:
## status: 1
## stderr-contains: a list that comes from data may not run commands
## bash: differs because bash runs the command, which makes data into code

#### before a command an array literal is text
x=5; B=(b $x "p q") printenv B
B=([k]=v) printenv B
a[1]=no printenv PATH > /dev/null; echo $?
## stdout:
(b 5 p q)
([k]=v)
0

#### declare -g reaches the global variable past a local one
f() { local x=2; declare -g x=3; declare -gx x; echo $x; }
x=1; f; declare -p x
## stdout:
2
declare -x x="3"

#### a local variable is exported when the one outside is, and may inherit its value
export P=out; f() { local P=in; printenv P; local -I Q; echo "$Q"; Q=changed; shopt -s localvar_inherit; local R; echo $R; }
Q=kept R=too; f; echo $Q; printenv P
## stdout:
in
kept
too
kept
out

#### assignments before a function are local to it
f() { local v; echo "[$v]"; unset v; echo "[$v]"; }
v=global; v=before f; echo $v
g() { unset v; echo "[$v]"; }; v=before g
v=before eval 'unset v; echo "[$v]"'
h() { z=1 eval 'local w=3'; echo "[$w]"; }; h; echo "[$w]"
## stdout:
[before]
[]
global
[global]
[global]
[3]
[]

#### what declare refuses
declare -a a=(1); declare +a a; echo $?
declare -A a; echo $?
declare -r ro=1; declare ro=2; echo $?; declare +r ro; echo $?
declare -n ref=1x; echo $?
declare -n self=self; echo $?
declare 1x=2 ok=3 'b]'; echo "$? $ok"
export 'a[0]=x'; echo $?
local x; echo $?
unset -fv a; echo $?; unset -v 1x; echo $?
declare a[]=x; echo $?
## stdout:
1
1
1
1
1
1
1 3
1
1
1
1
1

#### letters of attributes in the order of bash
declare -rxil v=5; declare -utx w; declare -iA q; declare -xn z=v; declare -lu both=aB; declare -c cap=hELLO
declare -p v w q z both cap; echo "${v@a} ${w@a}"
## stdout:
declare -irxl v="5"
declare -txu w
declare -Ai q
declare -nx z="v"
declare -- both="aB"
declare -c cap="Hello"
irxl txu

#### functions have attributes too, and under extdebug a place
f() { :; }; g() { :; }; export -f f; declare -ft f; readonly -f g
declare -F; declare -Fx; declare -p -F nosuch; echo $?
declare -f +r g; echo $?
shopt -s extdebug; declare -F f | sed 's|/.*/||'
## stdout:
declare -ftx f
declare -fr g
declare -ftx f
1
1
f 1 case.sh

#### a declaration builtin that is quoted, or stands behind a computed name, does not split its values either
x='a b'; b=builtin
\export q=$x; 'declare' r=$x; $b declare t=$x; \command export u=$x
echo "$q|$r|$t|$u"
e=echo; $e v=$x; $e declare v=$x
## stdout:
a b|a b|a b|a b
v=a b
declare v=a b
## bash: differs because bash looks at the unexpanded word only, and splits

#### the name of a declaration builtin that is computed makes it an ordinary one
x='a b'; d=declare; $d s=$x; echo "$s"
## stdout:
a

#### eval gets an array literal as text, its words expanded once
f() { eval keys=(\"\${!$1[@]}\"); echo "${keys[@]}"; }
a=([3]=x [5]=y); f a
eval b+=(1 '"2 3"'); echo ${#b[@]}
## stdout:
3 5
2

#### operands out of brace expansion are ordinary words, split and globbed
v='p q=3'
declare c={1,2}$v; declare -p c q
f() { local z{1,2}=$v; declare -p z1 z2; }
f
set -- A 'B C' D
declare -x d=x{,y}$*; declare -p d D
declare e='{1,2}'$v g=x{y}$v "h={1,2}$v"; declare -p e g h
declare k+={1,2}; declare -p k
## stdout:
declare -- c="2p"
declare -- q="3"
declare -- z1="p"
declare -- z2="p"
declare -x d="xyA"
declare -x D
declare -- e="{1,2}p q=3"
declare -- g="x{y}p q=3"
declare -- h="{1,2}p q=3"
declare -- k="12"
#### an element of a list whose subscript is none is left out, with a message
a=([*]=last [-65]=negative []=empty ok)
declare -p a
a[*]=2
echo not reached
## stdout:
declare -a a=([0]="ok")
not reached
## stderr-contains: [*]=last: cannot assign to non-numeric index
## stderr-contains: [-65]=negative: bad array subscript
## stderr-contains: []=empty: bad array subscript
#### a list for a variable that is readonly is refused in the shell's name, a value in the builtin's
readonly a=1
declare -r b=(1)
declare a=2
declare b=(2)
readonly a=3
export a=3
echo $?
## stdout:
1
## stderr-contains: declare: a: readonly variable
## stderr-contains: b: readonly variable
## stderr-contains: a: readonly variable
#### `export -a` reads a list out of a text, `export` does not
export -a s='(7)'
declare -a t
export t='(7)'
declare -p s t
## stdout:
declare -ax s=([0]="7")
declare -ax t=([0]="(7)")
#### a list for a readonly variable gives up the line
readonly -a b=(1); declare b=(2); echo not reached
echo next; readonly b=(2); echo nor this
echo $?
## stdout:
next
1
## stderr-contains: b: readonly variable
## stderr-contains: b: readonly variable
#### readonly reads no list out of a text without `-a`
readonly 'c=(3)'; declare -p c
declare -a e; readonly 'e=(4)'; declare -p e
readonly -a 'd=(3)'; declare -p d
## stdout:
declare -r c="(3)"
declare -ar e=([0]="(4)")
declare -ar d=([0]="3")
