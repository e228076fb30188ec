#### if takes the first branch whose condition holds
if false; then echo a; elif true; then echo b; else echo c; fi
## stdout:
b

#### if without a branch taken has status 0
false; if false; then :; fi; echo $?
## stdout:
0

#### while and until
i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done
until [ $i -eq 0 ]; do i=$((i-1)); done; echo $i
## stdout:
0
1
2
0

#### for over words, and over the parameters
for x in a "b c" d; do echo "[$x]"; done
set -- 1 2; for y; do echo $y; done
## stdout:
[a]
[b c]
[d]
1
2

#### for arithmetic
for ((i=0; i<3; i++)); do echo $i; done; echo end $i
## stdout:
0
1
2
end 3

#### break and continue with levels
for a in 1 2 3; do for b in 1 2 3; do
  if [ $b = 2 ]; then continue 2; fi
  if [ $a = 3 ]; then break 2; fi
  echo $a$b
done; done
## stdout:
11
21

#### case patterns, fall through
for x in abc b ccc; do
case $x in a*) echo starts;; b) echo b;& zz) echo fell;;& ?) echo one;; c*c) echo cs;; esac
done
## stdout:
starts
b
fell
one
cs

#### a case without a match has status 0
false; case x in y) ;; esac; echo $?
## stdout:
0

#### and-or lists associate to the left
true || echo no && echo yes
false && echo no || echo yes
false || false && echo no; echo $?
## stdout:
yes
yes
1

#### the status of a negated pipeline
! true; echo $?; ! false; echo $?
! true | false; echo $?
## stdout:
1
0
0

