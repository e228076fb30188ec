"""Random programs in parts: each part in a process of its own, and together they do what the whole does.

`python -m tests.fuzz.test_parts FIRST COUNT` runs COUNT programs from seed FIRST on and shows what differs.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from tests.support import cases
from tests.support.programs import Program

MSH = [sys.executable, "-m", "msh"]
PARTS = [sys.executable, "-m", "tests.support.parts", "--deep"]


def outcome(argv: list[str], text: str, directory: Path) -> tuple[int, bytes, dict[str, bytes]]:
    """Status, standard output and files; the directory is the same for all, since programs print its name."""
    shutil.rmtree(directory, ignore_errors=True)
    workspace = directory / "workspace"
    workspace.mkdir(parents=True)
    (directory / "home").mkdir()
    script = directory / "program.sh"
    script.write_text(text, encoding="utf-8")
    ran = cases.run([*argv, str(script)], workspace)
    return ran.status, ran.stdout, {path.name: path.read_bytes() for path in workspace.iterdir()}


@pytest.mark.parametrize("seed", range(8))
def test_random_programs_do_in_parts_what_they_do_whole(seed: int, tmp_path: Path) -> None:
    text = Program(seed).text
    assert outcome(PARTS, text, tmp_path / "run") == outcome(MSH, text, tmp_path / "run"), text


def main() -> int:
    """Each program that differs, with both outcomes; 1 when there is one."""
    first, count = int(sys.argv[1]), int(sys.argv[2])
    different = 0
    with tempfile.TemporaryDirectory() as directory:
        for seed in range(first, first + count):
            text = Program(seed).text
            parts, whole = [outcome(argv, text, Path(directory) / "run") for argv in (PARTS, MSH)]
            if parts != whole:
                different += 1
                print(f"== {seed}\n{text}-- whole\n{whole}\n-- parts\n{parts}\n")
    print(f"{different} of {count} programs differ")
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
