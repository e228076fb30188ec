#### an independent for is a map
for f in a b c; do sort "$f" > "$f.sorted"; done
## asl:
L1-for: Map over a b c → end
    L1-sort: Task

#### a map over words that the run knows
for f in *.txt; do sort "$f" > "$f.sorted"; done
ls
## asl:
L1-for: Task → L1-for-exited
L1-for-exited: Choice, $exited → end, else → L1-for-3
L1-for-3: Map over $items → L1-for-3-exited
    L1-for-2: Task
L1-for-3-exited: Choice, $exited → end, else → L2-ls
L2-ls: Task → end

#### steps within a turn
for f in a b; do
    if grep -q x "$f"; then sort "$f" > "$f.sorted"; fi
done
## asl:
L1-for: Map over a b → end
    L2-grep: Task → L2-if
    L2-if: Choice, $exited1 → L1-turn, $rc1 = 0 → L2-sort, else → L1-turn
    L2-sort: Task → L1-turn
    L1-turn: Succeed

#### a turn that needs the one before it is part of a task
for f in a b; do sort "$f" >> all; done
## asl:
L1-for: Task → end

#### a while with a sleep turns as states
while ! test -e done; do
    sleep 10
done
sort words
## asl:
resume: Choice, $states.input.resume = "L1-while" → L2-sleep-2, else → start
start: Pass → L1-test
L1-test: Task → L1-while
L1-while: Choice, $exited → end, $rc != 0 → L4-sort, $events >= 19961 → L1-while-more, else → L2-sleep
L2-sleep: Wait 10 → L1-test
L1-while-more: Task (this machine at L1-while) → L1-while-more-exited
L1-while-more-exited: Choice, $exited → end, else → L4-sort
L4-sort: Task → end
L1-test-2: Task → L1-while-2
L1-while-2: Choice, $exited → L1-while-rest, $rc != 0 → L1-while-rest, $events >= 19961 → L1-while-2-more, else → L2-sleep-2
L2-sleep-2: Wait 10 → L1-test-2
L1-while-2-more: Task (this machine at L1-while) → L1-while-rest
L1-while-rest: Succeed

#### until
until grep -q ready status; do sleep 1; date > status; done
## asl:
resume: Choice, $states.input.resume = "L1-until" → L1-sleep-2, else → start
start: Pass → L1-grep
L1-grep: Task → L1-until
L1-until: Choice, $exited → end, $rc = 0 → end, $events >= 19958 → L1-until-more, else → L1-sleep
L1-sleep: Wait 1 → L1-date
L1-date: Task → L1-date-exited
L1-date-exited: Choice, $exited → end, else → L1-grep
L1-until-more: Task (this machine at L1-until) → end
L1-grep-2: Task → L1-until-2
L1-until-2: Choice, $exited → L1-until-rest, $rc = 0 → L1-until-rest, $events >= 19958 → L1-until-2-more, else → L1-sleep-2
L1-sleep-2: Wait 1 → L1-date-2
L1-date-2: Task → L1-date-2-exited
L1-date-2-exited: Choice, $exited → L1-until-rest, else → L1-grep-2
L1-until-2-more: Task (this machine at L1-until) → L1-until-rest
L1-until-rest: Succeed

#### a while without a wait stays in a task
n=0
while [ $n -lt 3 ]; do n=$((n + 1)); done
echo $n
## asl:
L1-n: Task → end

#### turns one after the other, each with a wait
for i in 1 2 3; do date >> log; sleep 2; done
## asl:
start: Pass → L1-for
L1-for: Choice, $index1 >= 3 → end, else → L1-date
L1-date: Task → L1-date-exited
L1-date-exited: Choice, $exited → end, else → L1-sleep
L1-sleep: Wait 2 → L1-for

#### a loop within a loop
for i in 1 2; do
    while ! test -e "$i"; do sleep 5; done
    sort "$i" > "$i.sorted"
done
## asl:
resume: Choice, $states.input.resume = "L2-while" → L2-sleep-2, else → L1-for
L1-for: Map over 1 2 → end
    start: Pass → L2-test
    L2-test: Task → L2-while
    L2-while: Choice, $exited1 → L1-turn, $rc1 != 0 → L3-sort, $events1 >= 2466 → L2-while-more, else → L2-sleep
    L2-sleep: Wait 5 → L2-test
    L2-while-more: Task (this machine at L2-while) → L2-while-more-exited
    L2-while-more-exited: Choice, $exited1 → L1-turn, else → L3-sort
    L3-sort: Task → L1-turn
    L1-turn: Succeed
L2-test-2: Task → L2-while-2
L2-while-2: Choice, $exited → L2-while-rest, $rc != 0 → L2-while-rest, $events >= 14977 → L2-while-2-more, else → L2-sleep-2
L2-sleep-2: Wait 5 → L2-test-2
L2-while-2-more: Task (this machine at L2-while) → L2-while-rest
L2-while-rest: Succeed
