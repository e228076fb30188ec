#### what a builtin would set may be readonly: it fails, and the script goes on
readonly R=1; readonly -a RA=(1)
read -a RA <<<x; echo $?
mapfile RA <<<x; echo $?
printf -v 'RA[1]' x; echo $?
getopts a R -a; echo $?
: & wait -n -p R; echo $?
echo $R ${RA[@]}
## stdout:
1
1
1
2
1
1 1
## stderr-contains: wait: R: cannot unset: readonly variable
## stderr-contains: RA: readonly variable

#### what the shell itself sets may be too
readonly PWD; cd /; echo $?; pwd
readonly MAPFILE; mapfile <<<x; echo $?
[[ abc =~ b ]]; readonly BASH_REMATCH
[[ xyz =~ y ]]; echo $? $BASH_REMATCH
## stdout:
1
/
1
0 y

#### a readonly variable ends select
readonly R=1
select R in a b; do echo turn; done <<<1; echo $? $R
## stdout:
1 1

#### a readonly name of a coprocess
readonly NAME=1
coproc NAME { :; }; echo $? $NAME
## stdout:
0 1
