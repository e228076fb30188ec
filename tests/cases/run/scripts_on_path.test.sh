#### a script in a directory that PATH was given
PATH="$PWD/bin:$PATH"
helper a
command -v helper | sed "s,$PWD,.,"
x=$(helper b | tr a-z A-Z)
echo "$x"
exec helper last
## stdout:
bin/helper: a
./bin/helper
BIN/HELPER: B
bin/helper: last
## files: {"bin/helper": "#!/bin/sh\necho \"bin/${0##*/}: $1\"\n"}

#### it calls others of that directory
PATH=bin:$PATH
outer
## stdout:
outer inner
## files: {"bin/outer": "#!/bin/bash\nprintf '%s ' \"${0##*/}\"; inner\n", "bin/inner": "#!/bin/sh\necho \"${0##*/}\"\n"}

#### a script that was made in a temporary directory
dir=$(mktemp -d)
printf '#!/bin/sh\necho "made $1"\n' > "$dir/made"
"$dir/made" 1 2> errors
echo "$?"
chmod +x "$dir/made"
"$dir/made" 2
PATH=$dir:$PATH
made 3
## stdout:
126
made 2
made 3

#### what is not there by then is not found
dir=$(mktemp -d)
PATH=$dir:$PATH
nothing-there 2> errors
echo "$?"
## stdout:
127

#### what is not there beforehand refuses the script, where the directory is known
echo nothing ran
PATH=$PWD/bin:$HOME/bin:/opt/bin:$PATH
nothing-there
## files: {"bin/there": "#!/bin/sh\n"}
## stdout:
## status: 127
## bash: differs because nothing runs of a script with a name that nobody mapped

#### a name that is mapped is not looked for along PATH
PATH=$PWD:$PATH
printf '#!/bin/sh\necho mine\n' > nproc
chmod +x nproc
nproc | grep -c mine
## stdout:
0
## status: 1
## bash: differs because a mapped name is what the catalog says

#### command -p passes by what lies along the script's own PATH
printf '#!/bin/sh\necho mine\n' > hello
chmod +x hello
here=$(pwd)
PATH=$here:$PATH
hello
command -p hello 2> /dev/null
echo $?
command -p echo builtin
command -p printf '%s\n' mapped | command -p cat
## stdout:
mine
127
builtin
mapped

#### in the script's own directory, to which it goes first
cd part
PATH=$PWD/bin:$PATH
helper
## stdout:
helped
## files: {"part/bin/helper": "#!/bin/sh\necho helped\n"}

#### in a directory that the script makes
mkdir made
printf '#!/bin/sh\necho made; exit 3\n' > made/tool
chmod +x made/tool
PATH=$PWD/made:$PATH
tool | cat
tool || echo "$?"
sh -c 'tool; echo "in $?"'
x=$(tool)
echo "$x $?"
tool & wait $!
echo "$?"
## stdout:
made
made
3
made
in 3
made 3
made
3

#### another one of the same name when PATH changes
system=$PATH
PATH=a:$system; tool
PATH=b:$system; tool
PATH=b:a:$system; tool
## stdout:
a/tool
b/tool
b/tool
## files: {"a/tool": "#!/bin/sh\necho \"$0\"\n", "b/tool": "#!/bin/sh\necho \"$0\"\n"}
