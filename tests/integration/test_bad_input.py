"""What is wrong with the input, the outputs or the surroundings: a clear word, the right status, nothing half-written.

Rows of a table, each a real `msh` as an ordinary user in a directory with odd things in it. Where bash has a word for
it, msh says the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.attack import ROOT, Attack, Ran, attack

NO_SPACE = "No space left on device"


@pytest.fixture(scope="module")
def place() -> Iterator[Attack]:
    """One directory for all rows that leave nothing behind."""
    with attack("ordinary") as made:
        make_odd_things(made)
        yield made


@pytest.fixture
def fresh() -> Iterator[Attack]:
    """A directory for a test that changes it."""
    with attack("ordinary") as made:
        make_odd_things(made)
        yield made


def make_odd_things(made: Attack) -> None:
    script = r"""
        mkdir folder closed; printf 'x\n' > file; printf 'echo   good\n' > good.sh; : > empty.sh
        printf 'echo a\necho \0\n' > nul.sh; cp /bin/true binary
        printf '#!/usr/bin/perl\nprint 1;\n' > perl.sh
        printf 'echo \377\376 | od -An -tx1\n' > bytes.sh
        printf 'gerp\377 x\n' > unmapped-bytes.sh
        printf 'echo "\n' > unclosed.sh
        printf 'x\n' > "$(printf 'n\377me')"; printf 'echo named\n' > "$(printf 's\377.sh')"
        printf 'echo secret\n' > unreadable.sh; chmod 0 unreadable.sh; chmod 555 closed
    """
    done = made.shell(script)
    assert done.status == 0, done.output.decode()


def check(ran: Ran, status: int, words: str, stdout: bytes | None = b"") -> None:
    shown = ran.output.decode(errors="backslashreplace")
    assert "Traceback" not in shown, shown
    assert ran.status == status, shown
    assert words in ran.stderr.decode(errors="backslashreplace"), shown
    if stdout is not None:
        assert ran.stdout == stdout, shown


# ---- the script itself ------------------------------------------------------------------------

UNREADABLE = [  # what is named, what a run returns, what is said of it
    ("none.sh", 127, "MSH462]: cannot run `none.sh`: No such file or directory"),
    ("", 127, "MSH462]: cannot run ``: No such file or directory"),
    ("file/x.sh", 127, "MSH462]: cannot run `file/x.sh`: Not a directory"),
    ("folder", 126, "MSH463]: cannot read `folder`: Is a directory"),
    ("unreadable.sh", 126, "MSH463]: cannot read `unreadable.sh`: Permission denied"),
    ("binary", 126, "MSH464]: `binary` is not text: there is a NUL byte at offset"),
    ("nul.sh", 126, "MSH464]: `nul.sh` is not text: there is a NUL byte at offset 12"),
    ("perl.sh", 126, "MSH464]: `perl.sh` is written for `perl`, not for a shell"),
    ("n" * 300, 126, "File name too long"),
]


@pytest.mark.parametrize(("name", "status", "words"), UNREADABLE, ids=[row[0][:20] or "empty" for row in UNREADABLE])
def test_a_script_that_cannot_be_read(place: Attack, name: str, status: int, words: str) -> None:
    check(place.msh(name), status, words)
    for verb in ("check", "fmt", "graph"):
        check(place.msh(verb, name), 2, words)
    check(place.msh("check", "--format", "json", name), 2, words, None)


def test_one_bad_script_does_not_hide_the_others(place: Attack) -> None:
    check(place.msh("check", "none.sh", "good.sh"), 2, "MSH462", b"no findings in 1 script\n")
    check(place.msh("fmt", "folder", "good.sh"), 2, "MSH463", b"echo good\n")


@pytest.mark.parametrize("verb", ["check", "fmt", "graph", "run"])
def test_a_script_that_cannot_be_parsed(place: Attack, verb: str) -> None:
    ran = place.msh(*(["unclosed.sh"] if verb == "run" else [verb, "unclosed.sh"]))
    assert ran.status == (1 if verb == "check" else 2)
    assert b"MSH105" in ran.output
    assert b"opened here" in ran.output


def test_bytes_that_are_no_text(place: Attack) -> None:
    """Data, words and names that are not UTF-8 come out as they went in; messages show them escaped."""
    check(place.msh("bytes.sh"), 0, "", b" ff fe 0a\n")
    check(place.msh("fmt", "bytes.sh"), 0, "", b"echo \xff\xfe | od -An -tx1\n")
    check(place.msh("unmapped-bytes.sh"), 127, "`gerp\\xff` is not in the catalog")
    check(place.msh("-c", "cat n?me; for f in n?me; do printf %s $f | od -An -tx1; done"), 0, "", b"x\n 6e ff 6d 65\n")
    check(place.msh("-c", "sh s*.sh; . ./s*.sh"), 0, "", b"named\nnamed\n")
    check(place.msh("-c", r"x=$'a\377'; cat <<< $x; cat < $'n\377me'; echo ${#x}"), 0, "", b"a\xff\nx\n2\n")
    check(place.msh("-c", r'x=$(printf "a\0b"); echo $x'), 0, "ignored null byte in input", b"ab\n")
    check(place.msh("empty.sh"), 0, "")


# ---- operands, redirections, `source` ------------------------------------------------------------

INSIDE = [  # a script, its status, what is said
    ("cat none", 1, "cat: none: No such file or directory"),
    ("cat folder", 1, "cat: folder: Is a directory"),
    ("cat unreadable.sh", 1, "cat: unreadable.sh: Permission denied"),
    ("cat ''", 1, "cat: '': No such file or directory"),
    ("cat file/x", 1, "cat: file/x: "),
    ("ls none", 2, "cannot access 'none'"),
    ("cat < none", 1, "msh: line 1: none: No such file or directory"),
    ("cat < ''", 1, "No such file or directory"),
    ("cat < file/", 1, "file/: Not a directory"),
    ("cat < unreadable.sh", 1, "unreadable.sh: Permission denied"),
    ("cat <&9", 1, "9: Bad file descriptor"),
    ("read x < none", 1, "none: No such file or directory"),
    ("mapfile a < none", 1, "none: No such file or directory"),
    ("x=$(< none)", 1, "none: No such file or directory"),
    ("x=$(< unreadable.sh)", 1, "unreadable.sh: Permission denied"),
    ("x=$(< folder)", 1, "folder: Is a directory"),
    ("exec 3< none", 1, "none: No such file or directory"),
    ("echo a > folder", 1, "folder: Is a directory"),
    ("echo a > ''", 1, "No such file or directory"),
    ("echo a > none/x", 1, "none/x: No such file or directory"),
    ("echo a > new/", 1, "new/: Is a directory"),
    ("echo a > closed/x", 1, "closed/x: Permission denied"),
    ("echo a > /dev/null/x", 1, "/dev/null/x: Not a directory"),
    ("set -C; echo a > file", 1, "file: cannot overwrite existing file"),
    ("echo a >&-", 1, "write error: Bad file descriptor"),
    ("touch closed/x", 1, "touch: cannot touch 'closed/x': Permission denied"),
    ("mkdir closed/x", 1, "Permission denied"),
    ("sort -o closed/x file", 2, "closed/x: Permission denied"),
    ("tee closed/x < /dev/null", 1, "closed/x: Permission denied"),
    ("cp file closed", 1, "Permission denied"),
    ("sort -o folder file", 2, "folder: Is a directory"),
    (". ./none", 1, "./none: No such file or directory"),
    (". ''", 1, "No such file or directory"),
    (". ./folder", 1, "./folder: Is a directory"),
    (". ./unreadable.sh", 1, "./unreadable.sh: Permission denied"),
    (". ./binary", 126, ".: ./binary: cannot execute binary file"),
    (". ./nul.sh", 126, "cannot execute binary file"),
    (". ./unclosed.sh", 2, "MSH105"),
    ("sh none", 127, "none: No such file or directory"),
    ("sh folder", 126, "folder: Is a directory"),
    ("sh unreadable.sh", 126, "unreadable.sh: Permission denied"),
    ("sh binary", 126, "binary: cannot execute binary file"),
    ("sh unclosed.sh", 2, "MSH105"),
    ("cd none", 1, "cd: none: No such file or directory"),
    ("cd file", 1, "cd: file: Not a directory"),
    ("[ -e '' ]", 1, ""),
    ("echo a > /dev/full", 1, f"write error: {NO_SPACE}"),
    ("printf %s a > /dev/full", 1, f"write error: {NO_SPACE}"),
    ("cat file > /dev/full", 1, f"cat: write error: {NO_SPACE}"),
    ("exec > /dev/full; pwd", 1, f"write error: {NO_SPACE}"),
    ("declare -p HOME > /dev/full", 1, f"write error: {NO_SPACE}"),
]


@pytest.mark.parametrize(("script", "status", "words"), INSIDE, ids=[row[0] for row in INSIDE])
def test_a_script_meets_something_odd(place: Attack, script: str, status: int, words: str) -> None:
    before = sorted(os.listdir(os.fsencode(place.directory)))
    check(place.msh("-c", script), status, words)
    assert sorted(os.listdir(os.fsencode(place.directory))) == before


def test_a_failed_redirection_does_not_end_the_script(place: Attack) -> None:
    check(place.msh("-c", "cat < none; x=$(< none); echo after $?"), 0, "none: No such file", b"after 1\n")


def test_five_thousand_names(fresh: Attack) -> None:
    (fresh.directory / "many").mkdir()
    for number in range(5000):
        (fresh.directory / f"many/{number:04}").write_text("x\n")
    os.chmod(fresh.directory / "many", 0o777)
    script = 'cd many; set -- *; echo $#; cat * | wc -l; n=0; for f in *; do [ -s "$f" ] && n=$((n+1)); done; echo $n'
    check(fresh.msh("-c", script), 0, "", b"5000\n5000\n5000\n")
    assert fresh.msh("-c", "rm many/*; ls many").output == b""


# ---- outputs ---------------------------------------------------------------------------------------

VERBS = [
    "check good.sh", "check --format json good.sh", "check --format sarif good.sh", "fmt good.sh", "graph good.sh",
    "explain MSH201", "explain", "catalog list", "catalog show cat", "config", "doctor", "--help", "--version",
    "check --help", "trust --help",
]  # fmt: skip


@pytest.mark.parametrize("arguments", VERBS)
@pytest.mark.parametrize(("to", "why"), [("/dev/full", NO_SPACE), ("&-", "Bad file descriptor")])
def test_a_result_that_cannot_be_written(place: Attack, arguments: str, to: str, why: str) -> None:
    ran = place.msh(*arguments.split(), before=f"exec >{to}")
    check(ran, 2, f"error[MSH466]: cannot write to standard output: {why}")
    assert place.msh(*arguments.split(), before=f"exec >{to} 2>{to}").status == 2


def test_closed_standard_streams(place: Attack) -> None:
    check(place.msh("-c", "echo a; ls", before="exec >&-"), 2, "write error: Bad file descriptor")
    check(place.msh("-c", "cat; echo $?", before="exec <&-"), 0, "cat: -: Bad file descriptor", b"1\n")
    check(place.msh("-c", "read x; echo $?", before="exec <&-"), 0, "Bad file descriptor", b"1\n")
    check(place.msh(before="exec <&-"), 126, "MSH463]: cannot read standard input: Bad file descriptor")
    check(place.msh("-c", "echo a; cat file", before="exec 2>&-"), 0, "", b"a\nx\n")
    check(place.msh("-c", "gerp", before="exec 2>&-"), 127, "")
    check(place.msh("-c", "cat /etc/shadow", before="exec 2>&-"), 126, "")
    check(place.msh("-c", "cat file > out; [ -s out ]; echo $? >> out; cat out; rm out", before="exec <&- 2>&-"), 0, "",
          b"x\n0\n")  # fmt: skip
    assert place.msh("-c", ":", before="exec <&- >&- 2>&-").status == 0


def test_fmt_writes_whole_files_or_none(fresh: Attack) -> None:
    """A directory that cannot be written, and a file that can only be read: all of the new text or all of the old."""
    fresh.shell("cp good.sh closed.sh; mkdir only; cp good.sh only/x.sh; chmod 555 only; chmod 444 closed.sh")
    check(fresh.msh("fmt", "-w", "only/x.sh"), 2, "MSH466]: cannot write `")
    assert (fresh.directory / "only/x.sh").read_text() == "echo   good\n"
    assert os.listdir(fresh.directory / "only") == ["x.sh"]
    check(fresh.msh("fmt", "-w", "closed.sh", "unclosed.sh"), 2, "MSH105")
    assert (fresh.directory / "closed.sh").read_text() == "echo good\n"
    assert (fresh.directory / "closed.sh").stat().st_mode & 0o777 == 0o444
    assert (fresh.directory / "unclosed.sh").read_text() == 'echo "\n'
    (fresh.directory / "only").chmod(0o755)  # or its owner cannot remove what is in it


def test_a_full_disk(fresh: Attack) -> None:
    """A tmpfs of 64 KiB, filled: what cannot be written is an error of the command; msh leaves nothing of its own."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a full disk")
    disk = fresh.directory / "disk"
    disk.mkdir()
    options = f"size=64k,uid={fresh.uid},gid={fresh.uid}"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount: {mounted.stderr}")
    try:
        full_disk(fresh, disk)
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def full_disk(place: Attack, disk: Path) -> None:
    (disk / "x.sh").write_text("echo   good\n")
    os.chown(disk / "x.sh", place.uid, place.uid)
    place.shell("cat /dev/zero > disk/filler")
    names = sorted(os.listdir(disk))
    rows = [
        ("echo a > disk/out", 1, f"write error: {NO_SPACE}"),
        ("cat good.sh > disk/out", 1, f"cat: write error: {NO_SPACE}"),
        ("sort -o disk/out good.sh", 2, NO_SPACE),
        ("tee disk/out < good.sh > /dev/null", 1, NO_SPACE),
        ("cp good.sh disk/out", 1, NO_SPACE),
        ("cp disk/filler out && cp out disk/out", 1, NO_SPACE),
    ]
    for script, status, words in rows:
        check(place.msh("-c", f"{script}; s=$?; rm -f disk/out out; exit $s"), status, words)
        assert sorted(os.listdir(disk)) == names, script
    check(place.msh("fmt", "-w", "disk/x.sh"), 2, f"MSH466]: cannot write `{disk}/x.sh`: {NO_SPACE}")
    assert (disk / "x.sh").read_text() == "echo   good\n"
    assert sorted(os.listdir(disk)) == names
    (place.directory / "msh.toml").write_text('[hello]\nrun = { host = "echo" }\n')
    os.chown(place.directory / "msh.toml", place.uid, place.uid)
    check(
        place.msh("trust", before=f"export XDG_STATE_HOME={disk}"), 2, f"MSH226]: cannot keep what you trust in `{disk}"
    )
    check(place.msh("trust", "--check", before=f"export XDG_STATE_HOME={disk}"), 1, "", b"msh.toml: not trusted\n")


