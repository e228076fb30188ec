#### branches by the status of commands, one after the other
printf 'alpha\nbeta\n' > words
if grep -q gamma words; then
    echo gamma
elif grep -q beta words; then
    echo beta $?
    grep -c a words
else
    echo none
fi
echo "after $?"
## stdout:
beta 0
2
after 0

#### an if without a branch that is taken, and one that is empty of effect
false
if grep -q x /dev/null; then echo never; fi
echo $?
if true; then false; fi
echo $?
if true; then :; fi
echo $?
## stdout:
0
1
0

#### nested branches
x=7
if [ "$x" -gt 5 ]; then
    if [ "$x" -gt 6 ]; then
        printf '%s\n' "$x" > big
        if [ -s big ]; then cat big; fi
    else
        echo middle
    fi
    echo done
fi
## stdout:
7
done

#### nested for loops, commands inside and between
for i in 1 2 3; do
    printf '%s:' "$i" > "row$i"
    for j in a b; do
        printf ' %s%s' "$i" "$j" >> "row$i"
    done
    echo >> "row$i"
done
cat row1 row2 row3
## stdout:
1: 1a 1b
2: 2a 2b
3: 3a 3b

#### a while loop that counts, and its status
n=0
while [ "$n" -lt 3 ]; do
    n=$((n + 1))
    echo "turn $n" | sed 's/turn/Turn/'
done
echo "$n $?"
## stdout:
Turn 1
Turn 2
Turn 3
3 0

#### an until loop over the content of a file
printf 'x\n' > grows
until [ "$(wc -l < grows)" -ge 4 ]; do
    cat grows grows > twice
    mv twice grows
done
wc -l < grows
## stdout:
4

#### a while loop whose body never runs has status 0
false
while false; do echo never; done
echo $?
## stdout:
0

#### break and continue in nested loops
for i in 1 2 3 4; do
    [ "$i" = 2 ] && continue
    for j in x y z; do
        [ "$j" = z ] && continue 2
        [ "$i" = 4 ] && break 2
        echo "$i$j"
    done
    echo never
done
echo "end $i $j"
## stdout:
1x
1y
3x
3y
end 4 x

#### early exit in a branch: what follows does not run
echo before > log
if grep -q before log; then
    echo leaving
    exit 3
    echo never
fi
echo never > log2
## stdout:
leaving
## status: 3

#### early exit in a loop
for n in 1 2 3; do
    echo "$n" | sed 's/^/n=/'
    if [ "$n" = 2 ]; then exit 0; fi
done
echo never
## stdout:
n=1
n=2

#### exit without a number takes the status of the command before
grep -q missing /dev/null
exit
## status: 1

#### exit in a subshell ends only that
(echo in; exit 4; echo never)
echo "out $?"
## stdout:
in
out 4

#### and-or lists of commands with files between them
mkdir d && cd d && echo here > f && cat f
cat missing 2> /dev/null || echo "no file, $?"
cat f > g && grep -q nothing g || echo "not in g"
false && echo never
echo $?
true || echo never
echo $?
## stdout:
here
no file, 1
not in g
1
0

#### a negated pipeline decides
if ! grep -q z /dev/null; then echo no z; fi
! true
echo $?
! false | true
echo $?
## stdout:
no z
1
1

#### case over a value that a command printed
for name in a.txt b.gz c; do
    case $(echo "$name" | tr a-z A-Z) in
        *.TXT) echo "text $name" ;;
        *.GZ | *.BZ2) echo "packed $name" ;;
        *) echo "other $name" ;;
    esac
done
## stdout:
text a.txt
packed b.gz
other c

#### the word and the patterns of a case have their effects once
n=0
case $((n += 1)) in
    $((n + 5))) echo no ;;
    "${m:=1}") echo "yes $m" ;;
    "${k:=2}") echo "never" ;;
esac
echo "$n $m ${k-unset}"
## stdout:
yes 1
1 1 unset

#### a case that falls through
echo two > f
case $(cat f) in
    one) echo 1 ;;
    two) echo 2 > f; cat f ;&
    three) echo 3 ;;
    *) echo never ;;
