"""Cases in files: `tests/cases/AREA/NAME.test.sh`, one idea a case.

    #### name of the case
    script text
    ## stdout:
    expected text, exact, to the next `## ` line; blank lines at the end do not count (else use stdout-json)
    ## status: 0

Sections with text below them: `stdout`, `stdin`, `diagnostics`, `tree`, `grants`, `plan`. Sections on one line:
`status: N`, `stdout-json: "bytes\\u0000\\udcff"` or `[["text\\n", times], …]`, `stderr-contains: words` (repeatable),
`args: --msh --options`, `files: {"name": "text", "name": {"link": "target"}}` (in the case's fresh workspace; with a
shebang it is executable), `bash: differs because …` (real bash is not asked). A code on its own line,
`gerp x  ### MSH201`, is an expectation too.

A case says all that is expected: without `stdout` nothing may be printed, without `diagnostics` nothing may be found.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

DIRECTORY = Path(__file__).parent.parent / "cases"
SECTION = re.compile(r"## ([a-z][a-z-]*):(?: (.*))?")
TEXTS = ("stdout", "stdin", "diagnostics", "tree", "grants", "plan", "asl")
LINES = ("status", "stdout-json", "stderr-contains", "args", "files", "bash")
ON_LINE = re.compile(r"###((?: MSH\d{3})+)\s*$")
SECONDS = 60


@dataclass(frozen=True)
class Case:
    """One case; `sections` holds the text of each section, of a repeated one its lines."""

    path: Path
    line: int
    name: str
    script: str
    sections: dict[str, str]

    @property
    def id(self) -> str:
        """`run/redirect.test.sh:12:name`"""
        return f"{self.path.relative_to(DIRECTORY)}:{self.line}:{self.name}"

    def section(self, name: str) -> str:
        """A section's text, empty when it is not there."""
        return self.sections.get(name, "")

    @property
    def stdout(self) -> bytes:
        """The standard output that is expected."""
        if "stdout-json" in self.sections:
            given = json.loads(self.sections["stdout-json"])
            text = given if isinstance(given, str) else "".join([part * times for part, times in given])
            return text.encode("utf-8", "surrogateescape")
        return self.section("stdout").encode("utf-8", "surrogateescape")

    @property
    def on_lines(self) -> list[tuple[int, str]]:
        """Line and code of each expectation that stands on its line."""
        return [
            (number, code)
            for number, line in enumerate(self.script.split("\n"), 1)
            if (found := ON_LINE.search(line))
            for code in found[1].split()
        ]


def read_cases(area: str) -> list[Case]:
    """All cases of an area (`parse`, `resolve`, `plan`, `run`, …), in the order of their files."""
    return [case for path in sorted((DIRECTORY / area).rglob("*.test.sh")) for case in read_case_file(path)]


def sample(found: list[Case], every: int) -> list[Case]:
    """About one of so many cases, all with MSH_SLOW; which ones does not depend on the others."""
    return found if "MSH_SLOW" in os.environ else [case for case in found if crc32(case.name.encode()) % every == 0]


def read_case_file(path: Path) -> list[Case]:
    """The cases of one file. Raises `ValueError` with the place of what is not in the format."""
    cases = []
    lines = path.read_text("utf-8", "surrogateescape").split("\n")
    starts = [number for number, line in enumerate(lines) if line.startswith("#### ")]
    if not starts or any(line.strip() for line in lines[: starts[0]] if not line.startswith("# ")):
        raise ValueError(f"{path}: text before the first `#### name`")
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        cases.append(_read_case(path, start, lines[start:end]))
    names = [case.name for case in cases]
    if doubles := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{path}: two cases of one name: {doubles}")
    return cases


def _read_case(path: Path, start: int, lines: list[str]) -> Case:
    texts: dict[str, list[str]] = {"": []}
    open_section = ""
    for number, line in enumerate(lines[1:], start + 2):
        found = SECTION.fullmatch(line)
        if not found:
            if open_section in LINES and line.strip():
                raise ValueError(f"{path}:{number}: text below `## {open_section}:`, which has its own on the line")
            texts[open_section].append(line)
            continue
        open_section, value = found[1], found[2] or ""
        if open_section not in TEXTS + LINES:
            raise ValueError(f"{path}:{number}: no section `{open_section}`")
        if open_section in texts and open_section != "stderr-contains":
            raise ValueError(f"{path}:{number}: a second `{open_section}`")
        texts.setdefault(open_section, []).extend([value] if open_section in LINES else [])
    sections = {name: _text(text) if name in TEXTS else "\n".join(text).strip("\n") for name, text in texts.items()}
    script = _text(texts[""])
    sections.pop("")
    return Case(path, start + 1, lines[0].removeprefix("#### ").strip(), script, sections)


def _text(lines: list[str]) -> str:
    text = "\n".join(lines).rstrip("\n")
    return text + "\n" if text else ""


@dataclass(frozen=True)
class Ran:
    """What a process left."""

    status: int
    stdout: bytes
    stderr: bytes


def make_workspace(case: Case, directory: Path) -> tuple[Path, Path]:
    """A fresh workspace with the case's files, and its script beside it (not in it, where a glob would find it)."""
    workspace = directory / "workspace"
    workspace.mkdir(parents=True)
    (directory / "home").mkdir()
    script = directory / "case.sh"
    script.write_bytes(case.script.encode("utf-8", "surrogateescape"))
    for name, content in json.loads(case.section("files") or "{}").items():
        path = workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict):
            path.symlink_to(content["link"])
        else:
            path.write_bytes(content.encode("utf-8", "surrogateescape"))
            path.chmod(0o755 if content.startswith("#!") else 0o644)
    return workspace, script


def environment(directory: Path) -> dict[str, str]:
    """What a case's process inherits: nothing of the machine that runs the tests decides a result."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(directory / "home"),
        "XDG_CONFIG_HOME": str(directory / "home/.config"),
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(DIRECTORY.parent.parent),
    }


def run(argv: list[str], workspace: Path, stdin: str = "", seconds: float = SECONDS) -> Ran:
    """Run a program in the workspace; its whole process group ends with it when it takes too long."""
    with subprocess.Popen(
        argv,
        cwd=workspace,
        env=environment(workspace.parent),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(stdin.encode("utf-8", "surrogateescape"), seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            err += f"\n[ended after {seconds} s]".encode()
    return Ran(process.returncode if process.returncode >= 0 else 128 - process.returncode, out, err)


def arguments(case: Case) -> list[str]:
    """The case's extra msh options."""
    return shlex.split(case.section("args"))
