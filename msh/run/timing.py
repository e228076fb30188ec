"""`time`: the elapsed and processor time of a pipeline, by TIMEFORMAT or POSIX's form."""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.shell import Shell

Moment = tuple[float, float, float]


def start() -> Moment:
    """Elapsed, user, system seconds so far, children included."""
    now = os.times()
    return time.monotonic(), now.user + now.children_user, now.system + now.children_system


def report(sh: Shell, begin: Moment, *, posix: bool) -> None:
    """Print what has passed since `begin` on standard error."""
    real, user, system = (after - before for after, before in zip(start(), begin, strict=True))
    if posix:
        sh.write_error(f"real {real:.2f}\nuser {user:.2f}\nsys {system:.2f}\n")
        return
    form = sh.get("TIMEFORMAT")
    if form is None:
        sh.write_error(f"\nreal\t{_long(real, 3)}\nuser\t{_long(user, 3)}\nsys\t{_long(system, 3)}\n")
    elif form:
        sh.write_error(_formatted(form, real, user, system) + "\n")


def _long(seconds: float, digits: int) -> str:
    return f"{int(seconds // 60)}m{seconds % 60:.{digits}f}s"


def _formatted(form: str, real: float, user: float, system: float) -> str:
    import re

    values = {"R": real, "U": user, "S": system}

    def one(match: re.Match[str]) -> str:
        digits = min(int(match[1] or 3), 3)
        if match[3] == "%":
            return "%"
        if match[3] == "P":
            return f"{100 * (user + system) / real if real else 0:.{digits}f}"
        seconds = values[match[3]]
        return _long(seconds, digits) if match[2] else f"{seconds:.{digits}f}"

    return re.sub(r"%(?:(\d)?(l)?([RUSP])|()()(%))", lambda m: "%" if m[6] else one(m), form)
