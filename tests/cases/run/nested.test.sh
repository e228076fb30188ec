#### sh -c with arguments
sh -c 'echo $0 $1' name arg
## stdout:
name arg

#### bash -c sees exported variables and functions only
x=1; export y=2; f() { echo fn; }; export -f f; bash -c 'echo "[$x][$y]"; f'
## stdout:
[][2]
fn

#### a script file by path
./s.sh a; echo $?
## files: {"s.sh": "#!/bin/sh\necho \"$0 $1\"\nexit 3\n"}
## stdout:
./s.sh a
3

#### bash FILE
echo 'echo $#' > s; bash s 1 2 3
## stdout:
3

#### sh reading standard input
echo 'echo from stdin' | sh
## stdout:
from stdin

#### options of a nested shell
sh -e -c 'false; echo never'; echo $?; bash -uc 'echo $nope' 2>/dev/null; echo $?
## stdout:
1
127

#### a nested shell cannot change this one
x=1; sh -c 'x=2; cd /'; echo $x
## stdout:
1

#### xargs with an exported function
f() { echo "<$1>"; }; export -f f; printf 'a\nb\n' | xargs -I{} bash -c 'f {}'
## stdout:
<a>
<b>

#### functions of a sourced file are known when it has been read
. ./lib.sh; greet you; second
nosuch; echo "$?"
## files: {"lib.sh": "greet() { echo \"hello $1\"; helper; }\nhelper() { later; }\n. ./more.sh\n", "more.sh": "later() { echo later; }\nsecond() { third; }\nthird() { echo third; }\n"}
## stdout:
hello you
later
third
127
#### options that a shell is called with
bash -O extglob -c 'shopt extglob; echo @(a|b)'
bash +O cmdhist -c 'shopt cmdhist'
bash -O nosuch -c 'echo no'; echo $?
bash -l -c 'shopt login_shell'
bash -i -c 'echo hi; shopt expand_aliases; echo $-' 2>/dev/null
## stdout:
extglob        	on
@(a|b)
cmdhist        	off
2
login_shell    	on
hi
expand_aliases 	on
hiBHc
## stderr-contains: nosuch: invalid shell option name
