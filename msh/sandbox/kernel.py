"""What parts of msh need of the kernel beyond what every step needs."""

from __future__ import annotations

import os

from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Need(Record):
    """A part that does not work on kernels before `since`."""

    part: str
    since: tuple[int, int]
    why: str


TRY = Need("`msh try` for ordinary users", (5, 11), "overlay mounts in user namespaces")
NATIVE = Need("`--backend native`", (5, 12), "mount_setattr(2)")
LANDLOCK = Need("the second wall of `--backend native`", (5, 13), "Landlock")
QUESTIONS = Need("questions, `--allow-net` and `--policy`", (5, 14), "descriptors handed to a step in one act")
PIDS = Need("limits of processes without cgroups", (5, 14), "RLIMIT_NPROC for each user namespace")
NEEDS = (TRY, NATIVE, LANDLOCK, QUESTIONS, PIDS)


def linux() -> tuple[int, int]:
    """This kernel's version."""
    import re

    found = re.match(r"(\d+)(?:\.(\d+))?", os.uname().release)
    return (int(found[1]), int(found[2] or 0)) if found else (0, 0)


def has(need: Need) -> bool:
    """Whether this kernel is new enough."""
    return linux() >= need.since


def missing() -> Iterator[Need]:
    """What does not work here."""
    from msh.sandbox import landlock

    for need in NEEDS:
        if not has(need) or (need is LANDLOCK and not landlock.version()):
            yield need


def lacks(need: Need) -> str:
    """What is missing, for people."""
    return f"{need.part}: {need.why}, since Linux {need.since[0]}.{need.since[1]}"
