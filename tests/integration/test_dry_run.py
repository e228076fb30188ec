"""`msh try`: nothing is touched before the answer; after a commit everything is as if the script had been run."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pexpect
import pytest

from tests.support.attack import ROOT, USERS, Attack, attack, unavailable

MAKE = """
printf 'one\\ntwo\\n' > text; printf 'a\\0b' > binary; mkdir -p old/inner empty; echo x > old/inner/x; echo y > old/y
ln -s text link; printf '#!/bin/sh\\n' > tool; chmod 755 tool; mkfifo pipe; touch -d 2020-01-01 text tool
"""
SCRIPTS = {
    "a line changed": "sed -i s/one/ONE/ text",
    "appended by the shell": "echo three >> text",
    "created": "mkdir -p n/m; echo 1 > n/m/f; : > 'odd name'",
    "deleted": "rm -r old; rm text; rmdir empty",
    "a directory for a file": "rm text; mkdir text; echo 1 > text/f",
    "a file for a directory": "rm -r old; echo 1 > old",
    "a directory made anew": "rm -r old; mkdir old; echo z > old/z",
    "modes": "chmod 600 text; chmod 500 old; chmod u+s tool",
    "a directory that cannot be written": "mkdir shut; echo 1 > shut/f; chmod 555 shut",
    "rights": "chmod 500 old; { echo 1 > old/f; } 2>/dev/null; chmod 0 text; { cat < text; } 2>&- > seen",
    "a directory that cannot be read": "mkdir n; echo 1 > n/f; chmod 0 n old",
    "a time": "touch -d 2021-01-01 text",
    "links": "ln -sfn binary link; ln -s /etc/passwd out; ln text hard",
    "renamed": "mv text moved; mv old new",
    "copied": "cp -a old copy; cp binary binary2",
    "a pipe": "rm pipe; mkfifo other",
    "bytes that are no text": "printf '\\377\\0' > binary; printf x > $'\\377'",
    "status": "echo 1 > f; exit 7",
    "deep": "i=0; p=d; while [ $i -lt 150 ]; do p=$p/d; i=$((i+1)); done; mkdir -p $p; echo 1 > $p/f",
}


@dataclass(frozen=True)
class Found:
    """A name in a directory: `content` of a file, or the target of a link."""

    mode: int
    content: bytes = b""
    mtime_ns: int | None = None


def tree(directory: Path, *, times: bool = True) -> dict[bytes, Found]:
    """Everything below a directory; with the modification times of files, unless they do not matter."""
    found: dict[bytes, Found] = {}
    for top, directories, files in os.walk(os.fsencode(directory)):  # as root, who may look everywhere
        for name in (*directories, *files):
            path = os.path.join(top, name)
            status = os.lstat(path)
            content = b""
            if stat.S_ISREG(status.st_mode):
                content = Path(os.fsdecode(path)).read_bytes()
            elif stat.S_ISLNK(status.st_mode):
                content = os.readlink(path)
            time = status.st_mtime_ns if times and stat.S_ISREG(status.st_mode) else None
            found[os.path.relpath(path, os.fsencode(directory))] = Found(status.st_mode, content, time)
    return found


@pytest.fixture(params=USERS)
def place(request: pytest.FixtureRequest) -> Iterator[Attack]:
    reason = unavailable(request.param)
    if reason:
        pytest.skip(reason)
    with attack(request.param) as made:
        assert made.shell(f"set -e; {MAKE}").status == 0
        yield made


def test_where_msh_lies_in_the_directory_itself(place: Attack) -> None:
    """What Python keeps of msh's modules is no change of the script's."""
    shutil.copytree(ROOT / "msh", place.directory / "msh", ignore=shutil.ignore_patterns("__pycache__"))
    place.shell(f"chown -R {place.uid} .", privileged=True)
    place.more = {"PYTHONPATH": str(place.directory), "PYTHONDONTWRITEBYTECODE": ""}
    ran = place.msh("try", "--discard", "-c", "echo 1 > made; ls > /dev/null")
    assert [line for line in ran.stderr.decode().splitlines() if line[:2] in ("+ ", "~ ")] == ["+ made (2 bytes)"]


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_commit_is_as_if_it_had_been_run(place: Attack, script: str, tmp_path: Path) -> None:
    before = tree(place.directory)
    ran = place.msh("try", "--discard", "-c", script)
    assert tree(place.directory) == before, ran.output.decode()
    assert b"discarded" in ran.stderr
    committed = place.msh("try", "--commit", "-c", script)
    assert b"committed" in committed.stderr, committed.output.decode()
    after = tree(place.directory, times=False)
    for name in os.listdir(place.directory):
        if name != "secret":
            place.shell(f"chmod -R u+rwx -- '{name}'; rm -rf -- '{name}'", privileged=True)
    place.shell(f"set -e; {MAKE}")
    expected = subprocess.run(  # type: ignore[call-overload]  # the arguments of `as_user` are not known to the stubs
        ["bash", "-c", script], cwd=place.directory, check=False, **place.as_user()
    )
    assert after == tree(place.directory, times=False)
    assert (ran.status, committed.status) == (expected.returncode, expected.returncode)


def test_what_is_shown(place: Attack) -> None:
    script = "sed -i s/two/2/ text; rm -r old; echo x > $'new\\e[2Jname'; chmod 4755 tool; printf 1 > binary"
    ran = place.msh("try", "--discard", "-c", script)
    assert ran.stdout == b""
    assert ran.stderr.decode() == (
        "\n~ binary (3 to 1 bytes)\n"
        "+ new\\x1b[2Jname (2 bytes)\n    @@ -0,0 +1 @@\n    +x\n"
        "- old/\n"
        "~ text (8 to 6 bytes)\n    @@ -1,2 +1,2 @@\n     one\n    -two\n    +2\n"
        "~ tool (mode 0755 to 4755)\n"
        "1 created, 2 modified, 1 deleted, 1 with other permissions or times\n"
        "discarded: nothing was changed\n"
    )


def test_nothing_would_change(place: Attack) -> None:
    ran = place.msh("try", "-c", "cat text; echo x > /tmp/x; cat < text > /dev/null")
    assert (ran.status, ran.stdout, ran.stderr) == (0, b"one\ntwo\n", b"nothing would change\n")


def test_without_a_terminal_nothing_is_committed(place: Attack) -> None:
    before = tree(place.directory)
    ran = place.msh("try", "-c", "rm text", stdin=b"yes\n", before="exec setsid -w true; :")
    argv = [sys.executable, "-m", "msh", "try", "-c", "rm text"]
    done = subprocess.run(  # type: ignore[call-overload]  # the arguments of `as_user` are not known to the stubs
        argv,
        cwd=place.directory,
        env=place.environment(),
        input=b"yes\n",
        capture_output=True,
        start_new_session=True,
        check=False,
        **place.as_user(),
    )
    assert b"discarded" in done.stderr + ran.stderr
    assert tree(place.directory) == before


def test_a_script_that_is_refused_is_not_tried(place: Attack) -> None:
    ran = place.msh("try", "-c", "rm text; no-such-command")
    assert ran.status == 127
    assert b"MSH201" in ran.stderr


def test_report(place: Attack) -> None:
    ran = place.msh("try", "--discard", "--report", "changes.json", "-c", "rm text; ln -s a b")
    assert ran.status == 0
    data = json.loads((place.directory / "changes.json").read_text())
    assert data["version"] == 1
    found = {Path(change["path"]).name: change for change in data["changes"]}
    assert found["text"]["action"] == "deleted"
    assert found["b"]["new"] == {"kind": "link", "mode": "0777", "size": 1, "target": "a"}


def test_granted_directories_are_laid_over(place: Attack) -> None:
    other = place.directory.parent / "other"
    place.shell(f"mkdir {other}; echo 1 > {other}/f")
    ran = place.msh("try", "--discard", "--allow-write", str(other), "-c", f"echo 2 > {other}/f; rm text")
    assert (other / "f").read_text() == "1\n"
    assert b"~ f " in ran.stderr
    assert place.msh("try", "--commit", "--allow-write", str(other), "-c", f"echo 2 > {other}/f").status == 0
    assert (other / "f").read_text() == "2\n"


@pytest.mark.parametrize("grant", ["text", "s3://bucket/prefix"])
def test_what_cannot_be_held_back_is_refused(place: Attack, grant: str) -> None:
    ran = place.msh("try", "--workspace", "none", "--allow-write", grant, "-c", "true")
    assert ran.status == 126
    assert b"MSH416" in ran.stderr


@pytest.mark.parametrize("script", ["echo x > ~/outside", "echo x | tee ~/outside", "tee -a ~/outside < text"])
def test_nobody_is_asked_to_write_outside(place: Attack, script: str) -> None:
    """A yes would change the file at once; reading is asked for as ever."""
    outside = place.home / "outside"
    place.shell(f"echo mine > {outside}")
    ran = place.msh("try", "--discard", "--prompt=stdin", "-c", f"{script}; cat ~/outside", stdin=b"yes\n" * 4)
    assert outside.read_text() == "mine\n", ran.output.decode()
    assert b"attempting to write" not in ran.stderr
    assert b"attempting to read" in ran.stderr
    assert ran.stdout.endswith(b"mine\n")


def test_a_policy_does_not_write_outside(place: Attack) -> None:
    outside = place.home / "outside"
    place.shell(f"echo mine > {outside}")
    script = "echo x > ~/outside"
    assert place.msh("--prompt=stdin", "--record-policy", "policy", "-c", script, stdin=b"yes\n").status == 0
    assert outside.read_text() == "x\n"
    place.shell(f"echo mine > {outside}")
    place.msh("try", "--discard", "--policy", "policy", "-c", script)
    assert outside.read_text() == "mine\n"


def test_containers_are_refused(place: Attack) -> None:
    ran = place.msh("try", "--backend", "docker", "-c", "ls")
    assert ran.status == 126
    assert b"MSH416" in ran.stderr


def test_its_own_scratch_inside_is_refused(place: Attack) -> None:
    place.shell("mkdir scratch")
    place.more = {"TMPDIR": str(place.directory / "scratch")}
    ran = place.msh("try", "-c", "rm text")
    assert ran.status == 126
    assert b"MSH415" in ran.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_another_file_system_below_is_refused() -> None:
    with attack("root") as place:
        script = 'mkdir m && mount -t tmpfs x m && exec "$@"'
        argv = ["unshare", "-m", "sh", "-c", script, "sh", sys.executable, "-m", "msh", "try", "-c", "rm secret"]
        done = subprocess.run(argv, cwd=place.directory, env=place.environment(), capture_output=True, check=False)
        assert done.returncode == 126
        assert b"MSH415" in done.stderr


def test_answers(place: Attack) -> None:
    for answer, is_there in (("no", True), ("", True), ("yes", False)):
        with asking(place, "echo yes; rm text") as child:
            child.sendline(answer)
            child.expect(pexpect.EOF)
        assert (place.directory / "text").exists() == is_there


def test_something_else_changes_the_file_meanwhile(place: Attack) -> None:
    with asking(place, "rm text; echo 1 > new") as child:
        (place.directory / "text").write_text("mine\n")
        child.sendline("yes")
        child.expect("MSH417")
        child.expect(pexpect.EOF)
    assert (place.directory / "text").read_text() == "mine\n"
    assert not (place.directory / "new").exists()


def test_a_commit_that_fails_says_how_far_it_came(place: Attack) -> None:
    if place.uid == 0:
        pytest.skip("root may write everywhere")
    with asking(place, "mkdir a; echo 1 > old/f") as child:
        (place.directory / "old").chmod(0o555)
        child.sendline("yes")
        child.expect("MSH418.*1 of 2 changes")
        child.expect(pexpect.EOF)


class asking:
    """`msh try -c SCRIPT` on a terminal, up to the question."""

    def __init__(self, place: Attack, script: str) -> None:
        user = ["setpriv", f"--reuid={place.uid}", f"--regid={place.uid}", "--clear-groups"] if place.as_user() else []
        argv = [*user, sys.executable, "-m", "msh", "try", "-c", script]
        self.child = pexpect.spawn(
            argv[0], argv[1:], cwd=str(place.directory), env=place.environment(), timeout=30, encoding="utf-8"
        )

    def __enter__(self) -> pexpect.spawn:
        self.child.expect(r"Commit these changes\? \[yes/no\] ")
        return self.child

    def __exit__(self, *_: object) -> None:
        self.child.close(force=True)
