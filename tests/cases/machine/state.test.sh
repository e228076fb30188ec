#### the directory goes on to what follows
mkdir -p a/b
cd a
echo "${PWD##*/}"
echo x > in-a
cd b
cat ../in-a
ls ..
cd "$OLDPWD"
ls
cd - > /dev/null
echo "${PWD##*/} ${OLDPWD##*/}"
(cd ..; ls)
cd ../..
ls
## stdout:
a
x
b
in-a
b
in-a
b a
b
in-a
a

#### a directory that is left and removed
mkdir d
cd d
echo x > f
cd ..
rm -r d
ls
cd d 2> /dev/null || echo gone
## stdout:
gone

#### pushd and popd
mkdir a b
pushd a > /dev/null
pushd ../b > /dev/null
cat /dev/null
echo "${#DIRSTACK[@]} ${PWD##*/}"
popd > /dev/null
echo "${PWD##*/}"
popd > /dev/null
ls
## stdout:
3 b
a
a
b

#### positional parameters
set -- one 'two three' '' four
echo $#
cat /dev/null
shift
printf '[%s]' "$@"; echo
for p in "$@"; do echo "<$p>" | cat; done
set -- "$@" "$(echo five)"
echo "$# ${*: -1}"
set --
echo "$#:$*"
## stdout:
4
[two three][][four]
<two three>
<>
<four>
4 five
0:

#### shift in a loop until nothing is left
set -- -v -o out.txt file1 file2
while [ $# -gt 0 ]; do
    case $1 in
        -v) verbose=1; shift ;;
        -o) out=$2; shift 2 ;;
        *) break ;;
    esac
done
echo "$verbose $out $*" > result
cat result
## stdout:
1 out.txt file1 file2

#### getopts across statements
set -- -ab -c value -- rest
getopts abc: o; echo "$o" | cat
getopts abc: o; echo "$o" | cat
getopts abc: o; echo "$o $OPTARG" | cat
getopts abc: o || echo "end $o $OPTIND"
shift $((OPTIND - 1))
echo "$*"
## stdout:
a
b
c value
end ? 5
rest

#### getopts in a loop with commands
set -- -x1 -y -x 2 file
while getopts x:y o; do
    case $o in
        x) echo "x=$OPTARG" >> opts ;;
        y) echo y >> opts ;;
    esac
done
cat opts
shift $((OPTIND - 1))
echo "$1"
## stdout:
x=1
y
x=2
file

#### indexed arrays
a=(zero 'one two' three)
a[5]=five
a+=(six)
cat /dev/null
echo "${#a[@]} ${!a[*]}"
printf '[%s]' "${a[@]}"; echo
unset 'a[1]'
cat /dev/null
echo "${a[-1]} ${a[@]:1:2} ${#a[2]}"
a=("${a[@]/e/E}")
printf '%s\n' "${a[@]}" | cat
## stdout:
5 0 1 2 5 6
[zero][one two][three][five][six]
six three five 5
zEro
thrEe
fivE
six

#### associative arrays
declare -A count
for w in b a b c b a; do
    count[$w]=$((${count[$w]:-0} + 1))
done
cat /dev/null
for k in a b c; do echo "$k ${count[$k]}"; done
count['with blank']='v "q"'
count[$'new\nline']=x
cat /dev/null
echo "${#count[@]} ${count[with blank]} ${count[$'new\nline']}"
unset 'count[b]'
[[ -v count[b] ]] || echo "no b"
## stdout:
a 2
b 3
c 1
5 v "q" x
no b

#### exported variables are seen by commands
export A=1 B='two words'
C=3
env | grep -E '^(A|B|C)=' | sort
export C
B=changed
cat /dev/null
env | grep -E '^(A|B|C)=' | sort
sh -c 'echo "$A-$B-$C"'
export -n A
unset B
sh -c 'echo "${A-unset} ${B-unset} $C"'
D=only env | grep '^D='
echo "${D-unset}"
## stdout:
A=1
B=two words
A=1
B=changed
C=3
1-changed-3
unset unset 3
D=only
unset

#### attributes of variables stay
declare -i n=5
declare -u up
declare -l low
declare -r fixed=1
cat /dev/null
n=n*2+1
up=abc low=ABC
echo "$n $up $low"
n+=4
cat /dev/null
echo "$n"
declare -p n up low fixed
(fixed=2) 2> /dev/null || echo "refused"
## stdout:
11 ABC abc
15
declare -i n="15"
declare -u up="ABC"
declare -l low="abc"
declare -r fixed="1"
refused

#### namerefs and indirect names
target=first
declare -n ref=target
ref=second
cat /dev/null
echo "$target $ref ${!ref}"
name=target
echo "${!name}"
ref=(1 2)
cat /dev/null
echo "${target[@]}"
## stdout:
second second target
second
1 2

#### an unset variable is not an empty one
x=1 y=
unset x
cat /dev/null
echo "${x-unset} ${y-unset} ${y:-empty}"
x=2
if true; then unset x; fi
cat /dev/null
echo "${x-unset}" "${x+set}"
## stdout:
unset  empty
unset 

#### integers of 64 bits
x=9223372036854775807
y=9007199254740993
cat /dev/null
echo $((x)) $((y)) $((y + 1)) $((x + 1))
z=$((-7 / 2)) r=$((-7 % 3)) h=$((0x1F | 8)) s=$((1 << 40))
cat /dev/null
echo "$z $r $h $s $((08 + 1))" 2> /dev/null || echo "bad octal $?"
echo "$z $r $h $s"
## stdout:
9223372036854775807 9007199254740993 9007199254740994 -9223372036854775808
-3 -1 31 1099511627776