# ---- verbs with odd operands ------------------------------------------------------------------------

OPERANDS = [
    (["explain", "MSH999"], 2, "MSH468]: there is no page for `MSH999`"),
    (["explain", "../../README"], 2, "MSH468]"),
    (["explain", b"\xff"], 2, "MSH468]: there is no page for `\\xff`"),
    (["trust"], 2, "MSH220]: there is no `msh.toml` in"),
    (["trust", "none"], 2, "MSH220]: cannot read `none`: No such file or directory"),
    (["trust", "folder"], 2, "MSH220]: cannot read `folder`: Is a directory"),
    (["trust", "unreadable.sh"], 2, "MSH220]: cannot read `unreadable.sh`: Permission denied"),
    (["trust", "/dev/zero"], 2, "MSH220]: cannot read `/dev/zero`: not a regular file"),
    (["trust", "binary"], 2, "MSH220]: cannot trust `binary`: it is not text"),
    (["trust", "--check", "none"], 2, "MSH220]: cannot read `none`"),
    (["catalog", "show"], 2, "MSH461]: `msh catalog show` needs a name"),
    (["catalog", "show", "gerp"], 127, "MSH201]: `gerp` is not in the catalog"),
    (["catalog", "show", b"\xff\xfe"], 127, "MSH201]: `\\xff\\xfe` is not in the catalog"),
    (["catalog", "frob"], 2, "MSH461]: `msh catalog` has no action `frob`"),
    (["check"], 2, "MSH461]: `msh check` needs a script"),
    (["check", "--format", "xml", "good.sh"], 2, "MSH461]"),
    (["graph"], 2, "MSH461]: `msh graph` needs one script"),
    (["graph", "good.sh", "good.sh"], 2, "MSH461]"),
    (["doctor", "x"], 2, "MSH461]"),
    (["--catalog", "none", "-c", "ls"], 2, "MSH220]: cannot read the catalog file `"),
    (["--catalog", "folder", "-c", "ls"], 2, "MSH220]"),
    (["--catalog", "nul.sh", "-c", "ls"], 2, "MSH220]"),
    (["--catalog", "bytes.sh", "-c", "ls"], 2, "MSH220]"),
    (["--workspace", "none", "-c", "pwd > /dev/null"], 0, ""),
    (["--workspace", "nowhere", "-c", "ls"], 2, "nowhere"),
    (["--workspace", "file", "-c", "ls"], 2, "file"),
    (["--allow-read", "nowhere", "-c", "ls"], 126, "nowhere`: no such file or directory"),
]


