r"""Names of files that are known in part: whether two turns of a loop may mean the same one by them.

Two characters that no name in a script has stand for what is not known:

    `data/` VARIES `.txt`   a part without `/` that no two turns have in common: what a glob matched, what mktemp made
    FIXED `work` END `/a`   at the beginning: a value that is the same in all turns
"""

from __future__ import annotations

from os.path import normpath

VARIES = "\x01"
FIXED, END = "\x02", "\x03"
FRESH = f"{FIXED}mktemp:"  # begins a value that mktemp has made before all turns
MADE = f"/tmp/tmp.{VARIES}"  # what mktemp makes: nobody has named it before
_ABOVE = ("/", "/tmp", ".", "..")
MARKS = frozenset((VARIES, FIXED, END))


def may_meet(one: str, other: str) -> bool:
    """Whether the paths, of different turns, may be one, or one may lie in the other. Links are not seen through."""
    if FIXED in (one[:1], other[:1]):
        (base, _, one), (base_of_other, _, other) = one.partition(END), other.partition(END)
        if base != base_of_other:
            return not _is_fresh(base, base_of_other)
        if not one or not other:
            return True
        one, other = f"/{one}", f"/{other}"
    one, other = normpath(one), normpath(other)
    if "." in (one, other) or one.startswith("..") or other.startswith(".."):
        return True
    if one.startswith("/") != other.startswith("/"):
        return MADE not in (one[: len(MADE)], other[: len(MADE)])  # where the script stands is not known
    return not any(_differ(*pair) for pair in zip(one.split("/"), other.split("/"), strict=False))


def _is_fresh(one: str, other: str) -> bool:
    """Whether one of two beginnings is new, and the other a name that the script has: nobody has named it before."""
    plain = other if one.startswith(FRESH) else one
    return FRESH in (one[: len(FRESH)], other[: len(FRESH)]) and plain[:1] != FIXED and normpath(plain) not in _ABOVE


def _differ(one: str, other: str) -> bool:
    """Whether two names in a directory are certainly not the same."""
    if VARIES not in one and VARIES not in other:
        return one != other
    if one.count(VARIES) > 1 or other.count(VARIES) > 1:
        return False
    if VARIES not in one:
        one, other = other, one
    start, _, end = one.partition(VARIES)
    if VARIES not in other:
        return not (other.startswith(start) and other.endswith(end) and len(other) >= len(start) + len(end))
    start_of_other, _, end_of_other = other.partition(VARIES)
    if (start, end) == (start_of_other, end_of_other):
        return True
    starts_fit = start.startswith(start_of_other) or start_of_other.startswith(start)
    return not (starts_fit and (end.endswith(end_of_other) or end_of_other.endswith(end)))
