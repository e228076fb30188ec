#### posix mode: a readonly variable in export and readonly ends the shell
(readonly a=1; export a=2; echo reached)
echo $?
(readonly a=1; readonly a=2; echo reached)
echo $?
readonly a=1
command export a=2
echo $?
## args: --posix
## stdout:
1
1
1
## stderr-contains: a: readonly variable

#### export and readonly fail on a readonly variable, and the script goes on
readonly a=1
export a=2
echo $?
readonly a=3
echo $? $a
## stdout:
1
1 1

#### posix mode: assignments before exec last, those before `command exec` do not
a=1
a=2 exec
echo $a
a=3 exec 3>&1
echo $a
a=4 command exec
echo $a
## args: --posix
## stdout:
2
3
3

#### posix mode: a redirection that fails for `command exec` fails only that
command exec < missing
echo $?
(exec < missing; echo reached)
echo $?
## args: --posix
## stdout:
1
1

#### posix mode: a text that is no shell command ends the shell
bad=')'
(eval "$bad"; echo reached)
echo $?
(if eval "echo $bad"; then echo reached; fi; echo reached)
echo $?
echo "echo $bad" > file
(. ./file; echo reached)
echo $?
command eval "$bad"
echo $?
command . ./file
echo $?
trap "$bad" EXIT
## args: --posix
## stdout:
2
2
2
2
2

#### posix mode: a function that is called in eval with a bad text ends too
bad=')'
f() { eval "$bad"; echo reached; }
f || echo reached
echo reached
## args: --posix
## status: 2

#### posix mode: break and continue outside of a loop are quiet, shift says what is wrong
break
continue
echo $?
shift 3 2>&1 | sed 's/.*line [0-9]*: //'
shift 2>&1 | sed 's/.*line [0-9]*: //'
## args: --posix
## stdout:
0
shift: 3: shift count out of range
shift: shift count out of range

#### a signal that ends the shell by default does so also when it is SIGPIPE
(kill -PIPE $BASHPID; echo reached)
echo $?
(trap '' PIPE; kill -PIPE $BASHPID; echo reached)
(trap 'echo trapped' PIPE; kill -PIPE $BASHPID; echo reached)
kill -s PIPE $$
echo reached
## stdout:
141
reached
trapped
reached
## status: 141

#### what cannot be written because nobody reads is an error when SIGPIPE is ignored
exec 3>&1
(trap '' PIPE; sleep 0.3; echo text; echo $? >&3) | :
## stdout:
1
## stderr-contains: echo: write error: Broken pipe

#### a function may have the name of a builtin that runs commands
command() { echo called "$@"; }
command nosuch
eval() { echo called too; }
eval nosuch
## stdout:
called nosuch
called too
