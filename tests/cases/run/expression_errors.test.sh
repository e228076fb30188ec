#### bash shows an expression up to the constant that is wrong
for e in '3425#56 + 1' '2#110#11 + 1' '2# + 1' '09 + 1' '0x1g + 1'; do
	( let "$e" ) 2>&1 | sed 's/.*line [0-9]*: //'
done
## stdout:
let: 3425#56: invalid arithmetic base (error token is "3425#56")
let: 2#110#11: invalid number (error token is "2#110#11")
let: 2#: invalid integer constant (error token is "2#")
let: 09: value too great for base (error token is "09")
let: 0x1g: value too great for base (error token is "0x1g")
#### what is wrong with an expression, and at which token
for e in '4 +' '7--' '++' '(2' '1 ? 20' '4 ? : 3' '1 ? 2 : x = 3' 'x++ = 7' '--x++' '2 @ 3' '"" + 1' '7 8' '1 / 0 + 2'; do
	( let "$e" ) 2>&1 | sed 's/.*line [0-9]*: //'
done
## stdout:
let: 4 +: syntax error: operand expected (error token is "+")
let: 7--: syntax error: operand expected (error token is "-")
let: ++: syntax error: operand expected (error token is "+")
let: (2: missing `)' (error token is "2")
let: 1 ? 20: `:' expected for conditional expression (error token is "20")
let: 4 ? : 3: expression expected (error token is ": 3")
let: 1 ? 2 : x = 3: attempted assignment to non-variable (error token is "= 3")
let: x++ = 7: attempted assignment to non-variable (error token is "= 7")
let: --x++: ++: assignment requires lvalue (error token is "++")
let: 2 @ 3: syntax error: invalid arithmetic operator (error token is "@ 3")
let: "" + 1: syntax error: operand expected (error token is """ + 1")
let: 7 8: syntax error in expression (error token is "8")
let: 1 / 0 + 2: division by 0 (error token is "0 + 2")
#### an expression without a value in the head of a loop, in `[[ ]]`, in a substring
for ((;4+;)); do echo body; done; echo $?
for ((;;4+)); do echo body; done; echo $?
[[ 4+ -eq 3 ]]; echo $?
[[ -t X ]]; echo $?
x=abc
(echo ${x:4+})
(a=(1 2); echo ${a[@]:4+})
## stdout:
1
body
1
1
1
## status: 1
## stderr-contains: ((: 4+: syntax error: operand expected (error token is "+")
## stderr-contains: ((: 4+: syntax error: operand expected (error token is "+")
## stderr-contains: [[: 4+: syntax error: operand expected (error token is "+")

#### the subscript that `-v` asks for is evaluated, whether there is an array or not
[[ -v none[1/0] ]] || echo no
echo abandoned $?
test -v 'none[1/0]' || echo no
echo abandoned $?
[[ -v none[n++] ]]; echo $n
## stdout:
abandoned 1
abandoned 1
1

#### what stands before a mistake in an expression is evaluated
let 'n = 7, 1 1' || echo "n=$n"
let 'n++ +' || echo "n=$n"
let 'n = 3 +' || echo "n=$n"
let '(n = 4' || echo "n=$n"
let '1 ? n++' || echo "n=$n"
let '0 && n++ )' || echo "n=$n"
let 'n = 6 6' || echo "n=$n"
x='n = 8 8'; ((x)) || echo "n=$n"
echo $((n = 9 9))
echo "n=$n"
## stdout:
n=7
n=8
n=8
n=4
n=5
n=5
n=6
n=8
n=9

#### but not the operand before what begins no token
let 'n = 3.5' || echo "n=$n"
let 'n = 4, n += 3.5' || echo "n=$n"
## stdout:
n=
n=4

#### an unset variable under `set -u`, and a subscript without a value, are found before a mistake behind them
(set -u; ((none + )) || echo no; echo no) 2>/dev/null; echo $?
n='0 0'
((e[n] && 1 1)) || echo no
echo abandoned $?
## stdout:
1
abandoned 1
