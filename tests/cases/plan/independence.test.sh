#### a glob: each turn has names of its own
for f in data/*.txt; do
    sort "$f" > "$f.sorted"
    wc -l < "$f" > "${f%.txt}.count"
    cut -c 1 "$f" > "out/${f##*/}"
done
## plan:
map f
    region L1-for | decides items  read ?  changed ?
do
    region L1-for-2 turns | in f  read ?  changed ?  runs cut,sort,wc

#### a glob: names that another turn may read
for f in *; do sort "$f" > "$f.sorted"; done
## plan:
region L1-for: for f in *; do sort "$f" > "$f.sorted"; done | keeps carried-state  in f  read ?  changed ?  runs sort

#### a glob whose results match it
for f in *.txt; do sort "$f" > "sorted-$f"; done
## plan:
region L1-for: for f in *.txt; do sort "$f" > "sorted-$f"; done | keeps carried-state  in f  read ?  changed ?  runs sort

#### names that only the run knows
for f in "$@"; do sort "$f" > "$f.sorted"; done
## plan:
region L1-for: for f in "$@"; do sort "$f" > "$f.sorted"; done | keeps carried-state  in f  read ?  changed ?  runs sort

#### a function with the name as its parameter
convert() {
    local in=$1 out=$2/${1##*/}
    sort "$in" | uniq -c > "$out"
}
for f in data/*.csv; do convert "$f" out; done
## plan:
map f
    region L1-convert: convert() { local in=$1 out=$2/${1##*/} sort "$in" | uniq -c > "$out" } | decides items  read ?  changed ?
do
    region L5-for turns | in f  read ?  changed ?  runs sort,uniq

#### a function that adds to a common file
note() { echo "$1" >> log; }
for f in a b; do sort "$f"; note "$f"; done
## plan:
region L1-note: note() { echo "$1" >> log; }; for f in a b; do sort "$f"; note "$f"; done | keeps carried-state  in f  read ?  changed ?  runs sort

#### files that are replaced
for f in *.log; do gzip -9 "$f"; done
for d in a b; do
    mkdir -p "build/$d"
    cp "$d.c" "build/$d/main.c"
    rm -f "$d.o"
done
## plan:
map f
    region L1-for | decides items  read ?  changed ?
do
    region L1-for-2 turns | in f  read ?  changed ?  runs gzip
map d in a b
    region L3-mkdir: mkdir -p "build/$d"; cp "$d.c" "build/$d/main.c"; rm -f "$d.o" | in d  read ?  changed ?  runs cp,mkdir,rm

#### temporary files
for f in *.txt; do
    tmp=$(mktemp)
    tac "$f" > "$tmp"
    mv "$tmp" "$f"
done
## plan:
map f
    region L1-for | decides items  read ?  changed ?
do
    region L1-for-2 turns | in f,tmp  read ?  changed ?  runs mktemp,mv,tac

#### in a directory of which only the run knows the name
work=$(mktemp -d)
for s in north south; do
    grep "$s" data.csv > "$work/$s.csv"
    sort "$work/$s.csv" > "$work/$s.sorted"
done
## plan:
region L1-work: work=$(mktemp -d) | out work  runs mktemp
map s in north south
    region L3-grep: grep "$s" data.csv > "$work/$s.csv"; sort "$work/$s.csv" > "$work/$s.sorted" | in s,work  read ?  changed ?  runs grep,sort

#### a name that may be anything may be that of a result
for s in 1 2; do grep "$s" "$log" > "out.$s"; done
## plan:
region L1-for: for s in 1 2; do grep "$s" "$log" > "out.$s"; done | keeps carried-state  in s  read ?  changed ?  runs grep

#### a name that the script sets once is known
log=access.log
for s in 1 2; do grep "$s" "$log" > "out.$s"; done
## plan:
region L1-log: log=access.log | out log
map s in 1 2
    region L2-grep: grep "$s" "$log" > "out.$s" | in log,s  read ?  changed ?  runs grep

#### a list of what other turns make
for d in a b; do ls > "$d.list"; done
## plan:
region L1-for: for d in a b; do ls > "$d.list"; done | keeps carried-state  in d  read ?  changed ?  runs ls

#### a directory that holds what another turn makes
for d in out/sub out; do ls "$d" > "$d/list"; done
## plan:
region L1-for: for d in out/sub out; do ls "$d" > "$d/list"; done | keeps carried-state  in d  read ?  changed ?  runs ls

#### the same file again
for f in a ./a; do sort "$f" > "$f.s"; rm "$f"; done
## plan:
region L1-for: for f in a ./a; do sort "$f" > "$f.s"; rm "$f"; done | keeps carried-state  in f  read ?  changed ?  runs rm,sort

#### the script's own directory
for d in a b; do (cd "$d" && sort x > y); done
## plan:
region L1-for: for d in a b; do (cd "$d" && sort x > y); done | keeps carried-state  in d  read ?  changed ?  runs sort

#### a variable that not every turn sets
for f in a b; do
    if grep -q x "$f"; then found=$f; fi
done
echo "$found"
## plan:
region L1-for: for f in a b; do if grep -q x "$f"; then found=$f; fi done; echo "$found" | keeps carried-state  in f,found  read ?  changed ?  runs grep

#### options that a turn sets
for f in a b; do
    set -f
    sort "$f"
done
## plan:
region L1-for: for f in a b; do set -f sort "$f" done | keeps carried-state  in f  read ?  changed ?  runs sort

#### what the turn before came to
for f in a b; do echo "$?"; sort "$f"; done
## plan:
region L1-for: for f in a b; do echo "$?"; sort "$f"; done | keeps carried-state  in f  read ?  changed ?  runs sort

#### random numbers
for f in a b; do sort -R "$f" > "$f.$RANDOM"; done
## plan:
region L1-for: for f in a b; do sort -R "$f" > "$f.$RANDOM"; done | keeps carried-state  in f  read ?  changed ?  runs sort

#### a turn that ends the script
set -e
for f in a b; do
    grep -q x "$f" || exit 3
    sort "$f"
done
## plan:
region L1-set: set -e
map f in a b
    region L3-grep: grep -q x "$f" || exit 3; sort "$f" | keeps no-task  in f  read ?  changed ?  runs grep,sort

#### a variable that is exported is set by the shell itself
export LANG
for LANG in C C.UTF-8; do sort a > "a.$LANG"; done
## plan:
map LANG
    region L1-export: export LANG | decides items  out LANG
do
    region L2-for turns | in LANG  read ?  changed ?  runs sort

#### a trap may run in any turn
trap 'n=$((n + 1))' ERR
for f in a b; do grep -q x "$f"; done
echo "$n"
## plan:
region L1-trap: trap 'n=$((n + 1))' ERR; for f in a b; do grep -q x "$f"; done; echo "$n" | keeps carried-state  in f,n  read ?  changed ?  runs grep
