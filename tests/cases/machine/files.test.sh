#### a file written by one command is read by the next
echo one > f
cat f
echo two >> f
wc -l < f
sort -r f > g
cat g
cp g h
mv h i
cat i
rm g
ls
## stdout:
one
2
two
one
two
one
f
i

#### files below /tmp made by mktemp
t=$(mktemp)
d=$(mktemp -d)
echo content > "$t"
cat /dev/null
cat "$t"
cp "$t" "$d/copy"
[ -s "$d/copy" ] && echo copied
rm "$t"
[ -e "$t" ] || echo removed
ls "$d"
rm -r "$d"
[ -d "$d" ] || echo gone
## stdout:
content
copied
removed
copy
gone

#### a temporary file with a trap that removes it
t=$(mktemp /tmp/msh-case-XXXXXX)
trap 'rm -f "$t"; [ -e "$t" ] || echo removed' EXIT
seq 1 5 > "$t"
if grep -q 3 "$t"; then
    tail -n 1 "$t"
    exit 4
fi
echo never
## stdout:
5
removed
## status: 4

#### files that are deleted, renamed and made again
echo old > f
mv f g
[ -e f ] || echo moved
echo new > f
cat f g
rm f
ls
mkdir f
echo inside > f/g
cat f/g
rm -r f g
ls -A
## stdout:
moved
new
old
g
inside

#### appending from many places
: > log
for i in 1 2 3; do echo "loop $i" >> log; done
if [ -s log ]; then echo branch >> log; fi
f() { echo function >> log; }
f
(echo subshell >> log)
{ echo group; } >> log
cat log
## stdout:
loop 1
loop 2
loop 3
branch
function
subshell
group

#### modes of files: a script that is made and run
cat > tool.sh <<'END'
#!/bin/sh
echo "tool: $*"
exit 3
END
[ -x tool.sh ] || echo "not yet"
chmod +x tool.sh
./tool.sh a 'b c'
echo $?
chmod 600 tool.sh
stat -c %a tool.sh
[ -x tool.sh ] || echo "not any more"
## stdout:
not yet
tool: a b c
3
600
not any more

#### symbolic links
echo text > real
ln -s real link
ln -s nowhere dangling
mkdir d
ln -s ../real d/up
cat /dev/null
cat link d/up
readlink link dangling d/up
[ -L dangling ] && [ ! -e dangling ] && echo dangling
rm real
cat link 2> /dev/null || echo broken
echo again > link
cat real
rm link
ls
## stdout:
text
text
real
nowhere
../real
dangling
broken
again
d
dangling
real

#### hard links and truncation
echo abc > f
: > f
[ -s f ] || echo empty
printf 'x%.0s' 1 2 3 4 5 > f
wc -c < f
truncate -s 3 f
cat f; echo
## stdout:
empty
5
xxx

#### empty directories and hidden files
mkdir -p a/b/c .hidden
: > .dot
: > a/b/.keep
cat /dev/null
ls -A
ls -A a/b
rmdir a/b/c
[ -d a/b/c ] || echo removed
for f in .[!.]*; do echo "$f"; done
## stdout:
.dot
.hidden
a
.keep
c
removed
.dot
.hidden

#### names with blanks, quotes and newlines
for n in 'a b' "q'q" 'd"d' $'n\nn' '-dash' '*star' 'pct%20'; do
    echo "$n" > "./$n"
done
cat /dev/null
ls | wc -l
for f in *; do cat "./$f"; done
rm -- *
ls -A | wc -l
## stdout:
8
*star
-dash
a b
d"d
n
n
pct%20
q'q
0

#### times of files stay as they were
echo old > old
touch -d '2020-01-02 03:04:05 UTC' old
cat /dev/null
echo new > new
[ new -nt old ] && echo newer
[ old -ot new ] && echo older
TZ=UTC date -r old '+%F %T'
## stdout:
newer
older
2020-01-02 03:04:05

#### output and errors into one file
{ echo out; echo err >&2; } > both 2>&1
cat both
ls missing 2> err || wc -l < err
cat missing > o 2>&1 || grep -c missing o
echo only > f 2> e
cat f e
## stdout:
out
err
1
1
only

#### redirections of whole constructs
for i in 1 2 3; do echo "line $i"; done > loop
wc -l < loop
while read -r a b; do echo "$b $a"; done < loop > turned
cat turned
if true; then echo a; echo b; fi | sort -r
{ read -r x; read -r y; } < loop
echo "$x/$y"
## stdout:
3
1 line
2 line
3 line
b
a
line 1/line 2

#### tee, and loops over files of before
mkdir src
for n in 3 1 2; do echo "$n" | tee "src/$n.txt"; done
cat src/*.txt
for f in src/*; do
    if grep -q 1 "$f"; then sh -c 'echo "found $1"' _ "$f"; fi
done
ls src | sed 's/txt/bak/' | while read -r b; do mv "src/${b%.bak}.txt" "src/$b"; done
ls src
## stdout:
3
1
2
1
2
3
found src/1.txt
1.bak
2.bak
3.bak

#### a pipeline of filters over a file
cat > access.log <<'END'
10.0.0.1 GET /a 200
10.0.0.2 GET /b 404
10.0.0.1 POST /a 500
10.0.0.3 GET /a 200
10.0.0.1 GET /c 404
END
awk '$4 >= 400 {print $1}' access.log | sort | uniq -c | sort -rn > bad
awk '{print $1, $2}' bad
total=$(wc -l < access.log)
bad=$(awk '{s += $1} END {print s}' bad)
echo "$bad of $total: $((100 * bad / total))%"
cut -d' ' -f3 access.log | sort -u | tr '\n' ' '
echo
## stdout:
2 10.0.0.1
1 10.0.0.2
3 of 5: 60%
/a /b /c 

#### sed in place, split and joined again
seq 1 10 > f
sed -i 's/^/n/' f
head -n 3 f | tail -n 1
split -l 4 f part-
ls part-*
[ "$(cat part-* | sha256sum)" = "$(sha256sum < f)" ] && echo same
paste -d, part-aa part-ab
## stdout:
n3
part-aa
part-ab
part-ac
same
n1,n5
n2,n6
n3,n7
n4,n8

#### checksums of what was written
mkdir d
echo a > d/a
printf 'b\000\377' > d/b
sha256sum d/a d/b > sums
cut -c1-12 sums
sha256sum -c sums
echo changed > d/a
sha256sum -c sums 2> /dev/null | grep -c FAILED
base64 d/b | tee coded
base64 -d coded | od -An -tx1
## stdout:
87428fc52280
8449cfbf9eae
d/a: OK
d/b: OK
1
YgD/
 62 00 ff

#### files that are joined and compared
printf '1 a\n2 b\n3 c\n' > left
printf '1 x\n3 z\n' > right
join left right > both
cat both
cut -d' ' -f1 left > l
cut -d' ' -f1 right > r
comm -23 l r
if [ "$(comm -12 l r | wc -l)" -eq 2 ]; then sort -u l r | paste -sd, -; fi
## stdout:
1 a x
3 c z
2
1,2,3

#### the words of a loop that is chosen are names of files
echo ab > f1; echo c > f2
if sort f1 | grep -q a; then
    for k in f*; do wc -c < "$k"; done
fi
pattern='f?'
if sort f1 | grep -q a; then
    for k in $pattern; do cat "$k"; done
fi
## stdout:
3
2
ab
c
