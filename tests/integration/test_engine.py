"""The test engine itself: it starts, is shared, and leaves nothing, however its users end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import localstack

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine
ROOT = Path(__file__).parents[2]
USER = """
import sys, time
from pathlib import Path
from tests.support import localstack
with localstack.shared(Path(sys.argv[1])) as engine:
    print(engine.pid, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    subprocess.run([ROOT / "dev", "engine", "setup"], check=True)
    yield tmp_path / "engine"
    localstack.stop(tmp_path / "engine")


def members(group: int) -> list[int]:
    """The processes of a group, but for those that their parent has yet to reap."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


def ended(group: int, seconds: float) -> bool:
    """Whether a group is empty within a time."""
    end = time.monotonic() + seconds
    while members(group):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_it_is_shared_and_leaves_nothing(directory: Path) -> None:
    with localstack.shared(directory) as first:
        with localstack.shared(directory) as second:
            assert second == first
        assert first.healthy()
        assert localstack.status(directory) == first
    assert ended(first.pid, 1)
    assert not directory.exists()


def test_it_ends_when_its_user_is_killed(directory: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", USER, directory], cwd=ROOT, stdout=subprocess.PIPE) as user:
        assert user.stdout is not None
        group = int(user.stdout.readline())
        assert members(group)
        user.send_signal(signal.SIGKILL)
    assert ended(group, 10)


def test_it_is_stopped_though_it_hangs(directory: Path) -> None:
    engine = localstack.start(directory)
    os.kill(engine.pid, signal.SIGSTOP)  # then it takes no other signal but SIGKILL
    began = time.monotonic()
    assert localstack.stop(directory)
    assert time.monotonic() - began < localstack.GRACE + 2
    assert ended(engine.pid, 1)
    assert not localstack.stop(directory)


def test_it_listens_on_loopback_only(directory: Path) -> None:
    with localstack.shared(directory) as engine:
        inodes = {os.readlink(path) for path in Path(f"/proc/{engine.pid}/fd").iterdir()}
        listening = [
            fields[1]
            for table in ("tcp", "tcp6")
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
            if (fields := line.split())[3] == "0A" and f"socket:[{fields[9]}]" in inodes
        ]
    assert listening
    assert all(address.startswith("0100007F:") for address in listening)


def test_why_it_does_not_start(directory: Path, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho broken >&2\nexit 1\n")
    python.chmod(0o755)
    with pytest.raises(localstack.Unavailable, match="broken"):
        localstack.start(directory, python)
