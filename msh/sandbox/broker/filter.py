"""Which system calls of a step wait for the broker, as classic BPF (seccomp(2)).

This filter is installed before the sandbox is made, beneath the one of `seccomp.py`: where that one refuses, its answer
counts (seccomp(2): of several filters the most restrictive action). So it says nothing about what it does not name.
"""

from __future__ import annotations

import os
from struct import pack

from msh.sandbox.backend import HANDOVER
from msh.sandbox.seccomp import ALLOWED, ARCHITECTURES, search

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.sandbox.seccomp import Body

_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _NOTIFY, _KILL = 0x7FFF0000, 0x7FC00000, 0x80000000
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16
_EMPTY_PATH = 0x1000

#: Calls that open a file or look at it: number on (x86_64, aarch64), None where it does not exist.
FILES: dict[str, tuple[int | None, int | None]] = {
    "openat": (257, 56),
    "open": (2, None),
    "openat2": (437, 437),
    "creat": (85, None),
    "newfstatat": (262, 79),
    "stat": (4, None),
    "lstat": (6, None),
    "statx": (332, 291),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "getxattr": (191, 8),
    "lgetxattr": (192, 9),
    "listxattr": (194, 11),
    "llistxattr": (195, 12),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "chdir": (80, 49),
}
#: Calls that change a name or what it leads to.
ENTRIES: dict[str, tuple[int | None, int | None]] = {
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "rmdir": (84, None),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "link": (86, None),
    "linkat": (265, 37),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "chmod": (90, None),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utimensat": (280, 88),
    "truncate": (76, 45),
    "mknod": (133, None),
    "mknodat": (259, 33),
}
#: With AT_EMPTY_PATH they look at a descriptor that the step has, which is nobody's business: name → argument of flags.
_EMPTY = {"newfstatat": 3, "statx": 2, "faccessat2": 3}
_ADDRESS, _FLAGS = 4, 2  # arguments of sendto(2), sendmsg(2)
#: The program that the step is for: its execution is when the sandbox is complete.
EXECUTION: dict[str, tuple[int | None, int | None]] = {"execve": (59, 221), "execveat": (322, 281)}
#: Calls that may name an address to send to. The messages of the last two lie in memory, which no filter sees. What is
#: not noticed leads nowhere (datagrams.py): asking is all that waits for these.
SENDING: dict[str, tuple[int | None, int | None]] = {"sendto": (44, 206), "sendmsg": (46, 211), "sendmmsg": (307, 269)}
NETWORK: dict[str, tuple[int | None, int | None]] = {"connect": (42, 203), "listen": (50, 201), **SENDING}

_ASK = (_RETURN, 0, 0, _NOTIFY)
_BODIES: dict[str, Body] = {
    **{
        name: ((_LOAD, 0, 0, _ARGUMENTS + 8 * flags), (_ANY_BIT, 0, 1, _EMPTY_PATH), ALLOWED, _ASK)
        for name, flags in _EMPTY.items()
    },
    "sendto": (  # as send(3) and sendto(2) on what is connected: no address
        (_LOAD, 0, 0, _ARGUMENTS + 8 * _ADDRESS),
        (_EQUAL, 0, 2, 0),
        (_LOAD, 0, 0, _ARGUMENTS + 8 * _ADDRESS + 4),
        (_EQUAL, 1, 0, 0),
        _ASK,
        ALLOWED,
    ),
    # but for the one that sends the listener: until then nobody answers
    "sendmsg": ((_LOAD, 0, 0, _ARGUMENTS + 8 * _FLAGS), (_EQUAL, 1, 0, HANDOVER), _ASK, ALLOWED),
}


def calls(files: bool, network: bool) -> dict[str, tuple[int | None, int | None]]:
    """The calls that wait."""
    return {**EXECUTION, **({**FILES, **ENTRIES} if files else {}), **(NETWORK if network else {})}


def numbers(machine: str, files: bool, network: bool) -> dict[int, str]:
    """The same by number."""
    column = tuple(ARCHITECTURES).index(machine)
    return {number: name for name, both in calls(files, network).items() if (number := both[column]) is not None}


def notify_filter(machine: str, *, files: bool, network: bool) -> bytes:
    """The program for one machine (`os.uname().machine`)."""
    program = [(_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, ARCHITECTURES[machine]), (_RETURN, 0, 0, _KILL)]
    program.append((_LOAD, 0, 0, _NUMBER))
    program += search({number: _BODIES.get(name, (_ASK,)) for number, name in numbers(machine, files, network).items()})
    return b"".join([pack("HBBI", *instruction) for instruction in program])


def notify_filter_here(*, files: bool, network: bool) -> bytes:
    """The program for this machine."""
    return notify_filter(os.uname().machine, files=files, network=network)
