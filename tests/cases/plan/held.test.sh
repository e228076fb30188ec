#### a background command up to its wait
sort a > b &
uniq c
wait
if grep -q x b; then wc b; fi
## plan:
if
    region L1-sort guarded ahead 3: sort a > b &; uniq c; wait; grep -q x b | keeps background  read a,b,c  changed b  runs grep,sort,uniq
then
    region L4-wc: wc b | read b  runs wc
else
    -

#### a background command that nobody waits for
sort a > b &
if grep -q x c; then wc c; fi
## plan:
region L1-sort: sort a > b &; if grep -q x c; then wc c; fi | keeps background  read a,b,c  changed b  runs grep,sort,wc

#### a job that is waited for by its number
sort a > b &
pid=$!
uniq c
wait "$pid"
if grep -q x b; then wc b; fi
## plan:
if
    region L1-sort guarded ahead 4: sort a > b &; pid=$!; uniq c; wait "$pid"; grep -q x b | keeps background  in pid  read a,b,c  changed b  runs grep,sort,uniq
then
    region L5-wc: wc b | read b  runs wc
else
    -

#### a descriptor until it is closed
exec 3< a
read -r x <&3
exec 3<&-
if grep -q x b; then wc b; fi
## plan:
if
    region L1-exec guarded ahead 3: exec 3< a; read -r x <&3; exec 3<&-; grep -q x b | keeps descriptor  read a,b  runs grep
then
    region L4-wc: wc b | read b  runs wc
else
    -

#### a descriptor that stays open
exec > log
if grep -q x b; then wc b; fi
## plan:
region L1-exec: exec > log; if grep -q x b; then wc b; fi | keeps descriptor  read b,log  changed log  runs grep,wc

#### a name that only the run knows
sort a
"$1" b
if grep -q x b; then wc b; fi
## plan:
region L1-sort: sort a; "$1" b; if grep -q x b; then wc b; fi | keeps run-time  any variable  read ?  changed ?  runs grep,sort,wc

#### a text that only the run knows
eval "$1"
if grep -q x b; then wc b; fi
## plan:
region L1-eval: eval "$1"; if grep -q x b; then wc b; fi | keeps run-time  any variable  read ?  changed ?  runs grep,wc

#### a text that is known
eval 'x=1; sort a'
if grep -q x b; then wc b; fi
## plan:
if
    region L1-eval guarded ahead 1: eval 'x=1; sort a'; grep -q x b | read a,b  runs grep,sort
then
    region L2-wc: wc b | read b  runs wc
else
    -

#### inside a list, and waited for there
if grep -q x a; then
    sort a > b &
    wait
fi
if grep -q x b; then wc b; fi
## plan:
if
    region L1-grep guarded: grep -q x a | read a  runs grep
then
    region L2-sort: sort a > b &; wait | keeps background  read a,b  changed b  runs sort
else
    -
if
    region L5-grep guarded: grep -q x b | read b  runs grep
then
    region L5-wc: wc b | read b  runs wc
else
    -
