"""How many real scripts parse, and how fast: `./dev bench corpus DIRECTORY...`

The corpus is every `*.sh` below the directories that `bash -n` accepts, equal texts counted once (checkouts of
oils-for-unix/oils, binpash/pash and kbensh/koala, for instance). A script that bash accepts must parse or be refused
with a diagnostic; any other exception is a defect. Speed is compared with bashlex, a parser of the same kind (LALR
tables, pure Python), file by file in turn, each parser's bytes counted where it succeeds.
"""

from __future__ import annotations

import collections
import hashlib
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import bashlex

from msh.diagnostics import MshError
from msh.source import Source, decode
from msh.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Callable

PARSED_BAR = 0.98
SPEED_BAR = 1.5
LIMIT = 10  # seconds for one file


class Speed:
    """Bytes parsed and the CPU time they took."""

    def __init__(self) -> None:
        self.files = self.bytes = 0
        self.seconds = 0.0

    def run(self, parser: Callable[[], object], size: int, refusals: tuple[type[BaseException], ...]) -> str:
        """Parse once more; "" or the name of the refusal."""
        start = time.process_time()
        try:
            parser()
        except refusals as error:
            return str(error.args[0]) if error.args else type(error).__name__
        self.seconds += time.process_time() - start
        self.files += 1
        self.bytes += size
        return ""

    def rate(self) -> float:
        """KB a second."""
        return self.bytes / 1000 / self.seconds if self.seconds else 0.0


def scripts(directories: list[str]) -> list[Path]:
    """The corpus."""
    found: dict[bytes, Path] = {}
    for directory in directories:
        for path in sorted(Path(directory).rglob("*.sh")):
            if path.is_file() and not path.is_symlink():
                found.setdefault(hashlib.sha256(path.read_bytes()).digest(), path)
    return [p for p in found.values() if subprocess.run(["bash", "-n", p], capture_output=True).returncode == 0]


def stop(number: int, frame: object) -> NoReturn:
    """A file took too long."""
    raise TimeoutError(f"longer than {LIMIT} s")


def main(directories: list[str]) -> int:
    """Measure and print; 1 when a bar is missed."""
    signal.signal(signal.SIGALRM, stop)
    ours, theirs, refused = Speed(), Speed(), collections.Counter[str]()
    corpus = scripts(directories)
    for path in corpus:
        text = decode(path.read_bytes())
        size = path.stat().st_size
        signal.alarm(LIMIT)
        reason = ours.run(lambda text=text, path=path: parse(Source(str(path), text)), size, (MshError,))
        if reason:
            refused[reason] += 1
            print(f"refused: {path}: {reason}")
        signal.alarm(LIMIT)
        plain = text.encode("utf-8", "replace").decode()
        # bashlex raises all sorts of exceptions for what it does not know
        theirs.run(lambda text=plain: bashlex.parse(text), size, (Exception,))
        signal.alarm(0)
    share = ours.files / len(corpus)
    ratio = ours.rate() / theirs.rate()
    print(f"corpus: {ours.files} of {len(corpus)} scripts parsed, {share:.1%} (bar {PARSED_BAR:.0%})")
    print(
        f"speed: msh {ours.rate():.0f} KB/s, bashlex {theirs.rate():.0f} KB/s on the {theirs.files} that it parses:"
        f" {ratio:.2f} times (bar {SPEED_BAR})"
    )
    return int(share < PARSED_BAR or ratio < SPEED_BAR)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: ./dev bench corpus DIRECTORY...")
    sys.exit(main(sys.argv[1:]))
