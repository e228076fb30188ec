"""Text to tree. Import from here; the submodules are loaded when they are needed."""

from __future__ import annotations

from msh.syntax.parse import parse, parse_quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.syntax.arithmetic import parse_arithmetic
    from msh.syntax.braces import expand_braces
    from msh.syntax.printer import print_command, print_script, print_word
    from msh.syntax.same import same_tree
    from msh.syntax.static import static_text
    from msh.syntax.walk import walk

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
    "walk": "walk",
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
    # What a submodule offers takes the place of the submodule, which may have the same name (`walk`).
    module = __import__(f"msh.syntax.{_LAZY[name]}", fromlist=[name])
    value = globals()[name] = getattr(module, name)
    return value
