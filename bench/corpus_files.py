"""The scripts below some directories that `bash -n` accepts: the corpus that the parser is measured on."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from msh.source import Source, decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LARGEST = 1 << 20


def scripts(directories: Sequence[str]) -> Iterator[Source]:
    """Every distinct `*.sh`, of at most 1 MiB."""
    seen: set[bytes] = set()
    for directory in directories:
        for base, _, names in sorted(os.walk(directory)):
            for name in sorted(names):
                path = os.path.join(base, name)
                if not name.endswith(".sh") or name.endswith(".test.sh") or not os.path.isfile(path):
                    continue
                with open(path, "rb") as file:
                    data = file.read()
                if data.strip() and data not in seen and len(data) <= LARGEST:
                    seen.add(data)
                    yield Source(path, decode(data), path)


def bash_accepts(path: str) -> bool:
    """Whether `bash -n` finds no mistake in a file."""
    quiet = subprocess.DEVNULL
    return subprocess.run(["bash", "-n", path], stdin=quiet, stderr=quiet, check=False).returncode == 0
