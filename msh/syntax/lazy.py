"""Regular expressions that are compiled when they are first used: each costs about 0.1 ms of a start."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Matcher = Callable[..., re.Match[str] | None]


def lazy_match(module: dict[str, Any], name: str, pattern: str, flags: int = 0) -> Matcher:
    """The `match` of a pattern. The first call puts the compiled one in its place, under `name` in its module."""

    def compile_and_match(text: str, pos: int = 0) -> re.Match[str] | None:
        match: Matcher = re.compile(pattern, flags).match
        module[name] = match
        return match(text, pos)

    return compile_and_match
