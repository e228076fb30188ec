"""One isolated process at a time: what a step may do, and the backends that hold it to that.

What the rest of msh uses: `Session` (one run), `inherited` (which variables pass), `close_inherited` (called once,
first). Imported when first used: a script that starts no command and opens no file pays for none of it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.sandbox.descriptors import close_inherited as close_inherited
    from msh.sandbox.environment import inherited as inherited
    from msh.sandbox.session import Session as Session

_HOMES = {"Session": "session", "close_inherited": "descriptors", "inherited": "environment"}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"msh.sandbox.{_HOMES[name]}"), name)
    raise AttributeError(name)
