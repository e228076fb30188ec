"""Random programs, compiled to state machines and run in process: the same bytes, status and files as bash, or refused.

`python -m tests.fuzz.test_machine FIRST COUNT` runs COUNT programs from seed FIRST on, shows what differs, and counts
what was refused by the codes of its reasons; with `--reduce` what differs is made as small as it can be first.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sfnx import testing

from msh.catalog import Catalog
from msh.diagnostics import MshError
from msh.resolve import resolve
from msh.source import Source
from msh.syntax import parse
from tests.support import cases
from tests.support.machine import InProcess, Program, Unexpected, compile_script, read_files
from tests.support.machine_programs import MachineProgram
from tests.support.reduce import reduced

COUNT = 30  # in the test; 2,000 and more by hand
MSH = [sys.executable, "-m", "msh"]
NAME = "program.sh"
HOME = "/home/somebody"
SECONDS = 60


class Refused(Exception):
    """The program does not compile; `codes` say why."""

    def __init__(self, error: MshError) -> None:
        super().__init__("; ".join([f"{one.code} {one.message}" for one in error.diagnostics]))
        self.codes = sorted({one.code for one in error.diagnostics if one.severity == "error"})


class Spoiled(Exception):
    """bash misread the program: there is nothing to compare with.

    It prints the text of `$( )` anew and parses that, and then `(x \\ )` has lost its blank. It also runs the EXIT trap
    in a stage of a pipeline that an unset variable ends under `set -u`; the programs do not have both.
    """


class Both:
    """Runs programs by a shell and as machines; a context manager around one warm worker."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._machines = InProcess(directory / "machines")
        self._number = 0
        self.states = 0  # entered by all machines so far

    def __enter__(self) -> Both:
        return self

    def __exit__(self, *_: object) -> None:
        self._machines.__exit__(None, None, None)

    def shell(self, text: str, shell: list[str] | None = None) -> str:
        """What a shell makes of a program."""
        workspace = self._workspace()
        script = workspace.parent / NAME  # not where a glob would find it
        script.write_text(text, encoding="utf-8")
        ran = cases.run(["env", f"HOME={HOME}", *(shell or ["bash"]), str(script)], workspace, "", SECONDS)
        if b"command substitution: line" in ran.stderr and b"syntax error near" in ran.stderr:
            raise Spoiled
        return _shown(ran.status, ran.stdout, read_files(workspace), workspace)

    def machine(self, text: str) -> str:
        """What the compiled machine makes of it. Raises Refused."""
        workspace = self._workspace()
        environment = {**cases.environment(workspace.parent), "HOME": HOME}
        try:
            compiled = compile_script(Program(NAME, text, workspace, environment=environment))
        except MshError as error:
            raise Refused(error) from None
        try:
            ran = self._machines.run(compiled)
        except (Unexpected, MshError, testing.Failure) as error:
            return f"{type(error).__name__}: {error}"
        self.states += ran.steps
        return _shown(ran.status, ran.stdout, ran.files, Path("/tmp/msh/workspace"))

    def _workspace(self) -> Path:
        self._number += 1
        workspace = self._directory / str(self._number) / "workspace"
        workspace.mkdir(parents=True)
        return workspace


def _shown(status: int, stdout: bytes, files: dict[str, bytes], workspace: Path) -> str:
    """All that can be seen, as text; where the workspace lies is no difference."""
    pieces = [b"status %d\n" % status, stdout, *[f"\n-- {name}\n".encode() + data for name, data in files.items()]]
    text = b"".join(pieces).decode("utf-8", "backslashreplace")
    return text.replace(str(workspace), "PLACE").replace(str(workspace).upper(), "PLACE")


def difference(both: Both, text: str) -> str:
    """Both outcomes where they differ, else empty. Raises Refused."""
    machine = both.machine(text)
    bash = both.shell(text)
    return "" if bash == machine else f"--- bash\n{bash}\n--- machine\n{machine}\n"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    with Both(tmp_path_factory.mktemp("both")) as made:
        yield made


@pytest.mark.parametrize("seed", range(COUNT))
def test_a_machine_does_what_bash_does(seed: int, both: Both) -> None:
    text = MachineProgram(seed).text
    try:
        found = difference(both, text)
    except (Refused, Spoiled) as reason:
        pytest.skip(str(reason) or "bash misreads it")
    assert not found, f"{text}\n{found}"


def _differs(both: Both) -> Callable[[str], bool]:
    """Whether a program is one whose machine differs, by a fault of the machine alone where msh itself is right."""
    catalog = Catalog()

    def differs(text: str) -> bool:
        source = Source(NAME, text)
        if resolve(parse(source), source, catalog).diagnostics:
            return False
        try:
            found = difference(both, text)
        except (Refused, Spoiled, subprocess.SubprocessError):
            return False
        return bool(found) and "BASH_VERSION" not in found and "allexport" not in found

    return differs


def main() -> int:
    """The command line; 1 when anything differs."""
    first, count = int(sys.argv[1]), int(sys.argv[2])
    wrong: list[int] = []
    interpreter: list[int] = []
    refused: Counter[str] = Counter()
    spoiled: list[int] = []
    with tempfile.TemporaryDirectory(prefix="msh-machines-") as directory, Both(Path(directory)) as both:
        for seed in range(first, first + count):
            text = MachineProgram(seed).text
            try:
                found = difference(both, text)
            except Refused as error:
                refused[" ".join(error.codes)] += 1
                print(f"refused {seed}: {error}", flush=True)
                continue
            except Spoiled:
                spoiled.append(seed)
                continue
            if not found:
                continue
            itself = both.shell(text) != both.shell(text, MSH)
            (interpreter if itself else wrong).append(seed)
            if "--reduce" in sys.argv:
                text = reduced(text, _differs(both))
                found = difference(both, text)
            print(f"===== {seed}{' (msh itself too)' if itself else ''}\n{text}{found}", flush=True)
        compiled = count - refused.total()
        print(f"{count} programs, {compiled} compiled ({100 * compiled / count:.1f} %), {both.states} states entered")
        print(f"{len(wrong)} wrong: {wrong}; {len(interpreter)} where msh itself differs: {interpreter}")
        print(f"{len(spoiled)} that bash itself misreads: {spoiled}")
        for codes, number in refused.most_common():
            print(f"{number} refused: {codes}")
    return int(bool(wrong or interpreter))


if __name__ == "__main__":
    sys.exit(main())
