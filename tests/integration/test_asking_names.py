"""Questions about names: what a step lists, makes, deletes, renames and links outside its grants."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.support.asking import QUESTION, asked, place, questions, shared_out
from tests.support.attack import Attack

__all__ = ["place"]  # a fixture

PYTHON = "python3 -Ic 'import os; h = os.environ[\"HOME\"]; {}'"


def read(path: str) -> str:
    """The question about reading."""
    return QUESTION.format(kind="read", path=path)


def write(path: str) -> str:
    """The question about writing."""
    return QUESTION.format(kind="write", path=path)


@pytest.fixture(autouse=True)
def outside(place: Attack) -> Path:
    """A home with a file, a directory with a file in it, and a link; a file and a directory in the workspace."""
    made = place.shell(
        'echo x > ~/x; mkdir ~/d ~/d/sub; echo y > ~/d/y; ln -s x ~/link; echo a > a; mkdir t t/u; echo 1 > "t/u/1"'
    )
    assert made.status == 0
    return place.home


CHANGES = [
    ("rm ~/x", [write("~/x")], "[ ! -e ~/x ]"),
    ("rm ~/link", [write("~/link")], "[ ! -L ~/link ] && [ -e ~/x ]"),
    ("rm -r ~/d", [write("~/d"), write("~/d/sub")], "[ ! -e ~/d ]"),
    ("mv a ~/b", [write("~/b")], '[ "$(cat ~/b)" = a ] && [ ! -e a ]'),
    ("mv ~/x ~/y", [write("~/x"), write("~/y")], "[ ! -e ~/x ] && [ -e ~/y ]"),
    ("mv ~/x .", [write("~/x"), read("~/x")], "[ ! -e ~/x ] && [ -e x ]"),
    ("mv t ~/t", [write("~/t")], "[ ! -e t ] && [ -e ~/t/u/1 ]"),
    ("cp a ~/new", [write("~/new")], "cmp a ~/new"),
    ("cp a ~/d", [write("~/d/a")], "cmp a ~/d/a"),
    ("cp -r t ~/t", [write("~/t")], "cmp t/u/1 ~/t/u/1"),
    ("cp -a t ~/t", [write("~/t")], "cmp t/u/1 ~/t/u/1"),
    ("mkdir ~/n", [write("~/n")], "[ -d ~/n ]"),
    ("mkdir -p ~/n/m/o", [write("~/n")], "[ -d ~/n/m/o ]"),
    ("mkdir -p ~/d/sub/o", [write("~/d/sub/o")], "[ -d ~/d/sub/o ]"),
    ("rmdir ~/d/sub", [write("~/d/sub")], "[ ! -e ~/d/sub ]"),
    ("touch ~/x ~/z", [write("~/x"), write("~/z")], "[ -e ~/z ]"),
    ("chmod 600 ~/x", [write("~/x")], '[ "$(stat -c %a ~/x)" = 600 ]'),
    ("truncate -s 0 ~/x", [write("~/x")], "[ ! -s ~/x ]"),
    ("ln -s /etc/passwd ~/s", [write("~/s")], '[ "$(readlink ~/s)" = /etc/passwd ]'),
    ("ln ~/x ~/h", [QUESTION.format(kind="read and write", path="~/x"), write("~/h")], "[ ~/x -ef ~/h ]"),
    ("find ~/d -delete", [write("~/d"), write("~/d/sub")], "[ ! -e ~/d ]"),
    ("install -m 755 a ~/d/i", [write("~/d/i")], "[ -x ~/d/i ]"),
    ("tar -cf t.tar a; tar -xf t.tar -C ~/d", [write("~/d")], "cmp a ~/d/a"),
    (PYTHON.format('os.unlink(h + "/d/y")'), [write("~/d/y")], "[ ! -e ~/d/y ]"),
    (PYTHON.format('os.mkdir(h + "/d/n")'), [write("~/d/n")], "[ -d ~/d/n ]"),
    (PYTHON.format('os.rename(h + "/x", h + "/d/x")'), [write("~/x"), write("~/d/x")], "[ -e ~/d/x ]"),
    (PYTHON.format('os.truncate(h + "/x", 1)'), [write("~/x")], '[ "$(stat -c %s ~/x)" = 1 ]'),
    (PYTHON.format('os.utime(h + "/x", (1, 2))'), [write("~/x")], '[ "$(stat -c %Y ~/x)" = 2 ]'),
]
LISTINGS = [
    ("ls ~", [read("~")], "d link x"),
    ("ls ~/d", [read("~/d")], "sub y"),
    ("ls -l ~ | wc -l", [read("~")], "4"),
    ("ls -ld ~/.aws | cut -c 1-10", [read("~/.aws")], "drwxr-xr-x"),
    ("find ~/d | wc -l", [read("~/d"), read("~/d/sub")], "3"),
    ("find ~/d -maxdepth 1 -type f", [read("~/d")], "{home}/d/y"),
    ("du -a ~/d | wc -l", [read("~/d"), read("~/d/sub")], "3"),
    (PYTHON.format('print(*sorted(os.listdir(h + "/d")))'), [read("~/d")], "sub y"),
    (PYTHON.format("print(*sorted(os.listdir(h)))"), [read("~")], ".aws .ssh d link x"),
    ("stat -c %F ~/d", [read("~/d")], "directory"),
    ("readlink ~/link", [read("~/link")], "x"),
    ("test -d ~/d && echo yes", [read("~/d")], "yes"),
    ("[ -d ~/d ] && echo yes", [read("~/d")], "yes"),
    ("echo ~/d/*", [read("~/d")], "{home}/d/sub {home}/d/y"),
    ("echo ~/[dx]*", [read("~")], "{home}/d {home}/x"),
    ("for f in ~/*/y; do echo $f; done", [read("~"), read("~/d/y")], "{home}/d/y"),
]


def is_so(place: Attack, condition: str) -> bool:
    """What the host's own shell finds."""
    return place.shell(condition).status == 0


