#### the assignments before a command are expanded before its redirections
show() { echo "$value"; }
unset x; value=${x=assigned} show 2> "${x=redirected}"
unset x; value=${x=assigned} env 2> "${x=redirected}" | grep ^value
unset x; value=${x=assigned} : 2> "${x=redirected}"
unset x; value=${x=assigned} 2> "${x=redirected}"
ls
## stdout:
assigned
value=assigned
assigned

#### what is wrong with a redirection is said where standard error is by then
! echo a 2> /dev/null < missing
{ echo b; } 2> errors < missing
exec 3>&2 2> /dev/null
exec < missing
exec 2>&3
readonly name
echo c 2> /dev/null {name}< /dev/null
echo $?
grep -c missing errors
## stdout:
1
1

#### a descriptor made a copy of itself need not be open
echo a 7<&7
exec 8>&8
echo $?
## stdout:
a
0

#### the words of eval are split, also where one looks like an assignment
IFS=-
x=c-echo
eval a=b$x d
echo "[$a]"
eval e=${x%-*} list=(f "g h" $x)
echo "$e ${#list[@]}"
## stdout:
d
[]
c 5

#### a tilde begins a pattern or a replacement also in double quotes, but not after `/#` and `/%`
HOME=/h
x=/h/b/h
echo "${x#~}" "${x%~}" "${x/~/q}" "${x//~/q}" "${x/b/~}" "${x/#~/q}" "${x/%~/q}" "${x#"~"}" "${x/b/"~"}"
## stdout:
/b/h /h/b q/b/h q/bq /h//h/h /h/b/h /h/b/h /h/b/h /h/~/h

#### read: a backslash quotes the next character also where IFS has a backslash
IFS=' -\' read -r a b c << 'END'
x\y-z w
END
echo "[$a][$b][$c]"
IFS=' -\' read a b c << 'END'
x\ y \ \z\  w\-v\\-u
END
echo "[$a][$b][$c]"
## stdout:
[x][y][z w]
[x y][ z ][w-v\-u]

#### an empty command forgets the last argument
echo a > /dev/null
$nothing
echo "[$_]"
## stdout:
[]

#### a tilde after `name=` is expanded where `[[ ]]` and `case` compare, too, but not in POSIX's mode
HOME=/h
[[ x=~ == x=/h && x=/h/q:/h == x=~/*:~ && x=/h =~ ^x=/h$ && x=/h =~ x=~ ]]; echo $?
[[ 1x=~ == 1x=/h || x:~ == x:/h || x='~' == x=/h ]]; echo $?
case x+=~ in x+=/h) echo home ;; esac
case x=/h in x=~) echo home ;; esac
set -o posix
[[ x=~ == x=/h ]]; echo $?
## stdout:
0
1
home
home
1
