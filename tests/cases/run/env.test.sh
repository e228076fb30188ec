#### a shell through env has the changed environment
export A=1 B=2
env A=3 sh -c 'echo "$A $B ${C-none}"'
env -u B C=4 bash -c 'echo "$A ${B-none} $C"'
env -i A=5 sh -c 'echo "$A ${B-none}"'
echo "$A $B"
## stdout:
3 2 none
1 none 4
5 none
1 2

#### a script through env, whose commands are known only when it runs
cd part
env NAME=x ./script a b
what=./script
exec env NAME=y "$what" c
## stdout:
x a b
y c
## files: {"part/script": "#!/usr/bin/env bash\nsay() { echo \"$NAME\" \"$@\"; }\n\"sa\"y \"$@\"\neval \"$(echo true)\"\n"}

#### what is no shell runs in the step of env
export A=1
env A=2 printenv A | cat
env -u A printenv A
echo "$?"
## stdout:
2
1