#### options stay as they were set
set -f
cat /dev/null
echo *
set +f
shopt -s nullglob
cat /dev/null
echo none*
shopt -u nullglob
set -o noclobber
echo x > f
cat f
echo y > f 2> /dev/null || echo refused
echo z >| f
cat f
## stdout:
*

x
refused
z

#### extended patterns and case without regard to letters
shopt -s extglob nocasematch
cat /dev/null
case README in read@(me|you)) echo me ;; esac
shopt -u nocasematch
x=aaabbb
echo "${x##+(a)}"
touch a.c b.h c.txt
ls !(*.txt)
## stdout:
me
bbb
a.c
b.h

#### umask decides the modes of new files
umask 077
echo x > private
umask 022
echo x > public
mkdir d
umask 027
stat -c '%a %n' private public d
umask
## stdout:
600 private
644 public
755 d
0027

#### subshells change nothing outside
x=1
(x=2; cd /; set -f; echo "in $x"; echo made > /dev/null)
echo "$x"
echo "$(x=3; echo $x) $x"
x=4 | cat
echo "$x" *
{ x=5; } > out
echo "$x"
f() (x=6; echo "f $x")
f
echo "$x"
## stdout:
in 2
1
3 1
1 *
5
f 6
5

#### the process number stays the same
echo $$ > pid
cat /dev/null
[ "$(cat pid)" = $$ ] && echo same
f() { echo $$; }
[ "$(f)" = "$(cat pid)" ] && echo same
[ "$(echo $$ | cat)" = "$(sed p pid | head -n 1)" ] && echo same
rm pid
## stdout:
same
same
same

#### a seeded sequence of random numbers goes on
RANDOM=42
a=$RANDOM b=$RANDOM
RANDOM=42
cat /dev/null
c=$RANDOM
cat /dev/null
d=$RANDOM
[ "$a $b" = "$c $d" ] && echo same
unset RANDOM
cat /dev/null
echo "${RANDOM-plain}"
## stdout:
same
plain

#### line numbers are those of the whole script
echo $LINENO
f() {
    echo "$LINENO ${FUNCNAME[0]} ${BASH_LINENO[0]}"
}
cat /dev/null
f
if true; then
    echo $LINENO

    cat /dev/null; f; echo "$LINENO"
fi
nosuch() { echo "${BASH_LINENO[*]} ${#FUNCNAME[@]}"; f; }; nosuch
## stdout:
1
3 f 6
8
3 f 10
10
12 0 2
3 f 12

#### functions that a sourced file defines
cat > lib.sh <<'END'
greet() {
    echo "hello $1 from line $LINENO of ${BASH_SOURCE[0]##*/}"
}
setting=loaded
END
. ./lib.sh
rm lib.sh
cat /dev/null
name=greet
"$name" you
echo "$setting" | cat
## stdout:
hello you from line 2 of lib.sh
loaded

#### functions made by eval, exported and unset ones
eval 'one() { echo "I am one, $1"; }'
two() { echo "I am two, $1"; }
for n in three; do eval "$n() { echo \"I am $n, \$1\"; }"; done
cat /dev/null
one x
"$n" y
export -f two
bash -c 'two z'
unset -f one
type one > /dev/null 2>&1 || echo "no one"
## stdout:
I am one, x
I am three, y
I am two, z
no one

#### traps for signals
trap 'echo got' USR1
cat /dev/null
kill -USR1 $$
echo after
trap '' USR2
cat /dev/null
kill -USR2 $$
trap -p USR1
trap - USR1
## stdout:
got
after
trap -- 'echo got' SIGUSR1

#### SECONDS goes on
SECONDS=100
cat /dev/null
[ "$SECONDS" -ge 100 ] && [ "$SECONDS" -lt 160 ] && echo "in range"
SECONDS=
cat /dev/null
[ "$SECONDS" -lt 60 ] && echo "from 0"
## stdout:
in range
from 0

#### the status of a background command is known later
(exit 3) &
pid=$!
cat /dev/null
wait "$pid"
echo $?
{ echo written > f; } &
wait
cat f
## stdout:
3
written

#### a shell that a script starts knows what its text names
export word=hello; sh -c 'printf "%s\n" "$word" | tr a-z A-Z'
if sort nothing 2>/dev/null; then echo yes; else bash -c 'echo "no $1"' x y; fi
command -v nosuchcommand || type -t sort
## stdout:
HELLO
no y
file

#### what a trap needs is where it runs
echo ab > f1; echo q > f2; v=7
trap 'cat f1' ERR
trap 'cat f1; echo $v' EXIT
if sort f2 | grep -q q; then grep zz f2; fi
if sort f2 | grep -q q; then { sort f2; exit 3; } > f3; fi
## stdout:
ab
## status: 3

#### a trap at the end sees the function that is left
trap 'echo "[$x] $1"' EXIT
f() { local x=in; sort nothing 2>/dev/null; if grep -q a nothing 2>/dev/null; then echo no; else exit 4; fi; }
if sort nothing 2>/dev/null; then echo no; fi
f a
## stdout:
[in] a
## status: 4

#### the variable of a loop keeps what it was declared as
declare -u g
list=(first second)
for g in x y; do echo "$g" | cat; done
for list in a b; do echo "${list[*]}" | cat; done
echo "$g ${list[*]}"
## stdout:
X
Y
a second
b second
Y b second
