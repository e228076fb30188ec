"""What nobody can have meant: limits that are none, policies that contradict themselves, paths that are not there,
files of newer versions. Each is refused before anything runs, with code, place and cure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.support.attack import Attack, attack

LONG = "9" * 40


@pytest.fixture(scope="module")
def place() -> Iterator[Attack]:
    """A directory with policies in it."""
    files = {
        "good": 'version = 1\n[[rules]]\nanswer = "allow"\nkind = "read"\npath = "/x"\n',
        "newer": "version = 2\n",
        "newer.json": '{"version": 99, "rules": [], "more": {}}',
        "older": "version = 0\n",
        "text": 'version = "1"\n',
        "none": "",
        "noise": "\x00\x01",
        "unknown": "version = 1\nrule = []\n",
        "answer": 'version = 1\n[[rules]]\nanswer = "maybe"\nkind = "read"\npath = "/x"\n',
        "both": 'version = 1\n[[rules]]\nanswer = "allow"\nkind = "read"\npath = "/x"\nhost = "a"\n',
        "port": 'version = 1\n[[rules]]\nanswer = "allow"\nkind = "connect"\nhost = "a"\nport = 70000\n',
        "deep.json": "[" * 100_000,
    }
    with attack("ordinary") as made:
        for name, text in files.items():
            (made.directory / f"policy-{name}").write_text(text)
        yield made


REFUSED = [  # options, status, code, what is said
    ("--limit memory=-1", 2, "MSH461", "`memory=-1`: expected a number of bytes, or one with `k`, `m`, `g` or `t`"),
    ("--limit memory=0", 2, "MSH461", "`memory=0` is too little: at least 4m"),
    ("--limit memory=1e308", 2, "MSH461", "expected a number of bytes"),
    ("--limit memory=nan", 2, "MSH461", "expected a number of bytes"),
    ("--limit memory=inf", 2, "MSH461", "expected a number of bytes"),
    (f"--limit memory={LONG}", 2, "MSH461", "expected a number of bytes"),
    ("--limit memory=999999999999999999t", 2, "MSH461", "more than any machine has"),
    ("--limit memory=5parsecs", 2, "MSH461", "expected a number of bytes"),
    ("--limit memory=8m,memory=9m", 2, "MSH461", "`memory` has two values"),
    ("--limit memory", 2, "MSH461", "expected `NAME=VALUE`, such as `memory=512m`"),
    ("--limit ,", 2, "MSH461", "expected `NAME=VALUE`"),
    ("--limit cpu=-1s", 2, "MSH461", "expected a number of seconds"),
    ("--limit cpu=999999999h", 2, "MSH461", "longer than any machine runs"),
    ("--limit pids=1.5", 2, "MSH461", "expected a whole number"),
    ("--limit files=3", 2, "MSH461", "at least 16"),
    ("--limit cpus=0", 2, "MSH461", "at least 0.01"),
    ("--limit memmory=1g", 2, "MSH461", "`memmory` is not a limit: did you mean `memory`?"),
    ("--timeout 0", 2, "MSH461", "above zero"),
    ("--timeout -1", 2, "MSH461", "above zero"),
    ("--timeout nan", 2, "MSH461", "above zero"),
    (f"--timeout {LONG}", 2, "MSH461", "longer than any machine runs"),
    (f"--timeout {'9' * 400}", 2, "MSH461", "longer than any machine runs"),
    ("--timeout 3 --limit time=4", 2, "MSH461", "they mean the same: give one of them"),
    ("--allow-weaker everything", 2, "MSH461", "`everything` is not"),
    ("--net none --allow-net a.test", 2, "MSH461", "`--allow-net` is `a.test`, and `--net` is `none`"),
    ("--net host --deny-net a.test", 2, "MSH461", "with `--net host` nobody judges connections"),
    ("--net host --proxy http://127.0.0.1:1", 2, "MSH461", "`--net host` leads past every proxy"),
    ("--allow-net a.test:1 --deny-net a.test:1", 2, "MSH461", "both for `--allow-net` and for `--deny-net`"),
    ("--allow-read . --deny-read .", 2, "MSH461", "both for `--allow-read` and for `--deny-read`"),
    ("--allow-write . --deny-write .", 2, "MSH461", "both for `--allow-write` and for `--deny-write`"),
    ("--allow-net a.test:70000", 2, "MSH461", "expected `HOST` or `HOST:PORT`"),
    ("--workspace nowhere", 2, "MSH461", "expected a directory, or `none`"),
    ("--allow-read nowhere", 126, "MSH404", "nowhere`: no such file or directory"),
    ("--allow-write nowhere/else", 126, "MSH404", "nowhere/else`: no such file or directory"),
    ("--allow-read /dev/full", 126, "MSH404", "a device or a socket cannot be granted"),
    ("--allow-write /", 126, "MSH404", "the whole file system cannot be granted"),
    ("--deny-read nowhere", 126, "MSH404", "nowhere`: no such file or directory"),
    ("--policy nowhere", 126, "MSH410", "cannot read the policy"),
    ("--policy nowhere", 126, "MSH410", "`--record-policy FILE` makes one"),
    ("--record-policy nowhere/else", 126, "MSH413", "nowhere/else`: no such file or directory"),
    ("--audit nowhere/else", 126, "MSH413", "nowhere/else`: no such file or directory"),
    ("--policy /etc", 126, "MSH410", "is a directory"),
    ("--policy policy-newer", 126, "MSH412", "has version 2 of policies, and this msh knows 1"),
    ("--policy policy-newer.json", 126, "MSH412", "has version 99 of policies"),
    ("--policy policy-older", 126, "MSH411", "`version` is missing or no number above zero"),
    ("--policy policy-text", 126, "MSH411", "`version` is missing or no number above zero"),
    ("--policy policy-none", 126, "MSH411", "`version` is missing"),
    ("--policy policy-noise", 126, "MSH411", "is wrong"),
    ("--policy policy-unknown", 126, "MSH411", "`rule` is not known"),
    ("--policy policy-answer", 126, "MSH411", "rule 1: `answer` is `allow` or `deny`"),
    ("--policy policy-both", 126, "MSH411", "`read` needs `path` alone"),
    ("--policy policy-port", 126, "MSH411", "`port` is no port"),
    ("--policy policy-deep.json", 126, "MSH411", "is wrong"),
]


@pytest.mark.parametrize(("options", "status", "code", "words"), REFUSED, ids=[row[0][:40] for row in REFUSED])
@pytest.mark.parametrize("script", ["echo ran", "cat policy-good"])
def test_refused(place: Attack, options: str, status: int, code: str, words: str, script: str) -> None:
    """Also when nothing in the script would have met it."""
    ran = place.msh(*options.split(), "-c", script)
    shown = ran.stderr.decode(errors="replace")
    assert (ran.status, ran.stdout) == (status, b""), shown
    assert f"error[{code}]" in shown, shown
    assert words in shown, shown
    assert "Traceback" not in shown, shown


def test_a_good_policy_is_none_of_them(place: Attack) -> None:
    ran = place.msh("--policy", "policy-good", "--limit", "files=64", "--timeout", "50", "-c", "echo ran")
    assert (ran.status, ran.stdout, ran.stderr) == (0, b"ran\n", b"")


BOXED = '[{}]\nrun = {{ image = "busybox", program = "sort" }}\noperands = "read"\nprograms = "{}"\n'


@pytest.mark.parametrize(
    ("programs", "script", "gaps"),
    [
        ("own", "boxed secret", ("paths", "programs")),
        ("own", "boxed < secret", ("programs",)),
        ("any", "boxed secret", ("paths",)),
        ("any", "boxed < secret", ()),
    ],
)
def test_what_a_container_holds_less_strictly(place: Attack, programs: str, script: str, gaps: tuple[str, ...]) -> None:
    """It is refused and named, unless it is accepted by name: then only the Engine is missing."""
    (place.directory / "commands.toml").write_text(BOXED.format("boxed", programs))
    (place.directory / "script").write_text(f"{script}\n")
    place.more = {"DOCKER_HOST": "unix:///nowhere/socket"}
    ran = place.msh("--catalog", "commands.toml", "script")
    named = re.findall(r"`--allow-weaker (.*)` accepts that", ran.stderr.decode())
    assert (ran.status, tuple(named), ran.stderr.count(b"MSH459")) == (126, gaps, len(gaps)), ran.output.decode()
    accepted = ("--allow-weaker", ",".join(gaps)) if gaps else ()
    ran = place.msh("--catalog", "commands.toml", *accepted, "script")
    assert b"MSH448" in ran.stderr
    assert b"MSH459" not in ran.stderr
    for options, word in (((), "refused"), (accepted, "accepted")):
        shown = place.msh("check", "--grants", "--catalog", "commands.toml", *options, "script").stdout.decode()
        assert tuple(re.findall(rf"^  {word} +(paths|programs): ", shown, re.MULTILINE)) == gaps, shown


@pytest.mark.parametrize("script", ["cat {}/x", "cat < {}/x", "cd {}", ". {}/x", "echo > {}/x", "ls {}", "rm {}/x"])
def test_the_cure_of_a_refusal_is_one(place: Attack, script: str) -> None:
    """What the help says would grant it does; where nothing does, it says that and why."""
    place.shell("mkdir ~/d && echo : > ~/d/x")
    script = script.format(place.home / "d")
    ran = place.msh("-c", script)
    cure = re.search(r"help: `(.*)` would grant it", ran.stderr.decode())
    assert cure is not None, ran.output.decode()
    assert place.msh(*cure[1].split(), "-c", script).status == 0
    for denied in ("read", "write") if "allow-write" in cure[1] else ("read",):
        ran = place.msh(f"--deny-{denied}={place.home}/d", f"--allow-write={place.home}", "-c", script)
        assert f"`--deny-{denied} {place.home}/d` forbids it" in ran.stderr.decode(), ran.output.decode()
        assert b"would grant it" not in ran.stderr


def test_a_policy_of_no_answers_is_one(place: Attack) -> None:
    """Nobody could be asked: the run that takes it is no other."""
    for option in ("--record-policy", "--policy"):
        ran = place.msh(option, "answers", "-c", "cat policy-older")
        assert (ran.status, ran.stdout) == (0, b"version = 0\n"), ran.output.decode()


def test_what_an_engine_cannot_run_is_said_first(place: Attack) -> None:
    ran = place.msh("--backend", "docker", "-c", "cat policy-older")
    assert b"MSH445" in ran.stderr
    assert b"MSH459" not in ran.stderr


def test_what_a_run_may_not_write_is_said(place: Attack) -> None:
    ran = place.msh("--audit", "log", "-c", "echo x > log; cp /dev/null log")
    assert ran.stderr.count(b"no run may write what its own `--audit` names") == 2, ran.output.decode()
