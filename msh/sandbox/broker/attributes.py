"""A file's attributes as the kernel writes them into a program's memory."""

from __future__ import annotations

import os
from struct import Struct

_X86_64 = Struct("=QQQIIIIQqqq6q3q")  # struct stat of asm/stat.h
_GENERIC = Struct("=QQIIIIQQqiiq6qII")  # of asm-generic/stat.h, as aarch64 has it
_STATX = Struct("=IIQIIIHHQQQQ" + "qIi" * 4 + "IIIIQII12Q")
_BASIC = 0x7FF  # STATX_BASIC_STATS
_NOBODY = 65534
_NANO = 1_000_000_000


def pack_stat(status: os.stat_result) -> bytes:
    """As stat(2) on this machine."""
    s, owner = status, _seen(status)
    times = (*divmod(s.st_atime_ns, _NANO), *divmod(s.st_mtime_ns, _NANO), *divmod(s.st_ctime_ns, _NANO))
    if os.uname().machine == "x86_64":
        head = (s.st_dev, s.st_ino, s.st_nlink, s.st_mode, *owner, 0, s.st_rdev)
        return _X86_64.pack(*head, s.st_size, s.st_blksize, s.st_blocks, *times, 0, 0, 0)
    head = (s.st_dev, s.st_ino, s.st_mode, s.st_nlink, *owner, s.st_rdev, 0)
    return _GENERIC.pack(*head, s.st_size, s.st_blksize, 0, s.st_blocks, *times, 0, 0)


def pack_statx(status: os.stat_result) -> bytes:
    """As statx(2), without the time of birth."""
    s = status
    head = (_BASIC, s.st_blksize, 0, s.st_nlink, *_seen(s), s.st_mode, 0, s.st_ino, s.st_size, s.st_blocks, 0)
    times = (*_time(s.st_atime_ns), 0, 0, 0, *_time(s.st_ctime_ns), *_time(s.st_mtime_ns))
    devices = (os.major(s.st_rdev), os.minor(s.st_rdev), os.major(s.st_dev), os.minor(s.st_dev))
    return _STATX.pack(*head, *times, *devices, 0, 0, 0, *[0] * 12)


def _seen(status: os.stat_result) -> tuple[int, int]:
    """Owner and group as a step sees them: its user namespace knows only its own."""
    uid = status.st_uid if status.st_uid == os.geteuid() else _NOBODY
    gid = status.st_gid if status.st_gid == os.getegid() else _NOBODY
    return uid, gid


def _time(nanoseconds: int) -> tuple[int, int, int]:
    return (*divmod(nanoseconds, _NANO), 0)
