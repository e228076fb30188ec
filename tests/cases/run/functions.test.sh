#### FUNCNEST bounds the calls within each other
FUNCNEST=20
foo() { (( f++ )); if (( f > 200 )); then return 7; fi; foo; }
f=0
foo
echo $? $f
unset FUNCNEST; f=0; foo; echo $? $f
## stdout:
1 20
7 201
## stderr-contains: foo: maximum function nesting level exceeded (20)
#### what `set` gives a sourced file with arguments stays, outside of functions
echo 'set -- m n o p' > src1; echo 'shift' > src2
set -- a b c
. ./src2 x y; echo "$@"
. ./src2; echo "$@"
f() { . ./src1 x y; echo "$@"; }
f 1 2; echo "$@"
. ./src1 x y; echo "$@"
## stdout:
a b c
b c
1 2
b c
m n o p
