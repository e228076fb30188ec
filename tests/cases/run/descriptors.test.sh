#### the number of a new descriptor may go into an element of an array
echo data > file
exec {fd[0]}<file
echo ${fd[0]}; read x <&${fd[0]}; echo $x
exec {fd[0]}<&-
declare -A m; i=2
exec {m[in]}<file {fd[i+1]}<file
echo ${m[in]} ${!fd[@]} ${fd[3]}; cat <&${m[in]}
## stdout:
10
data
10 0 3 11
data

#### what is no name in braces is a word before a redirection
echo {a[}>file {x,y}>>file; cat file
## stdout:
{a[} x y

#### a command may be given another name, and the dash of a login shell
(exec -a other sh -c 'echo $0')
(exec -lc sh -c 'echo $0 ${HOME-none}')
(exec -lafoo sh -c 'echo $0')
(exec -a other bash -c 'echo $0' first)
exec -a another perl -e 'open my $file, "<", "/proc/self/cmdline"; print +(split /\0/, <$file>)[0], "\n"'
## stdout:
other
-sh none
-foo
first
another

#### what exec does not know
exec -a; echo $?
exec -x; echo $?
## stdout:
2
2
## stderr-contains: exec: -a: option requires an argument
## stderr-contains: exec: usage: exec [-cl] [-a name] [command [argument ...]] [redirection ...]
