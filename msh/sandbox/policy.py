"""What one step may do, independent of the backend that enforces it."""

from __future__ import annotations

from msh.record import Record


class Mount(Record):
    """A host path made visible in a step's view of the file system at `target`."""

    source: str
    target: str
    writable: bool = False


class Limits(Record):
    """Upper bounds; None means the backend's default."""

    memory: int | None = None  # bytes
    cpu: float | None = None  # seconds
    pids: int | None = None
    files: int | None = None  # open descriptors
    output: int | None = None  # bytes


class Policy(Record):
    """The least a step needs. What is not said is denied."""

    argv: tuple[str, ...]  # argv[0] is the name the script used
    program: str  # path of the executable in the step's view; for images, the command in the image
    environment: tuple[tuple[str, str], ...]
    directory: str  # working directory, in the step's view
    mounts: tuple[Mount, ...] = ()  # on top of the base view
    network: bool = False
    limits: Limits = Limits()
    image: str = ""  # docker only


class Outcome(Record):
    """How a step ended, never by its number alone."""

    kind: str  # exit | signal | timeout | oom | cpu | pids | disk | output | denied | invalid
    status: int  # as the shell's $?
    detail: str = ""
