#### echo options
echo -n a; echo -e 'b\tc\n'; echo -E 'd\n'; echo -x; echo -ne 'e\n'
## stdout:
ab	c

d\n
-x
e

#### echo escapes
echo -e '\x41\0102\u00e9\c never'; echo; echo -e 'a\\b'
## stdout:
ABé
a\b

#### printf formats
printf '%s|%5s|%-5s|%05d|%x|%o|%c|%%\n' a b c 42 255 8 xyz
printf '%.2f %e %g\n' 3.14159 1234.5 0.0001
printf '%s\n' a b c; printf '%d %s\n' 1 a 2
## stdout:
a|    b|c    |00042|ff|10|x|%
3.14 1.234500e+03 0.0001
a
b
c
1 a
2 

#### printf %q and %b
printf '%q %q %q\n' 'a b' "it's" ''; printf '%b\n' 'a\tb\n'
## stdout-json: "a\\ b it\\'s ''\na\tb\n\n"

#### printf -v
printf -v x '%03d' 7; echo $x; printf -v 'a[2]' z; echo ${a[2]}
## stdout:
007
z

#### printf with a bad number
printf '%d\n' abc; echo $?
## stdout:
0
1

#### printf character codes and precision
printf '%d %d\n' "'A" '"B'; printf '%.3s|\n' abcdef; printf '%*d|%-*d|\n' 5 1 5 2
## stdout:
65 66
abc|
    1|2    |

#### read splits
echo 'a b  c d' | { read x y z; echo "[$x][$y][$z]"; }
## stdout:
[a][b][c d]

#### read with IFS
echo 'a:b::c' | { IFS=: read x y z w; echo "[$x][$y][$z][$w]"; }
## stdout:
[a][b][][c]

#### read keeps backslashes only with -r
printf 'a\\tb\n' | { read x; echo "$x"; }; printf 'a\\tb\n' | { read -r x; echo "$x"; }
## stdout:
atb
a\tb

#### read joins continued lines
printf 'a\\\nb\n' | { read x; echo "$x"; }
## stdout:
ab

#### read at the end of input
printf 'last' | { read x; echo "$? $x"; }
## stdout:
1 last

