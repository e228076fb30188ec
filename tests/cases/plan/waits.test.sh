#### a sleep is a wait
sort a
sleep 5
sort b
## plan:
region L1-sort: sort a | read a  runs sort
wait 5
region L3-sort: sort b | read b  runs sort

#### minutes and sums
sleep 1m 30
## plan:
wait 90

#### a sleep that the run decides
n=3
sleep "$n"
sort a
## plan:
region L1-n: n=3 | decides seconds  in n  runs sleep
wait
region L3-sort: sort a | read a  runs sort

#### a sleep with a fraction
sleep 1.5
sort a
## plan:
region L1-sleep | decides seconds  runs sleep
wait
region L2-sort: sort a | read a  runs sort

#### less than a second stays in its region
sort a
sleep 0.2
sort b
## plan:
region L1-sort: sort a; sleep 0.2; sort b | read a,b  runs sleep,sort

#### a polling loop
until grep -q ready status; do
    sleep 10
done
sort a
## plan:
until
    region L1-grep guarded: grep -q ready status | read status  runs grep
do
    wait 10
region L4-sort: sort a | read a  runs sort

#### a loop that is left in the middle, and has nothing but that test
while :; do
    grep -q ready status && break
    sleep 10
done
## plan:
until
    region L1 guarded ahead 1: :; grep -q ready status | read status  runs grep
do
    wait 10

#### a function called sleep is no wait
sleep() { echo "$1"; }
sleep 5
## plan:
region L1-sleep: sleep() { echo "$1"; }; sleep 5

#### a loop that is left right before it waits
while true; do
    date > now
    if grep -q ready status; then break; fi
    echo "not yet"
    sleep 10
done
## plan:
until
    region L1-true guarded ahead 2: true; date > now; grep -q ready status | read now,status  changed now  runs date,grep
do
    region L4-echo: echo "not yet"
    wait 10

#### a loop that is left twice
while true; do
    grep -q ready status && break
    grep -q failed status && break
    sleep 10
done
## plan:
region L1-while: while true; do grep -q ready status && break grep -q failed status && break sleep 10 done | keeps jump  read status  runs grep,sleep

#### a loop that is left where an expansion may fail
while :; do
    echo "$((n + 1))"
    grep -q ready status && break
    sleep 10
done
## plan:
region L1-while: while :; do echo "$((n + 1))" grep -q ready status && break sleep 10 done | keeps jump  read status  runs grep,sleep
