"""Conformance: runs the Oils project's spec cases with msh and with bash, side by side.

    ./dev bench oils CHECKOUT                            all files
    ./dev bench oils CHECKOUT --cases IDS                the cases that a file names, FILE#INDEX a line
    ./dev bench oils CHECKOUT --list NAMES --group bash  the files of one group of a list

The bar is 99 % for `--cases` (meant for those that every shell passes), 92 % for a group named `posix`, else 87 %. A
case passes when output, status and, where it is declared, standard error are what the case declares, or declares `OK`
for bash or dash. `$SH` is the shell that is measured. Cases that msh refuses for a command that is not mapped are
counted apart: they are not wrong answers.

The helper programs that cases call are made here and mapped, with everything else in their directory, by a catalog.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.oils_cases import Case, Outcome, read_cases, read_groups
from bench.shells import BASH, install

BARS = {"cases": 0.99, "posix": 0.92}
BAR = 0.87
SECONDS = 10
PYTHON = "/usr/bin/python3"  # which every step sees
HELPERS = {
    "argv.py": (
        "import os, sys\nwords = [repr(os.fsencode(word))[1:] for word in sys.argv[1:]]\n"
        'os.write(1, ("[" + ", ".join(words) + "]\\n").encode())\n'
    ),
    "printenv.py": (
        "import os, sys\nfor name in sys.argv[1:]:\n"
        '    os.write(1, os.environb.get(os.fsencode(name), b"None") + b"\\n")\n'
    ),
    "stdout_stderr.py": (
        'import os, sys\nout, err, status = sys.argv[1:] + ["STDOUT", "STDERR", "0"][len(sys.argv) - 1 :]\n'
        'os.write(1, os.fsencode(out) + b"\\n")\nos.write(2, os.fsencode(err) + b"\\n")\nsys.exit(int(status))\n'
    ),
    "read_from_fd.py": (
        "import os, sys\nfor number in sys.argv[1:]:\n    try:\n        data = os.read(int(number), 1024)\n"
        '    except OSError as error:\n        sys.exit(f"FATAL: Error reading from fd {number}: {error}")\n'
        '    os.write(1, os.fsencode(number) + b": " + data)\n'
    ),
    "show_fd_table.py": (
        'import os\nfor number in os.listdir("/proc/self/fd/"):\n    try:\n'
        '        print(number, os.readlink("/proc/self/fd/" + number))\n'
        "    except OSError as error:\n        print(number, error)\n"
    ),
}
# Stands in for the Python 2 that cases call for one line: `print x`, and the repr of an argument's bytes.
PYTHON_2 = """\
import os, re, sys
class Text(str):
    def __repr__(self):
        return repr(os.fsencode(self))[1:]
if sys.argv[1:2] != ["-c"]:
    os.execv(sys.executable, [sys.executable, "-IS", *sys.argv[1:]])
