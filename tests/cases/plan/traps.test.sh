#### an EXIT trap is a region of its own
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if grep -q x a; then sort a; fi
## plan:
if
    region L1-work guarded ahead 2: work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; grep -q x a | out work  read ?  changed ?  runs grep,mktemp,rm
then
    region L3-sort: sort a | read a  runs sort
else
    -
exit
    region exit | in work  read ?  changed ?  runs rm

#### what other traps use, every region may use
trap 'n=$((n + 1))' USR1
sort a
if grep -q x a; then echo "$n"; fi
## plan:
region L1-trap: trap 'n=$((n + 1))' USR1; sort a; if grep -q x a; then echo "$n"; fi | keeps no-task  in n  read a  runs grep,sort
