"""The system-call filter of `seccomp.py` in the words of an Engine, so that a container is held by the same.

The Engine's own profile is another one in each version: that of Docker 20.10 lets io_uring, ptrace and vsock through.
What an Engine cannot be told, since it takes one comparison for an argument: that personality(2) may be asked for what
it is. It fails here.
"""

from __future__ import annotations

import errno
import json

from msh.sandbox.seccomp import (
    ABSENT,
    AF_INET,
    AF_INET6,
    AF_NETLINK,
    AF_UNIX,
    DENIED,
    NEW_NAMESPACES,
    TERMINAL_REQUESTS,
)

_LOW = 0xFFFFFFFF  # what the kernel uses of an int
_FAMILIES = 64  # more than there are


def profile(*, network: bool) -> str:
    """JSON of seccomp.json, as `security_opt` takes it: what is not named is allowed."""
    rules = [
        _denied(DENIED, errno.EPERM),
        _denied(ABSENT, errno.ENOSYS),
        *[_when("ioctl", errno.EPERM, _equal(1, request)) for request in TERMINAL_REQUESTS.values()],
        *[_when("clone", errno.EPERM, _masked(0, flag, flag)) for flag in _bits(NEW_NAMESPACES)],
        _when("personality", errno.EPERM, {"index": 0, "op": "SCMP_CMP_GT", "value": 0}),
        *_sockets((AF_INET, AF_INET6) if network else (AF_UNIX, AF_INET, AF_INET6)),
    ]
    return json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": rules}, separators=(",", ":"))


def _denied(names: object, code: int) -> dict[str, object]:
    return {"names": list(names), "action": "SCMP_ACT_ERRNO", "errnoRet": code}  # type: ignore[call-overload] # a table


def _when(name: str, code: int, *conditions: dict[str, object]) -> dict[str, object]:
    return {"names": [name], "action": "SCMP_ACT_ERRNO", "errnoRet": code, "args": list(conditions)}


def _equal(index: int, value: int) -> dict[str, object]:
    return _masked(index, _LOW, value)


def _masked(index: int, mask: int, value: int) -> dict[str, object]:
    """The argument's bits of the mask are the value."""
    return {"index": index, "op": "SCMP_CMP_MASKED_EQ", "value": mask, "valueTwo": value}


def _bits(flags: int) -> list[int]:
    return [1 << number for number in range(32) if flags >> number & 1]


def _sockets(families: tuple[int, ...]) -> list[dict[str, object]]:
    """No other family than these, and of netlink only the routing protocol (0)."""
    others = [number for number in range(_FAMILIES) if number not in (*families, AF_NETLINK)]
    code = errno.EAFNOSUPPORT
    return [
        *[_when("socket", code, _equal(0, number)) for number in others],
        _when("socket", code, {"index": 0, "op": "SCMP_CMP_GE", "value": _FAMILIES}),
        *[_when("socket", code, _equal(0, AF_NETLINK), _masked(2, bit, bit)) for bit in _bits(_LOW)],
    ]
