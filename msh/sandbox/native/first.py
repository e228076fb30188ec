"""The program of a sandbox's first process: it waits for ever.

It is what keeps the namespaces, and the parent of those whose parents have ended (the kernel collects them, since it
ignores SIGCHLD). When it is killed, all others in the sandbox are. Any program that waits would do; this one has no
libraries to load, so that it costs a tenth of the start of `sleep`, and holds nothing worth reading.
"""

from __future__ import annotations

import os
from struct import pack

_BASE = 0x400000
_MACHINES = {
    # mov eax, 34 (pause); syscall; jmp to the beginning
    "x86_64": (62, bytes.fromhex("b822000000 0f05 ebf7")),
    # mov x0..x3, 0; mov x8, 73 (ppoll); svc 0; b to the beginning
    "aarch64": (183, bytes.fromhex("000080d2 010080d2 020080d2 030080d2 280980d2 010000d4 faffff17")),
}


def executable(machine: str) -> bytes:
    """It as an ELF file with one segment (elf(5)) for a machine, named as `os.uname` does."""
    number, code = _MACHINES[machine]
    size = 64 + 56
    identity = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    header = pack("<16sHHIQQQIHHHHHH", identity, 2, number, 1, _BASE + size, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    size += len(code)
    segment = pack("<IIQQQQQQ", 1, 5, 0, _BASE, _BASE, size, size, 1 << 16)
    return header + segment + code


def write_executable(path: str) -> None:
    """Make the file for this machine."""
    number = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o555)
    try:
        os.write(number, executable(os.uname().machine))
    finally:
        os.close(number)
