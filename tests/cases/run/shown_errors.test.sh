#### an expansion that fails, with the part of the command (MSH480)
echo $((1 / 0))
echo on
## args: --errors full
## stdout:
on
## stderr-contains: error[MSH480]: 1 / 0: division by 0
## stderr-contains: case.sh:1:13
## stderr-contains: ^
#### an expansion that ends the script (MSH480)
set -u
echo "a ${HOEM} b"
## args: --errors full
## status: 1
## stderr-contains: error[MSH480]: HOEM: unbound variable
## stderr-contains: case.sh:2:9
## stderr-contains: ${NAME-}
## bash: differs because bash says nothing of the place
#### a builtin that fails, in a function (MSH481)
f() {
    cd nowhere
}
f
## args: --errors full
## status: 1
## stderr-contains: error[MSH481]: cd: nowhere: No such file or directory
## stderr-contains: case.sh:2:5
## stderr-contains: `f`, called at line 4
#### a redirection that fails (MSH482)
read -r line < nothing
## args: --errors full
## status: 1
## stderr-contains: error[MSH482]: nothing: No such file or directory
## stderr-contains: 1 | read -r line < nothing
#### a command that turns out to be unmapped has a place
name=gerp
$name x
## args: --errors full
## status: 127
## stderr-contains: error[MSH201]: `gerp` is not in the catalog
## stderr-contains: case.sh:2:1
#### what a script reads of its errors is worded as bash does
x=$(cd nowhere 2>&1); echo "${x#*: }"
cd nowhere 2> f; read -r x < f; echo "${x#*: }"
## args: --errors full
## stdout:
line 1: cd: nowhere: No such file or directory
line 2: cd: nowhere: No such file or directory
#### where standard error is no terminal bash's line is all
cd nowhere
## status: 1
## stderr-contains: case.sh: line 1: cd: nowhere: No such file or directory
#### a warning
x=$(printf 'a\0b'); echo $x
## args: --errors full
## stdout:
ab
## stderr-contains: warning[MSH481]: command substitution: ignored null byte in input
#### set -x with --trace says in what a step runs
set -x
cat f
## files: {"f": "text\n"}
## args: --trace
## stdout:
text
## stderr-contains: + cat f
## stderr-contains: + # cat: bubblewrap, reads
## stderr-contains: no network
