#### mapfile calls back after so many lines, before it takes the last of them
cb() { echo "$1 <$2> ${#m[@]}"; }
mapfile -t -c 2 -C cb m < <(printf '%s\n' a b c "d'e" f); echo ${#m[@]}
mapfile -tc1 -C 'echo x' m <<< $'l1\nl2'
## stdout:
1 <b> 1
3 <d'e> 3
5
x 0 l1
x 1 l2

#### mapfile loses what stands behind a NUL, and keeps attributes
printf '.\0.\nx' | { mapfile L; declare -p L; }
declare -ai n; mapfile -t n <<< 1+2; echo $n
m=(1 2 3); mapfile -t -O 1 m <<< z; echo "${m[@]}"
## stdout:
declare -a L=([0]="." [1]="x")
3
1 z 3

#### what mapfile refuses
declare -A as; mapfile as <<< x; echo $?; readonly ro; mapfile ro <<< x; echo $?
mapfile -n x; echo $?; mapfile -c 0 x; echo $?; mapfile -O -1 x; echo $?; mapfile -u 99 x; echo $?;  mapfile 1x; echo $?
## stdout:
1
1
1
1
1
1
1

#### a key in arithmetic may hold any character
declare -A A; k=']'; A[$k]=5; echo $((A[$k])); ((A[$k]++)); k='"'; ((A[$k]=7)); k='\'; (( A["$k"] = 42 ))
k='a b'; (( A[$k] = 1, A["$k"] += 2 )); echo ${#A[@]} "${A["$k"]}" ${A[\"]}
i=2; a=(1 2 3 4); (( a[$i]=9, a["i"+1]=8 )); echo ${a[@]}
## stdout:
5
4 3 7
1 2 9 8
