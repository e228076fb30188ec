#### a nameref that leads to itself stands for what its function hides
f() { local -n out=$1; out=set; }
f out; echo $out
declare -n a=b; declare -n b=a; echo "[$a]"
a=1; echo not reached
echo $?
## stdout:
set
[]
1
## stderr-contains: circular name reference

#### the variable of a loop that is a nameref refers to each word
p=1 q=2; declare -n it
for it in p q; do echo "${!it} $it"; it+=x; done; echo $p $q
declare -n empty; empty=1x; echo not reached
declare -n empty; empty=p; echo $empty
## stdout:
p 1
q 2
1x 2x
1x
## stderr-contains: `1x': not a valid identifier

#### unset, read and printf go through a nameref, unset -n takes it away
declare -n t=target; read t <<< hello; echo $target; printf -v t %s world; echo $target
unset t; echo "${target-gone}"; declare -p t; unset -n t; declare -p t; echo $?
list=(a b c); declare -n e='list[1]'; unset e; echo "${!list[@]}"
## stdout:
hello
world
gone
declare -n t="target"
1
0 2

#### set -a exports a reference that is given its name
set -a
f() { local -n r=c; local -n w; declare -p r w; }
f
declare -n q=c; declare -p q
set +a
declare -n s=c; declare -p s
## stdout:
declare -nx r="c"
declare -n w
declare -nx q="c"
declare -n s="c"
