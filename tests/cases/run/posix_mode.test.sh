#### a refused assignment ends the shell
set -o posix
readonly r=1
(r=2; echo never); echo $?
(for r in a b; do echo never; done; echo never); echo $?
(r=2 :; echo never); echo $?
(r=2 echo never; echo never); echo $?
x=$(r=2; echo never); echo "$? [$x]"
r=2 echo never; echo never
echo goes on
r=2
echo never
## status: 1
## stdout:
1
1
1
1
1 []
goes on

#### so does an error in a special builtin, and a failed expansion
set -o posix
(. ./nofile; echo never); echo $?
(. nofile; echo never); echo $?
(set -Q; echo never); echo $?
(return 3; echo never); echo $?
(: < nofile; echo never); echo $?
(exec 3< nofile; echo never); echo $?
(echo $((1 +)); echo never); echo $?
(shift 5; export 1x=3; break; echo goes on); echo $?
(command . ./nofile; command set -Q; echo goes on); echo $?
## stdout:
1
1
2
2
1
1
1
goes on
0
goes on
0

#### assignments before special builtins last
set -o posix
f() { :; }
a=1 :; b=2 eval 'echo $b'; c=3 export x; d=4 true; e=5 f; g=6 command :
echo "[$a][$b][$c][$d][$e][$g]"
## stdout:
2
[1][2][3][][][]

#### special builtins are no functions
set -o posix
export() { echo function; }
echo never
## status: 2
## stdout:

#### tildes, patterns in redirections
set -o posix
HOME=/home/me; set x
echo a=~ b:~ ~
x=~; export y=a:~; echo $x $y
echo one > a1.txt; echo two > 'a*.txt'; cat < a*.txt
## stdout:
a=~ b:~ /home/me
/home/me a:/home/me
two

#### listings
set -o posix
export A=1; export -p | grep 'A='
readonly B=2; readonly -p | grep B=
trap 'echo x' INT; trap
alias l='ls -l'; alias
## stdout:
export A="1"
readonly B="2"
trap -- 'echo x' INT
l='ls -l'

#### POSIXLY_CORRECT tells
set -o posix; echo "[$POSIXLY_CORRECT]"; shopt -q expand_aliases && echo on
set +o posix; echo "[$POSIXLY_CORRECT]"; shopt -q expand_aliases || echo off
## stdout:
[y]
on
[]
off

#### bash --posix
bash --posix -c 'alias hi="echo hello"
hi you
readonly r=1; r=2; echo never'
echo $?
## stdout:
hello you
127

#### the option --posix
alias hi='echo hello'
hi you
## args: --posix
## stdout:
hello you
## bash: differs because bash is run without the option

#### sh keeps to POSIX
sh -c 'alias hi="echo hello"
hi you
a=1 :; echo $a
. ./nofile; echo never' 2>/dev/null || echo ended
## stdout:
hello you
1
ended
#### POSIXLY_CORRECT turns POSIX's mode on and off
x=1
x=2 eval :; echo $x
POSIXLY_CORRECT=1; x=2 eval :; echo $x
unset POSIXLY_CORRECT; shopt -o posix
set -o posix; echo ${POSIXLY_CORRECT-unset}
set +o posix; echo ${POSIXLY_CORRECT-unset}
## stdout:
1
2
posix          	off
y
unset
