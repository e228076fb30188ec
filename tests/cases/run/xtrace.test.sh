#### compound commands show their heads
exec 2>&1
set -x
for i in 1 'a b'; do :; done
case 'a b' in x) ;; "a b") : c ;; esac
[[ -d / && a == b* || ! -e x ]]
[[ a = "b c" ]]
[[ "" ]]
[[ abc =~ a(.)c ]]
[[ a -eq 0 ]]
(( x = 3 , 2 ))
((x=1))
(( $x == 1 ))
for ((i=0;i<1;i++)); do :; done
## stdout:
+ for i in 1 'a b'
+ :
+ for i in 1 'a b'
+ :
+ case 'a b' in
+ : c
+ [[ -d / ]]
+ [[ a == b* ]]
+ [[ ! -e x ]]
+ [[ a = \b\ \c ]]
+ [[ -n '' ]]
+ [[ abc =~ a(.)c ]]
+ [[ a -eq 0 ]]
+ ((  x = 3 , 2  ))
+ (( x=1 ))
+ ((  1 == 1  ))
+ (( i=0 ))
+ (( i<1 ))
+ :
+ (( i++ ))
+ (( i<1 ))

#### assignments
exec 2>&1
set -x
a=(1 'b c' [5]=x)
a+=(2)
a[1]=5
declare -A m=([x]=1 [y z]=2)
m[k]='v w'
declare y=1 z='a b'
export E="q r"
readonly R=3
V=1 W='a b' true
i+=3
b=
c=''
## stdout:
+ a=(1 'b c' [5]=x)
+ a+=(2)
+ a[1]=5
+ m=(['x']='1' ['y z']='2')
+ declare -A m
+ m[k]='v w'
+ declare y=1 'z=a b'
+ export 'E=q r'
+ E='q r'
+ readonly R=3
+ R=3
+ V=1
+ W='a b'
+ true
+ i+=3
+ b=
+ c=

#### the sign is repeated for eval, sources, traps and substitutions, not for subshells
exec 2>&1
set -x
(echo subshell)
eval 'echo eval'
x=$(echo $(echo inner))
echo 'echo file' > file
. ./file
f() { eval 'eval "echo deep"'; }
f
## stdout:
+ echo subshell
subshell
+ eval 'echo eval'
++ echo eval
eval
+++ echo inner
++ echo inner
+ x=inner
+ echo 'echo file'
+ . ./file
++ echo file
file
+ f
+ eval 'eval "echo deep"'
++ eval 'echo deep'
+++ echo deep
deep

#### quoting
exec 2>&1
set -x
echo '1 2' \' \" \\ '' '!' ^ a=b '~'
## stdout:
+ echo '1 2' \' '"' '\' '' '!' '^' a=b '~'
1 2 ' " \  ! ^ a=b ~

#### PS4 unset, empty
exec 2>&1
set -x
PS4=
echo a
unset PS4
echo b
## stdout:
+ PS4=
echo a
a
unset PS4
echo b
b

#### PS4 decodes, and survives an error
PS4='+oops $(( 1 / 0 )) \v '
(set -x; echo one) 2>&1 | sed 's/.*line/line/'
## stdout:
line 2: 1 / 0 : division by 0 (error token is "0 ")
+oops $(( 1 / 0 )) 5.2 echo one
one

#### BASH_XTRACEFD
exec 5>log
BASH_XTRACEFD=5
set -x
echo a
(echo b)
set +x
cat log
## stdout:
a
b
+ echo a
+ echo b
+ set +x

#### select asks on standard error, and ends standard output's line at the end of input
select x in a b; do echo "$x"; done 2>/dev/null < /dev/null
echo end
## stdout:

end
