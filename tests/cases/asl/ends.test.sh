#### set -e looks after each task whether to go on
set -e
sort words > sorted
sleep 1
uniq sorted
## asl:
L1-set: Task → L1-set-exited
L1-set-exited: Choice, $exited → end, else → L3-sleep
L3-sleep: Wait 1 → L4-uniq
L4-uniq: Task → end

#### a question that a choice can ask as well
set -e
x=$(wc -l < words)
if grep -q x words; then sleep 1; fi
## asl:
L1-set: Task → L3-if
L3-if: Choice, $exited → end, $rc = 0 → L3-sleep, else → end
L3-sleep: Wait 1 → end

#### an exit in a branch
if grep -q x words; then exit 3; fi
sleep 1
sort words
## asl:
L1-if: Task → L1-if-exited
L1-if-exited: Choice, $exited → end, else → L2-sleep
L2-sleep: Wait 1 → L3-sort
L3-sort: Task → end

#### an EXIT trap is a task of its own, whatever ends the script
trap 'rm -f tmp' EXIT
sort words > tmp
sleep 1
uniq tmp
## asl:
L1-trap: Task → L1-trap-exited
L1-trap-exited: Choice, $exited → exit, else → L3-sleep
L3-sleep: Wait 1 → L4-uniq
L4-uniq: Task → exit
exit: Task → end

#### a subshell with a wait is states of the same machine
x=1
(x=2; sleep 1; echo "$x")
echo "$x"
## asl:
L1-x: Task → L1-x-exited
L1-x-exited: Choice, $exited → end, else → L2-x
L2-x: Task → L2-x-exited
L2-x-exited: Choice, $exited → L3-echo, else → L2-sleep
L2-sleep: Wait 1 → L2-echo
L2-echo: Task → L3-echo
L3-echo: Task → end

#### a function is its body
report() { sort "$1"; sleep 1; }
report a
report b
## asl:
L1-report: Task → end
