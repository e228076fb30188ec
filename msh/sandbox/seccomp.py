"""The system-call filter of a step, as classic BPF (seccomp(2), BPF_PROG of linux/filter.h).

Namespaces decide what a step sees; the filter closes what they leave open: the host's session keyring, io_uring (its
operations are not seen by filters), nested user namespaces, kernel interfaces that only an administrator needs, and
typing into the user's terminal. Denied calls fail with EPERM; those whose callers know how to do without fail with
ENOSYS. A foreign architecture's calls have other numbers, so a process that makes one is killed; x32 is refused.
"""

from __future__ import annotations

import errno
import os
from struct import pack

from msh.sandbox.descriptors import keep, memory_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data; both machines are little-endian

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

#: Denied with EPERM: name → number on (x86_64, aarch64); None where it does not exist.
DENIED: dict[str, tuple[int | None, int | None]] = {
    # keyrings are not namespaced
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # the inside of other processes, of which the sandbox's own pid 1 is one
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    # the tree and the namespaces
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "setns": (308, 268),
    "unshare": (272, 97),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    # large, seldom needed parts of the kernel
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    # the machine
    "acct": (163, 89),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "vhangup": (153, 58),
    "lookup_dcookie": (212, 18),
}

#: Denied with ENOSYS, so that callers take another way: io_uring to plain reads, clone3 (whose flags lie in memory
#: that a filter cannot read) to clone.
ABSENT: dict[str, tuple[int | None, int | None]] = {
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "clone3": (435, 435),
    "uselib": (134, None),
    "_sysctl": (156, None),
    "create_module": (174, None),
    "nfsservctl": (180, 42),
}

#: Calls that came after this table (open_tree_attr of Linux 6.15 and later): whoever uses one knows that it may be
#: absent.
NEWEST = 467

IOCTL, CLONE, PERSONALITY, SOCKET = (16, 29), (56, 220), (135, 92), (41, 198)

#: Calls whose first argument is a process that they can end or hold: the backend without namespaces keeps the step's
#: ancestors out of their reach.
AIMED: dict[str, tuple[int, int]] = {
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "prlimit64": (302, 261),
}
EVERY_PROCESS = -1

#: Terminal requests: TIOCSTI and TIOCLINUX type into it, TIOCSCTTY takes it, TIOCSETD and TIOCCONS change what it is.
#: The kernel looks at the low 32 bits only, and so does the filter (CVE-2019-10063).
TERMINAL_REQUESTS = {
    "TIOCSTI": 0x5412,
    "TIOCLINUX": 0x541C,
    "TIOCSCTTY": 0x540E,
    "TIOCSETD": 0x5423,
    "TIOCCONS": 0x541D,
}

NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS|NEWCGROUP|NEWUTS|NEWIPC|NEWUSER|NEWPID|NEWNET

PERSONALITIES = (0, 0xFFFFFFFF)  # PER_LINUX, and the query

AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16

Instruction = tuple[int, int, int, int]
Body = tuple[Instruction, ...]
ALLOWED: Instruction = (_RETURN, 0, 0, _ALLOW)