code, sys.argv = sys.argv[2], ["-c", *map(Text, sys.argv[3:])]
exec(re.sub(r"print ([^;]*)", r"print(\\1)", code))
"""


class Bench:
    """A directory with the helper programs and the two shells."""

    def __init__(self, directory: Path, checkout: Path) -> None:
        self.programs = directory / "programs"
        self.programs.mkdir()
        self.checkout = checkout
        for path in (checkout / "spec/bin").glob("*"):
            if path.is_file():
                shutil.copy(path, self.programs)
        for name, text in HELPERS.items():
            self._program(name, f"#!{PYTHON} -IS\n{text}")
        self._program("python2", f"#!{PYTHON} -IS\n{PYTHON_2}")
        catalog = directory / "catalog.toml"
        names = ("SH", "TMP", "REPO_ROOT")
        allowed = [word for name in names for word in ("--allow-env", name)]
        read = ["--allow-read", str(checkout), "--allow-read", str(self.programs)]  # `#!/usr/bin/env python2` is there
        msh = install(directory, ["--catalog", str(catalog), *read, *allowed])
        directories = [checkout / "spec/bin", self.programs, checkout / "spec/testdata"]
        mapped = "".join([f'[[path]]\ndirectory = "{path}"\n\n' for path in directories if path.is_dir()])
        catalog.write_text(f'{mapped}[msh]\nlike = "bash"\nrun = {{ host = "{msh}" }}\n')
        self.shells = {"msh": msh, "bash": BASH}

    def _program(self, name: str, text: str) -> None:
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    def outcome(self, case: Case, shell: str) -> Outcome | None:
        """What a case gives in a directory of its own; None when it does not end in time."""
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
            if case.has_directory:
                os.mkdir(os.path.join(directory, "_tmp"))
            environment = {
                "PATH": f"{self.programs}:/usr/bin:/bin",
                "LC_ALL": "C.UTF-8",
                "TMP": directory,
                "SH": self.shells[shell],
                "REPO_ROOT": str(self.checkout),
                "LOCALE_ARCHIVE": "",
                "OILS_GC_ON_EXIT": "",
            }
            process = subprocess.Popen(
                [self.shells[shell]],
                cwd=directory,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            try:
                out, err = process.communicate(case.script, SECONDS)
                return Outcome(process.returncode, out, err)
            except subprocess.TimeoutExpired:
                return None
            finally:
                _end(process)

    def verdict(self, case: Case, shell: str) -> str:
        """pass, refused or fail."""
        outcome = self.outcome(case, shell)
        if outcome is None:
            return "fail"
        if any(outcome.meets(wanted) for wanted in case.accepted()):
            return "pass"
        return "refused" if b"error[MSH201]" in (outcome.stderr or b"") else "fail"


def _end(process: subprocess.Popen[bytes]) -> None:
    """The shell, and what it has left behind."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None and not stream.closed:
            stream.close()


def chosen(options: argparse.Namespace) -> list[Case]:
    """The cases that the options name."""
    paths = sorted((options.checkout / "spec").glob("*.test.sh"))
    if options.group:
        names = {f"{name}.test.sh" for name in read_groups(options.list)[options.group]}
        paths = [path for path in paths if path.name in names]
    cases = [case for path in paths for case in read_cases(path)]
    if options.cases is None:
        return cases
    lines = [line.strip() for line in options.cases.read_text().splitlines()]
    wanted = {line for line in lines if line and line[:2] != "//"}
    return [case for case in cases if case.id in wanted]


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--cases", type=Path, metavar="IDS")
    parser.add_argument("--list", type=Path, metavar="NAMES")
    parser.add_argument("--group")
    parser.add_argument("--bar", type=float, help="the share that has to pass, when not the usual one")
    options = parser.parse_args()
    options.checkout = options.checkout.resolve()
    if bool(options.group) != bool(options.list):
        parser.error("--group names a group of --list")
    return options


def main() -> int:
    """Run and print; 1 when the bar is missed."""
    options = read_options()
    cases = chosen(options)
    bar = options.bar or BARS.get("cases" if options.cases else options.group or "", BAR)
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(2) as pool:
        os.chmod(directory, 0o755)
        bench = Bench(Path(directory), options.checkout)
        ours, theirs = (list(pool.map(lambda case: bench.verdict(case, shell), cases)) for shell in bench.shells)  # noqa: B023  used up at once
    for case, verdict, bash in zip(cases, ours, theirs, strict=True):
        if verdict != "pass":
            print(f"{verdict}: {case.id}" + ("" if bash == "pass" else " (bash fails too)"))
    share, bash_share = (column.count("pass") / len(cases) for column in (ours, theirs))
    counts = ", ".join(f"{count} {what}" for what, count in collections.Counter(ours).most_common())
    print(f"oils: {counts}; bash passes {bash_share:.1%}, msh {share / bash_share:.3f} times that")
    print(f"oils: {share:.1%} of {len(cases)} cases pass (bar {bar:.0%})")
    return int(share < bar)


if __name__ == "__main__":
    sys.exit(main())
