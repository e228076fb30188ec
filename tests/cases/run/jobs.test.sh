#### wait -n, -p
(sleep 0.3; exit 4) & a=$!; (exit 5) & b=$!
wait -n -p v; echo $? $([ "$v" = $b ] && echo b)
wait -n -p v; echo $? $([ "$v" = $a ] && echo a)
wait -n -p v; echo "$? [${v-unset}]"
## stdout:
5 b
4 a
127 [unset]

#### statuses are kept
(exit 3) & p=$!; wait $p; echo $?; wait $p; echo $?
(exit 1) & (exit 2) & wait %2 %1; echo $?
wait %9 1 2>/dev/null; echo $?
## stdout:
3
3
1
127

#### a trapped signal ends wait, and the job is still there
trap 'echo T' USR1
(sleep 0.1; kill -USR1 $$; sleep 0.2; exit 7) & p=$!
wait $p; echo $?
wait $p; echo $?
## stdout:
T
138
7

#### many signals while waiting lose no status
trap 'n=$((n+1))' USR1
for i in 1 2 3 4 5 6 7 8; do
  (kill -USR1 $$; exit $i) & p=$!
  s=130; while [ $s -gt 128 ]; do wait $p; s=$?; done
  echo $s
done
## stdout:
1
2
3
4
5
6
7
8
## bash: differs because bash loses a status now and then and prints -1

#### what jobs shows
sleep 1 & { sleep 1; : a; } & (sleep 1) & sleep 1 | cat & sleep 1 && : x &
jobs
jobs -p | wc -l | tr -d ' '
jobs -s
wait
## stdout:
[1]   Running                 sleep 1 &
[2]   Running                 { sleep 1; : a; } &
[3]   Running                 ( sleep 1 ) &
[4]-  Running                 sleep 1 | cat &
[5]+  Running                 sleep 1 && : x &
5

#### how jobs ended
(exit 3) & sleep 0.2; jobs; jobs
true & sleep 0.2; jobs
sleep 5 & kill $!; wait $! 2>/dev/null; echo $?
## stdout:
[1]+  Exit 3                  ( exit 3 )
[1]+  Done                    true
143

#### misuse
exec 2>/dev/null
wait -x; echo $?
wait abc; echo $?
jobs -Z; echo $?
jobs %7; echo $?
disown; echo $?
disown %3; echo $?
fg; echo $?
## stdout:
2
1
2
1
1
1
1

#### disown
sleep 0.1 & disown -h; jobs | wc -l | tr -d ' '
disown; jobs
## stdout:
1

#### wait for a process substitution
read x < <(echo a; exit 3); wait $!; echo "$x $?"
## stdout:
a 3

#### a coprocess that has ended takes its variables along
coproc C { read a; echo "got $a"; }
echo q >&"${C[1]}"; read r <&"${C[0]}"; echo "$r"
wait
echo "[${C[@]}] [$C_PID]"
## stdout:
got q
[] []

#### wait waits for the process substitution whose number is `$!`
echo hi > >(read -r l; (exit 0) & wait $!; echo "<$l>" >late)
wait
read -r l <late
echo "$l"
## stdout:
<hi>
#### a signal reaches a command that has left its process group
timeout 60 sh -c ': > begun; exec sleep 60' & until [ -e begun ]; do sleep 0.1; done
kill $!; wait $! 2>/dev/null; echo $?
## stdout:
143

#### a shell that writes to a pipe sees that nobody reads
bash -c 'while echo y; do :; done' | head -n 1
x=$( { bash -c 'while echo y; do :; done' | head -n 1; } 3>&1 ); echo "<$x>"
## stdout:
y
<y>

#### what a subshell leaves running goes on when it has ended
seen() { for n in {1..50}; do [ -s "$1" ] && break; sleep 0.2; done; cat "$1"; }
( (sleep 0.3; echo later > later) & ); echo now; wait; seen later
x=$( (sleep 0.2; echo background) & echo foreground); echo $x
( sleep 0.2 & exit 3 ); echo $?
{ sleep 0.2 & echo piped; } | cat
( trap 'echo trapped' EXIT; sleep 0.1 & echo body ); echo after
( ( (sleep 0.2; echo deep > deep) & ) & ); seen deep
( (sleep 0.2; echo stage > stage) | true & ); seen stage
bash -c '(sleep 0.2; echo nested > nested) & exit 6'; echo $?; seen nested
## stdout:
now
later
foreground background
3
piped
body
trapped
after
deep
stage
6
nested
