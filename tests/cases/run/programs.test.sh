#### a declaration builtin after an assignment or a redirection takes lists
IFS=: declare -a a=(x y)
> log export b=1 && declare -p a b
## stdout:
declare -a a=([0]="x" [1]="y")
declare -x b="1"

#### an associative array without elements has keys, not subscripts
set -u
declare -A map
echo "${map[key]:-default}" "${map[some key]-none}"
## stdout:
default none

#### what has no value and is declared leads to nothing
none=() one=(x)
echo "[${!none[@]+a}][${!none[@]-b}][${!one[3]-c}][${!9-d}]"
## stdout:
[][b][c][d]

#### a tilde that is no home is a pattern
touch '~1' '~2'
echo ~*
[[ '~/x' == ~* ]] && echo matches
case '~/x' in ~*) echo matches ;; esac
## stdout:
~1 ~2
matches
matches

#### nocasematch counts when something is replaced, not when it is removed
shopt -s nocasematch
v='Not all'
echo "${v//NOT }|${v/ALL/[&]}|${v#NOT}"
## stdout:
all|Not [all]|Not all

#### characters of the C locale are bytes in names of files too
LC_ALL=C
touch éa zé
echo é* ?é ??? [é]*
v='ÀbC'
echo "${v,,}" "${v^^}"
## stdout:
éa zé zé éa éa
Àbc ÀBC

#### slashes after a pattern become one
mkdir -p x-1/q/r
echo .//x-*// x-*//q///r
## stdout:
.//x-1/ x-1/q/r

#### until with continue as its condition ends, as it succeeded
for i in 1 2; do
  until continue; do echo never; done
  echo "$i"
  until continue 2; do echo never; done
  echo never
done
## stdout:
1
2

#### a count of loops that is out of range leaves them all
for i in 1 2; do
  for j in a b; do echo "$i$j"; continue 0; done
  echo never
done
echo "$?"
## stdout:
1a
1
## stderr-contains: continue: 0: loop count out of range

#### let takes parentheses without quotes
let n=(3+4)*2 m=(n + 1)
list=(a b)
echo "$n $m ${list[1]}"
## stdout:
14 15 b

#### command -v succeeds for any of its names
f() { :; }
command -v no-such-command f
echo "$?"
command -v no-such-command
echo "$?"
## stdout:
f
0
1

#### type by its options
f() { :; }
type -t f cd if sort
type -f f
echo "$?"
type -P cd
echo "$?"
type -ta echo | head -n 1
type -z f
echo "$?"
## stdout:
function
builtin
keyword
file
1
1
builtin
2
## stderr-contains: type: f: not found
## stderr-contains: type: -z: invalid option

#### set quotes what is not printable so that it can be read back
v=$'a\nb' w='it is' x=plain
set | grep '^[vwx]='
## stdout:
v=$'a\nb'
w='it is'
x=plain

#### mapfile -O keeps a text as the first element
v=zero
mapfile -t -O 2 v <<< $'a\nb'
declare -p v
## stdout:
declare -a v=([0]="zero" [2]="a" [3]="b")
