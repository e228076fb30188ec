"""Catalog entries written down, and a catalog of nothing but those: what a compiled script takes along.

    {"version": 1, "commands": {"sort": {"run": {"host": "sort"}, "options": {…}, "origin": "standard"}}}

An entry is the table that a catalog file would have (docs/catalog.md) with all that it took from other entries in it,
so reading one needs no other layer. Two keys a catalog file does not have: `origin`, where it came from, and
`script_path`, the shell script that a name itself stands for.

A name with a slash is a path: as it was written when it was absolute, else relative to the directory of the start.
"""

from __future__ import annotations

import os

from msh.catalog.build import build_spec
from msh.catalog.model import OPTIONAL, UNTIL_SEMICOLON
from msh.diagnostics import Diagnostic, MshError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from msh.catalog.model import CommandSpec, Option, Options, Rule, Run, Slot

    Table = dict[str, object]

VERSION = 1
_SUFFIXES = {0: "", 1: ":", OPTIONAL: "::", UNTIL_SEMICOLON: ";"}


class Pinned:
    """Commands by name, of a document that `pinned_to_json` made: the only ones there are. Entries are built when they
    are looked up.

    `directory` is where the run starts. `workspace` is where shell scripts are found by their paths, and where the text
    of one may be read that a step runs.
    """

    def __init__(
        self, document: Mapping[str, object], directory: str | None = None, workspace: str | None = None
    ) -> None:
        """Raises MshError MSH470 for a document of another version, or none."""
        commands = document.get("commands")
        if document.get("version") != VERSION or not isinstance(commands, dict):
            message = f"these catalog entries are not of version {VERSION}, the only one that this msh reads"
            raise MshError(Diagnostic("MSH470", message, help="compile the script again with this msh"))
        self._tables: dict[str, dict[str, object]] = commands
        self._directory = os.path.abspath(directory or os.getcwd())
        self._workspace = os.path.realpath(workspace) if workspace is not None else None
        self._specs: dict[str, CommandSpec] = {}
        self._paths = {self._absolute(name): name for name in commands if "/" in name}

    def lookup(self, name: str, directory: str | None = None) -> CommandSpec | None:
        """The spec of a command's name, or of a path, relative to `directory`."""
        key: str | None = name
        if "/" in name:
            path = os.path.normpath(os.path.join(directory or self._directory, name))
            key = self._paths.get(path)
            if key is None:  # made on the way, perhaps; what it runs has to be among the entries
                from msh.catalog.load import workspace_script

                return workspace_script(name, path, self._workspace)
        if key is None or key not in self._tables:
            return None
        if key not in self._specs:
            self._specs[key] = spec_of(key, self._tables[key])
        spec = self._specs[key]
        return spec if spec.name == name else spec.replace(name=name)

    def names(self) -> list[str]:
        """All names, for suggestions."""
        return sorted([name for name in self._tables if "/" not in name])

    def note(self, name: str) -> str:
        """Nothing else could map a name."""
        return ""

    def script_text(self, path: str, directory: str | None = None) -> str | None:
        """As `Catalog.script_text`."""
        from msh.catalog.load import Catalog

        return Catalog(workspace=self._workspace).script_text(path, directory or self._directory)

    def _absolute(self, path: str) -> str:
        return os.path.normpath(os.path.join(self._directory, path))


def pinned_to_json(specs: Iterable[CommandSpec]) -> dict[str, object]:
    """The document of these entries, ordered by name."""
    commands = {spec.name: entry_of(spec) for spec in sorted(specs, key=lambda spec: spec.name)}
    return {"version": VERSION, "commands": commands}


def spec_of(name: str, entry: Mapping[str, object]) -> CommandSpec:
    """The spec of one entry. It has to be well formed (`validate.faults_of_entry`)."""
    origin = entry.get("origin", "")
    return build_spec(name, entry, origin if isinstance(origin, str) else "")


