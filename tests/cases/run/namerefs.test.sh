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
#### an assignment before a command goes through a nameref
bar=one; typeset -n foo=bar
foo=two eval 'echo $foo $bar'; echo $foo
foo=two declare -p foo bar
## stdout:
two two
one
declare -n foo="bar"
declare -x bar="two"
#### `+n` with a value assigns through the nameref, and then it is none
bar=one; typeset -n foo=bar
typeset +n foo=other; echo $foo $bar
## stdout:
bar other
#### an array cannot be a nameref, and a nameref to nothing that gets a list is none any more
typeset -n x[3]=x; echo $?
y=(a b); typeset -n y=x; echo $?
declare -n foo; declare -a foo; declare -p foo
typeset -n a; a=(1 2); declare -p a
typeset -n b; declare b=(1 2); declare -p b
## stdout:
1
1
declare -a foo
declare -a a=([0]="1" [1]="2")
declare -a b=([0]="1" [1]="2")
## stderr-contains: typeset: x[3]: reference variable cannot be an array
## stderr-contains: typeset: y: reference variable cannot be an array
## stderr-contains: warning: a: removing nameref attribute
#### `${!ref}` is where a chain of namerefs ends
declare -n n1=n2 n2=n3; n3=5; echo ${!n1} $n1
declare -n all='arr[@]'; arr=(1 2 3); echo $all
## stdout:
n3 5
1 2 3

#### a nameref to an array may be declared again
e=(1 2) b=x
declare -n r=e; echo $?
declare -n r=e; echo $?
declare -n r=b; echo $? $r
f() { local -n s=e; local -n s=b; echo $? $s; }
f
## stdout:
0
0
0 x
0 x

#### a nameref may lead to an element by way of another
declare -A m=([k]=v); declare -n element='m[k]' ref=element
echo $ref; ref=new; echo ${m[k]} ${!ref}
## stdout:
v
new m[k]

#### unset -n leaves what is no nameref
x=5; declare -n ref=x; unset -n x; echo $x; unset -n ref; echo $x ${ref-none}
## stdout:
5
5 none