def compile_filter(machine: str, *, network: bool, namespace: bool = True, protected: tuple[int, ...] = ()) -> bytes:
    """The program for one machine (`os.uname().machine`).

    With a network, sockets of the Unix domain are denied: abstract ones belong to the network namespace, which is
    then the host's, so a step could reach every service that listens on one. vsock and the rarer families bypass
    network namespaces or add kernel surface: denied always. Where the step has no `namespace` of its own, a step
    without a network gets no socket at all (socketpair(2) stays). `protected` are processes that it cannot signal;
    when there are any, neither can it signal all at once.
    """
    column = tuple(ARCHITECTURES).index(machine)
    program: list[Instruction] = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 1, 0, ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    program += [(_AT_LEAST, 0, 1, NEWEST), _error(errno.ENOSYS)]  # x32's too: theirs begin at 0x40000000
    bodies: dict[int | None, list[Instruction]] = {}
    for table, code in ((DENIED, errno.EPERM), (ABSENT, errno.ENOSYS)):
        bodies |= {numbers[column]: [_error(code)] for numbers in table.values()}
    bodies[IOCTL[column]] = [_argument(1), *_denied_values(TERMINAL_REQUESTS.values()), ALLOWED]
    bodies[CLONE[column]] = [_argument(0), (_ANY_BIT, 0, 1, NEW_NAMESPACES), _error(errno.EPERM), ALLOWED]
    bodies[PERSONALITY[column]] = [_argument(0), *_only_values(PERSONALITIES, errno.EPERM)]
    if namespace or network:
        families = (AF_INET, AF_INET6) if network else (AF_UNIX, AF_INET, AF_INET6)
        bodies[SOCKET[column]] = [_argument(0), *_sockets(families)]
    else:
        bodies[SOCKET[column]] = [_error(errno.EAFNOSUPPORT)]
    if protected:
        targets = [number & 0xFFFFFFFF for pid in protected for number in (pid, -pid)] + [EVERY_PROCESS & 0xFFFFFFFF]
        for numbers in AIMED.values():
            bodies[numbers[column]] = [_argument(0), *_denied_values(targets), ALLOWED]
    program += search({number: tuple(body) for number, body in bodies.items() if number is not None})
    return b"".join([pack("HBBI", *instruction) for instruction in program])


def search(bodies: Mapping[int, Body]) -> list[Instruction]:
    """Run the body of the call's number, which is loaded, or allow the call.

    By halves, and each body is there once: when a filter is installed the kernel translates it, and runs it once for
    every number that there is (Linux 5.11), while the step waits.
    """
    runs = _runs(bodies)
    questions: list[
        tuple[int, int | Body, int | Body]
    ] = []  # from this number on, then; else; each a question or a body

    def place(first: int, end: int) -> int | Body:
        if end - first == 1:
            return runs[first][1]
        half, index = (first + end) // 2, len(questions)
        questions.append((0, 0, 0))
        questions[index] = (runs[half][0], place(half, end), place(first, half))
        return index

    place(0, len(runs))
    ends: list[Instruction] = []
    at: dict[Body, int] = {}
    for body in sorted({body for _, body in runs}, key=len):  # no jump leads further than 255
        at[body] = len(questions) + len(ends)
        ends += body

    def way(index: int, target: int | Body) -> int:
        return (target if isinstance(target, int) else at[target]) - index - 1

    return [
        *[(_AT_LEAST, way(n, then), way(n, other), value) for n, (value, then, other) in enumerate(questions)],
        *ends,
    ]


def _runs(bodies: Mapping[int, Body]) -> list[tuple[int, Body]]:
    """Where a run of numbers with the same body begins, from 0 on."""
    found: list[tuple[int, Body]] = [(0, (ALLOWED,))]
    for number in sorted(bodies):
        for begin, body in ((number, bodies[number]), (number + 1, (ALLOWED,))):
            if found[-1][0] == begin:
                found.pop()
            if not found or found[-1][1] != body:
                found.append((begin, body))
    return found


def _error(code: int) -> Instruction:
    return (_RETURN, 0, 0, _ERRNO | code)


def _argument(index: int) -> Instruction:
    """Load the low 32 bits of an argument: what the kernel uses of an int."""
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * index)


def _denied_values(values: object) -> list[Instruction]:
    return [step for value in values for step in ((_EQUAL, 0, 1, value), _error(errno.EPERM))]  # type: ignore[attr-defined]


def _only_values(values: tuple[int, ...], code: int) -> list[Instruction]:
    return [step for value in values for step in ((_EQUAL, 0, 1, value), ALLOWED)] + [_error(code)]


def _sockets(families: tuple[int, ...]) -> list[Instruction]:
    """Only these families, and of netlink only the routing protocol (0), which getaddrinfo asks for addresses."""
    plain = [step for family in families for step in ((_EQUAL, 0, 1, family), ALLOWED)]
    netlink = [(_EQUAL, 0, 3, AF_NETLINK), _argument(2), (_EQUAL, 0, 1, 0), ALLOWED]
    return [*plain, *netlink, _error(errno.EAFNOSUPPORT)]


def filter_descriptor(*, network: bool) -> int:
    """A memory file that holds the filter for this machine; every reader opens it anew through /proc/self/fd."""
    return keep(memory_file(compile_filter(os.uname().machine, network=network), "msh-seccomp"))
