#### statements that follow one another are one region
x=1
sort a > b
uniq b | wc -l
echo "$x"
## plan:
region L1-x: x=1; sort a > b; uniq b | wc -l; echo "$x" | in x  read a,b  changed b  runs sort,uniq,wc

#### a pipeline is one region, whatever its stages are
cat a | while read -r x; do echo "$x"; done | sort
## plan:
region L1-cat: cat a | while read -r x; do echo "$x"; done | sort | keeps pipeline-stage  read a  runs cat,sort

#### nothing at all
# only a comment
## plan:
-

#### a function's definition and its call
f() { sort "$1"; }
f a
f b
## plan:
region L1-f: f() { sort "$1"; }; f a; f b | read ?  changed ?  runs sort

#### braces that change nothing are not there
{ sort a; { uniq b; }; }
## plan:
region L1-sort: sort a; uniq b | read a,b  runs sort,uniq

#### a group with a redirection stays together
{ sort a; if grep -q x a; then wc a; fi; } > out
## plan:
region L1: { sort a; if grep -q x a; then wc a; fi; } > out | keeps shared-output  read a,out  changed out  runs grep,sort,wc

#### a subshell without control flow of its own
(cd /tmp && ls)
ls
## plan:
scope
    if
        region L1-cd guarded: cd /tmp | in OLDPWD  read ?  changed ?
    then
        region L1-ls: ls | read ?  changed ?  runs ls
    else
        keep
region L2-ls: ls | read .  runs ls

#### a subshell with steps of its own is a scope
x=1
(x=2; if grep -q a b; then sort b; fi)
echo "$x"
## plan:
region L1-x: x=1 | out x
scope
    if
        region L2-x guarded ahead 1: x=2; grep -q a b | read b  runs grep
    then
        region L2-sort: sort b | read b  runs sort
    else
        -
region L3-echo: echo "$x" | in x

#### a subshell whose failure may end the script stays together
set -e
(if grep -q a b; then sort b; fi)
## plan:
region L1-set: set -e; (if grep -q a b; then sort b; fi) | keeps errexit  read b  runs grep,sort
