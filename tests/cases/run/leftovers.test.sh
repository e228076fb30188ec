#### a parenthesis in a pattern that its operand does not close is text
shopt -s extglob
line='*([foo'
echo "-${line##*([}-" -${line##*([}-
x=aab
echo "${x##*(a)}" ${x##+(a|b)} "${x/@(a/z}"
y='x}b'
echo ${y##@(x\})} ${y##@(x'}')}
## stdout:
-foo- -foo-
b aab
b b

#### code points beyond Unicode
printf '%s' $'\U00110000' $'\U7fffffff' | od -An -tx1
## stdout:
 f4 90 80 80 fd bf bf bf bf bf

#### builtin of another name fails when it is reached
builtin ls 2>/dev/null; echo $?
builtin; builtin --; echo $?
builtin -- false; echo $?
## stdout:
1
0
1

#### continued lines in the midst of tokens
f\
un\
c \
 ( \
 )  \
 # comment
 \
 ( echo ok )
func
echo $\
\
(\
\
(\
1 + \
2\
)\
\
)
## stdout:
ok
3

#### a quote in a $'…' does not hide the end of $(( that opens a subshell
echo "$((echo $'\'' # a remark
) && echo b
)" "'c" $((1 + 1))
## stdout:
'
b 'c 2
#### a backslash before a newline is taken out of backquotes, also between single quotes
echo `echo 'foo\
bar'`
echo "`echo 'foo\
bar'` $LINENO"
echo $(echo 'foo\
bar')
## stdout:
foobar
foobar 4
foo\ bar
#### `\x{…}` in $'…', also empty or without an end
printf '%s\n' $'a\x{41}b' $'a\x{}b' $'\x{41X' $'\x{4142}'
## stdout:
aAb
a
AX
B
#### double quotes inside a quoted `${ }` end the outer ones for backslashes
z=5 s='a  b'
echo "${z+"a\'b\p\$z\\"}" "${z+a\'b}"
printf '<%s>' "${z+"$s  c"}"; echo
## stdout:
a'bp$z\ a\'b
<a  b  c>
#### a control backslash in $'…' takes both of its backslashes
printf '%s|' $'\c\\' $'\c\\x' $'\ca\c]' | od -An -c
## stdout:
 034   | 034   x   | 001 035   |
#### read -N with -a makes one element
printf 'a b c' | { read -N 5 -a list; declare -p list; }
## stdout:
declare -a list=([0]="a b c")
