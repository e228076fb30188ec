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
