#### a sleep at the end is the status, whatever failed before
grep -q nothing /dev/null
sleep 1
## status: 0

#### a subshell with a sleep in it leaves files and a status
x=1
mkdir -p inner
(x=2; cd inner; echo "in $x" > file; sleep 1; echo "$x $(cat file)"; exit 3)
echo "$? $x $(cat inner/file)"
## stdout:
2 in 2
3 1 in 2
