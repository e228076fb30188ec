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
