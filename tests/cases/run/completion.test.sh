#### compgen lists what a word may become
f1() { :; }; f2() { :; }; v1=1; export ev1=2
compgen -A function; compgen -A function zz; echo $?
compgen -v v1; compgen -e ev; compgen -b ech; compgen -k whi; compgen -A shopt extg; compgen -A setopt noc
compgen -P '<' -S '>' -W 'aa ab b' a; compgen -X 'a*' -W 'aa ab b'; compgen -X '!a*' -W 'aa ab b'
IFS=:; compgen -W 'a b:c d' a
## stdout:
f1
f2
1
v1
ev1
echo
while
extglob
noclobber
<aa>
<ab>
b
aa
ab
a b

#### compgen takes what a function leaves in COMPREPLY, in order
_words() { COMPREPLY=({0..5}); unset -v 'COMPREPLY[2]'; }
compgen -F _words | tr '\n' ' '
compgen -A nosuch; echo $?
## stdout:
0 1 3 4 5 2

#### complete keeps what it is told
_c() { :; }
complete -F _c -o nospace tool other; complete -p tool; complete -r tool; complete -p tool; echo $?
## stdout:
complete -F _c -o nospace tool
1
## bash: differs by the order in which options are shown

#### help knows builtins by name and pattern
help -s help; help -d 'unse*' | grep -c unset; help nosuch; echo $?
## stdout:
help: help [-dms] [pattern ...]
1
1

#### builtin fails for what is none
builtin nosuch; echo $?
## stdout:
1
## stderr-contains: not a shell builtin
