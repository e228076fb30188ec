#### LINENO of a command is the line where its second word ends
echo $LINENO "a
b"
echo "a
b" $LINENO
echo \
  $LINENO
x="a
$LINENO"; echo "$x"
a=(1
$LINENO); echo ${a[1]}
echo $(echo x
echo y) $LINENO
## stdout:
1 a
b
a
b 4
6
a
8
10
x y 12

#### eval goes on with the lines of the script
eval 'echo $LINENO
echo $LINENO'
eval '
f() {
echo $LINENO
}
'
f
echo $LINENO
## stdout:
2
3
9
9

#### the traps of signals and of EXIT have lines of their own
trap 'echo "$LINENO $BASH_COMMAND"
echo $LINENO' USR1 EXIT

kill -USR1 $$ # here
: last
## stdout:
1 kill -USR1 $$
2
1 : last
2

#### ERR and DEBUG go on from the line of the command
trap 'echo $LINENO
echo $LINENO' ERR

false
## stdout:
4
5
## status: 1

#### errors of an eval name the line
:
:

eval 'cd -z' 2>&1 | sed 's/.*: line/line/; 1!d'
## stdout:
line 4: cd: -z: invalid option

#### a failed expansion is on the line of the function that it is in
f() {
  echo "$((1/0))"
}
{
  f
} 2> said
grep -o 'line [0-9]*' said
## stdout:
line 2
