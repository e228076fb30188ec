#### data flows through stages
printf 'b\na\nc\n' | sort | head -n 2
## stdout:
a
b

#### builtins and compound commands as stages
for x in 3 1 2; do echo $x; done | sort | while read l; do echo "<$l>"; done
## stdout:
<1>
<2>
<3>

#### the last stage is a subshell
x=1; echo 2 | read x; echo $x
## stdout:
1

#### a group in the middle
printf 'a\nb\n' | { read x; echo "first $x"; cat; } | tr a-z A-Z
## stdout:
FIRST A
B

#### standard error joins with |&
{ echo out; echo err >&2; } |& sort
## stdout:
err
out

#### functions as stages
up() { tr a-z A-Z; }; echo hello | up | rev
## stdout:
OLLEH

#### a reader that stops early
yes | head -n 3; echo ${PIPESTATUS[0]} ${PIPESTATUS[1]}
## stdout:
y
y
y
141 0

#### a builtin writer whose reader stops early
while :; do echo y; done | head -n 2; echo ${PIPESTATUS[@]}
## stdout:
y
y
141 0

#### background and wait
{ sleep 0.1; echo late; } & echo early; wait; echo done
## stdout:
early
late
done

#### wait gives the status of a job
(exit 5) & wait $!; echo $?
## stdout:
5

#### wait for several
sleep 0.05 & a=$!; (exit 3) & b=$!; wait $a; echo $?; wait $b; echo $?
## stdout:
0
3

#### wait -n
(exit 4) & wait -n; echo $?
## stdout:
4

#### a background command reads nothing
cat & wait; echo ok
## stdout:
ok

#### kill a background job
sleep 30 & kill $!; wait $!; echo $?
## stdout:
143

#### process substitution
paste <(printf '1\n2\n') <(printf 'a\nb\n')
## stdout:
1	a
2	b

#### reading from a process substitution keeps the variable
while read x; do n=$((n+x)); done < <(printf '1\n2\n3\n'); echo $n
## stdout:
6

#### writing to a process substitution
echo hello > >(tr a-z A-Z); wait $!; sleep 0.1
## stdout:
HELLO

#### tee into process substitutions
printf 'x\ny\n' | tee >(wc -l >count) | cat; sleep 0.2; tr -d ' ' < count
## stdout:
x
y
2

#### command substitution nests and strips newlines
echo "[$(echo "$(printf 'a\n\n')" b)]"
## stdout:
[a b]

#### command substitution of a file
printf 'one\ntwo\n' > f; echo "$(<f)"
## stdout:
one
two

#### backquotes
echo `echo \`echo deep\``
## stdout:
deep

#### coproc
coproc { read x; echo "got $x"; }; echo hi >&${COPROC[1]}; read y <&${COPROC[0]}; echo $y
## stdout:
got hi

#### a named pipe between a background writer and a reader
mkfifo p; echo data > p & cat < p; wait
## stdout:
data

#### time prints to standard error only
{ time true; } 2>/dev/null; echo $?
## stdout:
0

#### jobs -p and $!
sleep 0.1 & [ "$(jobs -p)" = "$!" ] && echo same; wait
## stdout:
same

#### a background pipeline is not negated
! true & wait $!; echo $?
! (exit 4) & wait $!; echo $?
! false | (exit 3) & wait $!; echo $?
! echo a && true & wait $!; echo $?
{ ! true; } & wait $!; echo $?
## stdout:
0
4
3
a
1
1

#### the reader of standard error ends when the commands do
bash -c 'bash -c "echo nested"' 2>&1 | cat
## stdout:
nested

#### `break`, `continue`, `exec` with redirections and an empty command set PIPESTATUS
for k in 1; do false | true; break; done; echo "${PIPESTATUS[@]}"
for k in 1; do false | true; continue; done; echo "${PIPESTATUS[@]}"
false | true; exec 3>&-; echo "${PIPESTATUS[@]}"
false | true; exec 3<&9; echo "${PIPESTATUS[@]}"
false | true; $(exit 3); echo "${PIPESTATUS[@]}"
## stdout:
0
0
0
1
3
