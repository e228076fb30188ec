"""The reader of case files: what it takes, and that it refuses what would make a case say less than it seems to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.cases import read_case_file

if TYPE_CHECKING:
    from pathlib import Path

TWO_CASES = """\
#### the first
echo one  ### MSH201 MSH202
echo two
## stdout:
one

two

## status: 3
## stderr-contains: a
## stderr-contains: b

#### the second
printf 'x'
## stdout-json: "x\\u0000\\udcff"
"""


def write(directory: Path, text: str) -> Path:
    path = directory / "x.test.sh"
    path.write_text(text)
    return path


def test_reads_cases(tmp_path: Path) -> None:
    first, second = read_case_file(write(tmp_path, TWO_CASES))
    assert (first.name, first.line) == ("the first", 1)
    assert first.script == "echo one  ### MSH201 MSH202\necho two\n"
    assert first.stdout == b"one\n\ntwo\n"
    assert first.sections["status"] == "3"
    assert first.sections["stderr-contains"] == "a\nb"
    assert first.on_lines == [(1, "MSH201"), (1, "MSH202")]
    assert (second.line, second.script, second.stdout) == (13, "printf 'x'\n", b"x\0\xff")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("echo x\n", "before the first", id="no name"),
        pytest.param("#### a\nx\n## stdot:\ny\n", "no section `stdot`", id="mistyped section"),
        pytest.param("#### a\nx\n## status: 0\n## status: 1\n", "a second `status`", id="section twice"),
        pytest.param("#### a\nx\n## status: 0\nstray\n", "text below `## status:`", id="text below a line"),
        pytest.param("#### a\nx\n#### a\ny\n", "two cases of one name", id="name twice"),
    ],
)
def test_refuses(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_case_file(write(tmp_path, text))