#### read -a, -d, -n
echo 'a b c' | { read -a v; echo ${#v[@]} ${v[1]}; }
printf 'a;b;' | { read -d ';' x; echo $x; }
echo abcdef | { read -n 3 x; echo $x; }
## stdout:
3 b
a
abc

#### read whitespace IFS at the ends
echo '  a  ' | { read x; echo "[$x]"; }; echo '  a  ' | { IFS= read x; echo "[$x]"; }
## stdout:
[a]
[  a  ]

#### mapfile
printf '1\n2\n3\n' > f; mapfile -t a < f; echo ${#a[@]} ${a[2]}; mapfile -s 1 -n 1 b < f; echo "${b[0]}"
## stdout-json: "3 3\n2\n\n"

#### test on files
touch f; mkdir d; ln -s f l; [ -f f ] && [ -d d ] && [ -L l ] && [ -e l ] && [ ! -s f ] && [ -r f ] && echo ok
## stdout:
ok

#### test on strings and numbers
[ a = a ] && [ a != b ] && [ -z "" ] && [ 3 -gt 2 ] && [ ! 1 -eq 2 ] && echo ok
## stdout:
ok

#### test with -a, -o and parentheses
[ 1 = 1 -a \( 2 = 3 -o 4 = 4 \) ] && echo ok
## stdout:
ok

#### test errors
[ 1 -eq a ]; echo $?; [ a b ]; echo $?; [ x = y; echo $?
## stdout:
2
2
2

#### test file ages
touch -d '2020-01-01' old; touch new; [ new -nt old ] && [ old -ot new ] && [ new -nt none ] && echo ok
## stdout:
ok

#### export and the environment
export A=1 B='x y'; env | grep '^[AB]=' | sort; export -n A; env | grep -c '^A='
## stdout:
A=1
B=x y
0
## status: 1

#### a prefix assignment is for one command
A=1 env | grep ^A=; echo "[$A]"
## stdout:
A=1
[]

#### a prefix assignment before a function
f() { echo $A; }; A=2 f; echo "[$A]"
## stdout:
2
[]

#### readonly
readonly r=1; (r=2; echo never); echo $? $r
## stdout:
1 1

#### declare attributes
declare -i n=2+3; declare -u u=abc; declare -l l=ABC; declare -x e=1; echo $n $u $l; declare -p n u
## stdout:
5 ABC abc
declare -i n="5"
declare -u u="ABC"

#### associative arrays
declare -A m=([a]=1 [b c]=2); m[d]=3; echo ${m[b c]} ${#m[@]}; for k in "${!m[@]}"; do echo "$k"; done | sort
## stdout:
2 3
a
b c
d

#### indexed arrays
a=(x y [5]=z); a+=(w); echo ${!a[@]} "${a[@]}"; a[1]=Y; echo ${a[1]} ${a[-1]}
## stdout:
0 1 5 6 x y z w
Y w

#### declare -p of arrays
a=(1 'b c'); declare -p a; declare -A m=([k]=v); declare -p m
## stdout:
declare -a a=([0]="1" [1]="b c")
declare -A m=([k]="v" )

#### namerefs
f() { local -n ref=$1; ref=changed; }; x=1; f x; echo $x
## stdout:
changed

#### local with attributes and without value
f() { local x; echo "[${x-unset}]"; local -i n=3*4; echo $n; }; x=1; f
## stdout:
[unset]
12

#### cd and pwd
mkdir -p a/b; cd a/b; echo ${PWD##*/}; cd ..; echo ${PWD##*/}; cd - >/dev/null; echo ${PWD##*/}; cd missing 2>/dev/null; echo $?
## stdout:
b
a
b
1

#### pushd and popd
mkdir d; pushd d >/dev/null; echo ${PWD##*/}; popd >/dev/null; [ -d d ] && echo back
## stdout:
d
back

#### type and command -v
f() { :; }; type -t f echo if sort nothing; command -v f; command -v echo
## stdout:
function
builtin
keyword
file
f
echo

#### command skips functions
echo() { printf 'mine\n'; }; command echo real; echo
## stdout:
real
mine

#### builtin
echo() { builtin echo "<$*>"; }; echo a b
## stdout:
<a b>

#### umask
umask 077; umask; umask -S; touch f; stat -c %a f
## stdout:
0077
u=rwx,g=,o=
600

#### set replaces the parameters
set -- a 'b c'; echo $# "$2"; set --; echo $#
## stdout:
2 b c
0

#### hash and times are quiet
hash >/dev/null; times >/dev/null; echo $?
## stdout:
0

#### unset -v and -f
x=1; x() { :; }; unset x; echo "[$x]"; type -t x; unset x; type -t x; echo $?
## stdout:
[]
function
1

#### kill -l
kill -l 9; kill -l TERM
## stdout:
KILL
15

#### exec runs a command instead
exec echo replaced; echo never
## stdout:
replaced

#### eval with quoting
a='echo "x  y"'; eval "$a"; eval eval "'echo deep'"
## stdout:
x  y
deep

#### shopt nullglob
shopt -s nullglob; echo [no-*]; shopt -u nullglob; echo no-*; shopt -q nullglob; echo $?
## stdout:

no-*
1

#### unknown options are usage errors
cd -Z 2>/dev/null; echo $?; read -Z 2>/dev/null; echo $?
## stdout:
2
2

#### true and false ignore arguments
true x; echo $?; false y; echo $?
## stdout:
0
1

#### FUNCNAME and LINENO
f() { echo $FUNCNAME ${#FUNCNAME[@]}; }; f
echo $LINENO
## stdout:
f 2
2

#### caller
f() { caller 0 | cut -d' ' -f1,2; }; g() { f; }; g
## stdout:
1 g

#### printf counts bytes
printf '[%-4s][%5s][%.2s]\n' éa é éa
printf %c é | wc -c
## stdout:
[éa ][   é][é]
1

#### popd and pushd check their operands first
popd zzz 2>/dev/null; echo $?
popd 2>/dev/null; echo $?
pushd -z 2>/dev/null; echo $?
## stdout:
2
1
2

#### mapfile drops the NUL that ends an element
printf 'a\0b\0c' | { mapfile -d '' x; declare -p x; }
## stdout:
declare -a x=([0]="a" [1]="b" [2]="c")

#### wait -n -p names the process that ended
{ sleep 0.1; exit 9; } & wait -n -p v $!; echo $?; [ "$v" = $! ] && echo same
## stdout:
9
same
#### options that `.` and `set` do not have
. -p; echo $?
source; echo $?
set -z; echo $?
for f in 1 2 3; do break -- 5; done; echo $f
FOO=5 declare -x FOO; declare -p FOO
## stdout:
2
2
2
1
declare -x FOO="5"
## stderr-contains: .: -p: invalid option
## stderr-contains: . filename [arguments]
## stderr-contains: source: filename argument required
#### what `read` does not take, and `caller` in no call
read -z; echo $?
read -t x; echo $?
read -u x y; echo $?
read -n x y; echo $?
caller; echo $?
caller 0; echo $?
## stdout:
2
1
1
1
0 NULL
0
1
## stderr-contains: read: -z: invalid option
## stderr-contains: read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]
## stderr-contains: read: x: invalid timeout specification
#### the usage follows an option that a builtin does not have
for b in declare cd unset readonly pwd set shopt read umask alias; do $b -Z; echo $?; done 2>&1 | grep -v 'invalid option'
help -s read cd
## stdout:
declare: usage: declare [-aAfFgiIlnrtux] [name[=value] ...] or declare -p [-aAfFilnrtux] [name ...]
2
cd: usage: cd [-L|[-P [-e]] [-@]] [dir]
2
unset: usage: unset [-f] [-v] [-n] [name ...]
2
readonly: usage: readonly [-aAf] [name[=value] ...] or readonly -p
2
pwd: usage: pwd [-LP]
2
set: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]
2
shopt: usage: shopt [-pqsu] [-o] [optname ...]
2
read: usage: read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]
2
umask: usage: umask [-p] [-S] [mode]
2
alias: usage: alias [-p] [name[=value] ... ]
2
read: read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]
cd: cd [-L|[-P [-e]] [-@]] [dir]

#### read: at the end of several fields in one variable quoted blanks go too
one() { read x; echo "[$x]"; }; two() { read x y; echo "[$y]"; }
one <<<'a  b\ '; two <<<'a  b\ '; two <<<'a  b  \ '; two <<<'a b\  '; one <<<'a\ '; one <<<'a b\\ '
## stdout:
[a  b]
[b ]
[b]
[b ]
[a ]
[a b\]
