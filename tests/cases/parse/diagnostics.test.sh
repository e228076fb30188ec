# What is wrong, where, and where the construct that it is in began.

#### a command ends before `fi`
if a; then
    b
## diagnostics:
MSH104 3:1-3:1 expected `fi` to close `if`, found end of input; 1:1-1:3 opened here

#### `then` is missing
if a; b; fi
## diagnostics:
MSH103 1:10-1:12 expected `then` after `if`, found `fi`; 1:1-1:3 opened here

#### `then` without `;` is a word
if test -f x then b; fi
## diagnostics:
MSH103 1:22-1:24 expected `then` after `if`, found `fi`; 1:1-1:3 opened here

#### `else` needs a command
if a; then b; else fi
## diagnostics:
MSH102 1:20-1:22 expected a command after `else`, found `fi`; 1:1-1:3 opened here

#### an empty body
if a; then fi
## diagnostics:
MSH102 1:12-1:14 expected a command after `then`, found `fi`; 1:1-1:3 opened here

#### `do` is missing
while read -r x; done
## diagnostics:
MSH103 1:18-1:22 expected `do` after `while`, found `done`; 1:1-1:6 opened here

#### `do` without `;` is a word of the loop
for x in a do b; done
## diagnostics:
MSH112 1:18-1:22 expected `do` or `{`, found `done`; 1:1-1:4 opened here

#### no name after for
for 1 in a; do b; done
## diagnostics:
MSH111 1:5-1:6 expected a name after `for`, found `1`

#### a word instead of in
for x y; do z; done
## diagnostics:
MSH112 1:7-1:8 expected `in`, `;`, `do` or `{`, found `y`; 1:1-1:4 opened here

#### no command after &&
a &&
## diagnostics:
MSH102 2:1-2:1 expected a command after `&&`, found end of input

#### two pipes
a | | b
## diagnostics:
MSH102 1:5-1:6 expected a command after `|`, found `|`

#### a line begins with a sign
; a
## diagnostics:
MSH102 1:1-1:2 expected a command, found `;`

#### two ampersands with a blank between
a & & b
## diagnostics:
MSH102 1:5-1:6 expected a command, found `&`

#### `;;` outside of case
a;;
## diagnostics:
MSH101 1:2-1:4 `;;` closes nothing

#### a stray parenthesis
echo a )
## diagnostics:
MSH101 1:8-1:9 `)` closes nothing

#### a stray fi
fi
## diagnostics:
MSH101 1:1-1:3 `fi` closes nothing

#### a stray `]]`
]]
## diagnostics:
MSH101 1:1-1:3 `]]` closes nothing

#### the wrong closer
{ a; )
## diagnostics:
MSH104 1:6-1:7 expected `}` to close `{`, found `)`; 1:1-1:2 opened here

#### a brace after a word is a word
{ echo a }
## diagnostics:
MSH104 2:1-2:1 expected `}` to close `{`, found end of input; 1:1-1:2 opened here

#### an open subshell
(a
## diagnostics:
MSH104 2:1-2:1 expected `)` to close `(`, found end of input; 1:1-1:2 opened here

#### an empty subshell
( )
## diagnostics:
MSH102 1:3-1:4 expected a command after `(`, found `)`; 1:1-1:2 opened here

#### an open substitution
echo $(a
## diagnostics:
MSH104 2:1-2:1 expected `)` to close `$(`, found end of input; 1:6-1:8 opened here

#### an open if inside of a substitution
echo $(if a; then b)
## diagnostics:
MSH104 1:20-1:21 expected `fi` to close `if`, found `)`; 1:8-1:10 opened here

#### an open backquote
echo `a
## diagnostics:
MSH105 2:1-2:1 expected a backquote to close the one before, found end of input; 1:6-1:7 opened here

#### a mistake inside of backquotes
echo `if a`
## diagnostics:
MSH103 1:11-1:11 expected `then` after `if`, found the closing backquote; 1:7-1:9 opened here

#### a mistake after escapes inside of backquotes has its true place
echo `a \`b \\$(\` c`
## diagnostics:
MSH104 1:18-1:18 expected `)` to close `$(`, found the closing backquote; 1:15-1:17 opened here

#### an open double quote
echo "a
b
## diagnostics:
MSH105 3:1-3:1 expected `"` to close `"`, found end of input; 1:6-1:7 opened here

#### an open single quote
echo 'a
## diagnostics:
MSH105 2:1-2:1 expected `'` to close `'`, found end of input; 1:6-1:7 opened here

#### an open dollar single quote
echo $'a\'
## diagnostics:
MSH105 2:1-2:1 expected `'` to close `$'`, found end of input; 1:6-1:8 opened here

#### an open parameter
echo ${x:-a
## diagnostics:
MSH105 2:1-2:1 expected `}` to close `${`, found end of input; 1:6-1:8 opened here

#### no parameter name
echo ${}
## diagnostics:
MSH108 1:8-1:9 expected the name of a parameter after `${`; 1:6-1:8 opened here

#### an unknown parameter operator
echo ${x!}
## diagnostics:
MSH105 1:9-1:10 expected `}` to close `${`, found `!`; 1:6-1:8 opened here

#### a parenthesis in an argument
echo a(b)
## diagnostics:
MSH101 1:7-1:8 unexpected `(`

#### a function without a compound body
f() echo
## diagnostics:
MSH102 1:5-1:9 expected `{` or another compound command as the body of the function, found `echo`

#### a function without a name
function
## diagnostics:
MSH112 2:1-2:1 expected a name, found end of input

#### a word after case's word
case x y in a) b;; esac
## diagnostics:
MSH112 1:8-1:9 expected `in`, found `y`; 1:1-1:5 opened here

#### two words as a pattern
case x in a b) c;; esac
## diagnostics:
MSH112 1:13-1:14 expected `|` or `)`, found `b`; 1:1-1:5 opened here

#### case never ends
case x in
a) b;;
## diagnostics:
MSH104 3:1-3:1 expected `esac` to close `case`, found end of input; 1:1-1:5 opened here

