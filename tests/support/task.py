"""msh as a worker runs it: `python -m tests.support.task [msh's arguments]`, with the backend `task`.

What a worker's machine denies is denied here first, to the whole process, by a filter of its own: namespaces, mounts,
and Landlock too unless MSH_TEST_LANDLOCK is set (Lambda's kernel has none). Nobody reaches the backend by
`--backend task`, so the settings are changed where msh has read them.
"""

from __future__ import annotations

import errno
import os
import sys
from struct import pack

from msh import cli, config
from msh.cli import run
from msh.sandbox import confine
from msh.sandbox.seccomp import ARCHITECTURES

_UNSHARE, _SETNS, _MOUNT, _CLONE, _CLONE3 = (272, 97), (308, 268), (165, 40), (56, 220), (435, 435)
_LANDLOCK = ((444, 444), (445, 445), (446, 446))
_NEW_NAMESPACES = 0x7E020000


def deny(*, landlock: bool) -> None:
    """Take from this process what Lambda's and Fargate's have not."""
    column = tuple(ARCHITECTURES).index(os.uname().machine)
    program = [(0x20, 0, 0, 0)]
    refused = [(call, errno.EPERM) for call in (_UNSHARE, _SETNS, _MOUNT)] + [(_CLONE3, errno.ENOSYS)]
    refused += [] if landlock else [(call, errno.ENOSYS) for call in _LANDLOCK]
    for call, code in refused:
        program += [(0x15, 0, 1, call[column]), (0x06, 0, 0, 0x50000 | code)]
    program += [(0x15, 0, 3, _CLONE[column]), (0x20, 0, 0, 16), (0x45, 0, 1, _NEW_NAMESPACES)]
    program += [(0x06, 0, 0, 0x50000 | errno.EPERM), (0x06, 0, 0, 0x7FFF0000)]
    confine.no_new_privileges()
    confine.filter_calls(b"".join([pack("HBBI", *instruction) for instruction in program]))


def as_worker() -> None:
    """Every run of this process uses the backend `task`."""
    deny(landlock="MSH_TEST_LANDLOCK" in os.environ)
    load = config.load_settings
    run.load_settings = lambda *arguments: load(*arguments).replace(backend="task")


if __name__ == "__main__":
    as_worker()
    sys.exit(cli.main())
