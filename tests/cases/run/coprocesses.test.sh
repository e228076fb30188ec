#### descriptors of coprocesses and of process substitutions are the last below 64
coproc A { cat; }
echo ${A[@]} <(true)
coproc B { cat; } 2>/dev/null
echo ${B[@]} <(true) <(true)
## stdout:
63 60 /dev/fd/62
62 58 /dev/fd/61 /dev/fd/59

#### a coprocess that is a list sees the end of its input
coproc LINES { while read -r line; do echo "<$line>"; done; }
printf '%s\n' a b >&"${LINES[1]}"
exec {LINES[1]}>&-
cat <&"${LINES[0]}"
## stdout:
<a>
<b>

#### and so does a command in it
coproc { cat; }
out=${COPROC[0]} pid=$COPROC_PID
echo text >&"${COPROC[1]}"
eval "exec ${COPROC[1]}>&-"
read -r line <&"$out"; wait "$pid"; echo "$line $?"
## stdout:
text 0