def entry_of(spec: CommandSpec) -> Table:
    """The table of a spec: what `build_spec` makes the same spec of. What has its default is left out."""
    table: Table = {
        "summary": spec.summary,
        "run": _run(spec.run),
        "arguments": list(spec.arguments),
        "shell": spec.shell,
        "script_path": spec.script_path,
        "files": spec.files,
        "network": spec.network if spec.network != "none" else "",
        "proxy": spec.proxy,
        **_options(spec.options),
        "operands": _slots(spec.operands),
        "default": _touched(spec.default),
        "always": _touched(spec.always),
        "when": [_rule(rule) for rule in spec.rules],
        "runs": [" ".join(line) for line in spec.runs],
        "dataflow": _dataflow(spec.dataflow, spec.merge) if spec.dataflow != "effect" else "",
        "script": spec.script,
        "assignments": dict(spec.assignments),
        "together": spec.together,
        "placeholder": spec.placeholder,
        "appends": spec.appends,
        "limits": dict(spec.limits),
        "programs": _programs(spec),
        "subcommand": {name: _subcommand(each, spec) for name, each in spec.subcommands.items()},
        "origin": spec.origin,
    }
    if table["operands"] == "text":
        del table["operands"]
    return {key: value for key, value in table.items() if value}


def _programs(spec: CommandSpec) -> str | list[str]:
    """What it may execute, unless that is the default of where it comes from."""
    if spec.programs == ("own" if spec.origin == "standard" else "any"):
        return ""
    return spec.programs if spec.programs in ("own", "any") else spec.programs.split()


def _subcommand(spec: CommandSpec, parent: CommandSpec) -> Table:
    """What it shares with the command is not said again; it has no program of its own."""
    table = entry_of(spec)
    for key in ("run", "origin"):
        table.pop(key, None)
    for key in ("options", "option"):
        own = table.pop(key, {})
        if spec.options != parent.options:
            table[key] = own
    return table


def _run(run: Run) -> Table:
    if run.kind == "image":
        return {"image": run.image, "program": run.program}
    if run.kind == "nix":
        return {"nix": list(run.packages), "program": run.program}
    return {run.kind: run.program}


def _options(options: Options) -> Table:
    """`options` and `option`."""
    letters = {0: "flags", 1: "values", OPTIONAL: "optional"}
    table: Table = dict.fromkeys(letters.values(), "")
    for letter, option in options.short.items():
        key = letters[option.values]
        table[key] = f"{table[key]}{letter}"
    table["long"] = " ".join([_long(name, option) for name, option in options.long.items()])
    table["style"] = options.style if options.style != "gnu" else ""
    table |= {"stop": options.stop, "number": options.number, "plus": options.plus, "bundle": options.bundle}
    table["words"] = " ".join(options.words)
    roles = {option.name: _role(option) for option in (*options.short.values(), *options.long.values()) if option.role}
    return {"options": {key: value for key, value in table.items() if value}, "option": roles}


def _long(name: str, option: Option) -> str:
    if option.name != name:
        return f"{name}={option.name}"
    return name + _SUFFIXES.get(option.values, f":{option.values}")


def _role(option: Option) -> object:
    return {option.role: option.pattern} if option.pattern else option.role


def _slots(slots: Sequence[Slot]) -> object:
    if not slots:
        return "none"
    if len(slots) == 1 and slots[0].repeats:
        return slots[0].role
    return [f"{slot.role}{'...' if slot.repeats else ''}" for slot in slots]


def _touched(pairs: Sequence[tuple[str, str]]) -> Table:
    return {role: [path for other, path in pairs if other == role] for role, _ in pairs}


def _dataflow(dataflow: str, merge: Sequence[str]) -> object:
    return {"pure": " ".join(merge)} if dataflow == "pure" else dataflow


def _rule(rule: Rule) -> Table:
    """Only what it says: an empty `default` says that nothing is touched, which is not the same as saying nothing."""
    said: Table = {
        "count": rule.count,
        "operands": _slots(rule.operands) if rule.operands is not None else None,
        "default": _touched(rule.default) if rule.default is not None else None,
        "always": _touched(rule.always) if rule.always is not None else None,
        "files": rule.files,
        "network": rule.network,
        "dataflow": _dataflow(rule.dataflow, rule.merge or ()) if rule.dataflow is not None else None,
        "appends": rule.appends,
    }
    lists: Table = {
        "given": " ".join(rule.given),
        "unless": " ".join(rule.unless),
        "turn": dict(rule.turn),
        "option": dict(rule.roles),
        "runs": [" ".join(line) for line in rule.runs],
    }
    return {key: value for key, value in lists.items() if value} | {k: v for k, v in said.items() if v is not None}
