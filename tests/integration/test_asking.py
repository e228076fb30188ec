"""Questions about files through the real command line, as root and as an ordinary user."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.asking import CREDENTIALS, QUESTION, asked, place, questions
from tests.support.attack import ROOT, Attack

__all__ = ["place"]  # a fixture


@pytest.mark.escape(3)
def test_yes_reads_the_file(place: Attack) -> None:
    ran = asked(place, "yes\n", "cat ~/.aws/credentials")
    assert (ran.status, ran.stdout.decode()) == (0, f"{place.secret}\n"), ran.stderr.decode()
    lines = ran.stderr.decode().splitlines()
    assert re.fullmatch(r"msh [0-9a-f]{4}: step `cat`; also `always` or `never`, for the whole run", lines[0])
    assert lines[1] == f"{CREDENTIALS} "


@pytest.mark.escape(2)
@pytest.mark.parametrize("answers", ["no\n", "", "maybe\nperhaps\nhm\nyes\n", "NO\n"])
def test_anything_but_yes_denies(place: Attack, answers: str) -> None:
    ran = asked(place, answers, "cat ~/.aws/credentials")
    assert ran.status == 1
    assert ran.stdout == b""
    assert b"Permission denied" in ran.stderr


@pytest.mark.escape(4)
def test_without_a_terminal_nothing_is_asked(place: Attack) -> None:
    ran = place.msh("-c", "cat ~/.aws/credentials")
    assert ran.status == 126
    assert b"MSH401" in ran.stderr
    ran = place.msh("--prompt=tty", "-c", "cat ~/.aws/credentials")
    assert (ran.status, questions(ran)) == (1, [])


@pytest.mark.escape(5, 9)
@pytest.mark.parametrize(
    "script",
    [
        "cp ~/.aws/credentials out; cat out",
        'python3 -Ic \'import os; print(open(os.environ["HOME"] + "/.aws/credentials").read(), end="")\'',
        "cat < ~/.aws/credentials",
        "x=$(<~/.aws/credentials); echo $x",
        "[ -f ~/.aws/credentials ] && read x < ~/.aws/credentials; echo $x",
        "head -n 1 ~/.aws/../.aws/credentials",
        "ln -s ~/.aws/credentials a; cat a",
        "ln -s ~/.aws d; cat d/credentials",
        "cd /; cat ${HOME#/}/.aws/credentials",
    ],
)
def test_who_asks_and_how_it_is_named(place: Attack, script: str) -> None:
    """The question shows the real path, and one yes is enough."""
    if script.startswith("cd"):
        script = f"cat {os.path.relpath(place.home, place.directory)}/.aws/credentials"
    ran = asked(place, "yes\n", script)
    assert questions(ran) == [CREDENTIALS], ran.stderr.decode()
    assert ran.stdout.decode() == f"{place.secret}\n"


def test_what_every_git_reads_is_not_asked_for(place: Attack) -> None:
    """The system's settings are empty, asked or not; who means the host's says so."""
    ran = asked(place, "", "cat /etc/gitconfig")
    assert (ran.status, ran.output) == (0, b"")
    assert place.msh("-c", "cat /etc/gitconfig").status == 0
    if os.path.exists("/etc/gitconfig"):
        ran = place.msh("--allow-read", "/etc/gitconfig", "-c", "cat /etc/gitconfig")
        assert ran.stdout == Path("/etc/gitconfig").read_bytes()


@pytest.mark.escape(3)
def test_an_answer_is_for_one_file_one_mode_and_one_step(place: Attack) -> None:
    script = "cat ~/.aws/credentials ~/.aws/credentials ~/.ssh/id_rsa; cat ~/.aws/credentials"
    ran = asked(place, "yes\nno\nno\n", script)
    assert questions(ran) == [CREDENTIALS, QUESTION.format(kind="read", path="~/.ssh/id_rsa"), CREDENTIALS]
    assert ran.stdout.decode() == f"{place.secret}\n" * 2
    ran = asked(place, "yes\nno\n", "exec 3< ~/.ssh/id_rsa; echo x >> ~/.ssh/id_rsa")
    assert questions(ran) == [QUESTION.format(kind=kind, path="~/.ssh/id_rsa") for kind in ("read", "write")]
    assert (place.home / ".ssh/id_rsa").read_text() == f"{place.secret}\n"


@pytest.mark.parametrize(("answer", "status"), [("always", 0), ("never", 1)])
def test_an_answer_for_the_whole_run(place: Attack, answer: str, status: int) -> None:
    ran = asked(place, f"{answer}\n", "for i in 1 2 3; do cat ~/.aws/credentials; done")
    assert (len(questions(ran)), ran.status) == (1, status)


def test_writing_is_a_question_of_its_own(place: Attack) -> None:
    (place.home / ".rc").write_text("old\n")
    os.chown(place.home / ".rc", place.uid, place.uid)
    write = QUESTION.format(kind="write", path="~/.rc")
    assert questions(asked(place, "no\n", "echo x >> ~/.rc")) == [write]
    assert (place.home / ".rc").read_text() == "old\n"
    assert questions(asked(place, "yes\n", "echo x >> ~/.rc")) == [write]
    assert questions(asked(place, "yes\n", "echo y | tee -a ~/.rc > /dev/null")) == [write]
    assert (place.home / ".rc").read_text() == "old\nx\ny\n"
    both = 'python3 -Ic \'import os; f = open(os.environ["HOME"] + "/.rc", "r+"); f.write("new")\''
    assert questions(asked(place, "yes\n", both)) == [QUESTION.format(kind="read and write", path="~/.rc")]


def test_what_may_be_read_cannot_be_changed_through_its_descriptor(place: Attack) -> None:
    program = (
        "import os; f = open(os.environ['HOME'] + '/.aws/credentials')\n"
        "for act in (lambda: os.fchmod(f.fileno(), 0o777), lambda: open(f'/proc/self/fd/{f.fileno()}', 'w')):\n"
        "    try: act(); print('changed')\n"
        "    except OSError: pass"
    )
    (place.directory / "p.py").write_text(program)
    ran = asked(place, "yes\nno\n", "python3 -I p.py")
    assert ran.stdout == b"", ran.stderr.decode()
    assert (place.home / ".aws/credentials").read_text() == f"{place.secret}\n"


@pytest.mark.escape(20)
def test_what_is_missing_or_no_file_is_not_asked_for(place: Attack) -> None:
    os.mkfifo(place.home / "fifo")
    ran = asked(place, "yes\n" * 9, "cat ~/nothing; cat ~/fifo; ls ~/.aws/nothing; cat /dev/mem; cat /proc/1/environ")
    assert questions(ran) == []
    assert place.secret.encode() not in ran.output


@pytest.mark.escape(22)
def test_names_are_shown_on_one_line(place: Attack) -> None:
    name = "x\n[yes]\x1b[2Jy"
    (place.home / name).write_text("x\n")
    os.chown(place.home / name, place.uid, place.uid)
    ran = asked(place, "yes\nno\nno\n", "cat ~/x*; cat \"$HOME\"/$'x\\n[yes]\\e[2Jy'")
    shown = QUESTION.format(kind="read", path="~/x\\n[yes]\\x1b[2Jy")
    assert questions(ran) == [QUESTION.format(kind="read", path="~"), shown, shown]
    assert b"\x1b[2J" not in ran.stderr


@pytest.mark.escape(46)
def test_a_flood_of_questions_is_cut(place: Attack) -> None:
    for number in range(60):
        (place.home / f"f{number}").write_text("x")
    audit = place.directory / "audit"
    (place.directory / "p.py").write_text(
        "import os\nfor i in range(60):\n try: open(os.environ['HOME'] + f'/f{i}')\n except OSError: pass"
    )
    script = "python3 -I p.py"
    ran = asked(place, "no\n" * 100, script, "--audit", "audit")
    assert len(questions(ran)) == 20
    decided = [json.loads(line) for line in audit.read_text().splitlines()]
    assert [one["by"] for one in decided if one["event"] == "decision"] == ["user"] * 20 + ["flood"]


@pytest.mark.escape(82)
def test_two_stages_ask_one_after_the_other(place: Attack) -> None:
    ran = asked(place, "yes\nno\n", "cat ~/.aws/credentials | cat - ~/.ssh/id_rsa")
    assert sorted(questions(ran)) == sorted([CREDENTIALS, QUESTION.format(kind="read", path="~/.ssh/id_rsa")])


def test_answers_are_recorded_and_taken(place: Attack) -> None:
    for name in ("p.toml", "p.json"):
        script = "cat ~/.aws/credentials; cat ~/.ssh/id_rsa"
        first = asked(place, "yes\nno\n", script, "--record-policy", name)
        second = place.msh("--policy", name, "-c", script)
        assert second.stdout == first.stdout == f"{place.secret}\n".encode()
        assert (second.status, questions(second)) == (1, [])
        other = place.msh("--policy", name, "-c", "head ~/.aws/credentials")
        assert place.secret.encode() not in other.output  # the answer was for `cat`
        ran = place.msh("--policy", name, "-c", f"echo version=1 > {name}")
        assert ran.status != 0  # what says what may be done is not for the script to write


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "MSH410"),
        ("version = 2\n", "MSH412"),
        ("nonsense", "MSH411"),
        ("version = true\n", "MSH411"),
        ("version = 1\nmore = 1\n", "MSH411"),
        ("version = 1\nrules = [{answer = 'allow', kind = 'read', host = 'x'}]\n", "MSH411"),
        ("version = 1\nrules = [{answer = 'perhaps', kind = 'read', path = '/x'}]\n", "MSH411"),
        ("version = 1\nrules = [{answer = 'allow', kind = 'connect', host = 'x', port = 99999}]\n", "MSH411"),
        ("version = 1\nrules = [{answer = 'allow', kind = 'read', path = 'relative'}]\n", "MSH411"),
        (
            "version = 1\n"
            + "".join([f"[[rules]]\nanswer = '{word}'\nkind = 'read'\npath = '/x'\n" for word in ("allow", "deny")]),
            "rules 1 and 2 contradict each other about `read` of `/x`",
        ),
    ],
)
def test_a_policy_that_is_wrong(tmp_path: Path, place: Attack, text: str | None, code: str) -> None:
    if text is not None:
        (place.directory / "p.toml").write_text(text)
    ran = place.msh("--policy", "p.toml", "-c", "cat /dev/null")
    assert (ran.status != 0, code.encode() in ran.stderr) == (True, True), ran.stderr.decode()


def test_files_that_cannot_be_written(place: Attack) -> None:
    for flag in ("--audit", "--record-policy"):
        ran = asked(place, "", "cat /dev/null", flag, "/proc/nothing/file")
        assert b"MSH413" in ran.stderr


@pytest.mark.escape(83)
def test_the_audit_log_is_one_record_a_line(place: Attack) -> None:
    name = "a\nGRANT ~ .ssh"
    (place.home / name).write_text("x\n")
    asked(place, "yes\n", "cat \"$HOME\"/$'a\\nGRANT ~ .ssh'", "--audit", "log")
    records = [json.loads(line) for line in (place.directory / "log").read_text().splitlines()]
    assert [one["event"] for one in records] == ["grant", "decision"]
    assert records[1]["target"] == f"{place.home}/{name}"
    assert (records[1]["allowed"], records[1]["by"], records[1]["step"]) == (True, "user", "cat")


def test_what_is_denied_is_not_asked(place: Attack) -> None:
    (place.directory / "d").mkdir()
    (place.directory / "d/f").write_text("x\n")
    (place.directory / "g").write_text("y\n")
    ran = asked(place, "yes\n" * 9, "cat ~/.aws/credentials", "--deny-read", f"{place.home}/.aws")
    assert (questions(ran), ran.stdout) == ([], b"")
    script = "cat d/f; cat g; ls d; python3 -Ic 'print(open(\"g\").read())'; echo z > w"
    (place.directory / "w").write_text("w\n")
    ran = asked(place, "yes\n" * 9, script, "--deny-read", "d", "--deny-read", "g", "--deny-write", "w")
    assert (questions(ran), ran.stdout.strip()) == ([], b""), ran.stderr.decode()
    assert (place.directory / "w").read_text() == "w\n"


@pytest.mark.escape(45)
def test_a_step_puts_no_listener_before_the_broker(place: Attack) -> None:
    """EBUSY (seccomp(2)), and what it opens is asked for as before."""
    number = {"x86_64": 317, "aarch64": 277}[os.uname().machine]
    (place.directory / "p.py").write_text(
        "import ctypes, os, struct\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "libc.prctl(38, 1, 0, 0, 0)\n"
        "allow = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0x7fff0000))\n"
        f"found = libc.syscall({number}, 1, 8, struct.pack('HxxxxxxQ', 1, ctypes.addressof(allow)))\n"
        "print(found, ctypes.get_errno())\n"
        "print(open(os.environ['HOME'] + '/.aws/credentials').read())\n"
    )
    for answer in ("no\n", "yes\n"):
        ran = asked(place, answer, "python3 -I p.py")
        assert len(questions(ran)) == 1, ran.output.decode()
        assert ran.stdout.split(b"\n")[0] == b"-1 16"
        assert (place.secret.encode() in ran.output) == (answer == "yes\n")


@pytest.mark.escape(47)
def test_when_the_broker_is_killed_nothing_is_allowed(place: Attack) -> None:
    """What waits for it and what comes later fails, and no question is answered by itself."""
    script = "python3 -Ic 'import os, time\n"
    script += 'while os.path.exists(os.environ["HOME"] + "/.ssh/id_rsa"): time.sleep(0.01)\n'
    script += 'try: print(open(os.environ["HOME"] + "/.aws/credentials").read())\nexcept OSError as e: print(e.errno)\''
    with kill_broker(place):
        ran = asked(place, "yes\nyes\n", script)
    assert place.secret.encode() not in ran.output
    assert ran.stdout.splitlines()[-1:] in ([b"38"], []), ran.output.decode()


@contextmanager
def kill_broker(place: Attack) -> Iterator[None]:
    """Kill the broker of the run in this place as soon as it has asked something."""
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.05):
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    command = Path(f"/proc/{pid}/cmdline").read_bytes()
                    links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
                    here = os.readlink(f"/proc/{pid}/cwd") == str(place.directory)
                except OSError:
                    continue
                if here and b"--prompt=stdin" in command and "anon_inode:seccomp notify" in links:
                    if done.wait(0.6):
                        return
                    os.kill(int(pid), 9)
                    return

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_of_two_answers_the_last_is_recorded(place: Attack) -> None:
    script = "cat ~/.aws/credentials; cat ~/.aws/credentials"
    asked(place, "no\nyes\n", script, "--record-policy", "p.toml")
    ran = place.msh("--policy", "p.toml", "-c", script)
    assert ran.stdout.decode() == f"{place.secret}\n" * 2


DOCUMENTED = {
    "grant": {"step", "arguments", "program", "read", "write", "network", "asks", "image", "objects"},
    "refusal": {"step", "arguments", "code", "message"},
    "decision": {
        *("kind", "target", "act", "other", "port", "address", "step", "allowed", "lasts", "by"),
    },
}


def test_the_audit_log_has_what_the_guide_says(place: Attack) -> None:
    script = "cat ~/.aws/credentials; mv ~/.ssh/id_rsa ~/.ssh/other; rm ~/.ssh/none; echo ~/.aws/*; cat < ~/.ssh/other"
    asked(place, "yes\nyes\nyes\nno\n", script, "--audit", "log")
    place.msh("--audit", "log", "-c", "cat ~/.aws/credentials")
    records = [json.loads(line) for line in (place.directory / "log").read_text().splitlines()]
    for one in records:
        assert one.keys() - {"version", "time", "run", "event"} <= DOCUMENTED[one["event"]]
    told = [(one["event"], one.get("step"), one.get("kind"), one.get("act"), one.get("allowed")) for one in records]
    assert told == [
        ("grant", "cat", None, None, None),
        ("decision", "cat", "read", None, True),
        ("grant", "mv", None, None, None),
        ("decision", "mv", "write", "renames it to", True),
        ("decision", "mv", "write", "puts in its place", True),
        ("grant", "rm", None, None, None),
        ("decision", None, "read", None, False),
        ("decision", None, "read", None, False),
        ("refusal", "cat", None, None, None),
    ]
    guide = (ROOT / "docs/guide.md").read_text()
    for event, fields in DOCUMENTED.items():
        row = next(line for line in guide.splitlines() if line.startswith(f"| `{event}`"))
        assert all(f"`{field}`" in row for field in fields)
