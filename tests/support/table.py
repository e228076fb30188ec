"""The same scripts by four executors: the table that `./dev table` prints.

    ./dev table [WORDS...] [--skip EXECUTOR] [--sample N]

Each example and each case of `tests/cases/machine` runs by real bash, by msh, and compiled to a machine in process
(sfnx) and on the test engine (LocalStack). They have to agree in standard output, status and the files that they leave;
bash's are what is right, unless the case says why its own are (`## bash:`). WORDS choose by name.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from msh.diagnostics import MshError
from tests.support import cases, localstack
from tests.support.cases import Case
from tests.support.cloud import Cloud, FalseAnswer, Refused
from tests.support.machine import (
    Compiled,
    InProcess,
    OnEngine,
    Program,
    Runner,
    Unexpected,
    compile_script,
    read_files,
)

ROOT = Path(__file__).parent.parent.parent
EXECUTORS = ("bash", "msh", "sfnx", "localstack")


@dataclass(frozen=True)
class Subject:
    """One script of the table. `arguments`: msh's options; `expected`: what a case says, instead of bash."""

    name: str
    arguments: tuple[str, ...]
    stdin: str
    prepare: Callable[[Path], tuple[Path, Path]]  # workspace and script, in a fresh directory
    expected: Outcome | None = None


@dataclass(frozen=True)
class Outcome:
    """What a run came to; `problem` instead, when it came to nothing. `files` None: nobody knows."""

    status: int = 0
    stdout: bytes = b""
    files: frozenset[tuple[str, bytes]] | None = frozenset()
    problem: str = ""

    def same(self, other: Outcome) -> bool:
        """Whether two agree; files only where both are known."""
        if self.problem or other.problem:
            return False
        files = self.files is None or other.files is None or self.files == other.files
        return (self.status, self.stdout) == (other.status, other.stdout) and files

    def difference(self, other: Outcome) -> str:
        """The first thing in which this one differs from what is right."""
        if self.problem:
            return self.problem
        if self.status != other.status:
            return f"status {self.status} instead of {other.status}"
        if self.stdout != other.stdout:
            return f"printed {self.stdout[-300:]!r} instead of {other.stdout[-300:]!r}"
        ours, theirs = self.files or frozenset(), other.files or frozenset()
        return f"files: {sorted(ours - theirs)[:3]!r} instead of {sorted(theirs - ours)[:3]!r}"


def examples() -> Iterator[Subject]:
    """The scripts of `examples`, each in a copy of the directory."""
    for path in sorted((ROOT / "examples").glob("*.sh")):

        def prepare(directory: Path, name: str = path.name) -> tuple[Path, Path]:
            workspace = directory / "workspace"
            shutil.copytree(ROOT / "examples", workspace, ignore=shutil.ignore_patterns("__pycache__"))
            (directory / "home").mkdir()
            return workspace, Path(name)

        yield Subject(f"examples/{path.name}", (), "", prepare)


def machine_cases() -> Iterator[Subject]:
    """The cases of `tests/cases/machine`."""
    for case in cases.read_cases("machine"):

        def prepare(directory: Path, case: Case = case) -> tuple[Path, Path]:
            return cases.make_workspace(case, directory)

        expected = Outcome(int(case.section("status") or 0), case.stdout, None) if "bash" in case.sections else None
        name = case.id.removeprefix("machine/")
        yield Subject(name, tuple(cases.arguments(case)), case.section("stdin"), prepare, expected)


def subjects() -> list[Subject]:
    """All scripts of the table."""
    return [*examples(), *machine_cases()]


def by_shell(subject: Subject, argv: list[str], directory: Path) -> Outcome:
    """What a shell makes of it."""
    workspace, script = subject.prepare(directory)
    ran = cases.run([*argv, str(script)], workspace, subject.stdin)
    return Outcome(ran.status, ran.stdout, frozenset(read_files(workspace).items()))


def compiled(subject: Subject, directory: Path) -> Compiled:
    """The machine of it. Raises MshError when it is refused."""
    workspace, script = subject.prepare(directory)
    text = (workspace / script).read_bytes().decode("utf-8", "surrogateescape")
    stdin = subject.stdin.encode("utf-8", "surrogateescape")
    return compile_script(Program(str(script), text, workspace, stdin, options=subject.arguments))


