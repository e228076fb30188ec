#### a nameref of an element is read and assigned
declare -A map=([K]=old)
key=K
declare -n quoted='map["K"]' expanded='map[$key]'
echo "$quoted $expanded"
expanded=new
echo "${map[K]} ${#map[@]}"
## stdout:
old old
new 1

#### unset, test -v and printf -v expand a subscript that they are given as text
declare -A map=([K]=old)
key=K
printf -v 'map[$key]' '<%s>' x
echo "${map[K]}"
test -v 'map["K"]'; echo $?
test -v 'map[none]'; echo $?
unset 'map[$key]'
echo ${#map[@]}
list=(a b c); i=1
unset 'list[$i]' 'list[i+1]'
echo "${!list[@]}"
## stdout:
<x>
0
1
0
0

#### a subscript in data runs no command
list=(a b)
name='list[$(echo 1)]'
echo "${!name}"; echo not reached
echo nor this: a script that was given code for data ends here
## stdout:
## status: 1
## stderr-contains: a subscript that comes from data may not run commands
## bash: differs because bash runs the command, which makes data into code

#### unless the script asks for it
shopt -s eval_unsafe_arith
list=(a b); name='list[$(echo 1)]'; echo "${!name}" "$((list[$(echo 0)] = 5))"
declare -A m=([K]=v); unset -v 'm[$(echo K)]'; echo ${#m[@]}
shopt -u eval_unsafe_arith; name='list[$(echo 0)]'; echo "${!name}"; echo not reached
## stdout:
b 5
0
## status: 1
## bash: differs because bash knows no such option: it always runs them

#### a subscript without a value abandons the statement in which it stands
n='0 0'
for k in 1 2; do ((e[n & 2])); echo not reached; done
echo "for $?"
let 'e[1 1]'; echo not reached
[[ e[n] -eq 0 ]]; echo not reached
f() { ((e[n] = 1)); echo not reached; }
f; echo not reached
((n + 1)); echo "no subscript $?"
## stdout:
for 1
no subscript 1

#### a subscript without a value is not what `set -e` ends a shell for
set -e
((e[1 1])); echo not reached
echo on
## stdout:
on
#### quotes in the subscript of an expression, and subscripts before the first element in tests
a[0]=0
( (( a[" "]=11 )) ; declare -p a )
( : $(( a[" "]=12 )) ; declare -p a )
( (( a[\" \"]=16 )) ; declare -p a )
( let "a[\" \"]"=18 ; declare -p a )
( (( a["1"]=16 )) ; declare -p a )
( let 'a["1+1"]=3'; declare -p a; echo $((a["1+1"])) )
e=(); [[ -v e[-1] ]]; echo $?; test -v 'e[-1]'; echo $?
e=(1); [[ -v e[-1] ]] && echo yes
## stdout:
declare -a a=([0]="11")
declare -a a=([0]="12")
declare -a a=([0]="16")
declare -a a=([0]="18")
declare -a a=([0]="0" [1]="16")
declare -a a=([0]="0" [2]="3")
3
1
1
yes
## stderr-contains: e: bad array subscript
## stderr-contains: e: bad array subscript
