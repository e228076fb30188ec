"""Random programs taken apart as finely as can be: run by their plan they do what they do whole.

`python -m tests.fuzz.test_plan FIRST COUNT [--coarse]` runs COUNT programs from seed FIRST on and shows what differs.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.support.cases import environment
from tests.support.programs import Program

WHOLE = [sys.executable, "-m", "msh"]
PLANNED = [sys.executable, "-m", "tests.support.planned"]
SECONDS = 60


def outcome(words: list[str], text: str) -> bytes:
    """What a program prints, its status, its files."""
    with tempfile.TemporaryDirectory(prefix="msh-plan-") as directory:
        workspace = Path(directory) / "workspace"
        workspace.mkdir()
        (Path(directory) / "home").mkdir()
        (Path(directory) / "p.sh").write_text(text, encoding="utf-8")
        ran = subprocess.run(
            [*words, "../p.sh"],
            cwd=workspace,
            env=environment(workspace),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        files = [path.name.encode() + b":\n" + path.read_bytes() for path in sorted(workspace.iterdir())]
        return b"\n".join([ran.stdout, b"== %d" % ran.returncode, *files]).replace(directory.encode(), b"TOP")


def difference(seed: int, *options: str) -> str:
    """The program and both outcomes when they differ, else nothing."""
    text = Program(seed).text
    whole, planned = outcome(WHOLE, text), outcome([*PLANNED, *options], text)
    return "" if whole == planned else f"#### {seed}\n{text}---- whole\n{whole!r}\n---- planned\n{planned!r}\n"


@pytest.mark.parametrize("seed", range(12))
def test_a_plan_means_what_the_script_means(seed: int) -> None:
    assert not difference(seed, "--finest")


def main() -> int:
    first, count = int(sys.argv[1]), int(sys.argv[2])
    options = [] if "--coarse" in sys.argv else ["--finest"]
    found = [text for seed in range(first, first + count) if (text := difference(seed, *options))]
    print("".join(found), f"{len(found)} of {count} programs differ", sep="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
