"""Which descriptors reach a step: 0, 1, 2 and those the script opened, never what msh inherited or holds itself."""

from __future__ import annotations

import fcntl
import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


#: The script's descriptors have their real numbers; what msh keeps open lies at or above this one, and the script
#: gets no number there. Scripts like 200 for locks (flock(1)); 1024 is the usual limit of open files.
FIRST_OWN = 512
NEEDED = 2 * FIRST_OWN  # open files that msh must be allowed


def ensure_room() -> None:
    """Raise this process's limit of open files where it leaves msh no numbers of its own. Raises MshError (MSH421)."""
    if os.sysconf("SC_OPEN_MAX") >= NEEDED:
        return
    import resource

    from msh.diagnostics import Diagnostic, MshError

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < NEEDED:
        message = f"the limit of open files is {hard}, and msh needs {NEEDED}"
        raise MshError(Diagnostic("MSH421", message, help=f"raise it where msh is started: `ulimit -n {NEEDED}`"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (NEEDED, hard))


def keep(number: int) -> int:
    """Move a descriptor of our own out of the script's way; closes the old number."""
    own = above(number, FIRST_OWN)
    os.close(number)
    return own


def close_inherited() -> None:
    """Close every descriptor above 2 that whoever started msh left open (`9<secret`).

    Called before msh opens anything inheritable: descriptors that Python opens are close-on-exec, so the inheritable
    ones are foreign. A script that names such a number gets `bad file descriptor`, as if it had never been open.
    """
    for name in os.listdir("/proc/self/fd"):
        number = int(name)
        if number > 2:
            try:
                if os.get_inheritable(number):
                    os.close(number)
            except OSError:
                continue  # the listing's own descriptor


def file_actions(wanted: Mapping[int, int], internal: Iterable[int]) -> tuple[list[tuple[int, int, int]], list[int]]:
    """What `posix_spawn` does so that the child has `wanted` (its number → our number) and `internal` as they are.

    Returns the actions and descriptors to close after the spawn: ours that stood in the way of a wanted number and were
    duplicated above all of them. Internal numbers must be above the wanted ones (see `above`).
    """
    spare: list[int] = []
    actions: list[tuple[int, int, int]] = []
    floor = max(wanted, default=2) + 1
    for number, ours in wanted.items():
        source = ours
        if ours != number and ours in wanted:
            source = above(ours, floor)
            spare.append(source)
        # Onto itself, glibc clears close-on-exec instead.
        actions.append((os.POSIX_SPAWN_DUP2, source, number))
    actions += [(os.POSIX_SPAWN_DUP2, ours, ours) for ours in internal]
    return actions, spare


def above(number: int, floor: int) -> int:
    """A close-on-exec duplicate whose number is at least `floor`."""
    return fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, floor)


def complete(fds: Mapping[int, int]) -> tuple[dict[int, int], list[int]]:
    """The step's descriptors with all of 0, 1 and 2, and what was opened for that.

    A standard descriptor that the script closed must not be free for a backend's own files to land on. /dev/null opened
    the wrong way round gives the same `bad file descriptor`. A directory is never passed: its `..` leads to the host's
    root.
    """
    wanted = {number: ours for number, ours in fds.items() if not stat.S_ISDIR(os.fstat(ours).st_mode)}
    opened = []
    for number, mode in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_RDONLY)):
        if number not in wanted:
            wanted[number] = os.open("/dev/null", mode | os.O_CLOEXEC)
            opened.append(wanted[number])
    return wanted, opened


def memory_file(data: bytes, name: str = "msh-words") -> int:
    """A file without a name that holds `data`, positioned at its beginning.

    A limit of file sizes (`ulimit -f`, `--limit disk`) is for the script's files, not for these; one that cannot be
    lifted is an OSError, never a file cut short.
    """
    number = os.memfd_create(name, os.MFD_CLOEXEC)
    resource = sys.modules.get("resource")  # else nobody can have set one
    limit = None if resource is None else resource.getrlimit(resource.RLIMIT_FSIZE)
    if resource is not None and limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit[1], limit[1]))
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(number, left) :]
    except OSError:
        os.close(number)
        raise
    finally:
        if resource is not None and limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    os.lseek(number, 0, os.SEEK_SET)
    return number
