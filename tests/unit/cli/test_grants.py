"""What `--grants` says of a name."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path

import pytest

from msh.cli import main
from msh.cli.grants import _bind_line
from msh.config import Settings
from msh.plan.steps import Judge

SETTINGS = Settings(workspace="/home/me/work", allow_read=("/data",), allow_write=("/out",))


def line(judge: Judge, kind: str, path: str) -> str:
    """What stands in brackets behind the path; empty for what the workspace or a flag grants."""
    shown = _bind_line(judge.named(kind, path), judge)
    assert shown.startswith(f"  {kind:<8} {path}")
    return shown.removeprefix(f"  {kind:<8} {path}").removeprefix("  (").removesuffix(")")


@pytest.mark.parametrize(
    ("kind", "path", "reason"),
    [
        ("read", "x", ""),
        ("write", "/home/me/work/x", ""),
        ("read", "../x", "refused: --allow-read /home/me/x would grant it"),
        ("read", "/home/me/workshop", "refused: --allow-read /home/me/workshop would grant it"),
        ("read", "/data/x", ""),
        ("list", "/data", ""),
        ("write", "/data/x", "refused: --allow-write /data/x would grant it"),
        ("write", "/out/x", ""),
        ("read", "/out/x", ""),
        ("entries", "/usr/bin", "refused: --allow-write /usr/bin would grant it"),
        ("read", "/usr/bin/sort", "base system"),
        ("read", "/etc/passwd", "the run's synthetic /etc, if it has this"),
        ("write", "/tmp/x", "the run's private /tmp"),
        ("write", "/dev/null", ""),
        ("read", "/dev/sda", "refused: --allow-read /dev/sda would grant it"),
    ],
)
def test_what_a_name_is_granted(kind: str, path: str, reason: str) -> None:
    assert line(Judge(SETTINGS, "/home/me/work"), kind, path) == reason


def test_without_a_workspace_no_name_is_granted() -> None:
    judge = Judge(SETTINGS.replace(workspace=None), "/home/me/work")
    assert line(judge, "read", "x") == "refused: --allow-read /home/me/work/x would grant it"


@pytest.mark.parametrize("backend", ["bubblewrap", "native"])
def test_the_plan_of_each_step(backend: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """-v prints what the backend would be given, and makes nothing for it."""
    (tmp_path / "in").write_text("")
    (tmp_path / "s.sh").write_text("sort -o out in; cat $1; cat /etc/shadow\n")
    with chdir(tmp_path):
        assert main(["check", "--grants", "-v", "--backend", backend, "s.sh"]) == 0
    shown = capfd.readouterr().out
    assert f"  plan     {backend} (RUN is the private directory of the run)\n" in shown
    readonly, writable = {"bubblewrap": ("--ro-bind-fd", "--bind-fd"), "native": ("--ro-bind", "--bind")}[backend]
    assert f"    {readonly} {tmp_path}/in {tmp_path}/in\n" in shown
    assert f"    {writable} {tmp_path}/out {tmp_path}/out\n" in shown
    assert "    --bind RUN/tmp /tmp\n" in shown
    assert "    -- /usr/bin/sort sort -o out in\n" in shown
    assert "  plan     made when the step starts: not all of its words are known before\n" in shown
    assert "  plan     none: `cat`" in shown
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "s.sh"]


def listing(tmp_path: Path, capfd: pytest.CaptureFixture[str], script: str, *options: str) -> list[str]:
    """The lines of `check --grants` without the heads."""
    (tmp_path / "s.sh").write_text(script)
    with chdir(tmp_path):
        assert main(["check", "--grants", *options, "s.sh"]) == 0
    return [line.strip() for line in capfd.readouterr().out.splitlines() if line.startswith("  ")]


def test_what_would_be_asked(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """As in a run that is started the same way; names by themselves, as the questions have them."""
    script = 'rm /no/x; cat /no/y "$HOME/z"; mkdir /no/d; python3 -c 1; curl http://a/; echo > /no/w'
    told = "asked for when it happens"
    assert listing(tmp_path, capfd, script, "--prompt", "stdin") == [
        f"write    /no/x  ({told}: --allow-write /no/x would grant it)",
        f"read     /no/y  ({told}: --allow-read /no/y would grant it)",
        "read     (known at run time; in the workspace, else asked for)",
        f"write    /no/d  ({told}: --allow-write /no/d would grant it)",
        "write    the whole workspace",
        "asked    what it opens or changes besides, one by one",
        "network  asked for: --allow-net HOST would grant it",
        f"write    /no/w  ({told}: --allow-write /no/w would grant it)",
    ]
    assert "asked" not in "".join(listing(tmp_path, capfd, script, "--prompt", "no"))


def test_what_a_policy_answers(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rule = '[[rules]]\nanswer = "{}"\nkind = "read"\npath = "/no/{}"\n'
    (tmp_path / "p.toml").write_text("version = 1\n" + rule.format("allow", "a") + rule.format("deny", "b"))
    script = "cat /no/a /no/b /no/c"
    lines = listing(tmp_path, capfd, script, "--policy", "p.toml", "--prompt", "no")
    denied = "denied by a rule, or for want of one: --allow-read /no/{0} would grant it"
    assert lines == [
        "read     /no/a  (allowed by a rule)",
        *[f"read     /no/{name}  ({denied.format(name)})" for name in "bc"],
    ]
    lines = listing(tmp_path, capfd, script, "--policy", "p.toml", "--prompt", "stdin")
    assert lines[2].startswith("read     /no/c  (asked for")
