"""A small environment made of dictionaries, for tests: no processes; files are those of the real file system."""

from __future__ import annotations

import os
import os.path

from msh.expand.environment import AssociativeArray, ExpansionError, IndexedArray

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from msh.expand.environment import Value
    from msh.syntax.nodes import CommandSubstitution, ProcessSubstitution

DEFAULT_OPTIONS = frozenset({"braceexpand", "extquote", "globasciiranges", "patsub_replacement", "globskipdots"})


class DictionaryEnvironment:
    """Variables, options and attributes as given; command substitution by a function of the node."""

    def __init__(
        self,
        variables: dict[str, Value] | None = None,
        positional: Sequence[str] = (),
        options: Iterable[str] = (),
        substitute: Callable[[CommandSubstitution], bytes] = lambda _: b"",
    ) -> None:
        self.variables: dict[str, Value] = dict(variables or {})
        self.positional = list(positional)
        self.options = DEFAULT_OPTIONS | set(options)
        self.letters: dict[str, str] = {}
        self.references: dict[str, str] = {}
        self.specials = {"?": "0", "$": "4242", "-": "hB", "0": "msh", "_": ""}
        self.warnings: list[str] = []
        self._substitute = substitute

    def _target(self, name: str) -> str:
        return self.references.get(name, name)

    def get(self, name: str) -> str | None:
        value = self.value(name)
        if isinstance(value, IndexedArray):
            return value.get(0)
        return value.get("0") if isinstance(value, AssociativeArray) else value

    def value(self, name: str) -> Value | None:
        return self.variables.get(self._target(name))

    def assign(self, name: str, value: str) -> None:
        current = self.value(name)
        if isinstance(current, dict):
            self.assign_element(name, "0" if isinstance(current, AssociativeArray) else 0, value)
        else:
            self.variables[self._writable(name)] = value

    def assign_element(self, name: str, key: int | str, value: str) -> None:
        name = self._writable(name)
        current = self.variables.get(name)
        if isinstance(current, AssociativeArray):
            current[str(key)] = value
            return
        if not isinstance(current, IndexedArray):
            current = self.variables[name] = IndexedArray() if current is None else IndexedArray({0: current})
        current[int(key)] = value

    def _writable(self, name: str) -> str:
        name = self._target(name)
        if "r" in self.letters.get(name, ""):
            raise ExpansionError(f"{name}: readonly variable")
        return name

    def attributes(self, name: str) -> str:
        name = self._target(name)
        value = self.variables.get(name)
        kind = "a" if isinstance(value, IndexedArray) else "A" if isinstance(value, AssociativeArray) else ""
        return kind + self.letters.get(name, "")

    def declared(self, name: str) -> bool:
        return self._target(name) in self.variables

    def reference(self, name: str) -> str | None:
        return self.references.get(name)

    def names(self) -> Iterable[str]:
        return list(self.variables)

    def special(self, name: str) -> str | None:
        return self.specials.get(name)

    def option(self, name: str) -> bool:
        return name in self.options

    def command_substitution(self, node: CommandSubstitution) -> bytes:
        return self._substitute(node)

    def process_substitution(self, node: ProcessSubstitution) -> str:
        return f"/dev/fd/{len(node.direction)}"

    def home(self, user: str) -> str | None:
        return os.path.expanduser("~root") if user in ("", "root") else None

    def list_directory(self, path: str) -> Sequence[str]:
        try:
            return os.listdir(path or ".")
        except OSError:
            return ()

    def is_directory(self, path: str) -> bool:
        return os.path.isdir(path)

    def is_link(self, path: str) -> bool:
        return os.path.islink(path)

    def exists(self, path: str) -> bool:
        return os.path.lexists(path)

    def warn(self, message: str) -> None:
        self.warnings.append(message)
