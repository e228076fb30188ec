"""What the catalog says of the standard commands is what they do: each is run under strace and compared.

`python -m tests.support.specs` prints the same as a table, with what is said and not done.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from msh.catalog import Catalog
from msh.catalog.layers import TableLayer
from tests.support.specs import attempt, installed, lines, served
from tests.support.tree import make_tree

LEAST = 80  # commands that must be compared where the packages of tests/specs/packages.txt are installed


def strace_fault() -> str:
    """Why commands cannot be traced here, empty when they can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    ran = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True, text=True)
    return f"strace does not work here: {ran.stderr.strip()}" if ran.returncode else ""


FAULT = strace_fault()
pytestmark = pytest.mark.skipif(bool(FAULT), reason=FAULT)


@pytest.fixture(scope="module")
def tree() -> Iterator[Path]:
    """The files that commands work on; not in /tmp, which is every step's own."""
    with tempfile.TemporaryDirectory(prefix="msh-specs-", dir="/var/tmp") as directory:
        make_tree(Path(directory) / "tree")
        yield Path(directory) / "tree"


@pytest.fixture(scope="module")
def port(tree: Path) -> Iterator[int]:
    with served(tree) as port:
        yield port


CATALOG = Catalog()


@pytest.mark.parametrize("line", lines())
def test_a_command_does_only_what_its_spec_says(line: str, tree: Path, port: int) -> None:
    if installed(line.split()[0]) is None:
        pytest.skip(f"`{line.split()[0]}` is not installed")
    trial = attempt(line, CATALOG, tree, port)
    assert not trial.misses, f"{line}: done and not said: {'; '.join(trial.misses)}\n{trial.stderr}"


def test_enough_commands_are_compared() -> None:
    names = {line.split()[0] for line in lines()}
    present = {name for name in names if installed(name)}
    print(f"{len(present)} commands compared; not installed: {', '.join(sorted(names - present))}")
    assert len(present) >= LEAST


LIES = {
    "an output": ("sort", {"options": {"values": "o"}, "operands": "read"}, "sort -o out.txt a.txt", "write out.txt"),
    "an input": ("cat", {"operands": "text"}, "cat a.txt", "read a.txt"),
    "a listing": ("ls", {"operands": "read"}, "ls d", "list d"),
    "a removal": ("rm", {"operands": "write"}, "rm a.txt", "change a.txt"),
    "a rename": ("mv", {"operands": ["entry", "text"]}, "mv d/c.txt empty", "change empty/c.txt"),
    "a mode": ("chmod", {"operands": ["text", "read..."]}, "chmod 600 a.txt", "write a.txt"),
    "a program": ("xargs", {"operands": "read", "options": {"stop": True}}, "xargs cat < names", "run /usr/bin/cat"),
    "the network": ("curl", {"operands": "text"}, "curl -s http://127.0.0.1:@PORT/a.txt", "network"),
    "a made file": ("touch", {"operands": "change"}, "touch made", "write made"),
    "a foreign file": ("cat", {"operands": "text"}, "cat /var/lib/dpkg/status", "read /var/lib/dpkg/status"),
}


@pytest.mark.parametrize(("name", "table", "line", "miss"), LIES.values(), ids=LIES)
def test_a_spec_that_says_too_little_is_found_out(
    name: str, table: dict[str, object], line: str, miss: str, tree: Path, port: int
) -> None:
    catalog = Catalog([TableLayer("lie", {name: table})])
    assert miss in attempt(line, catalog, tree, port).misses