#### an empty condition
[[ ]]
## diagnostics:
MSH113 1:4-1:6 expected a condition after `[[`, found `]]`; 1:1-1:3 opened here

#### a condition of two words
[[ a b ]]
## diagnostics:
MSH113 1:6-1:7 expected an operator or `]]`, found `b`; 1:1-1:3 opened here

#### a test without an operand
[[ -f ]]
## diagnostics:
MSH113 1:7-1:9 expected a word after `-f`, found `]]`; 1:1-1:3 opened here

#### a comparison without its right side
[[ a == ]]
## diagnostics:
MSH113 1:9-1:11 expected a word after `==`, found `]]`; 1:1-1:3 opened here

#### an open parenthesis in a condition
[[ ( a ]]
## diagnostics:
MSH113 1:8-1:10 expected `&&`, `||` or `)`, found `]]`; 1:4-1:5 opened here

#### an open condition
[[ a &&
## diagnostics:
MSH105 2:1-2:1 expected `]]` to close `[[`, found end of input; 1:1-1:3 opened here

#### open arithmetic
((1 + 2)
## diagnostics:
MSH104 2:1-2:1 expected `)` to close `(`, found end of input; 1:1-1:2 opened here

#### an open arithmetic expansion
echo $((1
## diagnostics:
MSH105 2:1-2:1 expected `))` to close `$((`, found end of input; 1:6-1:9 opened here

#### a part too few in for
for ((a; b)); do c; done
## diagnostics:
MSH112 1:11-1:13 expected `;`, found `))`; 1:5-1:7 opened here

#### a part too many in for
for ((a; b; c; d)); do e; done
## diagnostics:
MSH101 1:14-1:15 unexpected `;`

#### a redirection at the end of its line
sort >
echo
## diagnostics:
MSH107 1:7-2:1 expected a word after `>`, found the end of the line

#### two redirection signs
a > > b
## diagnostics:
MSH107 1:5-1:6 expected a word after `>`, found `>`

#### no delimiter
cat <<
## diagnostics:
MSH106 1:7-2:1 expected the delimiter of a here-document, found the end of the line

#### a mistake inside of a here-document
cat <<E
x $(if
E
## diagnostics:
MSH103 3:1-3:1 expected `then` after `if`, found the end of the here-document; 2:5-2:7 opened here

#### a sign in an array
x=(a; b)
## diagnostics:
MSH105 1:5-1:6 expected `)` to close `(`, found `;`; 1:3-1:4 opened here

#### an open array
x=(a
## diagnostics:
MSH105 2:1-2:1 expected `)` to close `(`, found end of input; 1:3-1:4 opened here

#### a bracket that its line does not close is a character, and so in an operand that ends before
a[
declare a[ b[2]=3 ]=Y
a[5 +
## diagnostics:

#### an open subscript
a["1"
## diagnostics:
MSH105 2:1-2:1 expected `]` to close `[`, found end of input; 1:2-1:3 opened here

#### an open extended pattern
echo @(a|b
## diagnostics:
MSH105 2:1-2:1 expected `)` to close `@(`, found end of input; 1:6-1:8 opened here

#### a word after a closing brace
{ a; } b
## diagnostics:
MSH101 1:8-1:9 unexpected `b`

#### coproc without a command
coproc
## diagnostics:
MSH102 1:7-2:1 expected a command after `coproc`, found the end of the line

#### an if closed by a brace
f() {
    if x; then y
}
## diagnostics:
MSH104 3:1-3:2 expected `fi` to close `if`, found `}`; 2:5-2:7 opened here
