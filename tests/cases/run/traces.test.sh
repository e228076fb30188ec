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
