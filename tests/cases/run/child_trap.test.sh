#### the trap of SIGCHLD is run for each process that has ended, whatever it was
trap 'count=$((count + 1))' CHLD
count=0
(exit 3); echo $count
/bin/true; echo $count
text=$(echo text); echo $count
text=$(/bin/true); echo $count
## stdout:
1
2
3
4

#### it is run while background commands are waited for, which goes on
trap 'echo "ended $?"' SIGCHLD
/bin/false & wait; echo "waited $?"
## stdout:
ended 0
waited 0

#### in POSIX mode it ends the wait
set -o posix
trap 'echo ended' CHLD
/bin/true & wait; echo $(($? > 128))
## stdout:
ended
1

#### the end of a background command is noticed while the shell itself works
ended=
trap 'ended=1' CHLD
/bin/true &
until [ "$ended" ]; do :; done
echo noticed
## stdout:
noticed

#### the statuses of children are known though the script ignores SIGCHLD
trap '' CHLD
(exit 3); echo $?
/bin/false; echo $?
sleep 0 & wait $!; echo $?
## stdout:
3
1
0

#### a subshell has no trap of its parent, and does not lose its children to a trap that is gone
trap 'echo ended' CHLD
(/bin/true; echo inside)
trap - CHLD
/bin/true; echo outside
## stdout:
inside
ended
outside
