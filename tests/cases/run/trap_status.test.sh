#### exit in the EXIT trap means the status before it, in others the last one
(trap 'false; exit' EXIT; (exit 3)); echo $?
(trap 'true; exit' ERR; (exit 3)); echo $?
(trap 'exit 5' EXIT; exit 3); echo $?
(trap '(exit 4); echo $?' EXIT; exit 3); echo $?
## stdout:
3
0
5
4
3

#### return in a trap means the status before it
f() { false; return; }
trap 'f; echo $?' USR1
(exit 9)
kill -USR1 $$
g() { trap 'false; return' USR1; kill -USR1 $BASHPID; echo not here; }
g; echo $?
## stdout:
0
0

#### an expansion that fails in the EXIT trap leaves the status
(set -u; trap 'echo $nope' EXIT; true) 2>/dev/null; echo $?
(set -u; trap 'echo $nope' EXIT; exit 3) 2>/dev/null; echo $?
## stdout:
0
3

#### a trap in a trap
trap 'echo outer; kill -USR2 $$; echo end' USR1
trap 'echo inner' USR2
kill -USR1 $$
## stdout:
outer
inner
end

#### errtrace reaches substitutions, not stages
set -E
trap 'echo ERR' ERR
x=$(false); echo "[$x]"
false | true
## stdout:
ERR
[ERR]

#### an empty subscript
a=(1)
echo ${a[]} 2>/dev/null
echo "after $?"
## stdout:
after 1

#### files that no shell could run
touch f; mkdir d
./f 2>/dev/null; echo $?
./d 2>/dev/null; echo $?
## stdout:
126
126
