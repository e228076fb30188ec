"""Text to tree. Import from here; the submodules are loaded when they are needed."""

from __future__ import annotations

from msh.syntax.parse import parse, parse_quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.syntax.walk import walk

__all__ = ["parse", "parse_quoted", "walk"]

_LAZY = {"walk": "walk"}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module `msh.syntax` has no `{name}`")
    module = __import__(f"msh.syntax.{_LAZY[name]}", fromlist=[name])
    value = globals()[name] = getattr(module, name)
    return value
