"""What runs tasks: a *worker kind*, which commands it has, in which versions, and how large a task may be.

A kind is a TOML file (`kind_files.py`): `workers/*.toml` are msh's own, dated, with a source for each fact; `--worker
FILE.toml` takes one of the user's. The kind `host` is this machine, asked when it is needed: for emulators whose worker
is a local process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT = "lambda-zip"
HOST = "host"


class Range(Record):
    """A number that may be chosen: whole MB or seconds."""

    least: int
    most: int
    default: int


class Limits(Record):
    """Of one task: `memory` and `disk` in MB, `seconds`, `payload` and `package_bytes` in bytes."""

    memory: Range
    disk: Range
    seconds: Range
    payload: int
    processes: int
    package_bytes: int


class Offered(Record):
    """A command: the package it comes from, its version ("" when nobody knows), whether a source confirms it."""

    package: str
    version: str
    verified: bool


class Kind(Record):
    """One worker kind. `everything`: it has all host commands of the catalog, `commands` only says more of some.

    `absent` says for some commands which package would have them. `unbuilt` is why msh cannot deploy it, "" when it
    can.
    """

    name: str
    summary: str
    date: str
    package: str  # "zip" or "image"
    runtime: str  # of Lambda
    architecture: str
    network: bool
    limits: Limits
    commands: Mapping[str, Offered]
    absent: Mapping[str, str] = {}
    everything: bool = False
    unbuilt: str = ""

    def has(self, name: str) -> bool:
        """Whether a host command of this name is there."""
        return self.everything or name in self.commands