@pytest.mark.escape(105)
@shared_out("case", CHANGES, [script for script, *_ in CHANGES])
def test_a_change_is_asked_for_and_done(place: Attack, case: tuple[str, list[str], str]) -> None:
    script, asks, after = case
    assert not is_so(place, after)
    ran = asked(place, "no\n" * 9, script)
    assert questions(ran)[:1] == asks[:1], ran.stderr.decode()
    assert not is_so(place, after)
    ran = asked(place, "yes\n" * 9, script)
    assert (questions(ran), ran.status) == (asks, 0), ran.output.decode()
    assert is_so(place, after)


@pytest.mark.escape(106)
@shared_out("case", LISTINGS, [script for script, *_ in LISTINGS])
def test_a_listing_is_asked_for(place: Attack, case: tuple[str, list[str], str]) -> None:
    script, asks, shown = case
    ran = asked(place, "yes\n" * 9, script)
    assert questions(ran) == asks, ran.output.decode()
    assert ran.stdout.decode().split() == shown.format(home=place.home).split()
    ran = asked(place, "no\n" * 9, script)
    assert questions(ran)[:1] == asks[:1]
    assert "sub" not in ran.stdout.decode()


@pytest.mark.escape(106)
def test_who_may_list_may_not_open(place: Attack) -> None:
    """Nor what is relative to the directory that was handed out, and from it nothing leads up."""
    program = """
import os
h = os.environ["HOME"]
top = os.open(h, os.O_RDONLY | os.O_DIRECTORY)
print(sorted(os.listdir(top)))
def tried(act, *arguments, **more):
    try: print(act.__name__, act(*arguments, **more))
    except OSError as error: print(act.__name__, error.errno)
tried(os.open, "x", os.O_RDONLY, dir_fd=top)
tried(os.open, ".aws/credentials", os.O_RDONLY, dir_fd=top)
tried(os.unlink, "x", dir_fd=top)
os.fchdir(top)
tried(os.open, "x", os.O_RDWR)
tried(os.open, "../start/secret", os.O_RDONLY)
tried(os.listdir, "../../../..")
print(os.stat("x").st_size)
for up in range(9):
    top = os.open("..", os.O_RDONLY | os.O_DIRECTORY, dir_fd=top)
print(sorted(os.listdir(top))[:1])
"""
    (place.directory / "p.py").write_text(program)
    ran = asked(place, "yes\n" + "no\n" * 9, "python3 -I p.py", "--workspace", "none", "--allow-read", "p.py")
    names = "['.aws', '.ssh', 'd', 'link', 'x']"
    assert place.secret.encode() not in ran.output
    lines = ran.stdout.decode().splitlines()
    assert lines[:5] == [names, "open 13", "open 13", "unlink 13", "open 13"], ran.output.decode()
    assert "start" not in lines[5:], ran.output.decode()
    assert (place.home / "x").read_text() == "x\n"


def test_what_is_relative_to_no_directory_is_not_found(place: Attack) -> None:
    """What stands empty in a listing, and a listing of long ago: the kernel says `/etc` of one, `/` of the other."""
    assert place.shell("mkdir ~/etc").status == 0
    act = (
        "first = os.open(h, os.O_RDONLY); seen = []\n"
        "for i in range(70): os.close(os.open(h, os.O_RDONLY))\n"
        'last = os.open(h, os.O_RDONLY); etc = os.open("etc", os.O_PATH, dir_fd=last)\n'
        'for top, name in ((etc, "shadow"), (first, "etc/shadow")):\n'
        "    for act in (os.stat, os.unlink):\n"
        "        try: act(name, dir_fd=top)\n"
        "        except OSError as error: seen.append(error.errno)\n"
        "print(len(seen))"
    )
    ran = asked(place, "yes\n" + "no\n" * 9, PYTHON.format(act))
    assert (questions(ran), ran.stdout) == ([read("~")], b"4\n"), ran.output.decode()


