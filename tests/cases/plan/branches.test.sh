#### an if is a choice, and its condition joins what stands before
set -e
sort a > b
if grep -q x b; then
    wc b
fi
echo done
## plan:
if
    region L1-set guarded ahead 2: set -e; sort a > b; grep -q x b | read a,b  changed b  runs grep,sort
then
    region L4-wc: wc b | read b  runs wc
else
    -
region L6-echo: echo done

#### elif and else
if grep -q x a; then wc a
elif grep -q y a; then sort a
else uniq a
fi
## plan:
if
    region L1-grep guarded: grep -q x a | read a  runs grep
then
    region L1-wc: wc a | read a  runs wc
else
    if
        region L2-grep guarded: grep -q y a | read a  runs grep
    then
        region L2-sort: sort a | read a  runs sort
    else
        region L3-uniq: uniq a | read a  runs uniq

#### an if of builtins alone stays in its region
if [ -f a ]; then x=1; else x=2; fi
sort a
## plan:
region L1-if: if [ -f a ]; then x=1; else x=2; fi; sort a | keeps no-task  read a  runs sort

#### a list goes on by what all before it came to
sort a && uniq a || wc a
## plan:
if
    if
        region L1-sort guarded: sort a | read a  runs sort
    then
        region L1-uniq guarded: uniq a | read a  runs uniq
    else
        keep
then
    keep
else
    region L1-wc: wc a | read a  runs wc

#### a list whose later parts start nothing stays in its region
[ -f a ] || exit 1
sort a || true
! grep -q x a
## plan:
region L1: [ -f a ] || exit 1; sort a || true; ! grep -q x a | keeps no-task  read a  runs grep,sort

#### lists inside an if
if grep -q x a && grep -q y a; then sort a; fi
## plan:
if
    if
        region L1-grep guarded: grep -q x a | read a  runs grep
    then
        region L1-grep-2 guarded: grep -q y a | read a  runs grep
    else
        keep
then
    region L1-sort: sort a | read a  runs sort
else
    -

#### a case is a switch that joins what stands before
x=$(head -n 1 a)
case $x in
a) sort a ;;
b | c) ;;
*) uniq a ;;
esac
## plan:
case
    region L1-x: x=$(head -n 1 a) | decides case  in x  read a  runs head
branch 0
    region L3-sort: sort a | read a  runs sort
branch 1
    -
branch 2
    region L5-uniq: uniq a | read a  runs uniq

#### a case that falls through stays together
case $1 in
a) sort a ;&
*) uniq a ;;
esac
## plan:
region L1-case: case $1 in a) sort a ;& *) uniq a ;; esac | keeps native-limit  read a  runs sort,uniq

#### a case of builtins alone
case $1 in
-v) verbose=1 ;;
*) exit 2 ;;
esac
sort a
## plan:
region L1-case: case $1 in -v) verbose=1 ;; *) exit 2 ;; esac; sort a | keeps no-task  read a  runs sort
