"""The catalog: layers of entries, of which the last one that has a name counts.

Standard < user < project < command files on PATH < `--catalog` files. The standard layer is a generated module,
imported at the first look-up, and a spec is built only when its command is looked up: a script of builtins pays for
neither, and a run whose user and project have no catalog files imports no TOML parser.
"""

from __future__ import annotations

import os

from msh.catalog.build import build_spec
from msh.catalog.layers import SYSTEM, TableLayer, is_program, is_shell_script
from msh.catalog.model import CommandSpec, Options, Run
from msh.diagnostics import Diagnostic, MshError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from msh.catalog.layers import Layer, Table
    from msh.config import Settings


class Catalog:
    """Commands by name. Look-ups are remembered, so that one Catalog sees one state of the files.

    `hidden` are layers that do not count, with the words that say what would make them count. `workspace` is where a
    shell script may be run by its path.
    """

    def __init__(
        self,
        layers: Sequence[Layer] = (),
        *,
        hidden: Sequence[tuple[Layer, str]] = (),
        diagnostics: Sequence[Diagnostic] = (),
        workspace: str | None = None,
    ) -> None:
        self._diagnostics = diagnostics
        self._layers = layers
        self._all: tuple[Layer, ...] = ()
        self._hidden = tuple(hidden)
        self._workspace = workspace
        self._specs: dict[str, CommandSpec | None] = {}

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Warnings about files that do not count; look-ups in command files may add to them."""
        return tuple(dict.fromkeys(self._diagnostics))

    def lookup(self, name: str, directory: str | None = None) -> CommandSpec | None:
        """The spec of a command's name, or of a path, relative to `directory`. None when nothing maps it.

        Raises MshError (MSH223) for an alias that leads to nothing or in a circle.
        """
        if "/" in name:
            return self._by_path(name, os.path.normpath(os.path.join(directory or os.getcwd(), name)))
        if name not in self._specs:
            self._specs[name] = self._find(name, len(self._everything()), ())
        return self._specs[name]

    def names(self) -> list[str]:
        """All names, for suggestions and completion."""
        return sorted({name for layer in self._everything() for name in layer.names()})

    def note(self, name: str) -> str:
        """What would map a name that is not mapped; empty when nothing is known that would."""
        for layer, words in self._hidden:
            found = layer.find_path(os.path.abspath(name)) if "/" in name else layer.find(name)
            if found is not None:
                return words
        return ""

    def _everything(self) -> tuple[Layer, ...]:
        if not self._all:
            self._all = (standard_layer(), *self._layers)
        return self._all

    def _find(self, name: str, below: int, aliases: tuple[str, ...]) -> CommandSpec | None:
        """Look in the layers under number `below`, from the last."""
        layers = self._everything()
        for number in range(below - 1, -1, -1):
            found = layers[number].find(name)
            if found is not None:
                table, origin = found
                if "alias" in table:
                    return self._alias(name, table, origin, number, aliases)
                return build_spec(name, self._whole(name, table, origin, number), origin)
        return None

    def _alias(self, name: str, table: Table, origin: str, number: int, aliases: tuple[str, ...]) -> CommandSpec:
        """An alias of its own name means what the name is in the layers below."""
        target, *words = table["alias"]
        own = target == name
        if (name, str(number)) in zip(aliases[::2], aliases[1::2], strict=True):
            raise _nowhere(name, target, origin, "leads back to itself")
        below = number if own else len(self._everything())
        spec = self._find(target, below, (*aliases, name, str(number)))
        if spec is None:
            raise _nowhere(name, target, origin, "is not in the catalog")
        summary = table.get("summary") or f"{' '.join(table['alias'])}"
        return spec.replace(name=name, summary=summary, arguments=(*spec.arguments, *words), origin=origin)

    def _whole(self, name: str, table: Table, origin: str, number: int) -> Table:
        """A table with what it takes from the one it is like."""
        seen = {(name, number)}
        while "like" in table:
            like = table["like"]
            layers = self._everything()
            numbers = range((number if like == name else len(layers)) - 1, -1, -1)
            found = next(((n, f) for n in numbers if (f := layers[n].find(like)) is not None), None)
            if found is None or (like, found[0]) in seen:
                problem = "is not in the catalog" if found is None else "leads back to itself"
                raise _nowhere(name, like, origin, problem)
            number, (base, _) = found
            seen.add((like, number))
            table = {**base, **{key: value for key, value in table.items() if key != "like"}}
            name = like
        return table

    def _by_path(self, name: str, path: str) -> CommandSpec | None:
        """A command given by path: of `[[path]]`, a mapped program where the system has it, the workspace's script."""
        for layer in reversed(self._everything()):
            found = layer.find_path(path)
            if found is not None:
                return build_spec(name, found[0], found[1])
        directory, base = os.path.split(path)
        spec = self.lookup(base)
        program = spec.run.program if spec is not None and spec.run.kind == "host" else ""
        if spec is not None and (program == path or (program == base and directory in SYSTEM and is_program(path))):
            return spec.replace(name=name, run=Run("host", path))
        return workspace_script(name, path, self._workspace)

    def script_text(self, path: str, directory: str | None = None) -> str | None:
        """The text of a script file of the workspace as it is now; None for anything else."""
        from msh.catalog.trust import read
        from msh.source import decode

        path = os.path.realpath(os.path.join(directory or os.getcwd(), path))
        if self._workspace is None or not _is_inside(path, self._workspace):
            return None
        try:
            data = read(path).data
        except OSError:
            return None
        return None if b"\0" in data else decode(data)


def workspace_script(name: str, path: str, workspace: str | None) -> CommandSpec | None:
    """The spec of a shell script in the workspace, which msh interprets itself, under its own policy."""
    if workspace is None or os.path.dirname(path) in SYSTEM or not _is_inside(os.path.realpath(path), workspace):
        return None
    if not (is_program(path) and is_shell_script(path)):
        return None
    return script_entry(name, path)


def script_entry(name: str, path: str) -> CommandSpec:
    """The spec of a shell script that nobody mapped."""
    options = Options({}, {}, "none")
    return CommandSpec(name, Run("host", path), shell=True, script_path=path, options=options, origin=path)


def standard_layer() -> TableLayer:
    """What ships with msh."""
    from msh.catalog.standard_tables import TABLES

    return TableLayer("standard", TABLES)


def load_catalog(settings: Settings, directory: str, environment: Mapping[str, str] | None = None) -> Catalog:
    """The catalog of a run started for a script in `directory`.

    Raises MshError (MSH220 to MSH222) for a file that counts and is wrong.
    """
    from msh.catalog.sources import Sources

    sources = Sources(settings, os.path.abspath(directory), os.environ if environment is None else environment)
    sources.collect()
    workspace = os.path.realpath(settings.workspace) if settings.workspace is not None else None
    return Catalog(sources.layers, hidden=sources.hidden, diagnostics=sources.diagnostics, workspace=workspace)


def _nowhere(name: str, target: str, origin: str, problem: str) -> MshError:
    message = f"`{name}` stands for `{target}`, which {problem}"
    return MshError(Diagnostic("MSH223", message, help=f"correct the entry of `{name}` in {origin}"))


def _is_inside(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")
