#### the longest of the leftmost matches is found, also behind an alternative that fits
[[ xabcd =~ ab|abcd|b ]]; echo "${BASH_REMATCH[@]}"
[[ xyxyz =~ (x|xy)(y?x|z)* ]]; printf '<%s>' "${BASH_REMATCH[@]}"; echo
## stdout:
abcd
<xyx><x><yx>

#### a repetition of a repetition takes no time that explodes
[[ aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa =~ (a*)*b ]]; echo $?
[[ aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa =~ ^(a|a)*(a|aa)+$ ]]; echo $?
## stdout:
1
0

#### what is no regular expression has status 2 and leaves BASH_REMATCH
[[ abc =~ b ]]
for p in 'a{2' 'a{2,1}' '(' '[' '\' '*a' '[b-a]' '[[:foo:]]' '(a)\2'; do [[ a =~ $p ]]; echo -n "$? "; done
echo "${BASH_REMATCH[@]}"
[[ a =~ $p || a == a ]]; echo "or $?"; [[ ! a =~ $p ]]; echo "not $?"
[[ a =~ $p && a == a ]] || echo "and $?"; [[ a == b || (a =~ $p) ]]; echo "group $?"
## stdout:
2 2 2 2 2 2 2 2 2 b
or 0
not 0
and 2
group 2

#### what is quoted stands for itself; in brackets a quoted character is one of many
q='a|b'; [[ 'a|b' =~ ^"$q"$ ]]; echo $?; [[ a =~ ^"$q" ]]; echo $?
[[ axb =~ a"."b ]]; echo $?; [[ x =~ \w ]]; echo $?; p='\w'; [[ x =~ $p ]]; echo $?
[[ 'a]b' =~ ^.["]"]b$ ]]; echo $?; [[ '\' =~ ["."] ]]; echo $?; [[ b =~ [a"-"c] ]]; echo $?; p='[\.]'; [[ '\' =~ $p ]]; echo $?
## stdout:
0
1
1
1
0
0
1
0
0

#### with nocasematch letters match both cases, in brackets and classes too
shopt -s nocasematch
[[ AbÄ =~ ^a[B]ä$ ]]; echo $?; [[ A =~ [[:lower:]] ]]; echo $?; [[ A =~ "a" ]]; echo $?
## stdout:
0
0
0

#### a group that took no part is empty, one that does not exist is not there
[[ ac =~ a(b)?(c|(d)) ]]; echo "${#BASH_REMATCH[@]}"; printf '<%s>' "${BASH_REMATCH[@]}"; echo
## stdout:
4
<ac><><c><>

#### characters are those of the locale in force
LC_ALL=C.UTF-8; [[ ä =~ ^.$ ]]; echo $?; LC_ALL=C; [[ ä =~ ^.$ ]]; echo $?; [[ ä =~ ^..$ ]]; echo $?
LC_ALL=C.UTF-8; [[ a$'\xff'b =~ $'\xff'(.) ]]; echo "$? ${BASH_REMATCH[1]}"
## stdout:
0
1
0
0 b
