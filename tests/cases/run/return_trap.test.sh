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

#### it is not run for what the trap of DEBUG calls
set -o functrace
say() { echo "debug $1"; }
trap 'echo return $FUNCNAME' RETURN
trap 'say $LINENO' DEBUG
called() { :; }
called
trap - DEBUG RETURN
## stdout:
debug 6
debug 5
debug 5
debug 5
return called
debug 7

#### a function that comes to its end returns where it begins, one that says so where it does
set -o functrace
trap 'echo "$FUNCNAME returns in $LINENO"' RETURN
ends() {
  :
}
says()
{
  return
}
ends
says
## stdout:
ends returns in 3
says returns in 8

#### a function that is traced has the traps of its caller, others have not
trap 'echo "debug $LINENO"' DEBUG
f() {
  :
}
f
declare -ft f
f
trap - DEBUG
## stdout:
debug 5
debug 6
debug 7
debug 2
debug 3
debug 8
