#### cd: what `..` leaves is a directory, and the last of -L and -P counts
mkdir -p a/b; touch file; ln -s a/b link; top=$PWD
cd ./file/../a 2>/dev/null; echo $?
cd ./missing/../a 2>/dev/null; echo $?
cd -P -L link/..; [ "$PWD" = "$top" ] && echo logical
cd -L -P link/..; [ "$PWD" = "$top/a" ] && echo physical
## stdout:
1
1
logical
physical

#### PPID is the same in subshells
p=$PPID; (echo $((PPID == p)))
## stdout:
1

#### the flags
set -abCe; echo $-; set +e; f() { echo $-; }; f
## stdout:
abehBC
abhBC

#### command exec keeps redirections
command exec 3<<X
here
X
cat <&3
## stdout:
here

#### without hashing no command is remembered
set +h; ls > /dev/null
hash; echo $?
set -h; ls > /dev/null; type ls; set +h; type ls
## stdout:
1
ls is hashed (/usr/bin/ls)
ls is /usr/bin/ls
## stderr-contains: hash: hashing disabled

#### a shell without an environment has a PATH, and exports what it will set
exec -c bash -c 'case :$PATH: in *:/usr/bin:*) echo found;; esac; export -p | grep -v PWD=; export -p | grep -c PATH; :'
## stdout:
found
declare -x OLDPWD
declare -x SHLVL="1"
0

#### SECONDS may be before the beginning
SECONDS=-5; echo $SECONDS
## stdout:
-5
