#### a pipeline is one task, whatever it holds
cat words | tr a-z A-Z | sort | uniq -c > counts
## asl:
L1-cat: Task → end

#### statements that follow each other are one task
x=1
sort words > sorted
echo "$x"
wc -l < sorted
## asl:
L1-x: Task → end

#### an if is a choice
if grep -q x words; then sort words > sorted; else wc -l words; fi
## asl:
L1-grep: Task → L1-if
L1-if: Choice, $exited → end, $rc = 0 → L1-sort, else → L1-wc
L1-sort: Task → end
L1-wc: Task → end

#### an if without else, and what follows
if grep -q x words; then sort words > sorted; fi
wc -l sorted
## asl:
L1-grep: Task → L1-if
L1-if: Choice, $exited → end, $rc = 0 → L1-sort, else → L2-wc
L1-sort: Task → L1-sort-exited
L1-sort-exited: Choice, $exited → end, else → L2-wc
L2-wc: Task → end

#### elif is a choice in the other branch
if grep -q x words; then sort words; elif grep -q y words; then wc -l words; else uniq words; fi
## asl:
L1-grep: Task → L1-if
L1-if: Choice, $exited → end, $rc = 0 → L1-sort, else → L1-grep-2
L1-sort: Task → end
L1-grep-2: Task → L1-if-2
L1-if-2: Choice, $exited → end, $rc = 0 → L1-wc, else → L1-uniq
L1-wc: Task → end
L1-uniq: Task → end

#### and, or
grep -q x words && sort words
grep -q y words || uniq words
## asl:
L1-grep: Task → L1-and
L1-and: Choice, $exited → end, $rc = 0 → L1-sort, else → L2-grep
L1-sort: Task → L1-sort-exited
L1-sort-exited: Choice, $exited → end, else → L2-grep
L2-grep: Task → L2-or
L2-or: Choice, $exited → end, $rc = 0 → end, else → L2-uniq
L2-uniq: Task → end

#### a case is a choice by the branch that a task has found
read -r kind < kind
case $kind in
    a) sort words ;;
    b*) uniq words ;;
    *) ;;
esac
wc -l words
## asl:
L1-read: Task → L2-case
L2-case: Choice, $exited → end, $choice = 0 → L3-sort, $choice = 1 → L4-uniq, else → L7-wc
L3-sort: Task → L3-sort-exited
L4-uniq: Task → L3-sort-exited
L3-sort-exited: Choice, $exited → end, else → L7-wc
L7-wc: Task → end

#### a sleep is a wait, and costs no task
sort words > sorted
sleep 5
uniq sorted
## asl:
L1-sort: Task → L1-sort-exited
L1-sort-exited: Choice, $exited → end, else → L2-sleep
L2-sleep: Wait 5 → L3-uniq
L3-uniq: Task → end

#### a sleep of a length that the run knows
n=$(wc -l < words)
sleep "$n"
sort words
## asl:
L1-n: Task → L1-n-exited
L1-n-exited: Choice, $exited → end, else → L2-sleep
L2-sleep: Wait $min([$seconds, 31536000]) → L3-sort
L3-sort: Task → end

#### only a sleep
sleep 3
## asl:
L1-sleep: Wait 3 → end

#### one builtin
:
## asl:
L1: Task → end
