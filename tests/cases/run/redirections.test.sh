#### write, append, read
echo a > f; echo b >> f; cat < f
## stdout:
a
b

#### standard error to a file and back
{ echo out; echo err >&2; } > f 2>&1; sort f
## stdout:
err
out

#### the order of redirections
{ echo out; echo err >&2; } 2>&1 > f | cat; cat f
## stdout:
err
out

#### &> and &>>
{ echo out; echo err >&2; } &> f; echo more &>> f; sort f
## stdout:
err
more
out

#### descriptors opened by exec
exec 3> f; echo a >&3; echo b >&3; exec 3>&-; cat f
## stdout:
a
b

#### reading line by line from a descriptor
printf '1\n2\n3\n' > f; exec 4< f; read a <&4; read b <&4; echo $a $b; exec 4<&-
## stdout:
1 2

#### a descriptor in a variable
exec {fd}> f; echo x >&$fd; exec {fd}>&-; cat f
## stdout:
x

#### moving a descriptor
exec 3> f; echo a 1>&3-; echo b 2>/dev/null >&3; cat f
## stdout:
a
b

#### a closed descriptor
echo hi 2>/dev/null >&7; echo $?
## stdout:
1

#### a redirection that fails stops the command
echo never < missing; echo $?
## stdout:
1

#### a redirection without a command makes the file
> f; [ -e f ] && [ ! -s f ] && echo empty
## stdout:
empty

#### a here-string
cat <<< "a  b"; x='1 2'; cat <<< $x
## stdout:
a  b
1 2

#### a redirection on a loop
for i in 1 2; do echo $i; done > f; while read x; do echo "[$x]"; done < f
## stdout:
[1]
[2]

#### a redirection into a directory that is not there
echo x > no/such/file; echo $?
## stdout:
1

#### read and write
echo hello > f; exec 3<>f; read x <&3; echo $x; echo more >&3; cat f
## stdout:
hello
hello
more

#### a step sees descriptors the script opened
echo data > f; exec 5< f; cat <&5
## stdout:
data

#### an ambiguous redirect
touch a b; echo x > *; echo $?
## stdout:
1

#### noclobber refuses and >| insists
set -o noclobber; echo 1 > f; echo 2 > f; echo 3 >| f; cat f
## stdout:
3

#### redirections of a function call
f() { echo "in: $(cat)"; }; echo data | f; f <<< here
## stdout:
in: data
in: here

#### a closed standard output
(echo hi >&-) 2>/dev/null; echo $?
## stdout:
1

#### high descriptor numbers, as locks use them
exec 200> lock; exec 250> f; echo x >&250; cat f; exec 200>&- 250>&-; cat f | cat
## stdout:
x
x

#### numbers at which msh keeps its own descriptors are refused
echo a 600> f; echo $?; exec 5< /dev/null; read -u 600 x; echo $?
## stdout:
1
1
## stderr-contains: 600: Bad file descriptor
## bash: differs because bash has no descriptors of its own that a script must not touch

#### assignments without a command come before their redirections
a=5 < nofile; echo $? $a
x=$(echo kept) > o; echo $x; cat o
## stdout:
1 5
kept

#### exec with a file that is missing fails and goes on
(exec 3<nofile; echo on)
exec 3<nofile; echo "$?"
exec cat <nofile; echo "$?"
## stdout:
on
1
1

#### what a builtin complains about goes where its standard error goes
cd missing 2> err || sed 's/.*: cd/cd/' err
{ shift x; } 2> err || sed 's/.*: shift/shift/' err
x=1 unset -q 2> err || head -n 1 err | grep -c "unset: -q"
## stdout:
cd: missing: No such file or directory
shift: x: numeric argument required
1

#### an assignment with another input succeeds
x=$(false) || echo 1
x=$(false) </dev/null || echo 2
e=($(false)) >f || echo 3
x=1 </dev/null$(false) || echo 4
x=1 </nothing 2>/dev/null || echo 5
x=$(false) <<<a || echo 6
x=$(false) 3<>f || echo 7
x=$(false) <>f || echo 8
x=$(false) <&0 || echo 9
## stdout:
1
3
5
6
7
9

#### what is open for writing only gives an error to read, nothing to mapfile and select
exec 5>out
read a <&5; echo $?
mapfile e <&5; echo $? ${#e[@]}
select a in x; do echo no; done <&5; echo $?
read a <.; echo $?
## stdout:
1
0 0

1
1
## stderr-contains: read error: 0: Bad file descriptor

#### what the redirections of a program assign is lost with its process
cat {fd}</dev/null; echo "[$fd]"
cat <<E
${u:=x} $((n += 5))
E
echo "[$u$n]"
: {fd}</dev/null; echo $((fd > 9))
## stdout:
[]
x 5
[]
1

#### a process substitution without a command is nothing
f() { echo $#; }
f <() >( ) <( # nothing
)
echo x<()y
(cat < <()) 2>/dev/null; echo $?
x=<(); echo "[$x]"
## stdout:
0
xy
1
[]