def test_the_own_tree_is_seen_through_a_listing(place: Attack) -> None:
    """A workspace below the home that is listed is the step's own: no question about what is in it."""
    assert place.shell("mkdir -p ~/w/v; echo in > ~/w/v/file").status == 0
    act = (
        'top = os.open(h, os.O_RDONLY); print(os.listdir(top)); w = os.open("w", os.O_RDONLY, dir_fd=top);'
        'print(os.listdir(w), os.stat("w/v/file", dir_fd=top).st_size);'
        'print(os.read(os.open("w/v/file", os.O_RDONLY, dir_fd=top), 9))'
    )
    ran = asked(place, "yes\n" + "no\n" * 9, PYTHON.format(act), "--workspace", str(place.home / "w"))
    assert questions(ran) == [read("~")], ran.output.decode()
    assert ran.stdout.decode().splitlines()[1:] == ["['v'] 3", "b'in\\n'"]


@pytest.mark.escape(105)
@pytest.mark.parametrize(
    ("script", "flag"),
    [
        ("mkfifo ~/f", "--allow-write ~"),
        ("mknod ~/f p", "--allow-write ~"),
        ("env -C ~/d true", "--allow-read ~/d"),
        ("cd ~/d", "--allow-read ~/d"),
    ],
)
def test_what_is_not_asked_names_the_flag(place: Attack, script: str, flag: str) -> None:
    ran = asked(place, "yes\n" * 9, script)
    assert (ran.status != 0, questions(ran)) == (True, [])
    assert flag.replace("~", str(place.home)) in ran.stderr.decode()


def test_without_anybody_to_ask_the_flag_is_named(place: Attack) -> None:
    """Tests and patterns of the script find nothing then; of what a program finds out nobody can say it before."""
    named = [
        script
        for script, *_ in (*CHANGES, *LISTINGS)
        if not script.startswith(("python3", "[ ", "test", "echo", "for"))
    ]
    ran = place.msh("-c", "".join([f"( {script} ) 2>&1 | grep -c ^error.MSH401\n" for script in named]))
    assert ran.stdout.decode().split() == ["1"] * len(named), ran.output.decode()
    assert questions(ran) == []


def test_setuid_and_owners_are_not_given(place: Attack) -> None:
    ran = asked(place, "yes\n" * 9, "chmod u+s ~/x; chown 1:1 ~/x")
    assert b"Operation not permitted" in ran.stderr
    status = (place.home / "x").stat()
    assert (status.st_mode & stat.S_ISUID, status.st_uid) == (0, place.uid)


def test_a_step_makes_what_it_was_allowed_to_and_no_more(place: Attack) -> None:
    """A directory that it made is its own; renaming another one into it makes that no more its own than before."""
    act = (
        'd = h + "/d"; os.mkdir(d + "/n"); os.mkdir(d + "/n/m"); open(d + "/n/m/f", "w").close();'
        'os.unlink(d + "/n/m/f"); os.rename(d + "/sub", d + "/n/sub"); os.mkdir(d + "/n/sub/o")'
    )
    ran = asked(place, "yes\nyes\nno\n", PYTHON.format(act))
    assert questions(ran) == [write("~/d/n"), write("~/d/sub"), write("~/d/n/sub/o")]
    assert os.listdir(place.home / "d/n/sub") == []


@pytest.mark.parametrize("name", ["p.toml", "p.json"])
def test_recorded_answers_are_taken_for_names_too(place: Attack, name: str) -> None:
    script = "rm ~/x; mkdir -p ~/n/m; cp -r t ~/n/m; ls ~/d; rm -r ~/d; mv ~/link ~/link2; echo ~/*; cp a ~/b"
    first = asked(place, "yes\n" * 3 + "no\n" + "yes\n" * 9, script, "--record-policy", name)
    assert len(questions(first)) > 7
    place.shell("rm -r ~/n ~/b ~/link2 ~/link; echo x > ~/x; mkdir -p ~/d/sub; echo y > ~/d/y; ln -s x ~/link")
    second = place.msh("--policy", name, "-c", script)
    assert (questions(second), second.stdout) == ([], first.stdout), second.output.decode()
    assert is_so(place, "[ -e ~/n/m/t/u/1 ] && [ ! -e ~/x ] && [ -L ~/link2 ]")


def test_a_dry_run_changes_nothing_outside(place: Attack) -> None:
    before = sorted(os.listdir(place.home))
    ran = place.msh("try", "--prompt=stdin", "-c", "rm ~/x; mkdir ~/n; echo z > a; ls ~/d", stdin=b"yes\n" * 9)
    assert sorted(os.listdir(place.home)) == before, ran.output.decode()
    assert set(questions(ran)) == {read("~/d")}
