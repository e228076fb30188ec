#### PS4 may hold a command substitution
exec 2>&1
PS4='$(echo z) '
set -x
echo 1
## stdout:
z echo 1
1

#### PS4 may hold a parameter
exec 2>&1
PS4='$LINENO: '
set -x
echo 1
## stdout:
4: echo 1
1

#### functions do not inherit the ERR trap
trap 'echo err' ERR
f() { false; true; }
f
g() { false; }
g
h() { trap 'echo new' ERR; false; }
h; false
## stdout:
err
new
new
new
## status: 1

#### with set -E functions and subshells inherit the ERR trap
set -E
trap 'echo err' ERR
f() { false; true; }
f
(false)
x=$(false; echo q); echo $x
## stdout:
err
err
err
err q
#### `$'…'` in a list is shown in plain quotes
{ set -x; m=(\| " " $'\t' a$HOME); set +x; } 2>&1 | head -1
## stdout:
+ m=(\| " " '	' a$HOME)
