"""Spec cases of the Oils project (`spec/*.test.sh` of oils-for-unix/oils): read, and judged.

A file has cases, each begun by `#### name`: a script, then what it declares of its output, status and standard error. A
declaration may be for some shells only, with a qualifier: `OK` (right too), `BUG`, `N-I` (not implemented).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ACCEPTED = ("bash", "dash")  # shells whose `OK` counts
ANNOTATION = re.compile(r"##\s+(?:(OK|BUG|N-I)(?:-\d)?\s+(\S+)\s+)?([\w-]+):\s*(.*)", re.DOTALL)


@dataclass
class Outcome:
    """What a case gave, or (None: anything) should give."""

    status: int = 0
    stdout: bytes | None = None
    stderr: bytes | None = None

    def meets(self, wanted: Outcome) -> bool:
        """Whether it is what was wanted."""
        if self.status != wanted.status:
            return False
        return wanted.stdout in (None, self.stdout) and wanted.stderr in (None, self.stderr)


@dataclass
class Case:
    """A script and its declarations: by qualifier and shell, ("", "") for every shell."""

    id: str
    has_directory: bool  # the file says that its cases need a directory `_tmp`
    lines: list[str] = field(default_factory=list)
    declared: dict[tuple[str, str], dict[str, bytes]] = field(default_factory=dict)

    @property
    def script(self) -> bytes:
        return "".join(self.lines).encode("utf-8", "surrogateescape")

    def accepted(self) -> list[Outcome]:
        """The outcomes that are right."""
        default = self.declared.get(("", ""), {})
        right = [
            declared
            for (qualifier, shell), declared in self.declared.items()
            if qualifier == "OK" and shell.partition("-")[0] in ACCEPTED
        ]
        return [_outcome(default), *[_outcome({**default, **declared}) for declared in right]]


def _outcome(declared: dict[str, bytes]) -> Outcome:
    return Outcome(int(declared.get("status", b"0")), declared.get("stdout"), declared.get("stderr"))


def read_cases(path: Path) -> list[Case]:
    """The cases of one file. Lines that begin with `#` are comments everywhere, as they are for Oils' own runner."""
    cases: list[Case] = []
    has_directory = False
    block: list[tuple[dict[str, bytes], str]] = []  # what `STDOUT:` … `END` stands for
    for line in path.read_text("utf-8", "surrogateescape").splitlines(keepends=True):
        found = ANNOTATION.match(line)
        if line.startswith("####"):
            cases.append(Case(f"{path.name.removesuffix('.test.sh')}#{len(cases)}", has_directory))
            block = []
        elif found and not cases:
            has_directory |= found[3] == "legacy_tmp_dir"
        elif found:
            block = _declare(cases[-1], found[1] or "", (found[2] or "").split("/"), found[3], found[4])
        elif line.startswith("## END"):
            block = []
        elif cases and not line.lstrip().startswith("#"):
            if not block and not cases[-1].declared:
                cases[-1].lines.append(line)
            for declared, key in block:
                declared[key] += line.encode("utf-8", "surrogateescape")
    return cases


def _declare(case: Case, qualifier: str, shells: list[str], key: str, text: str) -> list[tuple[dict[str, bytes], str]]:
    """One annotation; what the lines after it belong to, when it begins a block."""
    if key == "code":
        case.lines = [text.rstrip("\n")]
        return []
    block = []
    for shell in shells:
        declared = case.declared.setdefault((qualifier, shell), {})
        if key in ("STDOUT", "STDERR"):
            declared[key.lower()] = b""
            block.append((declared, key.lower()))
        elif key.endswith("-json"):
            declared[key.removesuffix("-json")] = json.loads(text).encode("utf-8", "surrogateescape")
        else:
            declared[key] = (text if key in ("stdout", "stderr") else text.strip()).encode("utf-8", "surrogateescape")
    return block


def read_groups(path: Path) -> dict[str, list[str]]:
    """A list of spec files by group: `[group]`, then a name a line; `#` begins a comment."""
    groups: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        name = line.partition("#")[0].strip()
        if name.startswith("["):
            group = groups[name.strip("[]")] = []
        elif name:
            group.append(name)
    return groups
