"""Command lines and what they touch: the table that shows what the catalog's data means."""

from __future__ import annotations

import shlex

import pytest

from msh.catalog import Catalog
from msh.effects import Effects, Unknown, effects_of, join

CATALOG = Catalog()

# A word `?` is not known, `a?` begins with `a`; `?*` and `a?*` may be any number of words. In an effect, `...` is such
# a path; `write+` makes the file when it is missing.
KNOWN = """
cat a b -                          | read a; read b
cat -- -n                          | read -n
sort -ro out in                    | write+ out; read in
sort -oout in                      | write+ out; read in
sort in -o out                     | write+ out; read in
sort --output=out in               | write+ out; read in
sort --output out in               | write+ out; read in
sort --out=out in                  | write+ out; read in
sort --o out in                    | write+ out; read in
sort -- in -o out                  | read in; read -o; read out
sort -k 1,2 -t : in                | read in
sort --compress-program=gzip in    | read in; run gzip
sort --files0-from=list            | read list; workspace read
uniq in out                        | read in; write+ out
uniq -c in                         | read in
tee a b                            | write+ a; write+ b
grep pattern a b                   | read a; read b
grep -e pattern a b                | read a; read b
grep -f patterns a                 | read patterns; read a
grep -rn pattern                   | list .
grep -r pattern a                  | list a
grep --rec pattern a               | list a
grep -A3 -20 pattern a             | read a
sed -n p a                         | read a
sed -i p a d/b                     | entries .; entries d
sed -i.bak -e p a                  | entries .
sed --in-place=.b p d/a            | entries d
sed 's/x/y/w out' a                | read a; workspace write
sed 's/were/was/' a                | read a
sed '1e date' a                    | read a; workspace write
awk '{print $1}' a                 | read a
awk '$1 > 5' a                     | read a
awk '{print > "out"}' a            | read a; workspace write
awk 'BEGIN{system("id")}'          | workspace write
awk -f prog a                      | read prog; read a; workspace write
head -5 a                          | read a
head -n 5 a                        | read a
tail +3 a                          | read a
diff -r a b                        | list a; list b
cp a b                             | read a; entries b
cp -r a b c                        | list a; list b; entries c
cp -t d a b                        | entries d; read a; read b
cp --target-directory=d a          | entries d; read a
mv a d/b c                         | entries .; entries d; entries c; together
ln -s a b                          | entries b; together
ln a d/b                           | entries .; entries d/b; together
ln -s ../a                         | entries .; together
rm -rf a d/b /x/                   | entries .; entries d; entries /
mkdir -p a/b/c                     | entries a/b
touch a                            | write+ a
touch -c a                         | write a
chmod +x a                         | write a
chmod -x a                         | write a
chmod -R u+w d                     | entries d
ls                                 | list .
ls -la d                           | list d
ls -d d                            | read d
dd if=a of=b bs=1M                 | read a; write+ b
tar czf a.tgz d e                  | write+ a.tgz; list d; list e; run gzip
tar -c -f a.tar -C d x             | write+ a.tar; list d/x
tar xf a.tar -C d                  | read a.tar; entries d; run gzip; run bzip2; run xz; run zstd
tar -xzf a.tgz                     | read a.tgz; entries .; run gzip
tar -tzf a.tgz                     | read a.tgz; run gzip
tar -xOf a.tar x                   | read a.tar; run gzip; run bzip2; run xz; run zstd
tar -cf a.tar --to-command=date x  | run sh -c date; write+ a.tar; list x
tar -I "zstd -19" -cf a x          | run zstd -19; write+ a; list x
gzip a d/b                         | entries .; entries d
gzip -c a                          | read a
gzip -r d                          | entries d
split -l 5 a d/part                | read a; entries d
split a                            | read a; entries .
env A=b sort -o out                | run sort -o out
env -i -u X A=b                    |
timeout -k 5 10 sort a             | run sort a
nice -n 5 sort a                   | run sort a
nice -5 sort a                     | run sort a
xargs -0 -n 1 rm -f                | run rm -f ?*
xargs                              | run echo
xargs -I F mv F d/F                | run mv ? d/?
xargs -iF mv F F.old               | run mv ? ?
xargs --replace mv {} x            | run mv ? x
xargs -a list rm                   | read list; run rm ?*
find                               | list .
find a b -name '*.c'               | list a; list b
find -L a ( -type f -o -type d )   | list a
find a -delete                     | entries a
find a -exec rm {} ;               | list a; run rm ?
find a -exec grep x {} + -print    | list a; run grep x ?
find a -fprintf out %p -newer b    | write+ out; read b; list a
find a -size -5k -mtime -1         | list a
flock lock sort a                  | write+ lock; run sort a
flock lock -c 'sort a'             | write+ lock; run sh -c "sort a"
flock -n 9                         |
curl -o out -d @body http://h/     | network; write+ out; read body
curl -d text -F x=@up;type=a http://h/ | network; read up
curl -O http://h/f                 | network; entries .
wget http://h/f                    | network; entries .
wget -O - http://h/f               | network
git clone http://h/r               | workspace write; network
git -C d commit -m x               | workspace write
git log                            | workspace write
python3 x.py a                     | read x.py; workspace write
python3 -c 'print(1)' a            | workspace write
openssl enc -in a -out b           | read a; write+ b
openssl dgst -sha256 a             | read a
openssl s_client -connect h:443    | network
jq . a                             | read a
jq -f prog a                       | read prog; read a
jq --slurpfile x f . a             | read f; read a
ffmpeg -i a -c:v copy -b:v 1M -y out.mp4 | read a; write+ out.mp4
"""

