#### RETURN runs at the end of the function that sets it, inside it
f() {
  trap 'echo "$LINENO $BASH_COMMAND $1 ${FUNCNAME[0]} $?"' RETURN
  g
  return 3
}
g() { :; }
f argument
echo $?
g
## stdout:
4 return 3 argument f 0
3

#### functrace: every function
set -T
trap 'echo "end of ${FUNCNAME[0]}"' RETURN
f() { g; }
g() { :; }
f
## stdout:
end of g
end of f

#### a sourced file
trap 'echo "$LINENO"' RETURN
echo 'echo file; return 4' > file

. ./file
echo $?
## stdout:
file
4
4

#### sees the status of a body whose redirection failed
trap 'echo trap $?' RETURN
set -T
f() { :; } < missing
f 2>/dev/null
## stdout:
trap 1
## status: 1
