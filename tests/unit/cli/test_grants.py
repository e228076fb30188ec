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
