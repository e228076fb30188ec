"""Text to tree. Import from here; the submodules are loaded when they are needed."""

from __future__ import annotations

# Functions that have their submodule's name are bound here: the import system puts a submodule in the place of a name
# that is bound later, as soon as anybody imports it.
from msh.syntax.parse import parse, parse_quoted
from msh.syntax.walk import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.syntax.arithmetic import parse_arithmetic
    from msh.syntax.braces import expand_braces
    from msh.syntax.printer import print_command, print_script, print_word
    from msh.syntax.same import same_tree
    from msh.syntax.static import static_text

__all__ = [
    "parse",
    "parse_arithmetic",
    "parse_quoted",
    "walk",
    "static_text",
    "expand_braces",
    "print_script",
    "print_command",
    "print_word",
    "same_tree",
]

_LAZY = {
    "parse_arithmetic": "arithmetic",
    "static_text": "static",
    "expand_braces": "braces",
    "print_script": "printer",
    "print_command": "printer",
    "print_word": "printer",
    "same_tree": "same",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module `msh.syntax` has no `{name}`")
    module = __import__(f"msh.syntax.{_LAZY[name]}", fromlist=[name])
    value = globals()[name] = getattr(module, name)
    return value
