"""The two promises of the first page, through the real command line.

A command that is not mapped, wherever it stands, refuses the whole script: nothing has run. A file outside the
workspace, however it is named, is refused the same way, and never shown.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.attack import Attack, attack

HERE = "cat <<END\n{}\nEND"

PLACES = {  # where a command can stand; every `gerp` is the place that must be shown
    "alone": "gerp x",
    "first of a pipeline": "gerp x | cat",
    "middle of a pipeline": "cat x | gerp x |& cat",
    "pipeline with !": "! cat x | gerp",
    "after &&": "false && gerp",
    "after ||": "true || gerp",
    "background": "gerp &",
    "subshell": "( gerp )",
    "group": "{ gerp; }",
    "coproc": "coproc gerp x",
    "named coproc": "coproc NAME { gerp x; }",
    "a function never called": "unused() { gerp; }",
    "a function in a function": "a() { function b { gerp; }; }",
    "if": "if gerp; then :; fi",
    "then": "if true; then :; else gerp; fi",
    "elif": "if true; then :; elif gerp; then :; fi",
    "while": "while false; do gerp; done",
    "until": "until gerp; do :; done",
    "for": "for x in; do gerp; done",
    "arithmetic for": "for ((;0;)); do gerp; done",
    "select": "select x in; do gerp; done",
    "case arm": "case x in y) gerp ;; esac",
    "case word": "case $(gerp) in *) ;; esac",
    "case pattern": "case x in $(gerp)) ;; esac",
    "command substitution": 'echo "$(gerp)"',
    "nested substitution": 'echo "$(echo "$(gerp)")"',
    "backquotes": "echo `gerp`",
    "nested backquotes": "echo `echo \\`gerp\\``",
    "here-document": HERE.format("$(gerp)"),
    "here-document with backquotes": HERE.format("`gerp`"),
    "here-string": 'cat <<< "$(gerp)"',
    "process substitution": "cat <(gerp)",
    "process substitution, written": "cat x > >(gerp)",
    "redirection": "cat < $(gerp)",
    "default value": ": ${x:-$(gerp)}",
    "replacement": ": ${x/a/$(gerp)}",
    "array": "a=(1 $(gerp))",
    "subscript": "a[$(gerp)]=1",
    "arithmetic": "echo $(( $(gerp) + 1 ))",
    "arithmetic command": "(( $(gerp) ))",
    "condition": "[[ -n $(gerp) ]]",
    "assignment": "x=$(gerp)",
    "assignment prefix": "A=1 B=2 gerp x",
    "declare": "declare x=$(gerp)",
    "quoted name": "'ge'\"rp\" x",
    "backslash in the name": "\\gerp x",
    "dollar quotes": "$'gerp' x",
    "redirection first": "< x gerp",
    "after a line continuation": "A=1 \\\n gerp",
    "time": "time gerp",
    "command": "command gerp",
    "exec": "exec gerp",
    "eval": "eval 'gerp x'",
    "eval in eval": "eval \"eval 'gerp x'\"",
    "trap": "trap 'gerp x' EXIT",
    "sh -c": "sh -c 'gerp x'",
    "bash -ec": "bash -ec 'true; gerp'",
    "sh -c in sh -c": "sh -c \"sh -c 'gerp'\"",
    "msh -c": "msh -c gerp",
    "xargs": "cat x | xargs gerp",
    "xargs with options": "cat x | xargs -0 -n 1 -P4 gerp -v",
    "xargs sh -c": "cat x | xargs -I{} sh -c 'gerp {}'",
    "find -exec": "find . -exec gerp {} \\;",
    "find -exec +": "find . -name x -exec gerp {} +",
    "find -execdir": "find . -execdir gerp {} +",
    "find -ok": "find . -ok gerp {} \\;",
    "find -exec sh": "find . -exec sh -c 'gerp \"$1\"' _ {} \\;",
    "env": "env A=1 gerp",
    "env -i": "env -i -u B A=1 gerp x",
    "timeout": "timeout -k 1 5 gerp",
    "nice": "nice -n 5 gerp",
    "nohup": "nohup gerp",
    "several of them": "nohup nice timeout 5 env A=1 xargs gerp",
    "stdbuf": "stdbuf -oL gerp",
    "setsid": "setsid gerp",
    "flock": "flock lock gerp",
    "flock -c": "flock lock -c 'gerp'",
    "parallel": "parallel gerp ::: a b",
    "strace": "strace -f gerp",
    "watch": "watch gerp",
    "split --filter": "split --filter='gerp > $FILE' x",
    "tar --to-command": "tar -xf x --to-command=gerp",
    "sort --compress-program": "sort --compress-program=gerp x",
    "by an absolute path": "/opt/gerp x",
}


@pytest.fixture(scope="module")
def place() -> Iterator[Attack]:
    with attack("ordinary") as made:
        made.shell("printf 'x\\n' > x; mkdir sub")
        yield made


@pytest.mark.parametrize("script", PLACES.values(), ids=PLACES)
def test_nothing_runs_when_a_command_is_not_mapped(place: Attack, script: str) -> None:
    """A first line that would make a file proves it."""
    before = sorted(os.listdir(place.directory))
    ran = place.msh("-c", f"echo began; : > began-{os.getpid()}; touch also\n{script}\n")
    shown = ran.output.decode()
    assert ran.status == 127, shown
    assert ran.stdout == b"", shown
    assert sorted(os.listdir(place.directory)) == before
    assert "error[MSH201]: `" in shown
    assert "gerp`" in shown
    assert "--> -c:2:" in shown or "--> -c:3:" in shown, shown
    assert "^^^^" in shown
    assert "help: did you mean `grep`?" in shown or "help: map it" in shown or "help: map its directory" in shown


@pytest.mark.parametrize("verb", ["run", "stdin", "check", "file"])
def test_all_unmapped_names_are_told_at_once(place: Attack, verb: str) -> None:
    names = [f"nothing{number}" for number in range(30)]
    script = "\n".join(f": $({name})" for name in names)
    (place.directory / "all.sh").write_text(script)
    if verb == "stdin":
        ran = place.msh(stdin=script.encode())
    else:
        ran = place.msh(*{"run": ["-c", script], "check": ["check", "all.sh"], "file": ["all.sh"]}[verb])
    shown = ran.output.decode()
    assert ran.status == (1 if verb == "check" else 127)
    for line, name in enumerate(names, 1):
        assert f"`{name}` is not in the catalog" in shown
        assert f":{line}:5" in shown
    assert "30 errors" in shown


def test_each_place_of_a_name_is_told(place: Attack) -> None:
    shown = place.msh("-c", "gerp a\ngerp b | kubectl\n").output.decode()
    assert shown.count("`gerp` is not in the catalog") + shown.count("here too") >= 1
    assert "-c:1:1" in shown and "-c:2:10" in shown


KNOWN_LATE = {  # refused the moment it is known, and nothing of it has run
    "a path, which the script might have made by then": "./gerp x",
    "a name from a variable": "c=gerp; $c x",
    "eval of a variable": "c='touch made; gerp'; eval \"$c\"",
    "source": "printf 'touch made\\ngerp\\n' > /tmp/s; . /tmp/s",
    "sh of a file": "printf 'touch made\\ngerp\\n' > /tmp/s; sh /tmp/s",
    "sh from a pipe": "printf 'touch made\\ngerp\\n' | sh",
    "sh -c of a variable": "c='touch made; gerp'; sh -c \"$c\"",
    "trap of a variable": "c='touch made; gerp'; trap \"$c\" EXIT; exit 127",
    "xargs of a variable": "c=gerp; cat x | xargs $c",
}


@pytest.mark.parametrize("script", KNOWN_LATE.values(), ids=KNOWN_LATE)
def test_what_is_known_late_is_refused_then(place: Attack, script: str) -> None:
    ran = place.msh("-c", script)
    shown = ran.output.decode()
    assert ran.status == 127, shown
    assert "MSH201" in shown and "gerp" in shown
    assert not (place.directory / "made").exists()


# ---- files outside the workspace ---------------------------------------------------------------

OUTSIDE = {  # {o}: the file outside, {d}: its directory
    "argument": "cat {o}",
    "argument with ..": "cat ../outside",
    "argument with many ..": "cat x/../../outside sub/../../outside",
    "a link": "cat link",
    "a link to its directory": "cat up/outside",
    "a link made by the script": "ln -s {o} /tmp/l && cat /tmp/l",
    "a hidden argument": 'f={o}; cat "$f"',
    "an option": "grep -f {o} x",
    "an option with =": "wc --files0-from={o}",
    "a redirection": "cat < {o}",
    "a redirection with ..": "cat < ../outside",
    "a redirection by a link": "cat < link",
    "a redirection of a builtin": 'read -r a < {o}; s=$?; echo "$a"; exit $s',
    "a redirection of a loop": 'while read -r a; do echo "$a"; done < {o}',
    "exec": "exec 3< {o}",
    "read and write": "cat <> {o}",
    "$(< file)": 'a=$(< {o}); s=$?; echo "$a"; exit $s',
    "mapfile": 'mapfile a < {o}; s=$?; echo "$a"; exit $s',
    "source": ". {o}",
    "source by a link": "source ./link",
    "sh": "sh {o}",
    "here-document": "cat <<END\n$(cat {o})\nEND\ncat {o}",
    "xargs": "echo {o} | xargs cat; cat {o}",
    "cd above, which shows nothing but the way down": "cd ..; echo *; cat outside",
    "cd by a link": "cd up; echo *; cat outside",
    "write": "echo a > {o}",
    "append": "echo a >> ../outside",
    "write by a link": "echo a > link",
    "tee": "echo a | tee {o}",
    "cp onto": "cp x {o}",
    "mv onto": "mv x {o}",
    "rm": "rm -f {o}",
    "ln of it": "ln {o} hard",
}


@pytest.fixture
def outside() -> Iterator[Attack]:
    with attack("ordinary") as made:
        made.shell("printf 'x\\n' > x; mkdir sub; ln -s ../outside link; ln -s .. up")
        yield made


@pytest.mark.parametrize("script", OUTSIDE.values(), ids=OUTSIDE)
def test_a_file_outside_is_refused(outside: Attack, script: str) -> None:
    path = outside.directory.parent / "outside"
    ran = outside.msh("-c", script.format(o=path, d=path.parent))
    shown = ran.output.decode()
    assert outside.secret not in shown
    assert ran.status == 126, shown
    assert "error[MSH401]: " in shown
    assert " may not " in shown
    assert "help: `--allow-" in shown
    assert str(path.parent) in shown.split("help: ")[1]
    assert path.read_text() == f"{outside.secret}\n"
    assert (outside.directory / "x").read_text() == "x\n"


QUIET = {  # what only asks: the answer is no, and says why once
    "test": "[ -e {o} ]",
    "test by ..": "test -f ../outside",
    "condition": "[[ -r {o} ]]",
    "by a link": "[ -s link ]",
    "the same file": "[ {o} -ef link ]",
    "glob": 'set -- {d}/o*; [ -e "$1" ]',
}


@pytest.mark.parametrize("script", QUIET.values(), ids=QUIET)
def test_asking_about_a_file_outside_says_no(outside: Attack, script: str) -> None:
    path = outside.directory.parent / "outside"
    text = script.format(o=path, d=path.parent)
    ran = outside.msh("-c", f"{text}; echo $?")
    assert ran.stdout == b"1\n", ran.output.decode()
    assert b"warning[MSH401]: the script may not " in ran.stderr
    assert b"help: `--allow-read " in ran.stderr
    assert outside.msh("--allow-read", str(path.parent), "-c", f"{text}; echo $?").stdout == b"0\n"


GRANTED = [
    "cat {o}",
    "cat ../outside",
    "cat link",
    "cat up/outside",
    "cat < {o}",
    "cat < link",
    "read a < {o}; echo $a",
    "echo $(< {o})",
    "mapfile a < {o}; echo ${{a[0]}}",
    "while read a; do echo $a; done < ../outside",
    "exec 3< {o}; cat <&3",
    "source <(sed 's/^/echo /' {o})",
]


@pytest.mark.parametrize("script", GRANTED)
def test_the_flag_that_is_named_grants_it(outside: Attack, script: str) -> None:
    path = outside.directory.parent / "outside"
    text = script.format(o=path)
    ran = outside.msh("--allow-read", str(path), "-c", text)
    assert (ran.status, ran.stdout.decode()) == (0, f"{outside.secret}\n"), ran.output.decode()
    assert outside.msh("--allow-read", str(path), "-c", f"echo a > {path}").status == 126
    assert outside.msh("--allow-write", str(path), "-c", f"echo a > {path}").status == 0
    assert path.read_text() == "a\n"


def test_a_client_that_fails_without_a_network_is_told_of_the_flag(outside: Attack) -> None:
    """MSH425; its status stays its own, and one that succeeds is left alone."""
    text = (
        '[reach]\nrun = { host = "false" }\nnetwork = "client"\n[idle]\nrun = { host = "true" }\nnetwork = "client"\n'
    )
    (outside.directory / "c.toml").write_text(text)
    ran = outside.msh("--catalog", "c.toml", "-c", "idle; reach")
    words = b"note[MSH425]: `reach` failed, and had no network\n"
    words += b"  help: `--allow-net HOST` would grant one host, `--net host` all\n"
    assert (ran.status, ran.output) == (1, words)
    assert outside.msh("--catalog", "c.toml", "--net", "host", "-c", "reach").output == b""


def test_a_relative_name_is_told_whole_when_its_directory_is_outside(outside: Attack) -> None:
    (outside.directory / "x").rename(outside.directory / "y")
    ran = outside.msh("--workspace", "none", "-c", "cat y; cat < y")
    flag = f"--allow-read {outside.directory}/y"
    assert ran.stderr.decode().count(f"help: `{flag}` would grant it") == 2
    assert outside.msh("--workspace", "none", *flag.split(), "-c", f"cat {outside.directory}/y").stdout == b"x\n"


def test_a_command_file_that_all_can_write_is_ignored_with_a_word(outside: Attack) -> None:
    path = outside.home / "evil"
    path.write_text('#!/usr/bin/env msh\nsummary = "say"\nrun = { host = "echo" }\n')
    path.chmod(0o777)
    before = f"PATH=$PATH:{outside.home}"
    for arguments in (["-c", "evil"], ["check", "-"]):
        ran = outside.msh(*arguments, stdin=b"evil\n", before=before)
        assert b"warning[MSH225]: `" in ran.stderr, ran.output.decode()
        assert b"MSH201" in ran.output
    path.chmod(0o755)
    assert outside.msh("-c", "evil said", before=before).stdout == b"said\n"