#### functions have parameters of their own
f() { echo $# "$1"; return 3; }
set -- a b c; f x; echo $? $#
## stdout:
1 x
3 3

#### a function may be redefined and unset
f() { echo 1; }; f; f() { echo 2; }; f; unset -f f; type f >/dev/null 2>&1 || echo gone
## stdout:
1
2
gone

#### local variables are dynamic in scope
x=outer; g() { echo $x; }; f() { local x=inner; g; }; f; g
## stdout:
inner
outer

#### recursion
fact() { if [ $1 -le 1 ]; then echo 1; else echo $(( $1 * $(fact $(($1 - 1))) )); fi; }
fact 6
## stdout:
720

#### a subshell changes nothing outside
x=1; (x=2; cd /; echo $x); echo $x; [ "$PWD" != / ] && echo same
## stdout:
2
1
same

#### a brace group does
x=1; { x=2; }; echo $x
## stdout:
2

#### exit status of a subshell
(exit 7); echo $?
## stdout:
7

#### return at the top of a function called in a condition
f() { return 1; }; if f; then echo yes; else echo no; fi
## stdout:
no

#### nested functions and redirections on a function body
f() { echo out; echo err >&2; } 2>/dev/null
f
## stdout:
out

#### break out of a while read loop in the main shell
while read x; do [ $x = 2 ] && break; echo $x; done <<EOF
1
2
3
EOF
echo last $x
## stdout:
1
last 2

#### select takes a number
select x in a b; do echo "$x:$REPLY"; break; done <<< 2 2>/dev/null
## stdout:
b:2

#### the conditional command
[[ -n x && ( a == a* || 1 -gt 2 ) ]] && echo ok
[[ abc =~ ^a(b)(.)$ ]] && echo ${BASH_REMATCH[1]}${BASH_REMATCH[2]}
[[ a < b ]] && echo less; [[ ! -e nothing ]] && echo none
## stdout:
ok
bc
less
none

#### arithmetic command status
((1)); echo $?; ((0)); echo $?
## stdout:
0
1

#### eval runs in this shell
x=1; eval 'x=2; y="a b"'; echo $x "$y"
## stdout:
2 a b

#### a syntax error in eval
x='if'; eval "$x" 2>/dev/null; echo "status $?"
## stdout:
status 2

#### dot and return
printf 'x=5\nreturn 4\necho never\n' > lib.sh
. ./lib.sh; echo $? $x
## stdout:
4 5

#### source with arguments keeps the outer parameters
echo 'echo "$1-$#"' > lib.sh; set -- a b; . ./lib.sh z; echo $1
## stdout:
z-1
a

#### a function's status is that of its last command
f() { true; false; }; f; echo $?
## stdout:
1

#### deep recursion of 500 calls
f() { [ $1 -eq 0 ] && return; f $(($1 - 1)); }; f 500; echo done
## stdout:
done

#### shift and positional parameters beyond nine
set -- a b c d e f g h i j k; echo ${10} $10; shift 9; echo $1 $#; shift 5; echo $?
## stdout:
j a0
j 2
1

#### the status of an assignment is that of its substitution
x=$(false); echo $?; x=$(true)y; echo $? $x
## stdout:
1
0 y

#### PIPESTATUS
true | false | (exit 3); echo ${PIPESTATUS[@]}
## stdout:
0 1 3

#### a colon command expands its words
: ${x:=set}; echo $x
## stdout:
set

#### unset variable and array element
a=(1 2 3); unset 'a[1]'; echo ${a[@]} ${#a[@]}; unset a; echo "[${a[@]}]"
## stdout:
1 3 2
[]

#### getopts
set -- -a -b val -c; while getopts ab:c o; do echo "$o:$OPTARG"; done; echo $OPTIND
## stdout:
a:
b:val
c:
5

#### getopts with bundled letters and an error, quiet
set -- -xyz; while getopts :xy o; do echo "$o:$OPTARG"; done
## stdout:
x:
y:
?:z

#### let and its status
let 'x=2+3' y=x*2; echo $x $y; let 0; echo $?
## stdout:
5 10
1

#### exit in a function ends the script
f() { exit 4; }; f; echo never
## stdout:
## status: 4

#### shells nested without end are stopped
f() { $(f); }; f; echo alive
## stdout:
alive
## stderr-contains: more than 100 shells within each other
## bash: differs because bash forks until the host gives no more processes

#### a negated break or continue inverts the status of its loop
while :; do ! break; done; echo $?
for i in 1 2; do ! continue; done; echo $?
for i in 1; do false; break; done; echo $?
## stdout:
1
1
0

#### select ends with status 1 at the end of input, which set -e does not mind
set -e
select a in x y; do echo "$a"; done <<< 2
select a in x; do echo "$a"; done <&-; echo here
## stdout:
y


here

#### break and continue in a command substitution count the loops outside of it, and end its list
for k in 1 2; do echo "$k [$(for a in x y; do echo $a; continue 2; done; echo after)]"; done
for k in 1 2; do echo "$k [$(echo a; break; echo b)]"; done
for k in 1 2; do echo "$k [$( (for a in x y; do echo $a; break 2; done; echo after) )]"; done
## stdout:
1 [x]
2 [x]
1 [a]
2 [a]
1 [x
after]
2 [x
after]

#### break and continue in a process substitution count the loops outside of it, and end its list
for k in 1 2; do
    while read -r l; do echo "$k $l"; done < <(for a in x y; do echo $a; continue 2; done; echo after)
done
## stdout:
1 x
2 x

#### the words at the head of a loop are inside of it, to `break` and `continue` in a substitution
for x in "$(for a in x y; do echo $a; continue 2; done; echo after)"; do echo "[$x]"; done
select x in "$(for a in x y; do echo $a; break 2; done; echo after)"; do echo "[$x]"; break; done <<< 1 2>/dev/null
## stdout:
[x]
[x]

#### a simple command's own process is no subshell to `break` and `continue`, a group's is
for k in 1; do
    echo "$(for a in x y; do echo $a; continue 2; done; echo after)" | cat
    { echo "$(for a in p q; do echo $a; continue 2; done; echo after)"; } | cat
done
## stdout:
x
p
q
after
