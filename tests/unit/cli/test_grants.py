"""What `--grants` says of a name."""

from __future__ import annotations

import pytest

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
