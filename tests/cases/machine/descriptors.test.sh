#### exec sends all that follows into a file
exec 3>&1 > log 2>&1
echo one
cat missing || echo "failed $?"
if [ -s log ]; then echo three >&3; fi
exec >&3 3>&-
grep -c missing log
sed -n '1p;$p' log
## stdout:
three
1
one
failed 1

#### a descriptor that stays open for appending
exec 5>> journal
for i in 1 2; do echo "loop $i" >&5; done
cat /dev/null
(echo subshell >&5)
echo last >&5
exec 5>&-
cat journal
## stdout:
loop 1
loop 2
subshell
last

#### two files read line by line in turn
printf '1\n2\n3\n' > a
printf 'x\ny\n' > b
exec 3< a 4< b
while read -r left <&3; do
    read -r right <&4 || right=none
    echo "$left$right"
done
cat /dev/null
exec 3<&- 4<&-
read -r left 2> /dev/null <&3 || echo closed
## stdout:
1x
2y
3none
closed

#### a descriptor in a variable, and one that is moved
exec {out}> f
echo a >&"$out"
exec 7>&"$out"
cat /dev/null
echo b >&7
exec 7>&- {out}>&-
cat f
## stdout:
a
b
