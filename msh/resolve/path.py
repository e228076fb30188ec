"""The directories that a script gives PATH, in which shell scripts may lie that it calls by name."""

from __future__ import annotations

import os

from msh.catalog.layers import SYSTEM
from msh.syntax.nodes import Assignment, DoubleQuoted, Escaped, Literal, Parameter, SingleQuoted, Word
from msh.syntax.static import static_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from msh.catalog import Lookup
    from msh.syntax.nodes import SimpleCommand, WordPart

HERE = {"PWD": ".", "HOME": ""}  # what is known of these: in the home directory nothing is looked for
MOVING = ("cd", "pushd", "popd")


class SearchPath:
    """What PATH will be, as far as it is known beforehand. `found` looks along PATH as it is now."""

    def __init__(self, catalog: Lookup, directory: str | None, found: Callable[[str], bool] | None) -> None:
        self._catalog = catalog
        self._directory = directory
        self._found = found
        self._own: list[str] = []
        self._unknown = self._moves = False

    def extend(self, command: SimpleCommand) -> None:
        """Take note of what a command gives PATH, and whether it changes what `.` and `$PWD` are."""
        first = command.words[0] if command.words else None
        if isinstance(first, Word) and static_text(first) in MOVING:
            self._moves = True
        for part in (*command.assignments, *command.words):
            if type(part) is Assignment and part.name == "PATH" and isinstance(part.value, Word):
                text = _known(part.value.parts)
                if text is None:
                    self._unknown = True
                else:
                    self._own += [each for each in text.split(":") if each and each.rstrip("/") not in SYSTEM]

    def may_have(self, name: str) -> bool:
        """Whether there is a script of this name, or only the run will know."""
        if self._unknown or (self._found is not None and self._found(name)):
            return True
        return any(
            self._is_made(directory) or self._is_script(os.path.join(directory, name)) for directory in self._own
        )

    def _is_made(self, directory: str) -> bool:
        """Whether only the run will know what lies in a directory: it is another one by then, or not there yet."""
        if directory[0] in "/~":
            return False
        return self._moves or not os.path.isdir(os.path.join(self._directory or ".", directory))

    def _is_script(self, path: str) -> bool:
        spec = self._catalog.lookup(path, self._directory)
        return spec is not None and spec.shell


def _known(parts: tuple[WordPart, ...]) -> str | None:
    """A value of PATH, without what it was before; None when a part of it is known only at run time."""
    found = ""
    for part in parts:
        if isinstance(part, Literal | Escaped | SingleQuoted):
            text: str | None = part.text
        elif isinstance(part, DoubleQuoted):
            text = _known(part.parts)
        elif isinstance(part, Parameter) and part.name == "PATH":
            text = ""  # also of `${PATH:+:$PATH}`
        elif isinstance(part, Parameter) and not (part.operator or part.prefix or part.subscript):
            text = HERE.get(part.name)
        else:
            text = None
        if text is None:
            return None
        found += text
    return found
