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
