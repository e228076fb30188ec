"""Upper bounds by name: what can be limited, and how a bound is written.

A bound is a pair of a name and a number in the name's unit. `memory=512m,cpu=10s` is text for two of them. In a catalog
entry they hold for each step of the command, on the command line for the run as a whole (docs/guide.md).
"""

from __future__ import annotations

import re

from msh.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeAlias

    Bounds: TypeAlias = tuple[tuple[str, float], ...]

SIZES = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
TIMES = {"ms": 0.001, "": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
MOST = 1 << 62  # what kernels take for a size, with room
LONGEST = float(1 << 31)  # seconds: what every timer takes


class Kind(Record):
    """What one name means. `unit` is size (bytes), time (seconds), count or number; `least` the smallest of any use."""

    unit: str
    least: float
    summary: str


#: By name, as they are written and as `msh.sandbox.policy.Limits` calls them.
KINDS: Mapping[str, Kind] = {
    "memory": Kind("size", 4 << 20, "bytes of memory, all processes together"),
    "cpu": Kind("time", 0.01, "seconds of processor time, all processes together"),
    "cpus": Kind("number", 0.01, "processors used at a time, such as 0.5"),
    "pids": Kind("count", 1, "processes and threads at a time"),
    "files": Kind("count", 16, "open files of each process"),
    "time": Kind("time", 0.01, "seconds from start to end"),
    "disk": Kind("size", 64 << 10, "bytes in the private /tmp, and by which what is granted for writing grows"),
    "throughput": Kind("size", 4 << 10, "bytes a second from and to disks"),
    "output": Kind("size", 1, "bytes on standard output and standard error together"),
}
#: What holds of a step when nobody has set anything for it, where a backend can have it for nothing (`native`).
DEFAULTS: Mapping[str, float] = {"pids": 4096}
_OTHER_NAMES = {"nofile": "files", "timeout": "time", "wall": "time", "share": "cpus", "fds": "files", "mem": "memory"}


def parse_bounds(text: str) -> dict[str, float | None]:
    """`memory=512m,cpu=10s`; `none` takes a bound back. Raises ValueError with what is wrong, for people."""
    found: dict[str, float | None] = {}
    for part in text.split(","):
        name, equals, value = (word.strip() for word in part.partition("="))
        if not equals or not name:
            raise ValueError("expected `NAME=VALUE`, such as `memory=512m`")
        if name not in KINDS:
            raise ValueError(unknown(name))
        bound = None if value == "none" else parse_bound(name, value)
        if found.get(name, bound) != bound:
            raise ValueError(f"`{name}` has two values")
        found[name] = bound
    return found


def unknown(name: str) -> str:
    """What to say of a name that is none."""
    from msh.nearest import nearest

    near = _OTHER_NAMES.get(name.lower()) or nearest(name, KINDS)
    return f"`{name}` is not a limit: " + (f"did you mean `{near}`?" if near else f"limits are {', '.join(KINDS)}")


def parse_bound(name: str, text: str) -> float:
    """A number with a unit. Raises ValueError with what was expected."""
    kind = KINDS[name]
    found = re.fullmatch(r"([0-9]{1,18}(?:\.[0-9]{1,9})?)([a-z]*)", text.lower(), re.ASCII)
    value = _value(kind.unit, found[1], found[2]) if found else None
    if value is None:
        raise ValueError(f"`{name}={text}`: expected {_EXPECTED[kind.unit]}")
    if value < kind.least:
        raise ValueError(f"`{name}={text}` is too little: at least {shown(name, kind.least)}")
    if kind.unit == "time" and value > LONGEST:
        raise ValueError(f"`{name}={text}` is longer than any machine runs")
    if value > MOST:
        raise ValueError(f"`{name}={text}` is more than any machine has")
    return value


_EXPECTED = {
    "size": "a number of bytes, or one with `k`, `m`, `g` or `t`",
    "time": "a number of seconds, or one with `ms`, `s`, `m` or `h`",
    "count": "a whole number",
    "number": "a number such as `0.5`",
}


def _value(unit: str, number: str, suffix: str) -> float | None:
    if unit == "time":
        return float(number) * TIMES[suffix] if suffix in TIMES else None
    if unit == "size":
        scale = SIZES.get(suffix.removesuffix("ib") if suffix.endswith("ib") else suffix)
        return None if scale is None or (scale == 1 and "." in number) else int(float(number) * scale)
    if suffix or (unit == "count" and "." in number):
        return None
    return int(number) if unit == "count" else float(number)


def shown(name: str, value: float) -> str:
    """A bound as it can be written: `512m`, `10s`, `64`."""
    unit = KINDS[name].unit
    if unit == "time":
        return f"{_plain(value)}s"
    if unit == "size":
        suffix, scale = max([pair for pair in SIZES.items() if value % pair[1] == 0], key=lambda pair: pair[1])
        return f"{int(value) // scale}{suffix}"
    return _plain(value)


def _plain(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def written(bounds: Iterable[tuple[str, float]]) -> str:
    """`memory=512m,cpu=10s`"""
    return ",".join([f"{name}={shown(name, value)}" for name, value in bounds])


def tightest(*all_bounds: Iterable[tuple[str, float]]) -> Bounds:
    """Each name once, with the smallest value: what holds for a command and for those that it runs."""
    least: dict[str, float] = {}
    for bounds in all_bounds:
        for name, value in bounds:
            least[name] = min(value, least.get(name, value))
    return tuple(sorted(least.items()))
