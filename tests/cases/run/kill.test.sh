#### names and numbers
kill -l 9 15 130 TERM SIGINT term 0 EXIT RTMIN+1 64 35 50
kill -l 128 2>/dev/null; echo $?
kill -L 10 BAD 12 2>/dev/null; echo $?
kill -l USR1 9999 USR2 2>/dev/null; echo $?
kill -l | head -2
## stdout:
KILL
TERM
INT
15
2
15
EXIT
0
35
RTMAX
RTMIN+1
RTMAX-14
1
USR1
USR2
1
10
12
1
 1) SIGHUP	 2) SIGINT	 3) SIGQUIT	 4) SIGILL	 5) SIGTRAP
 6) SIGABRT	 7) SIGBUS	 8) SIGFPE	 9) SIGKILL	10) SIGUSR1

#### ways to say which signal
trap 'echo usr1' USR1
kill -USR1 $$; kill -usr1 $$; kill -SIGUSR1 $$; kill -s usr1 $$; kill -10 $$; kill -n 10 $$; kill -sUSR1 $$; kill -n10 $$
kill -0 $$; echo $?
## stdout:
usr1
usr1
usr1
usr1
usr1
usr1
usr1
usr1
0

#### misuse
exec 2>/dev/null
for words in '' -s '-s FOO 1' '-FOO 1' abc %1; do kill $words; echo $?; done
## stdout:
2
1
1
1
1
1

#### trap: options, real-time signals, invalid names
exec 2>&1
trap 'echo x' RTMIN+2 INT; trap; trap -p INT
(trap -x) 2>/dev/null; echo $?
trap : FOO 2>/dev/null; echo $?
trap 2; trap -p
## stdout:
trap -- 'echo x' SIGINT
trap -- 'echo x' SIGRTMIN+2
trap -- 'echo x' SIGINT
2
1
trap -- 'echo x' SIGRTMIN+2

#### a subshell may end what its parent has started in the background
limit() {
    local time=$1 job watch status; shift
    "$@" & job=$!
    (sleep $time; kill $job) > /dev/null 2>&1 & watch=$!
    wait $job; status=$?
    kill $watch 2> /dev/null; wait $watch
    return $status
}
list() { sleep 20; } > /dev/null 2>&1
limit 0.1 sleep 20; echo $?
limit 0.1 list; echo $?
limit 20 true; echo $?
## stdout:
143
143
0

#### and ask for it, from shells within it too
sleep 20 & job=$!
(kill -0 $job; echo $?)
/bin/true | bash -c "kill -0 $job; kill $job; echo \$?"
wait $job; echo $?
(kill -0 $job) 2> /dev/null; echo $?
## stdout:
0
0
143
1

#### a coprocess is ended by another command in the background
coproc { sleep 20; } 2> /dev/null
job=$COPROC_PID
{ kill $job; } & wait $job; echo $?
## stdout:
143