DOUBTFUL = """
cat ?                              | read ...
cat d/?                            | read d/...
cat d/?*                           | read d/...
cp d/?* out                        | read d/...; entries out
sort -- ?* in                      | read ...; read in
sort -k ? in                       | read in
sort -o ? in                       | write+ ...; read in
sort --output=? in                 | write+ ...; read in
sort -o? in                        | write+ ...; read in
uniq d/?*                          | read d/...; write+ d/...
timeout ? sort a                   | run sort a
rm d/?                             | entries d...
"""


def words(line: str) -> list[str | Unknown]:
    """The words of a line of the tables."""
    found: list[str | Unknown] = []
    for word in shlex.split(line):
        if word.endswith("?*"):
            found.append(Unknown(word[:-2], True))
        elif word.endswith("?"):
            found.append(Unknown(word[:-1]))
        else:
            found.append(word)
    return found


def shown(effects: Effects) -> str:
    """Effects in the tables' words."""
    parts = ["network"] if effects.network != "none" else []
    for access in effects.accesses:
        path = access.path.prefix + "..." if isinstance(access.path, Unknown) else access.path
        parts.append(f"{access.kind}{'+' if access.create else ''} {path}")
    for run in effects.runs:
        parts.append("run " + " ".join([_word(word) for word in run]))
    parts += [f"workspace {effects.workspace}"] if effects.workspace else []
    return "; ".join(parts + (["together"] if effects.together else []))


def _word(word: str | Unknown) -> str:
    if isinstance(word, Unknown):
        return word.prefix + ("?*" if word.many else "?")
    return f'"{word}"' if " " in word else word


def rows(table: str) -> list[tuple[str, str]]:
    return [(line.split("|")[0].strip(), line.split("|")[1].strip()) for line in table.splitlines() if line]


def touched(line: str) -> Effects:
    name, *arguments = words(line)
    assert isinstance(name, str)
    spec = CATALOG.lookup(name)
    assert spec is not None
    return effects_of(spec, arguments)


@pytest.mark.parametrize(("line", "expected"), rows(KNOWN))
def test_what_a_known_command_line_touches(line: str, expected: str) -> None:
    got = set(shown(touched(line)).split("; "))
    assert got == set(expected.split("; "))


@pytest.mark.parametrize(("line", "expected"), rows(DOUBTFUL))
def test_what_an_unknown_operand_touches(line: str, expected: str) -> None:
    assert set(shown(touched(line)).split("; ")) == set(expected.split("; "))


@pytest.mark.parametrize("line", ["sort ?", "sort ?*", "sort -r? in", "sort ? in", "sort --? in", "sort -k ?* in"])
def test_what_may_be_an_option_gets_the_widest_effect(line: str) -> None:
    effects = touched(line)
    for word in words(line)[1 if line.split()[1].startswith("?") else -1 :]:
        assert {(access.kind, access.path) for access in effects.accesses} >= {("read", word), ("write", word)}
    assert effects.dataflow == "effect"


def test_a_glob_may_bring_an_option() -> None:
    """Escape case 25: `sort *` in a directory that has a file `-o/etc/passwd`; a run sees the words themselves."""
    assert ("write", Unknown("", True)) in [(access.kind, access.path) for access in touched("sort ?*").accesses]
    assert shown(touched("sort -o/etc/passwd a")) == "write+ /etc/passwd; read a"


def test_an_unknown_subcommand_may_be_any() -> None:
    assert touched("git ? x").network == "client"
    assert touched("git log").network == "none"


@pytest.mark.parametrize(
    ("line", "dataflow", "merge"),
    [
        ("cat a", "stateless", ()),
        ("cat -n a", "ordered", ()),
        ("sort -rn -k2", "pure", ("sort", "-m", "-rn", "-k2")),
        ("sort -o x", "effect", ()),
        ("grep x", "stateless", ()),
        ("grep -c x", "ordered", ()),
        ("tee x", "effect", ()),
    ],
)
def test_how_a_command_treats_its_stream(line: str, dataflow: str, merge: tuple[str, ...]) -> None:
    effects = touched(line)
    assert (effects.dataflow, effects.merge) == (dataflow, merge)


def test_joined_effects_have_all_of_both() -> None:
    both = join(touched("curl -o x http://h/"), touched("sed -i p a"))
    assert shown(both) == "network; write+ x; entries ."


def test_every_spec_reads_any_argument() -> None:
    """No argument makes reading an argv fail, and reading is repeatable."""
    for name in CATALOG.names():
        spec = CATALOG.lookup(name)
        assert spec is not None
        for arguments in (
            [],
            ["-"],
            ["--"],
            ["--x=y", "-abc", "x", "-"],
            [Unknown()],
            [Unknown("-x", True), "y"],
            [""],
        ):
            assert effects_of(spec, arguments) == effects_of(spec, arguments)
