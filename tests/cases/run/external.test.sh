#### files named are read and written
printf 'b\na\n' > in; sort in -o out; cat out
## stdout:
a
b

#### cp, mv, rm
echo 1 > a; cp a b; mv b c; rm a; ls
## stdout:
c

#### mkdir and a file inside
mkdir -p x/y; echo hi > x/y/f; cat x/y/f; find x | sort
## stdout:
hi
x
x/y
x/y/f

#### grep status
echo abc > f; grep -q b f; echo $?; grep -q z f; echo $?; grep x missing 2>/dev/null; echo $?
## stdout:
0
1
2

#### sed in place
echo abc > f; sed -i s/b/B/ f; cat f
## stdout:
aBc

#### awk with a program and files
printf '1 2\n3 4\n' > f; awk '{s+=$2} END{print s}' f
## stdout:
6

#### xargs
printf 'a\nb\n' | xargs -n1 echo got
## stdout:
got a
got b

#### xargs with files
echo 1 > a; echo 2 > b; printf 'a\nb\n' | xargs cat
## stdout:
1
2

#### find -exec
touch a.txt b.txt; find . -name '*.txt' -exec basename {} .txt \; | sort
## stdout:
a
b

#### tar round trip
mkdir d; echo x > d/f; tar -czf d.tgz d; rm -r d; tar -xzf d.tgz; cat d/f
## stdout:
x

#### /tmp is shared by the steps of a run
t=$(mktemp); echo hi > "$t"; cat "$t"; rm "$t"; [ ! -e "$t" ] && echo gone
## stdout:
hi
gone

#### mktemp -d and files in it
d=$(mktemp -d); echo 1 > $d/a; ls $d; cat $d/*; rm -r "$d"
## stdout:
a
1

#### standard input of a step
echo text | cat; cat < /dev/null; echo $?
## stdout:
text
0

#### status of a step killed by a signal
sh -c 'kill -9 $$'; echo $?
## stdout:
137

#### names with blanks, newlines and dashes
touch 'a b' $'c\nd' ./-e; ls | wc -l; cat -- 'a b' ./-e; rm -- 'a b' -e; ls | wc -l
## stdout:
4
2

#### a dangling symbolic link
ln -s nowhere l; cat l 2>/dev/null; echo $?
## stdout:
1

#### a symbolic link inside the workspace
echo v > f; ln -s f l; cat l; cat < l
## stdout:
v
v

#### tee writes several files
echo x | tee a b >/dev/null; cat a b
## stdout:
x
x

#### cd changes where names are looked up
mkdir d; echo in > d/f; cd d; cat f; cat ../d/f
## stdout:
in
in

#### env and a prefix
FOO=bar env | grep ^FOO; env FOO=baz sh -c 'echo $FOO'
## stdout:
FOO=bar
baz

#### python reads a file of the workspace
echo '[1,2]' > f.json; python3 -c 'import json; print(sum(json.load(open("f.json"))))'
## stdout:
3

#### a command that is not there under a name with a slash
echo before; ./missing
## stdout:
before
## status: 127

#### globs become operands
echo 1 > a.x; echo 2 > b.x; cat *.x; wc -l *.x | tail -n 1 | tr -d ' '
## stdout:
1
2
2total

#### a file that is a directory
mkdir d; cat d 2>/dev/null; echo $?
## stdout:
1

#### large data through a pipe
head -c 3000000 /dev/zero | tr '\0' x | wc -c
## stdout:
3000000

#### a program given by its path is called by its own name
echo text | xz | /usr/bin/unxz
## stdout:
text

#### which looks for programs that its step does not run
which sort | sed 's,.*/,,'
which no-such-program-here || echo none
## stdout:
sort
none
