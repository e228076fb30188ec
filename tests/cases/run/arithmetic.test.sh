#### under set -u a missing element of an array that is set is 0 in arithmetic
set -u
declare -A by_name=()
declare -a by_number=(1)
((++by_name[k] > 0)) && echo "${by_name[k]}"
echo $((by_name[other])) $((by_number[7]))
## stdout:
1
0 0

#### under set -u an array that is not set ends the script in arithmetic
set -u
echo $((nothing[1]))
echo not reached
## status: 1
## stderr-contains: nothing: unbound variable