@pytest.mark.parametrize(("arguments", "status", "words"), OPERANDS, ids=[str(row[0]) for row in OPERANDS])
def test_verbs_with_odd_operands(place: Attack, arguments: list[str], status: int, words: str) -> None:
    check(place.msh(*arguments), status, words)


# ---- surroundings ------------------------------------------------------------------------------------


def around(place: Attack, script: str, **variables: str) -> Ran:
    """msh in an environment of nothing but these variables."""
    environment = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **variables}
    done = subprocess.run(  # type: ignore[call-overload]  # the arguments of `as_user` are not known to the stubs
        [sys.executable, "-m", "msh", "-c", script],
        cwd=place.directory, env=environment, capture_output=True, **place.as_user(),
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


LOOK = 'cat file; echo "${HOME-unset} ${#text}"'
SURROUNDINGS = [
    ("nothing at all", {}, b"x\nunset 0\n"),
    ("no HOME", {"PATH": "/usr/bin"}, b"x\nunset 0\n"),
    ("a HOME that is not there", {"HOME": "/nonexistent/home"}, b"x\n/nonexistent/home 0\n"),
    ("an empty HOME", {"HOME": ""}, b"x\n 0\n"),
    ("a relative HOME", {"HOME": "folder"}, b"x\nfolder 0\n"),
    ("a HOME that is a file", {"HOME": "/etc/passwd"}, b"x\n/etc/passwd 0\n"),
    ("no PATH", {"HOME": "/"}, b"x\n/ 0\n"),
    ("an odd PATH", {"PATH": "/nonexistent::relative:/dev/null", "HOME": "/h"}, b"x\n/h 0\n"),
    ("an odd locale", {"LANG": "xx_YY.bogus", "LC_ALL": "zz", "HOME": "/h"}, b"x\n/h 0\n"),
    ("directories that are not there", {"TMPDIR": "/none", "XDG_RUNTIME_DIR": "/none", "XDG_CONFIG_HOME": "/none",
                                        "XDG_STATE_HOME": "none", "HOME": "/h"}, b"x\n/h 0\n"),
]  # fmt: skip


@pytest.mark.parametrize(("variables", "expected"), [row[1:] for row in SURROUNDINGS], ids=[r[0] for r in SURROUNDINGS])
def test_odd_surroundings(place: Attack, variables: dict[str, str], expected: bytes) -> None:
    check(around(place, LOOK, **variables), 0, "", expected)


@pytest.mark.parametrize(
    "arguments", ["-c pwd", "check x.sh", "--workspace / -c ls", "config", "trust", "catalog list"]
)
def test_a_working_directory_that_is_gone(fresh: Attack, arguments: str) -> None:
    before = f"mkdir gone && cd gone && rmdir {fresh.directory}/gone"
    ran = fresh.msh(*arguments.split(), before=before)
    check(ran, 126, "MSH463]: cannot find out the working directory: No such file or directory")


@pytest.mark.parametrize("arguments", ["explain MSH201", "--help", "--version", "doctor --help", "doctor"])
def test_what_needs_no_working_directory(fresh: Attack, arguments: str) -> None:
    before = f"mkdir gone && cd gone && rmdir {fresh.directory}/gone"
    ran = fresh.msh(*arguments.split(), before=before)
    assert ran.status == 0, ran.output.decode()
    assert b"Traceback" not in ran.output


def test_a_directory_that_goes_while_the_script_is_in_it(fresh: Attack) -> None:
    check(fresh.msh("-c", "mkdir d; cd d; rmdir ../d; echo a; ls; echo *; cat x; echo $?"), 0, "", None)


def test_no_bubblewrap(place: Attack) -> None:
    """Without the sandbox nothing runs; builtins need none."""
    if shutil.which("bwrap") is None:
        pytest.skip("it is not installed here anyway")
    program = (
        "import msh.sandbox.bubblewrap as b, sys; b.PLACES = (); "
        "from msh.cli import main; sys.exit(main(['-c', 'echo a; cat file; echo $?']))"
    )
    environment = {**place.environment(), "PATH": "/nonexistent"}
    done = subprocess.run(  # type: ignore[call-overload]  # the arguments of `as_user` are not known to the stubs
        [sys.executable, "-c", program], cwd=place.directory, env=environment, capture_output=True, **place.as_user()
    )
    check(Ran(done.returncode, done.stdout, done.stderr), 0, "MSH440]: bubblewrap is not installed", b"a\n126\n")
