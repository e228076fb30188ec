"""What words mean at run time: parameters, substitutions, arithmetic, splitting, path names, patterns, quoting.

A word is compiled once to a function of the `Environment` and called whenever the script comes by. All of these
functions raise `ExpansionError` for what bash refuses.
"""

from __future__ import annotations

from msh.expand.environment import ExpansionError
from msh.expand.texts import compile_parts, compile_text
from msh.expand.words import compile_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.expand.arithmetic import compile_arithmetic, evaluate_text
    from msh.expand.matching import compile_match, compile_regex

__all__ = [
    "ExpansionError",
    "compile_arithmetic",
    "compile_fields",
    "compile_match",
    "compile_parts",
    "compile_regex",
    "compile_text",
    "evaluate_text",
]

_LAZY = {
    "compile_arithmetic": "arithmetic",
    "evaluate_text": "arithmetic",
    "compile_match": "matching",
    "compile_regex": "matching",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module `msh.expand` has no `{name}`")
    module = __import__(f"msh.expand.{_LAZY[name]}", fromlist=[name])
    value = globals()[name] = getattr(module, name)
    return value
