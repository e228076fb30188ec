#### known words and names that differ: side by side
for f in a b c; do
    sort "$f" > "$f.sorted"
done
## plan:
map f in a b c
    region L2-sort: sort "$f" > "$f.sorted" | in f  read ?  changed ?  runs sort

#### steps of their own in each turn
for f in a b; do
    if grep -q x "$f"; then sort "$f" > "$f.sorted"; fi
done
## plan:
map f in a b
    if
        region L2-grep guarded: grep -q x "$f" | in f  read ?  changed ?  runs grep
    then
        region L2-sort: sort "$f" > "$f.sorted" | in f  read ?  changed ?  runs sort
    else
        -

#### a turn that appends to a common file needs the one before
for f in a b; do sort "$f" >> all; done
## plan:
region L1-for: for f in a b; do sort "$f" >> all; done | keeps carried-state  in f  read ?  changed ?  runs sort

#### a turn that reads what an earlier one has written
for f in a a.sorted; do sort "$f" > "$f.sorted"; done
## plan:
region L1-for: for f in a a.sorted; do sort "$f" > "$f.sorted"; done | keeps carried-state  in f  read ?  changed ?  runs sort

#### a sum is carried
n=0
for f in a b; do n=$((n + $(wc -l < "$f"))); done
echo "$n"
## plan:
region L1-n: n=0; for f in a b; do n=$((n + $(wc -l < "$f"))); done; echo "$n" | keeps carried-state  in f,n  read ?  changed ?  runs wc

#### a variable that each turn sets before it uses it
for f in a b; do
    out=$f.sorted
    sort "$f" > "$out"
done
## plan:
map f in a b
    region L2-out: out=$f.sorted; sort "$f" > "$out" | in f,out  read ?  changed ?  runs sort

#### the same, used after the loop
for f in a b; do
    out=$f.sorted
    sort "$f" > "$out"
done
echo "$out"
## plan:
map f in a b
    region L2-out: out=$f.sorted; sort "$f" > "$out" | in f,out  out out  read ?  changed ?  runs sort
region L5-echo: echo "$out" | in out

#### something that is not known before the run, and changes nothing
for f in *.txt; do wc -l "$f"; done
## plan:
map f
    region L1-for | decides items  read ?  changed ?
do
    region L1-for-2 turns | in f  read ?  changed ?  runs wc

#### turns that are left early
for f in *.txt; do
    [ -s "$f" ] || continue
    wc -l "$f"
done
## plan:
map f
    region L1-for | decides items  read ?  changed ?
do
    region L1-for-2 turns | keeps unbounded-loop  in f  read ?  changed ?  runs wc

#### break
for f in a b; do
    grep -q x "$f" && break
done
## plan:
region L1-for: for f in a b; do grep -q x "$f" && break done | keeps jump  in f  read ?  changed ?  runs grep

#### turns that share standard input
for f in a b; do head -n 1 > "$f"; done
## plan:
region L1-for: for f in a b; do head -n 1 > "$f"; done | keeps carried-state  in f  read ?  changed ?  runs head

#### the network
for u in a b; do curl -s "http://example/$u" > "$u"; done
## plan:
region L1-for: for u in a b; do curl -s "http://example/$u" > "$u"; done | keeps carried-state  in u  read ?  changed ?  runs curl  network

#### builtins alone
for f in a b; do echo "$f"; done
sort a
## plan:
region L1-for: for f in a b; do echo "$f"; done; sort a | keeps no-task  in f  read a  runs sort

#### lines of a file
while read -r line; do grep -c "$line" a; done < list
## plan:
region L1-while: while read -r line; do grep -c "$line" a; done < list | keeps shared-input  in line  read ?  changed ?  runs grep

#### counting
for ((i = 0; i < 3; i++)); do sort "$i"; done
## plan:
region L1-for: for ((i = 0; i < 3; i++)); do sort "$i"; done | keeps carried-state  in i  read ?  changed ?  runs sort

#### waiting between turns
for i in 1 2 3; do
    sort a >> b
    sleep 5
done
## plan:
each i in 1 2 3
    region L2-sort: sort a >> b | read a,b  changed b  runs sort
    wait 5
