#### a definition counts from the next line on
shopt -s expand_aliases
hi() { echo function; }
alias hi='echo alias'; hi
hi
## stdout:
function
alias

#### none without expand_aliases
ll() { echo function; }
alias ll='echo alias'
ll
shopt -s expand_aliases
ll
shopt -u expand_aliases
ll
## stdout:
function
alias
function

#### quoting any part of the word stops it
shopt -s expand_aliases
hi() { echo function; }
alias hi='echo alias'
hi
\hi
'hi'
h"i"
hi""
## stdout:
alias
function
function
function
function

#### words from expansions are none
shopt -s expand_aliases
alias hi='echo alias'
x=hi
$x 2>/dev/null
echo $?
## stdout:
127

#### the name is not expanded in its own text
shopt -s expand_aliases
alias echo='echo -n' a=b b='echo a'
echo one
a two
## stdout-json: "onea two"

#### after a trailing blank the next word is looked at too
shopt -s expand_aliases
alias hi='echo hello ' p='PPP' q='QQQ ' r=RRR
hi p p
hi q r r
hi 'x' p
hi x p
hi > p p; cat p; rm p
hi 2>/dev/null p
## stdout:
hello PPP p
hello QQQ RRR r
hello x PPP
hello x p
hello p
hello p

#### half a loop
shopt -s expand_aliases
alias each='for i in 1 2;' repeat='do echo $i; done'
each repeat
alias f='for ' i='j ' in='in ' p=PPP
f i in p p; do echo $j; done
## stdout:
1
2
PPP
p

#### operators, redirections, several lines
shopt -s expand_aliases
alias count='echo hi | wc -c' both='echo one && echo' out='echo gone >/dev/null' lines='echo a
echo b
echo c'
count
both two
out
lines d
## stdout:
3
one
two
a
b
c d

#### an open quote goes on behind the word
shopt -s expand_aliases
alias e="echo '<" c='echo hi #' s='echo a\'
e >'
c not this
s b
## stdout:
< >
hi
a b

#### here-documents
shopt -s expand_aliases
alias begin='cat <<X' show='echo shown'
begin
$(show)
X
## stdout:
shown

#### a whole here-document in the text
shopt -s expand_aliases
alias c='cat <<E
inside
E
'
c
## stdout:
inside
## bash: differs because bash loses the rest of the line

#### functions keep what was expanded when they were read
shopt -s expand_aliases
alias a='echo first'
f() { a; }
alias a='echo second'
f; a
## stdout:
first
second

#### substitutions are read when they run
shopt -s expand_aliases
alias p='echo one'
h() { echo $(p) `p` "`p`"; cat <(p); }
alias p='echo two'; echo $(p)
h
## stdout:
two
two two two
two

#### in subshells, pipes and substitutions definitions stay there
shopt -s expand_aliases
hi() { echo function; }
( alias hi='echo alias' )
alias hi='echo alias' | cat
x=$(alias hi='echo alias')
hi
## stdout:
function

#### the decision is made at run time
shopt -s expand_aliases
one() { echo function; }
if [ -n "$nothing" ]; then alias one='echo alias'; fi
one
[ -z "$nothing" ] && alias one='echo alias'
one
## stdout:
function
alias

#### names and texts known only at run time
shopt -s expand_aliases
name=greet text='echo hello'
alias "$name=$text"
greet you
eval "alias bye='echo bye'"
bye you
unalias "$name"
greet() { echo function; }
greet
## stdout:
hello you
bye you
function

#### by eval and by a file, both read line by line
shopt -s expand_aliases
. ./lib.sh
eval "alias sayhi='echo hello'
sayhi inside"
sayhi outside
lib
eval 'alias x="echo x"; x' 2>/dev/null || echo none
x
## files: {"lib.sh": "alias lib='echo from the file'\nlib here\n"}
## stdout:
from the file here
hello inside
hello outside
from the file
none
x

#### by a function
shopt -s expand_aliases
define() { alias $1="echo $2"; }
define one 1
one
define one 2
one
## stdout:
1
2

#### unalias, and what is none any more
shopt -s expand_aliases
alias a='echo a' b='echo b' c='echo c'
unalias a nothing b 2>/dev/null; echo $?
a 2>/dev/null; echo $?
c
unalias -a
c 2>/dev/null; echo $?
alias
## stdout:
1
127
c
127

#### printing
alias b='it'\''s' a=1 e=
alias
alias a
alias -p | wc -l
alias nothing 2>/dev/null; echo $?
unalias 2>/dev/null; echo $?
alias 'x y=z' 'a/b=c' 2>/dev/null; echo $?
## stdout:
alias a='1'
alias b='it'\''s'
alias e=''
alias a='1'
3
1
2
1

#### type and command -v
shopt -s expand_aliases
alias ll='ls -l' if=x
type ll
type -t ll if
command -v ll
command -V ll
type -a ll
## stdout:
ll is aliased to `ls -l'
alias
alias
alias ll='ls -l'
ll is aliased to `ls -l'
ll is aliased to `ls -l'

#### reserved words, unless in POSIX's mode
shopt -s expand_aliases
alias if='echo alias'
if true
unalias \if
set -o posix
alias while='echo alias'
while false; do :; done
## stdout:
alias true

#### in POSIX's mode they are on
set -o posix
alias hi='echo hello'
hi you
alias hi
## stdout:
hello you
hi='echo hello'

#### after assignments, redirections, reserved words and !
shopt -s expand_aliases
alias e='echo alias' v='x=5 '
x=1 e
2>/dev/null <&0 e
! e
if e; then e; fi
{ e; }
(e)
time -p e 2>/dev/null
case e in e) e;; esac
v e
## stdout:
alias
alias
alias
alias
alias
alias
alias
alias
alias
alias
## stderr-contains: real

#### arguments, targets, patterns, names are none
shopt -s expand_aliases
alias e='echo alias' x=y
echo e >x; cat x; rm x
case x in x) echo pattern;; esac
for x in e; do echo $x; done
export e=1; echo $e
## stdout:
e
pattern
e
1

#### the line numbers are the script's
shopt -s expand_aliases
alias where='echo $LINENO; echo'
where
where $LINENO
## stdout:
3

4
4

#### continued lines
shopt -s expand_aliases
alias e='echo ' one='ONE ' two='TWO'
e one \
  two one
ec\
ho on\
e
## stdout:
ONE TWO one
one

#### a trap's command, a nested shell
shopt -s expand_aliases
alias hi='echo trapped'
trap 'hi' EXIT
bash -c 'shopt -s expand_aliases
alias hi="echo nested"
hi'
## stdout:
nested
trapped

#### an alias without text
shopt -s expand_aliases
alias nothing= sudo=' '
nothing (( x = 3 ))
nothing echo $x
alias e='echo e'
sudo e
## stdout:
3
e

#### at the edges of what is eligible
shopt -s expand_aliases
alias c=' cat << ' e=' \END '
c e
here-document
END
alias 3=:
3>/dev/null echo not 3
alias f=' for ' w=' in ' in=' x '
f w in 1; do echo $x; done
alias forx='for x ' i='in 0'
forx i w; do echo $x; done
set 2
alias do=';'
forx do echo $x; done
## stdout:
here-document
not 3
1
0
w
2

#### reserved words in POSIX's mode, as far as they are ones
set -o posix
alias al=' ' foo=bar for=echo
al for foo in v
do echo foo=$foo bar=$bar; done
alias forx='for x ' for='in 2'
forx for 3; do echo $x; done
## stdout:
foo= bar=v
2
3
