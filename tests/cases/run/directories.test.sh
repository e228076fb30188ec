#### pushd, popd and dirs turn, shorten and show the stack
mkdir a b; here=$PWD; HOME=$here; pushd a > /dev/null; pushd ../b
dirs -l | sed "s|$here|H|g"; dirs -p; dirs -v; dirs +1; dirs -0; dirs -l -v +1 | sed "s|$here|H|"
pushd; pushd +1 > /dev/null; dirs; pushd -n /tmp; popd +1; popd -n; popd -- ; echo ~0 ~+1 | sed "s|$here|H|g"
## stdout:
~/b ~/a ~
H/b H/a H
~/b
~/a
~
 0  ~/b
 1  ~/a
 2  ~
~/a
~
 1  H/a
~/a ~/b ~
~/b ~ ~/a
~/b /tmp ~ ~/a
~/b ~ ~/a
~/b ~/a
~/a
H/a ~+1

#### what pushd, popd and dirs refuse
popd; echo $?; pushd; echo $?; popd x; echo $?; popd -z; echo $?; pushd -z; echo $?; pushd +9; echo $?
dirs +9; echo $?; dirs -z; echo $?; pushd nosuch; echo $?; pushd a b; echo $?
## stdout:
1
1
2
2
2
1
1
2
1
1

#### shopt -s lastpipe keeps what the last command of a pipeline assigns
shopt -s lastpipe
printf 'a\nb\n' | mapfile -t lines; echo ${#lines[@]}
seq 3 | while read n; do last=$n; done; echo $last
f() { seq 3 | while read n; do [ $n = 2 ] && return 5; done; echo no; }; f; echo $?
for i in 1 2; do echo x | { break; }; echo no; done
exit 3 | true; echo $? ${PIPESTATUS[@]}; set -o pipefail; exit 3 | true; echo $?
true | false; echo ${PIPESTATUS[@]}
echo q | exit 7
## stdout:
2
3
5
0 3 0
3
0 1
## status: 7
#### what the stack of directories does not take
pushd -z; pushd +x; popd foo; dirs -z; dirs +1; echo $?
## stdout:
1
## stderr-contains: pushd: -z: invalid number
## stderr-contains: pushd [-n] [+N | -N | dir]
## stderr-contains: pushd: +x: invalid number

#### an empty entry of CDPATH is the current directory
mkdir -p dev a/dev
top=$PWD
for CDPATH in "$top/none::$top/a" ":$top/a" "$top/a:" "./a::"; do
    cd dev | sed "s|$top||"
    (cd dev > /dev/null; echo "${PWD#"$top"}")
done
## stdout:
/dev
/dev
/a/dev
/a/dev
/a/dev
/a/dev

#### the directories below the top may be assigned
cd /; pushd -n /usr > /dev/null; pushd /tmp
DIRSTACK[1]=/bin; dirs; popd > /dev/null; dirs
## stdout:
/tmp / /usr
/tmp /bin /usr
/bin /usr