esac
case nothing in x) echo never ;; esac
echo $?
## stdout:
2
3
0

#### for over names that a glob finds, in their order
mkdir d
for n in 10 9 'with blank' '*'; do echo "$n" > "d/$n.txt"; done
for f in d/*.txt; do
    printf '<%s> ' "$f"
    cat "$f"
done
for f in none/*; do echo "$f"; done
## stdout:
<d/*.txt> *
<d/10.txt> 10
<d/9.txt> 9
<d/with blank.txt> with blank
none/*

#### for over the words of a command's output
for word in $(printf 'one two\n  three\t4\n'); do
    echo "[$word]" | tr a-z A-Z
done
for word in $(true); do echo never; done
echo $?
## stdout:
[ONE]
[TWO]
[THREE]
[4]
0

#### for over quoted words, empty ones, and ones with newlines
x='a b'
for w in "$x" $x '' "" $'two\nlines' "*" '\n'; do
    printf '[%s]' "$w"
done | od -An -c | sed 's/  */ /g'
echo
## stdout-json: " [ a b ] [ a ] [ b ] [ ] [ ] [\n t w o \\n l i n e s ] [ * ] [ \\ n\n ]\n\n"

#### for keeps its variable and its last status
for v in 1 2 3; do grep -q "$v" /dev/null || [ "$v" = 3 ]; done
echo "$v $?"
for v in; do :; done
echo "$v $?"
## stdout:
3 0
3 0

#### for over the parameters
set -- 'p q' r
for p; do echo "$p" | tr pqr PQR; done
for p in "$@" "$#"; do echo "$p"; done
## stdout:
P Q
R
p q
r
2

#### sleeping
sleep 0
echo $?
sleep 0.1 0.1
echo $?
sleep 1
echo $?
n=1
sleep "$n"s
echo "slept $?"
## stdout:
0
0
0
slept 0

#### sleep with a wrong argument fails by itself
sleep nonsense 2> /dev/null
echo $?
sleep 2> /dev/null
echo $?
## stdout:
1
1

#### a function with control flow, called in a branch and in a loop
classify() {
    local f
    for f in "$@"; do
        if [ -d "$f" ]; then echo "dir $f"
        elif [ -s "$f" ]; then echo "file $f"
        elif [ -e "$f" ]; then echo "empty $f"
        else echo "none $f"; return 2
        fi
    done
}
mkdir d; echo x > f; : > e
classify d f e
echo $?
if classify d none f; then echo yes; else echo "no $?"; fi
for x in d f; do classify "$x" | tr a-z A-Z; done
## stdout:
dir d
file f
empty e
0
dir d
none none
no 2
DIR D
FILE F

#### functions see what changed between their calls
show() { echo "$x:${1-}:$#"; }
x=1
show a | cat
x=2
show | cat
show() { echo "new $x"; }
cat /dev/null
show
## stdout:
1:a:1
2::0
new 2

#### recursion
fact() {
    if [ "$1" -le 1 ]; then echo 1; return; fi
    echo $(($1 * $(fact $(($1 - 1)))))
}
fact 10 | cat
echo "$(fact 5)"
## stdout:
3628800
120

#### a C-style loop and arithmetic conditions
for ((i = 0, s = 0; i < 5; i++)); do
    ((i % 2)) && continue
    s=$((s + i))
    echo "$i $s" | cat
done
((s == 6)) && echo six
((s == 7))
echo $?
## stdout:
0 0
2 2
4 6
six
1

#### test, [[ and regular expressions decide
s=2024-05-31.log
if [[ $s =~ ^([0-9]+)-([0-9]+)-([0-9]+)\.log$ ]]; then
    echo "${BASH_REMATCH[1]} ${BASH_REMATCH[2]}" | cat
fi
echo "${BASH_REMATCH[3]}"
[[ $s == *.log && $s != b* ]] && echo log
[[ -e $s ]] || echo missing
## stdout:
2024 05
31
log
missing
