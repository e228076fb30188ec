#### a tilde is text in keys, and in lists of associative arrays
HOME=/h
declare -A m=([~/k]=~/v) n=(~ ~); declare -p m n
m[~/l]=~; declare -p m
a=([1]=~/x:~/y ~); declare -p a
## stdout:
declare -A m=(["~/k"]="~/v" )
declare -A n=(["~"]="~" )
declare -A m=(["~/l"]="/h" ["~/k"]="~/v" )
declare -a a=([1]="/h/x:/h/y" [2]="/h")

#### with an empty IFS and without quotes, the subscripts of an array and names are one field
e=(a b 'c d') fa=1 fb=2
IFS=
printf '[%s]' ${!e[*]} ${!e[*]}x ${!f*}; echo
printf '[%s]' ${!e[@]} ${!f@} ${e[*]}; echo
## stdout:
[0 1 2][0 1 2x][fafb]
[0][1][2][fa][fb][a][b][c d]

#### under `set -u` the length of a missing element is 0, of what is no array an error
e=(a)
(set -u; echo "${#e[1]}" "${#e[0]}")
(set -u; unset 'e[0]'; echo "${#e[1]}")
(set -u; s=x; echo "${#s[0]}"; echo no) 2>/dev/null; echo $?
(set -u; echo "${#none[1]}"; echo no) 2>/dev/null; echo $?
## stdout:
0 1
0
1
1

#### an expression goes on when it assigns before the first element, but not under `set -e`
e=(1 2)
((e[-5] = 7)) && echo yes
echo $((e[-5] = 7)) $((++e[-5])) $((e[-5]++)) $((e[-5] += 3))
let 'e[-5] = 0' || echo zero
echo "${e[@]}"
(set -e; ((e[-5] = 7)) || echo no; echo no); echo $?
## stdout:
yes
7 1 0 3
zero
1 2
1
