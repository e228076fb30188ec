#### empty outputs
x=$(true)
echo "[$x]"
cat /dev/null
: > empty
cat empty empty | wc -c
for i in $(cat empty); do echo never; done
echo "[$(cat empty)]" $?
## stdout:
[]
0
[] 0

#### several megabytes on standard output
line=0123456789abcdef
yes "$line" | head -n 200000
echo end
## stdout-json: [["0123456789abcdef\n", 200000], ["end\n", 1]]

#### several megabytes through files and pipes
seq 1 300000 > numbers
wc -l < numbers
sort -rn numbers > down
head -n 2 down
[ "$(sort -n down | sha256sum)" = "$(sha256sum < numbers)" ] && echo same
cat numbers down | wc -c
sed -n '299999,$p' numbers
## stdout:
300000
300000
299999
same
3977790
299999
300000

#### a large value in a variable
x=$(seq 1 40000)
echo "${#x}"
cat /dev/null
printf '%s\n' "$x" | tail -n 1
y=$x$x
echo "${#y}"
cat /dev/null
printf '%s' "${y:0:9}" | od -An -c | sed 's/  */ /g'
## stdout:
228893
40000
457786
 1 \n 2 \n 3 \n 4 \n 5

#### quotes of all kinds in values
a="it's" b='say "hi"' c='back\slash \n' d='$HOME `id` $(id)' e="%s {% \$states %} {{x}}"
cat /dev/null
printf '%s\n' "$a" "$b" "$c" "$d" "$e"
printf '%s|' "$a$b" 'x'"$c" \"\'\\
echo
## stdout:
it's
say "hi"
back\slash \n
$HOME `id` $(id)
%s {% $states %} {{x}}
it'ssay "hi"|xback\slash \n|"'\|

#### newlines, tabs and blanks in values
x=$'one\ntwo\n\n'
y=$'\ttab  blanks  '
z=$(printf 'trailing\n\n\n')
cat /dev/null
printf '[%s]\n' "$x" "$y" "$z"
echo $x $y
set -- $y
echo $#
## stdout:
[one
two

]
[	tab  blanks  ]
[trailing]
one two tab blanks
2

#### unicode in values, names of files and patterns
x='žluťoučký kůň 🐎 日本'
echo "${#x}" | cat
echo "${x%% *}|${x#* }|${x:0:3}"
echo "$x" > "ž 日.txt"
for f in *.txt; do echo "$f"; cat "$f"; done
case $x in *🐎*) echo horse ;; esac
[[ ž == ? ]] && echo one
printf '%s\n' "$x" | grep -c 日
## stdout:
18
žluťoučký|kůň 🐎 日本|žlu
ž 日.txt
žluťoučký kůň 🐎 日本
horse
one
1

#### bytes that are not UTF-8 in values
x=$(printf 'a\377\200b')
y="$x-\xfe"
cat /dev/null
printf '%s' "$x" | od -An -tx1
z=("$x" $'\xff')
cat /dev/null
printf '%s' "${z[1]}${z[0]}" | od -An -tx1
[ "$x" = $'a\377\200b' ] && echo equal
case $x in *$'\377'*) echo found ;; esac
## stdout:
 61 ff 80 62
 ff 61 ff 80 62
equal
found

#### bytes that are not UTF-8 in names of files and in loops
printf x > $'f\377'
for f in f*; do printf '%s' "$f" | od -An -tx1; cat "$f"; echo; done
## stdout:
 66 ff
x

#### control characters in values
x=$'\001\033[1m\177\r'
cat /dev/null
printf '%s' "$x" | od -An -tx1
## stdout:
 01 1b 5b 31 6d 7f 0d

#### here-documents with expansions, quoted and with tabs
name=World n=3
cat <<END
Hello $name, $((n * 2)) and $(echo cmd)
  \$escaped \\ "quotes" 'single' `echo back`
END
cat <<'END' | tr a-z A-Z
Hello $name $(no) \$x
END
	cat <<-END
		indented $n
	END
cat <<A; cat <<B
first
A
second
B
## stdout:
Hello World, 6 and cmd
  $escaped \ "quotes" 'single' back
HELLO $NAME $(NO) \$X
indented 3
first
second

#### a here-document in a loop, a function and a branch
say() {
    cat <<END
<$1>
END
}
for w in a 'b c'; do
    if say "$w" | grep -q b; then
        sed 's/^/| /' <<END
$w ${#w}
END
    else
        say "$w"
    fi
done
## stdout:
<a>
| b c 3

#### a here-document of several hundred lines
cat > f <<END
$(seq 1 500)
END
wc -l < f
tail -n 1 f
read -r first <<< "$(sed -n 250p f)"
echo "$first"
## stdout:
500
500
250

#### standard input is read on across statements
read -r a
read -r b
echo "[$a][$b]"
cat /dev/null
read -r c
echo "[$c]" | cat
cat
read -r d || echo "end [$d]"
## stdin:
one
two
three
four
five
six
## stdout:
[one][two]
[three]
four
five
six
end []

#### a loop that reads standard input, and what is left of it
n=0
while read -r line && [ "$line" != stop ]; do
    n=$((n + 1))
    echo "$n $line" | tr a-z A-Z
done
echo "rest: $(cat)"
echo "$n"
## stdin:
a
b
stop
c
d
## stdout:
1 A
2 B
rest: c
d
2

#### standard input in a function and in a subshell
f() { read -r x; echo "f $x"; }
f
(read -r y; echo "sub $y")
z=$(read -r w; echo "$w")
echo "$z"
sed 's/^/left /'
## stdin:
1
2
3
4
5
## stdout:
f 1
sub 2
3
left 4
left 5

#### read splits into variables that travel
IFS=: read -r user _ id rest <<< 'root:x:0:0:root:/root'
cat /dev/null
echo "$user $id [$rest]"
IFS=, ; x='a,b,,c'
cat /dev/null
printf '<%s>' $x; echo
unset IFS
printf '<%s>' $x; echo
## stdout:
root 0 [0:root:/root]
<a><b><><c>
<a,b,,c>

#### mapfile and a loop over the array
printf 'c\na b\nb\n' > f
mapfile -t lines < f
cat /dev/null
echo "${#lines[@]} ${lines[1]}"
for l in "${lines[@]}"; do echo "<$l>"; done | sort
## stdout:
3 a b
<a b>
<b>
<c>

#### command substitutions whose status is not 0
x=$(echo out; exit 3)
echo "$x $?"
echo "$(echo a; false)" $?
y=$(cat missing 2> /dev/null)
echo "[$y] $?"
local_status() { local z=$(false); echo "local $?"; }
local_status
if z=$(grep x /dev/null); then echo yes; else echo "no $?"; fi
## stdout:
out 3
a 1
[] 1
local 0
no 1

#### substitutions within substitutions
x=$(echo "$(echo "$(echo deep) er")" | tr a-z A-Z)
echo "$x"
echo `echo \`echo back\``
y=$(printf '%s' "$(seq 1 3 | sed "s/$/$(echo ,)/")")
echo $y
## stdout:
DEEP ER
back
1, 2, 3,
