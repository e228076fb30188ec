"""Conformance: `./dev bench oils CHECKOUT [CASES]` runs the Oils project's spec cases with msh.

The cases are theirs (`spec/*.test.sh` of oils-for-unix/oils) and are read from a checkout. CASES is a file with one
`FILE#INDEX` a line (`//` begins a comment), for instance those that every common shell passes; without it all cases of
all files run. A case passes when standard output and status are what it declares, or what it declares `OK` for bash or
dash. Cases that msh refuses for a command that is not mapped are counted apart: they are not wrong answers.

The helper programs that cases call are made here and mapped, with everything else in their directory, by a catalog.
"""

from __future__ import annotations

import collections
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

BAR = 0.90
SECONDS = 10
SHELLS = ("bash", "dash")
ANNOTATION = re.compile(r"## (?:(OK|BUG|N-I)(?:-\d)? (\S+) )?([\w-]+):[ ]?(.*)")
HELPERS = {
    "argv.py": 'import os, sys\nprint("[" + ", ".join(repr(os.fsencode(a))[1:] for a in sys.argv[1:]) + "]")\n',
    "printenv.py": 'import os, sys\nfor name in sys.argv[1:]:\n    print(os.environ.get(name, "None"))\n',
    "stdout_stderr.py": (
        'import sys\nout, err, status = (sys.argv[1:] + ["STDOUT", "STDERR", "0"][len(sys.argv) - 1:])\n'
        "print(out, flush=True)\nprint(err, file=sys.stderr)\nsys.exit(int(status))\n"
    ),
    "read_from_fd.py": (
        'import os, sys\nfor fd in sys.argv[1:]:\n    print(fd + ": " + os.read(int(fd), 1024).decode(), end="")\n'
    ),
}


@dataclass
class Case:
    """A script and what it declares: by qualifier and shell, ("", "") for every shell."""

    id: str
    code: str
    has_directory: bool = False  # the file says that its cases need a directory `_tmp`
    expected: dict[tuple[str, str], dict[str, str]] = field(default_factory=lambda: {("", ""): {}})


def read_cases(path: Path) -> list[Case]:
    """The cases of one spec file."""
    cases: list[Case] = []
    has_directory = False
    block: list[str] | None = None
    for line in path.read_text("utf-8", "surrogateescape").splitlines(keepends=True):
        if line.startswith("####"):
            cases.append(Case(f"{path.name.removesuffix('.test.sh')}#{len(cases)}", "", has_directory))
            block = None
        elif not cases:
            has_directory |= line.startswith("## legacy_tmp_dir: yes")
        elif found := ANNOTATION.match(line):
            block = _declare(cases[-1], found[1] or "", (found[2] or "").split("/"), found[3], found[4])
        elif line.startswith("## END"):
            block = None
        elif not line.startswith("##") and not line.lstrip().startswith("#"):
            if block is None and not cases[-1].expected[("", "")] and len(cases[-1].expected) == 1:
                cases[-1].code += line
            elif block is not None:
                block.append(line)
    return cases


class _Block(list[str]):
    """The lines of `## STDOUT:` … `## END`, which several shells may share."""


def _declare(case: Case, qualifier: str, shells: list[str], key: str, text: str) -> list[str] | None:
    lines = _Block() if key in ("STDOUT", "STDERR") else None
    for shell in shells:
        target = case.expected.setdefault((qualifier, shell), {})
        if lines is not None:
            target[key.lower()] = lines  # type: ignore[assignment]  # joined when the case is judged
        elif key == "code":
            case.code = text
        elif key.endswith("-json"):
            target[key.removesuffix("-json")] = json.loads(text)
        else:
            target[key] = text.strip() if key == "status" else text + "\n"
    return lines


def verdict(case: Case, status: int, stdout: str, stderr: str) -> str:
    """pass, refused or fail."""
    default = case.expected[("", "")]
    accepted = [default] + [
        default | declared
        for (qualifier, shell), declared in case.expected.items()
        if qualifier == "OK" and shell.startswith(SHELLS)
    ]
    for declared in accepted:
        wanted = declared.get("stdout")
        wanted = "".join(wanted) if isinstance(wanted, _Block) else wanted
        if status == int(declared.get("status", "0")) and wanted in (None, stdout):
            return "pass"
    return "refused" if "error[MSH201]" in stderr else "fail"


def run(case: Case, programs: Path, catalog: Path) -> tuple[Case, str]:
    """Run one case in a directory of its own."""
    msh = os.path.join(os.path.dirname(sys.executable), "msh")
    with tempfile.TemporaryDirectory() as directory:
        if case.has_directory:
            os.mkdir(os.path.join(directory, "_tmp"))
        environment = {"PATH": f"{programs}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TMP": directory, "SH": "bash"}
        process = subprocess.Popen(
            [msh, "--catalog", str(catalog), "--allow-env", "TMP", "--allow-env", "SH"],
            cwd=directory,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            out, err = process.communicate(case.code.encode("utf-8", "surrogateescape"), SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()  # and not for the end of its output, which something it left behind may hold open
            return case, "fail"
    text = out.decode("utf-8", "surrogateescape")
    return case, verdict(case, process.returncode, text, err.decode("utf-8", "replace"))


def chosen(checkout: Path, names: str | None) -> list[Case]:
    """All cases, or those that the file names."""
    cases = [case for path in sorted((checkout / "spec").glob("*.test.sh")) for case in read_cases(path)]
    if names is None:
        return cases
    wanted = {line.strip() for line in Path(names).read_text().splitlines() if line.strip() and line[:2] != "//"}
    return [case for case in cases if case.id in wanted]


def main(checkout: str, names: str | None = None) -> int:
    """Run and print; 1 when the bar is missed."""
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(2) as pool:
        programs = Path(directory, "bin")
        programs.mkdir()
        for name, text in HELPERS.items():
            (programs / name).write_text(f"#!/usr/bin/python3 -IS\n{text}")
            (programs / name).chmod(0o755)
        catalog = Path(directory, "catalog.toml")
        catalog.write_text(f'[[path]]\ndirectory = "{programs}"\n')
        results = list(pool.map(lambda case: run(case, programs, catalog), chosen(Path(checkout), names)))
    for case, result in results:
        if result != "pass":
            print(f"{result}: {case.id}")
    counts = collections.Counter(result for _, result in results)
    share = counts["pass"] / len(results)
    print(f"oils: {dict(counts)}, {share:.1%} of {len(results)} cases pass (bar {BAR:.0%})")
    return int(share < BAR)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: ./dev bench oils CHECKOUT [CASES]")
    sys.exit(main(*sys.argv[1:]))
