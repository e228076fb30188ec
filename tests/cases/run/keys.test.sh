#### keys of any kind are set, shown and unset
declare -A m; for k in "'" '"' '\' '@' 'a=b' 'p q' '!' '#h' 'a*'; do m[$k]=1; done; declare -p m
unset 'm[p q]' 'm[@]'; echo ${#m[@]}
## stdout:
declare -A m=(["#h"]="1" ["'"]="1" ["\""]="1" ["!"]="1" ["\\"]="1" [a=b]="1" ["@"]="1" ["a*"]="1" ["p q"]="1" )
7

#### a key with a stray quote or bracket may stand in a text
declare -A m; for k in "'" '"' 'x]' '[y'; do m[$k]=1; unset "m[$k]"; done; echo ${#m[@]}
read "m[80's]" <<< hi; printf -v "m[it's]" %s yo; echo "${m["80's"]} ${m["it's"]}"
## stdout:
0
hi yo
## bash: differs because bash takes such a text for no name of an element

#### the words of an associative array's list are not split, nor matched with files
foo='1 2'; touch f; declare -A v=( $foo 3 ? quest * star ); declare -p v
v=( $foo 4 ); v+=( "$foo" 5 b 6 ); declare -p v
## stdout:
declare -A v=(["?"]="quest" ["*"]="star" ["1 2"]="3" )
declare -A v=(["1 2"]="5" [b]="6" )

#### RANDOM gives the numbers of bash for a seed
RANDOM=42; echo $RANDOM $RANDOM $RANDOM; RANDOM=0; echo $RANDOM $RANDOM; RANDOM=-5; echo $RANDOM
## stdout:
17772 26794 1435
20814 24386
17653

#### the value of an assignment comes before the subscript it goes to
n=0; (( (a[n]=++n)<7 && a[0] )); echo "${a[@]:1}"
## stdout:
1