def by_machine(machine: Compiled | MshError, runner: Runner) -> Outcome:
    """What a machine makes of it."""
    if isinstance(machine, MshError):
        return Outcome(problem="refused: " + "; ".join(f"{one.code} {one.message}" for one in machine.diagnostics))
    try:
        ran = runner.run(machine)
    except (MshError, Unexpected, FalseAnswer, Refused, TimeoutError) as error:
        return Outcome(problem=f"{type(error).__name__}: {error}"[:1000])
    return Outcome(ran.status, ran.stdout, frozenset(ran.files.items()))


class Table:
    """Runs subjects by the executors that are asked for."""

    def __init__(self, executors: tuple[str, ...], stack: ExitStack) -> None:
        self.executors = executors
        self._top = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="msh-table-")))
        self._runners: dict[str, Runner] = {}
        if "sfnx" in executors:
            self._runners["sfnx"] = stack.enter_context(InProcess(self._top / "sfnx"))
        if "localstack" in executors:
            subprocess.run([ROOT / "dev", "engine", "setup"], check=True)
            engine = stack.enter_context(localstack.shared(self._top / "engine"))
            self._runners["localstack"] = OnEngine(Cloud(engine.endpoint))

    def row(self, subject: Subject, number: int) -> dict[str, tuple[Outcome, float]]:
        """The outcome of each executor, and its seconds."""
        found = {}
        machine: Compiled | MshError | None = None
        for name in self.executors:
            directory = self._top / f"{number}-{name}"
            began = time.monotonic()
            if name in ("bash", "msh"):
                argv = ["bash"] if name == "bash" else [sys.executable, "-m", "msh", *subject.arguments]
                outcome = by_shell(subject, argv, directory)
            else:
                if machine is None:
                    machine = self._compiled(subject, directory)
                began = time.monotonic()
                outcome = by_machine(machine, self._runners[name])
            found[name] = (outcome, time.monotonic() - began)
        return found

    def _compiled(self, subject: Subject, directory: Path) -> Compiled | MshError:
        try:
            return compiled(subject, directory)
        except MshError as error:
            return error


def right(subject: Subject, row: dict[str, tuple[Outcome, float]]) -> Outcome:
    """What all have to agree with."""
    return subject.expected or row["bash"][0]


def main() -> int:
    """Print the table; 1 when anything differs."""
    parser = argparse.ArgumentParser(prog="./dev table", description="the same scripts by bash, msh and both engines")
    parser.add_argument("words", nargs="*", help="only scripts whose name holds one of these")
    parser.add_argument("--skip", action="append", default=[], choices=EXECUTORS[1:], help="leave an executor out")
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="only every Nth script")
    options = parser.parse_args()
    chosen = [one for one in subjects() if not options.words or any(word in one.name for word in options.words)]
    chosen = chosen[:: options.sample]
    executors = tuple([name for name in EXECUTORS if name not in options.skip])
    width = max([len(one.name) for one in chosen], default=0)
    print(f"{'':{width}}  " + "  ".join(f"{name:>12}" for name in executors))
    agree = dict.fromkeys(executors, 0)
    with ExitStack() as stack:
        table = Table(executors, stack)
        for number, subject in enumerate(chosen):
            row = table.row(subject, number)
            good = right(subject, row)
            cells, problems = [], []
            for name, (outcome, seconds) in row.items():
                same = outcome.same(good) or (name == "bash" and subject.expected is not None)
                agree[name] += same
                cells.append(f"{'ok' if same else 'DIFFERS':>7} {seconds * 1000:4.0f}")
                problems += [] if same else [f"    {name}: {outcome.difference(good)}"]
            print(
                "\n".join([f"{subject.name:{width}}  " + "  ".join(f"{cell:>12}" for cell in cells), *problems]),
                flush=True,
            )
    totals = "  ".join(f"{f'{count}/{len(chosen)}':>12}" for count in agree.values())
    print(f"{'scripts that agree (times in ms)':{width}}  {totals}")
    return int(any(count < len(chosen) for count in agree.values()) or not chosen)


if __name__ == "__main__":
    sys.exit(main())
